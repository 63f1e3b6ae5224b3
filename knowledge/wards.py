"""Where somebody says that they live: "tôi ở phường Long Xuyên, An Giang"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Callable, Optional, Sequence

LONGEST_NAME = 4  # syllables
_TYPES = {"xa": "Xã", "phuong": "Phường", "dac khu": "Đặc khu", "thi tran": "Thị trấn"}
_TYPE = rf"(?P<type>{'|'.join(_TYPES)})(?! hoi\b)"  # not "nhà ở xã hội"
_LIVES = rf"\b(?:o|tai|ve|song|que|live in|lives in)(?: tai| o)?\s+{_TYPE}\s+(?P<name>\S.*)"
_PROVINCE = re.compile(r"(?:,\s*|\b(?=tinh |thanh pho |tp ))(?:(?:tinh|thanh pho|tp)\.?\s+)?(?P<name>\S.*)")
# What goes on after a name that was typed in small letters.
_GOES_ON = re.compile(
    r"a|anh|bao|be|biet|cac|can|chi|chinh|cho|chu|co|con|cua|cung|dang|day|de|den|di|do|dot|duoc|em|gi|giup|ha|hay|hoi"
    r"|hom|huyen|i|khi|khong|ko|kia|la|lam|len|luc|ma|minh|moi|mot|muon|nao|nay|nen|neu|nha|nhan|nhe|nhung|noi|nop|nua"
    r"|oi|phai|quan|rat|roi|sao|se|ta|tai|tinh|toi|tren|trong|tui|va|vay|ve|voi|xin|thi|thanh|tp"
)


@dataclass(frozen=True)
class Ward:
    """``name`` is as it is written ("Phường Long Xuyên"); the keys are folded, that of a province unsaid is ""."""

    name: str
    key: str
    province_key: str


def find_ward(text: str, known: Sequence[str], fold: Callable[[str], str]) -> Optional[Ward]:
    """The ward that somebody lives in as they say. ``known`` are the only ones there are ("Phường Long Xuyên, An
    Giang"); when it is empty, any name counts.
    """
    folded = fold(text)
    if known:
        said = (one for one in sorted(known, key=len, reverse=True) if _is_said(fold(one), folded))
        one = next(said, None)
        return Ward(one, *keys_of(one, fold)) if one else None
    lives = re.search(_LIVES, folded)
    if lives is None:
        return None
    start = lives.start("name")
    name = _name_in(text[start:], folded[start:])
    if not name:
        return None
    ward = f"{_TYPES[lives['type']]} {name}"
    province = _PROVINCE.search(folded, start)
    at = province.start("name") if province else len(text)
    return Ward(ward, fold(ward), fold(_name_in(text[at:], folded[at:])))


def keys_of(name: str, fold: Callable[[str], str]) -> tuple[str, str]:
    """Of a ward as an agency writes it, "Phường Long Xuyên, tỉnh An Giang": its own, and its province's or ""."""
    ward, _, province = fold(name).partition(",")
    return ward.strip(), province_key(province, fold)


def province_key(name: str, fold: Callable[[str], str]) -> str:
    """Of a province as an agency writes it, "Tỉnh An Giang" or "An Giang"."""
    return re.sub(r"^(?:tinh|thanh pho|tp)\.?\s+", "", fold(name).strip())


def _is_said(known: str, folded: str) -> bool:
    """With its type and name; what stands behind the comma need not be said."""
    return re.search(rf"\b{re.escape(known.partition(',')[0])}\b", folded) is not None


def _name_in(text: str, folded: str) -> str:
    """The name with which ``text`` begins: its capitals say how long it is, else the words that go on."""
    words = [word.strip() for word in re.findall(r"[^\s,.;:!?()]+[,.;:!?)]?", text)]
    plain = [word.rstrip(",.;:!?)") for word in words]
    ends = [number for number, (word, bare) in enumerate(zip(words, plain), 1) if word != bare]
    longest = min([LONGEST_NAME, *ends])
    is_named = [bool(bare) and (bare[0].isupper() or bare[0].isdigit()) for bare in plain[:longest]]
    if not is_named or not is_named[0]:
        is_named = [not _GOES_ON.fullmatch(word.strip(",.;:!?)")) for word in folded.split()[:longest]]
    length = next((number for number, named in enumerate(is_named) if not named), len(is_named))
    return " ".join(word[:1].upper() + word[1:] for word in plain[:length])
