"""Fits text to a channel: pieces of a bearable length that end where a sentence ends, and choices as numbered lines."""

from __future__ import annotations

import re
import unicodedata
from typing import Callable, Sequence

from connectors.messages import Choice

# Where a text is cut, best first: an empty line, a line, a sentence, a clause, a word.
_BORDERS = (r"\n\s*\n", r"\n", r"(?<=[.!?…])\s+", r"(?<=[,;:])\s+", r"\s+")
_LEAST_FILLED = 0.4  # a piece shorter than this is only made when there is no other way
# Marks, joiners and modifiers belong to the character before them.
_JOINERS = {"\u200d", "\ufe0f", "\ufe0e", "\u20e3"}


def split_text(text: str, most: int, length: Callable[[str], int] = len) -> list[str]:
    """The text (NFC) in pieces of at most ``most``, measured by ``length``; every word is kept. [] for no text."""
    rest = unicodedata.normalize("NFC", text).strip()
    pieces = []
    while rest:
        if length(rest) <= most:
            pieces.append(rest)
            break
        end = _cut(rest, _fitting(rest, most, length))
        pieces.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return pieces


def _fitting(text: str, most: int, length: Callable[[str], int]) -> int:
    """How many characters of the text fit; at least one."""
    low, high = 1, min(len(text), most)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if length(text[:middle]) <= most else (low, middle - 1)
    return low


def _cut(text: str, fitting: int) -> int:
    """The best place to end a piece of at most ``fitting`` characters."""
    for border in _BORDERS:
        # One character more is looked at: a blank right behind the piece is a border too.
        ends = [match.start() for match in re.finditer(border, text[: fitting + 1]) if 0 < match.start() <= fitting]
        if ends and ends[-1] >= fitting * _LEAST_FILLED:
            return ends[-1]
    blanks = [match.start() for match in re.finditer(r"\s", text[: fitting + 1]) if match.start() > 0]
    if blanks:
        return blanks[-1]
    end = fitting
    while end > 1 and _belongs_to_the_one_before(text, end):
        end -= 1
    return end if end > 1 else fitting


def _belongs_to_the_one_before(text: str, at: int) -> bool:
    if at >= len(text):
        return False
    character, before = text[at], text[at - 1]
    return (
        unicodedata.combining(character) != 0
        or character in _JOINERS
        or before == "\u200d"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
    )


def utf16_length(text: str) -> int:
    """How Telegram counts: an emoji counts twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def numbered(choices: Sequence[Choice], heading: str) -> str:
    """The choices as lines that can be answered by their number, on any device."""
    lines = [f"{number}. {choice.title}" for number, choice in enumerate(choices, 1)]
    return "\n".join([heading, *lines])


def shortened(title: str, most: int, length: Callable[[str], int] = len) -> str:
    """The title (NFC), cut at a word when it is too long for a button."""
    title = unicodedata.normalize("NFC", title)
    if length(title) <= most:
        return title
    return split_text(title, most - 1, length)[0].rstrip(" ,;:.") + "…"
