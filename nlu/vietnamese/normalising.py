"""Normalising: one spelling for what was meant, and the way back to what was typed."""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Iterator, Sequence

from nlu.vietnamese.leftovers import mended
from nlu.vietnamese.lexicon import Lexicon
from nlu.vietnamese.splitting import split_syllables
from nlu.vietnamese.syllables import BARE_VOWELS, TONES, WORD, Syllables
from nlu.vietnamese.telex import Keystrokes

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_SPACES = re.compile(r"[^\S ]")
# Letters that look Latin and are not: they come from copied pages, OCR and phones with another keyboard.
_HOMOGLYPHS = str.maketrans("ðаеоросухіјѕвкмнтαοερνικτυ", "đaeopocyxijsbkmhtaoepvikty")
_OPEN_TONES = {
    new: old
    for vowels in ("oa", "oe", "uy")
    for tone in "\u0301\u0300\u0309\u0303\u0323"
    for new, old in [
        (
            unicodedata.normalize("NFC", vowels + tone),
            unicodedata.normalize("NFC", vowels[0] + tone + vowels[1]),
        )
    ]
}
REMEMBERED, LONGEST_REMEMBERED = 4_000, 100  # messages, characters
LONE_IN, SHORTEST_LONE = 2, 4  # words of a message; letters of a left-over that stands alone in a longer one
_THRICE = re.compile(r"([^\W\d_])\1{2,}")
_TWICE_AT_END = re.compile(r"([^\W\d_])\1$")


