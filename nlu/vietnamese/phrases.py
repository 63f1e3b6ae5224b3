"""Phrases of a list found in a text: whole phrases at the borders of words, the longest first."""

from __future__ import annotations

import itertools
import re
from typing import Iterable, Mapping, Optional

from nlu.vietnamese.folding import fold
from nlu.vietnamese.spans import Span
from nlu.vietnamese.syllables import WORD, syllables


class Phrases:
    """Finds the phrases of one entity. A phrase with the value None is no finding but hides shorter ones inside it."""

    def __init__(self, entity: str, phrases: Mapping[Optional[str], Iterable[str]]) -> None:
        self._entity = entity
        self._values: dict[tuple[str, ...], Optional[str]] = {}
        for value, texts in phrases.items():
            for text in texts:
                key = syllables(fold(text))
                if self._values.setdefault(key, value) != value:
                    raise ValueError(f"{entity}: {text!r} stands under both {self._values[key]!r} and {value!r}")
        # Which lengths begin with a word: most words begin no phrase.
        self._lengths: dict[str, tuple[int, ...]] = {}
        for key in self._values:
            self._lengths[key[0]] = tuple(sorted({*self._lengths.get(key[0], ()), len(key)}, reverse=True))

    def find(self, folded: str) -> list[Span]:
        """The first finding of each value in ``folded`` text, in order. Punctuation inside a phrase breaks it."""
        matches = list(WORD.finditer(folded))
        found: dict[str, Span] = {}
        at = 0
        while at < len(matches):
            step = 1
            for length in self._lengths.get(matches[at].group(), ()):
                part = matches[at : at + length]
                key = tuple(match.group() for match in part)
                if key in self._values and _is_unbroken(folded, part):
                    value, step = self._values[key], length
                    if value is not None:
                        found.setdefault(value, Span(self._entity, value, part[0].start(), part[-1].end()))
                    break
            at += step
        return list(found.values())


def _is_unbroken(text: str, words: list[re.Match[str]]) -> bool:
    return all(text[a.end() : b.start()].isspace() for a, b in itertools.pairwise(words))
