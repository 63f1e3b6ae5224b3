"""Telex and VNI: the keys that make marks, read back from where the input method was off, and typed for practice."""

from __future__ import annotations

import re
import unicodedata

from nlu.vietnamese.syllables import TONE_MARKS, Syllables, with_tone

_TELEX_SHAPES = (
    ("dd", "đ"),
    ("aa", "â"),
    ("ee", "ê"),
    ("oo", "ô"),
    ("uow", "ươ"),
    ("aw", "ă"),
    ("ow", "ơ"),
    ("uw", "ư"),
)
_TELEX_TONE = re.compile(r"[sfrxj]")
_VNI_TONES = {"1": "s", "2": "f", "3": "r", "4": "x", "5": "j"}
_VNI_SHAPES = {"6": {"a": "â", "e": "ê", "o": "ô"}, "7": {"o": "ơ", "u": "ư"}, "8": {"a": "ă"}, "9": {"d": "đ"}}
_LATE_W = {"a": "ă", "o": "ơ", "u": "ư"}
_VOWELS = "aăâeêioôơuưy"


class Keystrokes:
    """Decodes single words; a word that does not come out as a marked syllable is None."""

    def __init__(self, syllables: Syllables) -> None:
        self._syllables = syllables

    def decode(self, word: str) -> str | None:
        """``word`` (lower-case) as the syllable that its keys would have made in Telex or VNI, else None."""
        if not word.isascii() or not 2 <= len(word) <= 10:
            return None
        if word.isalpha():
            return self._telex(word)
        return self._vni(word) if word[0].isalpha() else None

    def _accepted(self, letters: str, tone: str) -> str | None:
        syllable = with_tone(letters, tone)
        return syllable if not syllable.isascii() and syllable in self._syllables.marked else None

    def _telex(self, word: str) -> str | None:
        tone, letters = "", word
        first_vowel = next((i for i, letter in enumerate(word) if letter in "aeiouyw"), len(word))
        found = [match for match in _TELEX_TONE.finditer(word) if match.start() > first_vowel]
        if found:
            last = found[-1]
            # A tone key before another vowel is a consonant: "hoso" is two words run together, not "hố".
            if any(letter in "aeiouy" for letter in word[last.end() :]):
                return None
            tone, letters = last.group(), word[: last.start()] + word[last.end() :]
        for keys, letter in _TELEX_SHAPES:
            letters = letters.replace(keys, letter)
        if letters.endswith("d") and letters.startswith("d") and len(letters) > 2:
            letters = "đ" + letters[1:-1]
        if "w" in letters:
            letters = _with_late_w(letters)
        return self._accepted(letters, tone)

    def _vni(self, word: str) -> str | None:
        tone = ""
        letters: list[str] = []
        for key in word:
            if key.isalpha():
                letters.append(key)
            elif key in _VNI_TONES and not tone:
                tone = _VNI_TONES[key]
            elif key in _VNI_SHAPES:
                shapes = _VNI_SHAPES[key]
                at = [i for i, letter in enumerate(letters) if letter in shapes]
                if not at:
                    return None
                # One 7 after "uo" makes both letters of "ươ".
                if key == "7" and len(at) > 1 and letters[at[-2]] == "u" and letters[at[-1]] == "o":
                    letters[at[-2]] = "ư"
                letters[at[-1]] = shapes[letters[at[-1]]]
            else:
                return None
        return self._accepted("".join(letters), tone)


def _with_late_w(letters: str) -> str:
    """Applies a ``w`` typed at the end of the word or of its vowels ("duocw", "dangw"), or alone as "ư" ("tw")."""
    place = letters.index("w")
    bare = letters[:place] + letters[place + 1 :]
    if "uo" in bare[:place]:
        return bare.replace("uo", "ươ", 1)
    for i in range(place - 1, -1, -1):
        if bare[i] in _LATE_W:
            return bare[:i] + _LATE_W[bare[i]] + bare[i + 1 :]
    return letters.replace("w", "ư", 1)


_TELEX_KEYS = {letter: keys for keys, letter in _TELEX_SHAPES if len(keys) == 2}
_TONE_KEYS = {mark: key for key, mark in TONE_MARKS.items() if mark}


def telex_keys(word: str) -> str:
    """The keys that a person presses for ``word`` in Telex with the tone last: "thủ" is "thur", "được" "dduwowcj"."""
    keys, tone = "", ""
    for letter in word:
        decomposed = unicodedata.normalize("NFD", letter)
        tone = next((_TONE_KEYS[mark] for mark in decomposed if mark in _TONE_KEYS), tone)
        plain = unicodedata.normalize("NFC", "".join(mark for mark in decomposed if mark not in _TONE_KEYS))
        keys += _TELEX_KEYS.get(plain, plain)
    return keys + tone
