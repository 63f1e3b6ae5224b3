"""How people turn a talk: "à không, …", "X chứ không phải Y", "còn X thì sao"; ``folded`` text is without marks."""

from __future__ import annotations

import re

# "Còn" with its mark is "what about"; without marks it may be "con", a child, unless "thì sao" ends it.
_THE_SAME = re.compile(r"\W*(?:thế |vậy |à |ừ |dạ |rồi )*còn\b|\W*(?:and )?(?:what|how) about\b", re.IGNORECASE)
_THE_SAME_FOLDED = re.compile(r"\bthi (?:sao|the nao)(?: vay| a| ha| nhi| em| ad)*\W*$")
_NO = r"(?:kh[ôo]ng|h[ôo]ng|ko|đâu)"
_NOT_MEANT = re.compile(
    rf"[\s,]{{0,3}}\b(?:ch[ứu]|m[àa]) {_NO} ph[ảa]i\b.*|,? (?:rather than|instead of) .*|, not .*",
    re.IGNORECASE,
)
_MEANT = re.compile(
    rf"^.*\b(?:{_NO} ph[ảa]i\b.*\bm[àa](?: l[àa])?"
    r"|[ýy] (?:t[ôo]i|em|m[ìi]nh|tui)(?: mu[ốo]n)?(?: l[àa]| h[ỏo]i))\s+(?=\w)",
    re.IGNORECASE,
)
# Nothing but a refusal: whatever such words happen to find is not meant.
_REFUSING = re.compile(
    r"^\W*(?:(?:a|da|u|thoi|toi|em|minh|tui|y|khong|ko|hong|hoi|phai|dung|ma|ho so|may|nhung|cac|cai|viec|thu tuc|nao"
    r"|nay|do|kia|het|ca|trong|so|o|tren|duoi|dau|khac|nua|chang|muon|la|none|neither|of|these|those|them|something|else"
    r"|not|that|this|one|ones|any|other|another|it|nha|nhe|oi|vay)\b\W*)+$"
)
_REFUSAL = re.compile(r"\b(?:khong|ko|hong|khac|chang|none|neither|not|else|other|another)\b")
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
# "Ma" without its mark may be "mà", "but".
_THE_CODE = r"(?:ma (?:ho so|so|tra cuu|bien nhan)|giay hen|bien nhan|phieu hen|receipt|code)"
_LACKING = re.compile(
    r"^\W*(?:(?:toi|em|minh|tui|da|i)\b\s*)*(?:khong (?:nho|biet)|quen|don.?t (?:know|remember)|forgot)\b"
    r"(?:\W+\w+){0,3}\W*$"
    rf"|\b(?:khong (?:co|con|thay|nho|biet)|mat|quen|tim|lay|no|lost|forgot|have|find|where)\b.*\b{_THE_CODE}\b"
    rf"|\b{_THE_CODE}\b.*\b(?:dau|mat|quen|la gi|nhu the nao|ra sao|lost)\b"
)
_MARKED_CODE = re.compile(
    r"\bmã\b.*\b(?:đâu|mất|quên|là gì)\b|\b(?:không (?:có|còn|nhớ|biết)|quên|mất)\b.*\bmã\b", re.IGNORECASE
)
_LANGUAGE_ONLY = re.compile(
    r"^\W*(?:(?:noi|tra loi|doi|chuyen|dung|xai|bang|sang|qua|ngon ngu|tieng|anh|viet|english|vietnamese|di|nha|nhe|a"
    r"|ad|em|ban|toi|cho|giup|duoc|khong|ko|biet|co|xin|hay|lai|please|can|do|you|speak|switch|change|language|to|in|reply"
    r"|answer|the)\b\W*)+$"
)


def wants_only_a_language(folded: str) -> bool:
    """Whether nothing but a language is asked for: "nói tiếng Anh đi"."""
    return _LANGUAGE_ONLY.match(folded) is not None


def lacks_what_is_asked(text: str, folded: str) -> bool:
    """Whether the citizen says that the code or the digits asked for are lost, forgotten, or nowhere to be found."""
    return bool(_LACKING.search(folded) or _MARKED_CODE.search(text))


def asks_the_same(text: str, folded: str) -> bool:
    """Whether the same is asked about something else: "còn kết hôn thì sao"."""
    return bool(_THE_SAME.match(text) or _THE_SAME_FOLDED.search(folded))


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
    return _NOT_MEANT.sub("", _MEANT.sub("", text)) or text


def refuses(folded: str) -> bool:
    """Whether the message only says that it was not that: "không phải mấy cái này", "cái khác"."""
    return _REFUSING.match(folded) is not None and _REFUSAL.search(folded) is not None
