"""Mends single words in which an input method and a hurried hand left traces: "đaất", "bằngf", "giâys", "muoốn"."""

from __future__ import annotations

import unicodedata
from typing import Iterator

from nlu.vietnamese.folding import fold
from nlu.vietnamese.syllables import BARE_VOWELS, TONES, Syllables, with_tone

_KEYS = frozenset("sfrxjwz")  # Telex: the tones, the horn, and taking a tone away


def mended(word: str, known: Syllables) -> str:
    """The first of the likely readings of an unknown marked ``word`` that is ``known``, else the word itself."""
    return next((reading for reading in _readings(word) if reading in known), word)


def _readings(word: str) -> Iterator[str]:
    """A vowel typed twice, once with its mark; a doubled last letter; a tone's key left at the end."""
    yield from _without_twins(word)
    if len(word) > 2 and word[-1] in _KEYS:
        rest = word[:-1]
        if rest[-1] == rest[-2]:
            rest = rest[:-1]
        for base in (rest, *_without_twins(rest)):
            if TONES.isdisjoint(unicodedata.normalize("NFD", base)):
                yield with_tone(base, word[-1])
            yield base


def _without_twins(word: str) -> Iterator[str]:
    folded = fold(word)
    if len(folded) != len(word):
        return
    for at in range(len(word) - 1):
        is_twin = folded[at] == folded[at + 1] and folded[at] in BARE_VOWELS
        if is_twin and word[at] != word[at + 1]:
            bare = at if word[at] == folded[at] else at + 1
            yield word[:bare] + word[bare + 1 :]
