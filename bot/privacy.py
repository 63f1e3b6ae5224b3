"""Hides identity and phone numbers in what citizens type, before anything is stored, understood or logged.

The last four digits stay: a citizen proves with them that a dossier is theirs. Dossier and procedure codes stay whole.
"""

from __future__ import annotations

import re

# Codes are matched first, so that their digits are never taken for a person's number.
_NUMBERS = re.compile(
    r"(?P<code>(?<!\w)(?:[hg]\d{2}(?:[.,]\d{1,3}){1,3}|\d{3}[.,]\d{2}[.,]\d{2}[.,][a-z]\d{2})[\s–-]*[\do]{6}[\s–-]*[\do]{2,6}"
    r"|(?<!\d)\d{5}/\d{4}/\d{4,6}(?!\d)|(?<!\d)[1-6]\.\d{6}(?!\d))"
    r"|(?P<phone>(?<!\w)(?:\+?84|0)(?:[\s.-]?\d){8,9}(?!\w))"
    r"|(?P<identity>(?<!\w)0\d{2}(?:[\s.-]?\d){9}(?!\w)|(?<!\w)\d{3}[\s.-]?\d{3}[\s.-]?\d{3}(?!\w))"
    r"|(?P<card>(?<!\w)\d(?:[\s.-]?\d){11,18}(?!\w))",
    re.IGNORECASE,
)


def hide_numbers(text: str) -> str:
    """The text with each identity, phone or bank number replaced by dots and its last four digits."""
    return _NUMBERS.sub(lambda match: match[0] if match["code"] else _hidden(match[0]), text)


def _hidden(number: str) -> str:
    digits = re.sub(r"\D", "", number)
    return "•" * (len(digits) - 4) + " " + digits[-4:]
