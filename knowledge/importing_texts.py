"""Text of the official exports: cleaned, and cut into steps, list items and short names."""

from __future__ import annotations

import re
import unicodedata
from typing import Optional

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_WORD_BULLETS = re.compile("[\uf000-\uf0ff]")  # bullets of Word's symbol fonts, meaningless elsewhere
_BLANKS = re.compile(r"[^\S\n]+")
_BULLET = re.compile(
    r"^\s*(?:(?P<mark>[-+*•●–]+)|(?P<open>\()?(?P<number>\d{1,2}(?:\.\d{1,2})*|[a-zđ]|[ivx]{1,5})\s?[).\]/])(?=\s|\D|$)\s*"
)
_STEP = re.compile(r"(?im)(?:^|(?<=[.;:]\s))\W{0,9}bước\s*\d{1,2}\s*[:.)]\s*")
_CLAUSE_END = re.compile(r"; |\. |: | \(|, ")
_ROMAN = {"i": 1, "v": 5, "x": 10}
_ALPHABET = "abcdđeghiklmnopqrstuvxy"
_NOTES_BEGIN = re.compile(r"(?i)\W*lưu ý\b")  # what follows in a list are remarks, no further items
LONG_NAME = 160
_NOTHING = {"", "không", "không có", "không quy định", "không có thông tin", "chưa có thông tin", "có"}


def clean(text: Optional[str]) -> str:
    """NFC, without invisible characters, one blank between words, no empty lines."""
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text or ""))  # what is invisible keeps marks apart
    text = _WORD_BULLETS.sub("- ", text)
    lines = (_BLANKS.sub(" ", line).strip() for line in text.replace("\r", "\n").split("\n"))
    return "\n".join(line for line in lines if line)


def one_line(text: Optional[str]) -> str:
    return clean(text).replace("\n", " ")


def is_said(text: Optional[str]) -> bool:
    """False for the portal's ways of saying nothing: "", "Không", "Không có thông tin"."""
    return " ".join(re.findall(r"\w+", (text or "").lower())) not in _NOTHING


def split_bullet(text: str) -> tuple[Optional[int], str]:
    """The number of a list item (1 for "1.", "a)", "(i)"; None for a dash or no mark) and its text."""
    match, is_first = _BULLET.match(text), True
    while match and match["mark"]:
        text, is_first = text[match.end() :], False
        match = _BULLET.match(text)
    if not match:
        return None, text.strip()
    number = _ordinal(match["number"], bool(match["open"])) if is_first else None
    return number, text[match.end() :].strip()


def _ordinal(mark: str, in_brackets: bool) -> int:
    if mark[0].isdigit():
        major, _, minor = mark.partition(".")
        return int(major) * 100 + int(minor.split(".")[0] or 0) if minor else int(major) * 100
    if in_brackets or len(mark) > 1:
        values = [_ROMAN.get(letter, 0) for letter in mark]
        pairs = zip(values, [*values[1:], 0], strict=True)
        return 100 * sum(-value if value < following else value for value, following in pairs)
    return 100 * (_ALPHABET.find(mark) + 1)


def split_steps(text: Optional[str]) -> list[str]:
    """The steps of "trình tự": by "Bước n" where it is written, otherwise by the bullets of the outer list."""
    cleaned = clean(text)
    starts = list(_STEP.finditer(cleaned))
    if starts:
        ends = [*(match.start() for match in starts[1:]), len(cleaned)]
        steps = [cleaned[: starts[0].start()], *(cleaned[m.end() : end] for m, end in zip(starts, ends, strict=True))]
    else:
        steps = _outer_items(cleaned)
    return [step for step in (_tidy(step) for step in steps) if step]


def split_items(text: Optional[str]) -> list[str]:
    """The items of a list such as "yêu cầu, điều kiện"; empty where the source says that there are none."""
    cleaned = clean(text)
    return [item for item in map(_tidy, _outer_items(cleaned)) if item] if is_said(cleaned) else []


def _outer_items(text: str) -> list[str]:
    lines = text.split("\n")
    outer = _mark_style(lines[0])
    items: list[str] = []
    is_note = False
    for line in lines:
        is_note = is_note or bool(items and _NOTES_BEGIN.match(items[-1]))
        if items and (is_note or (outer and _mark_style(line) != outer and not _NOTES_BEGIN.match(line))):
            items[-1] += "\n" + line
        else:
            items.append(line)
    return items


def _mark_style(line: str) -> str:
    match = _BULLET.match(line)
    if not match:
        return ""
    return match["mark"] or ("1" if match["number"][0].isdigit() else "a")


def _tidy(step: str) -> str:
    return split_bullet(step.strip())[1].strip(" \n-+*•–")


def short_name(text: str) -> tuple[str, str]:
    """A name a list can show and the rest of the words: long items of the portal carry their conditions with them."""
    text = text.strip(" .;,:")
    if len(text) <= LONG_NAME:
        return text, ""
    ends = [match for match in _CLAUSE_END.finditer(text) if 20 <= match.start() <= LONG_NAME]
    if not ends:
        cut = text.rfind(" ", 0, LONG_NAME)
        return f"{text[:cut]} …", f"… {text[cut:].strip()}"
    end = next((match for match in ends if match.group() != ", "), ends[-1])
    if end.group() == ", ":
        return f"{text[: end.start()]} …", f"… {text[end.end() :].strip()}"
    rest = text[end.start() :] if end.group() == " (" else text[end.end() :]
    return text[: end.start()], rest.strip()


def fold(text: str) -> str:
    """Lower case without marks, words joined by "_": for ids and for orders that do not depend on spelling."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return re.sub(r"[^a-z0-9]+", "_", plain.encode("ascii", "ignore").decode()).strip("_")
