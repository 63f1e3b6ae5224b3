"""Which language a message is in, when it says so clearly enough."""

from __future__ import annotations

from nlu.vietnamese.folding import fold
from nlu.vietnamese.lexicon import Lexicon
from nlu.vietnamese.syllables import Syllables, syllables


class Languages:
    def __init__(self, known: Syllables, lexicon: Lexicon) -> None:
        self._syllables = known
        self._english = lexicon.english
        self._shorthand = frozenset(key[0] for key in lexicon.replacements if len(key) == 1)

    @classmethod
    def shipped(cls) -> Languages:
        return cls(Syllables.by_rule(), Lexicon.shipped())

    def language_of(self, text: str) -> str | None:
        """ "vi", "en", or None for a code, a number, one word that both languages have, or a mixture."""
        words = [word for word in syllables(text) if word.isalpha()]
        marked = english = vietnamese = either = 0
        for word in words:
            is_english = word in self._english
            is_vietnamese = word in self._syllables or word in self._shorthand
            if fold(word) != word:
                marked += 1
            elif is_english and is_vietnamese:
                either += 1
            elif is_english:
                english += 1
            elif is_vietnamese:
                vietnamese += 1
        vietnamese += 2 * marked
        # Words of both languages ("can", "to", "do") go with the rest of the message.
        if vietnamese + english + either < 2:
            return None
        if english > 2 * vietnamese and english + either >= 2:
            return "en"
        if vietnamese > english and vietnamese + either >= 2:
            return "vi"
        return None