@dataclass(frozen=True)
class Normalised:
    """``text`` is lower-case NFC; character i of it came from ``original[offsets[i][0]:offsets[i][1]]``."""

    original: str
    text: str
    offsets: tuple[tuple[int, int], ...]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Where ``text[start:end]`` (not empty) stands in the original, whole typed words where words were replaced."""
        return self.offsets[start][0], self.offsets[end - 1][1]


@dataclass(frozen=True)
class _Piece:
    """A normal form and the words (``first`` to ``last`` inclusive) that it stands for."""

    form: str
    first: int
    last: int


class Normaliser:
    """Applies the steps in the order in which they need one another; holds no state but a cache of word forms."""

    def __init__(self, syllables: Syllables, lexicon: Lexicon) -> None:
        self._syllables = syllables
        self._lexicon = lexicon
        self._keystrokes = Keystrokes(syllables)
        self._known = lexicon.english | {key[0] for key in lexicon.replacements if len(key) == 1}
        # Words repeat: most messages are made of some hundred of them. Only letters are kept, never numbers.
        self._word_form = lru_cache(maxsize=20_000)(self._clean)
        self._decoded = lru_cache(maxsize=20_000)(self._decode)
        self._split = lru_cache(maxsize=20_000)(self._split_word)
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._normalise)

    @classmethod
    def shipped(cls) -> Normaliser:
        return cls(Syllables.by_rule(), Lexicon.shipped())

    def normalise(self, text: str) -> Normalised:
        """Several parts of the house ask for the same message, and short messages come again and again."""
        return self._remembered(text) if len(text) <= LONGEST_REMEMBERED else self._normalise(text)

    def _normalise(self, text: str) -> Normalised:
        spans = [match.span() for match in WORD.finditer(text)]
        forms = [self._form(text[start:end]) for start, end in spans]
        gaps_are_blank = [text[a[1] : b[0]].isspace() for a, b in itertools.pairwise(spans)]
        pieces = list(self._replaced(forms, gaps_are_blank))
        pieces = self._decoded_keystrokes(pieces)
        pieces = [self._separated(piece) for piece in pieces]
        return _assembled(text, spans, pieces)

    def _form(self, typed: str) -> str:
        return self._word_form(typed) if typed.isalpha() else self._clean(typed)

    def _clean(self, typed: str) -> str:
        """One word: composed, visible, Latin, one tone style, no letters repeated for emphasis."""
        word = typed.lower()
        if word.isascii():
            return self._without_emphasis(word)
        word = unicodedata.normalize("NFC", word.translate(_INVISIBLE))
        if any("a" <= letter <= "z" for letter in word):
            word = word.translate(_HOMOGLYPHS)
        if word[-2:] in _OPEN_TONES and not (word[-2] == "u" and word[-3:-2] == "q"):
            word = word[:-2] + _OPEN_TONES[word[-2:]]
        word = unicodedata.normalize("NFC", word)
        word = self._without_emphasis(word if self._is_known(word) else self._with_tone_moved(word))
        return word if self._is_known(word) else mended(word, self._syllables)

    def _with_tone_moved(self, word: str) -> str:
        """A tone typed one vowel too early or late ("chíêu", "nôị") set where it makes a syllable, else as typed."""
        letters = unicodedata.normalize("NFD", word)
        tones = [letter for letter in letters if letter in TONES]
        if len(tones) != 1:
            return word
        bare = unicodedata.normalize("NFC", letters.replace(tones[0], ""))
        moved = (
            unicodedata.normalize("NFC", bare[: at + 1] + tones[0] + bare[at + 1 :])
            for at, letter in enumerate(bare)
            if unicodedata.normalize("NFD", letter)[0] in BARE_VOWELS
        )
        return next((form for form in moved if form in self._syllables), word)

    def _without_emphasis(self, word: str) -> str:
        word = _THRICE.sub(r"\1", word)
        if _TWICE_AT_END.search(word) and not self._is_known(word) and self._keystrokes.decode(word) is None:
            shorter = word[:-1]
            if self._is_known(shorter):
                return shorter
        return word

    def _is_known(self, word: str) -> bool:
        return word in self._syllables or word in self._known

    def _replaced(self, forms: Sequence[str], gaps_are_blank: Sequence[bool]) -> Iterator[_Piece]:
        """Shorthand and regional words, the longest first."""
        at = 0
        while at < len(forms):
            for length in range(min(self._lexicon.longest, len(forms) - at), 0, -1):
                meant = self._lexicon.replacements.get(tuple(forms[at : at + length]))
                if meant is not None and all(gaps_are_blank[at : at + length - 1]):
                    yield _Piece(" ".join(meant), at, at + length - 1)
                    break
            else:
                length = 1
                yield _Piece(forms[at], at, at)
            at += length

    def _decode(self, word: str) -> str | None:
        return None if self._is_known(word) else self._keystrokes.decode(word)

    def _decoded_keystrokes(self, pieces: list[_Piece]) -> list[_Piece]:
        """Telex and VNI left-overs: when two words or 40 % of the message are such, or one among Vietnamese words."""
        decoded = [self._decoded(piece.form) for piece in pieces]
        found = [piece for piece, form in zip(pieces, decoded, strict=True) if form is not None]
        if not found or len(pieces) == 1:
            return pieces
        if len(found) == 1 and len(pieces) > LONE_IN and not self._is_among_ours(found[0], pieces):
            return pieces
        return [
            _Piece(form, piece.first, piece.last) if form is not None else piece
            for piece, form in zip(pieces, decoded, strict=False)
        ]

    def _is_among_ours(self, lone: _Piece, pieces: Sequence[_Piece]) -> bool:
        """A single word is a left-over only beside Vietnamese words, and when it is no short word of another tongue."""
        others = [piece for piece in pieces if piece is not lone]
        ours = sum(all(word in self._syllables for word in piece.form.split()) for piece in others)
        return len(lone.form) >= SHORTEST_LONE and ours >= 0.75 * len(others)

    def _split_word(self, word: str) -> str:
        return word if self._is_known(word) else " ".join(split_syllables(word, self._syllables) or (word,))

    def _separated(self, piece: _Piece) -> _Piece:
        if len(piece.form) < 5 or " " in piece.form or not piece.form.isalpha():
            return piece
        form = self._split(piece.form)
        return piece if form == piece.form else _Piece(form, piece.first, piece.last)


def _assembled(text: str, spans: Sequence[tuple[int, int]], pieces: Sequence[_Piece]) -> Normalised:
    parts: list[str] = []
    offsets: list[tuple[int, int]] = []
    at = 0

    def keep(start: int, end: int, form: str) -> None:
        parts.append(form)
        offsets.extend(zip(range(start, end), range(start + 1, end + 1), strict=False))

    for piece in pieces:
        start, end = spans[piece.first][0], spans[piece.last][1]
        keep(at, start, _SPACES.sub(" ", text[at:start]))
        # The same letters in the same number map one to one; anything else maps as a whole.
        if piece.first == piece.last and len(piece.form) == end - start and " " not in piece.form:
            keep(start, end, piece.form)
        else:
            parts.append(piece.form)
            offsets.extend([(start, end)] * len(piece.form))
        at = end
    keep(at, len(text), _SPACES.sub(" ", text[at:]))
    return Normalised(text, "".join(parts), tuple(offsets))
