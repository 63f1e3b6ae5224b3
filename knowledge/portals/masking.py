"""Hides the owner of a dossier before anything leaves an adapter: names, phones, identity numbers, also in texts."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from knowledge.dossiers import OwnerProof

_HIDDEN = "***"
# Phones as people write them, and the 9 and 12 digits of identity papers. The parts of a dossier code are shorter.
_NUMBER = re.compile(r"(?<![\w.-])(?:(?:\+?84|0)(?:[ .]?\d){8,11}|\d{9}|\d{12})(?!\w)")


def mask_name(name: str) -> str:
    """The first letter of each word. Always three stars, so that the length tells nothing."""
    return " ".join(word[0] + _HIDDEN for word in name.split())


def mask_phone(phone: str) -> str:
    """The first three digits. The last four stay hidden because they are what proves the owner."""
    digits = re.sub(r"\D", "", phone)
    if digits.startswith("84") and len(digits) > 10:
        digits = "0" + digits[2:]
    return digits[:3] + "*" * (len(digits) - 3) if len(digits) >= 8 else ""


@dataclass(frozen=True)
class Owner:
    """Who a dossier belongs to, as the portal says it. Lives only inside an adapter and never prints itself."""

    name: str
    phone: str
    identity: str
    other_name: str = ""

    def __repr__(self) -> str:
        return "Owner(hidden)"

    @property
    def masked_name(self) -> str:
        return mask_name(self.name)

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone)

    def proof(self) -> OwnerProof:
        return OwnerProof.of(secrets.token_hex(16), self.phone, self.identity)

    def hide_in(self, text: str) -> str:
        """The text without the owner's names and without any phone or identity number."""
        for name in (self.name, self.other_name):
            if name.strip():
                words = r"\s+".join(map(re.escape, name.split()))
                text = re.sub(rf"(?<!\w){words}(?!\w)", lambda found: mask_name(found[0]), text, flags=re.IGNORECASE)
        return _NUMBER.sub(_HIDDEN, text).strip()
