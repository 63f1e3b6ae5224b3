"""How people turn a talk: "à không, …", "X chứ không phải Y", "còn X thì sao"; ``folded`` text is without marks."""

from __future__ import annotations

import re

# "Còn" with its mark is "what about"; without marks it may be "con", a child, unless "thì sao" follows.
_THE_SAME = re.compile(r"\W*(?:thế |vậy |à |ừ |dạ |rồi )*còn\b|\W*(?:and )?(?:what|how) about\b", re.IGNORECASE)
_THE_SAME_FOLDED = re.compile(r"\W*(?:the |vay |a |u |da |roi )*con\b.*\bthi (?:sao|the nao)\b")
_NOT_MEANT = re.compile(
    r"[\s,]*\b(?:ch[ứu]|m[àa]) (?:kh[ôo]ng|h[ôo]ng|ko|đâu) ph[ảa]i\b.*|,? (?:rather than|instead of) .*|, not .*",
    re.IGNORECASE,
)
# At the beginning; not "không có giấy chứng sinh thì sao".
_TAKES_BACK = re.compile(
    r"^\W*(?:(?:a|o|u|ua|oi|da|oh)\b\W*)*(?:khong|ko|hong|no|nham|lon)(?: phai| roi| nham)?\s*(?:[,.!]|$)"
    r"|^\W*(?:a|o|ua) (?:khong|nham|lon)\b"
)
_CORRECTS_A_NUMBER = re.compile(
    r"\b(?:nham|lon|(?:go|ghi|viet|danh) sai|moi dung|dung la|chu khong|y (?:toi|em|minh) la|wrong|meant?)\b"
)
# Keys struck at random: one letter only, a row of the keyboard, or more consonants than a syllable has.
_RANDOM = re.compile(r"^(.)\1{2,}$|asdf|qwe|zxc|hjkl|[bcdfghjklmnpqrstvwxz]{4}")
_SHORTEST_WORD = 4


def asks_the_same(text: str, folded: str) -> bool:
    """Whether the same is asked about something else: "còn kết hôn thì sao"."""
    return bool(_THE_SAME.match(text) or _THE_SAME_FOLDED.match(folded))


def takes_back(folded: str) -> bool:
    """Whether the message corrects what was said before, whatever else it seems to be."""
    return _TAKES_BACK.search(folded) is not None


def corrects_a_number(folded: str) -> bool:
    return _CORRECTS_A_NUMBER.search(folded) is not None


def is_random(folded: str) -> bool:
    """Whether the text is no words at all: "asdkjh qwe"."""
    words = [word for word in re.findall(r"[a-z]+", folded) if len(word) >= _SHORTEST_WORD]
    # A letter held down ("thankssss") counts once.
    return bool(words) and all(_RANDOM.search(word) and _RANDOM.search(_once(word)) for word in words)


def _once(word: str) -> str:
    collapsed = re.sub(r"(.)\1+", r"\1", word)
    return collapsed if len(collapsed) > 1 else word


def what_is_meant(text: str) -> str:
    """The text without what it says is not meant: "căn cước chứ không phải hộ chiếu" is about the first."""
    return _NOT_MEANT.sub("", text) or text
