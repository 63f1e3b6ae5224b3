"""Typing slips: the same sentence as a hurried person types it, for training copies. Deterministic with a seed."""

from __future__ import annotations

import random
from typing import Callable, Mapping

from nlu.vietnamese.folding import fold
from nlu.vietnamese.lexicon import Lexicon
from nlu.vietnamese.telex import telex_keys

_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {
    key: [row[i] for i in (at - 1, at + 1) if 0 <= i < len(row)] for row in _KEYBOARD for at, key in enumerate(row)
}

_SHORTHAND_LENGTH = 4  # letters; longer rows of the lexicon are misspellings, not shorthand


class Slips:
    """Makes altered copies of a sentence; every kind keeps the meaning and so the label."""

    def __init__(self, lexicon: Lexicon, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - practice sentences, not secrets
        self._shorthand = _reversed(lexicon)
        self._rest: tuple[Callable[[str], str], ...] = (self.shorten, self.leave_telex, self.run_together)

    def copies(self, text: str, count: int) -> list[str]:
        """Up to ``count`` different copies: unmarked, unmarked with slips, with slips, then one of the other kinds."""
        ways: list[Callable[[str], str]] = [fold, lambda t: self.mistype(fold(t)), self.mistype, self._any_other]
        made = [ways[i % len(ways)](text) for i in range(count)]
        return [copy for copy in dict.fromkeys(made) if copy != text]

    def _any_other(self, text: str) -> str:
        altered = self._random.choice(self._rest)(text)
        return fold(altered) if self._random.random() < 0.4 else altered

    def mistype(self, text: str) -> str:
        """One slip in every third or so of the longer words: a letter dropped, doubled, swapped or its neighbour."""
        return " ".join(
            self._slip(word) if len(word) > 3 and word.isalpha() and self._random.random() < 0.3 else word
            for word in text.split()
        )

    def _slip(self, word: str) -> str:
        at = self._random.randrange(1, len(word) - 1)
        kind = self._random.randrange(4)
        if kind == 0:
            return word[:at] + word[at + 1 :]
        if kind == 1:
            return word[:at] + word[at] + word[at:]
        if kind == 2:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        return word[:at] + self._random.choice(_NEIGHBOURS.get(word[at], [word[at]])) + word[at + 1 :]

    def shorten(self, text: str) -> str:
        """Some words as chat shorthand, case lost as in chat."""
        words = text.lower().split()
        return " ".join(self._random.choice(self._shorthand[w]) if w in self._shorthand else w for w in words)

    def leave_telex(self, text: str) -> str:
        """All words as Telex keys, as with the input method off."""
        return " ".join(telex_keys(word) for word in text.lower().split())

    def run_together(self, text: str) -> str:
        """One space forgotten."""
        words = text.split()
        if len(words) < 2:
            return text
        at = self._random.randrange(len(words) - 1)
        return " ".join([*words[:at], words[at] + words[at + 1], *words[at + 2 :]])


def _reversed(lexicon: Lexicon) -> Mapping[str, list[str]]:
    shorthand: dict[str, list[str]] = {}
    for typed, meant in lexicon.replacements.items():
        if len(typed) == len(meant) == 1 and len(typed[0]) <= _SHORTHAND_LENGTH:
            shorthand.setdefault(meant[0], []).append(typed[0])
    return shorthand
