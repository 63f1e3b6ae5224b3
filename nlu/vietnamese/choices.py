"""Which one of a list a citizen means: "cái thứ hai", "số 2", "the last one"."""

from __future__ import annotations

import re

from nlu.vietnamese.spans import Span

_NUMBERS = {
    "mot": "1", "nhat": "1", "dau": "1", "hai": "2", "nhi": "2", "ba": "3", "bon": "4", "tu": "4", "nam": "5",
    "sau": "6", "bay": "7", "tam": "8", "chin": "9", "muoi": "10", "first": "1", "second": "2", "third": "3",
    "fourth": "4", "fifth": "5", "sixth": "6", "seventh": "7", "one": "1", "two": "2", "three": "3", "four": "4",
    "five": "5", "1st": "1", "2nd": "2", "3rd": "3", "4th": "4",
}  # fmt: skip
_WORD = "mot|nhat|hai|nhi|ba|bon|tu|nam|sau|bay|tam|chin|muoi"
_DIGIT = r"(?:10|[1-9])(?![\d/.,-]*\d)"
_HEAD = "cai|muc|y|lua chon|phuong an|thu tuc|truong hop|dong|cau|loai|o|nut|ket qua"
_END = r"(?: one| option| item| choice| procedure)"
_PATTERNS = (
    re.compile(rf"\b(?:{_HEAD}) (?:thu|so) (?P<n>{_WORD}|{_DIGIT})\b"),
    re.compile(rf"\b(?:cai|y|lua chon|phuong an|dong|o|nut|chon|^muc) (?P<n>{_DIGIT})\b"),
    re.compile(
        r"^(?:da |u |uh |vang |ok |toi |em |minh )*(?:chon |lay |xem |la |cho (?:toi |em |minh )?)*(?:cai )?"
        rf"so (?P<n>{_WORD}|{_DIGIT})\b(?: \w+){{0,3}}\W*$"
    ),
    re.compile(rf"^(?:la |chon )?thu (?P<n>{_WORD}|{_DIGIT})(?: a| nhe| ay| do)?\W*$"),
    re.compile(rf"^\W*(?P<n>{_DIGIT})\W*$"),
    re.compile(r"\b(?:cai|muc|y|thu tuc|lua chon|phuong an|dong) (?P<n>dau)(?: tien)?\b(?! (?:vay|the|day|ma))"),
    re.compile(r"^(?:chon |lay )?(?P<n>dau) tien\b"),
    re.compile(rf"\b(?:the )?(?P<n>first|second|third|fourth|fifth|sixth|seventh|1st|2nd|3rd|4th){_END}\b"),
    re.compile(r"^(?:the |choose |pick |take )*(?P<n>first|second|third|fourth|fifth|1st|2nd|3rd|4th)\W*$"),
    re.compile(rf"(?:\b(?:number|option|choice|no|item)\W{{1,2}}|#)(?P<n>one|two|three|four|five|{_DIGIT})\b"),
)
_LAST = (
    re.compile(r"\b(?:cai|muc|y|thu tuc|lua chon|phuong an|dong) (?:cuoi(?: cung)?|chot|sau cung|duoi cung)\b"),
    re.compile(r"^(?:chon |lay )?cuoi cung\b|^(?:the )?last\W*$"),
    re.compile(rf"\b(?:the )?last{_END}\b"),
)


def find_choice(folded: str) -> Span | None:
    """The first choice in ``folded`` text: value "1" to "10" or "last"."""
    for pattern in _PATTERNS:
        match = pattern.search(folded)
        if match:
            number = match.group("n")
            return Span("ordinal", _NUMBERS.get(number, number), match.start(), match.end("n"))
    for pattern in _LAST:
        match = pattern.search(folded)
        if match:
            return Span("ordinal", "last", match.start(), match.end())
    return None
