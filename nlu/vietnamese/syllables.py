"""Vietnamese syllables: what can be one, made by the rules of the spelling, and the words of a text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from nlu.vietnamese.folding import fold

# A word is letters, digits and whatever combines with them: sklearn's \w would break decomposed text at each mark.
WORD = re.compile(r"(?:[^\W_]|[\u0300-\u036f\u200b-\u200d\u2060\ufeff\u00ad])+")

TONE_MARKS = {"": "", "s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
TONES = frozenset(mark for mark in TONE_MARKS.values() if mark)
BARE_VOWELS = frozenset("aeiouy")


def _words(line: str) -> tuple[str, ...]:
    return tuple(line.split())


_ONSETS = ("", *_words("b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"))
_FRONT_VOWELS = "eêi"
_OPEN_RIMES = _words(
    "a e ê i o ô ơ u ư y ai ao au ay âu ây eo êu ia iu iêu yêu oa oe oi oai oay oeo ôi ơi ua ui uê uy uơ uây "
    "uôi uya uyu ưa ưi ưu ươi ươu"
)
_NASAL_RIMES = _words(
    "am an ang anh ăm ăn ăng âm ân âng em en eng ên êm ênh im in inh iêm iên iêng yêm yên yêng om on ong ôm "
    "ôn ông ơm ơn um un ung ưm ưn ưng oan oang oanh oăn oăng oăm oen uân uâng uên uôm uôn uông uyên uynh "
    "ươm ươn ương ynh"
)
_STOPPED_RIMES = _words(
    "ac ach ap at ăc ăp ăt âc âp ât ec ep et êp êt êch ich ip it iêc iêp iêt oc op ot ôc ôp ôt ơp ơt uc up ut "
    "ưc ưt oac oach oat oăc oăt uât uôc uôt uyêt uych ươc ươp ươt uêch uyt yêt ych yt"
)
_ONLY_AFTER_QU = ("ynh", "yt", "ych")


def with_tone(base: str, tone: str) -> str:
    """``base`` (marked vowels, no tone) with the tone key ``tone`` ("" s f r x j) on the letter that carries it."""
    if not tone:
        return base
    start = 2 if base.startswith("qu") or (base.startswith("gi") and len(base) > 2 and base[2] in "aăâeêoôơuư") else 0
    vowels = [i for i, letter in enumerate(base) if letter in "aăâeêioôơuưy" and i >= start]
    if not vowels:
        return base
    marked = [i for i in vowels if base[i] in "ăâêôơư"]
    if marked:
        carrier = marked[-1]
    elif len(vowels) == 1:
        carrier = vowels[0]
    elif len(vowels) == 3 or vowels[-1] != len(base) - 1:
        carrier = vowels[1]
    else:
        carrier = vowels[0]
    return unicodedata.normalize("NFC", base[: carrier + 1] + TONE_MARKS[tone] + base[carrier + 1 :])


def _join(onset: str, rime: str) -> str | None:
    """Onset and rime as one spelling, or None where the spelling rules forbid them side by side."""
    front = rime[0] in _FRONT_VOWELS or (rime[0] == "y")
    if onset in ("c", "g", "ng") and front and not (onset == "g" and rime == "i"):
        return None
    if onset in ("k", "gh", "ngh") and not front:
        return None
    if onset == "gi":
        return "gi" + rime[1:] if rime[0] == "i" and len(rime) > 1 else None if rime[0] == "y" else "gi" + rime
    if onset == "qu":
        return None if rime[0] in "uưoô" and rime != "ôc" else "qu" + rime
    if rime in _ONLY_AFTER_QU:
        return None
    if onset and rime.startswith("yê"):
        return None
    return onset + rime


@dataclass(frozen=True)
class Syllables:
    """All syllables that the spelling allows (some 18,000; more than are used), with marks and folded."""

    marked: frozenset[str]
    folded: frozenset[str]

    @classmethod
    def by_rule(cls) -> Syllables:
        marked = set()
        for onset in _ONSETS:
            for rimes, tones in ((_OPEN_RIMES, "sfrxj"), (_NASAL_RIMES, "sfrxj"), (_STOPPED_RIMES, "sj")):
                for rime in rimes:
                    base = _join(onset, rime)
                    if base is None:
                        continue
                    if rimes is not _STOPPED_RIMES:
                        marked.add(base)
                    marked.update(with_tone(base, tone) for tone in tones)
        return cls(frozenset(marked), frozenset(fold(syllable) for syllable in marked))

    def __contains__(self, word: str) -> bool:
        """Whether ``word`` (lower-case, NFC) is a syllable, fully marked or with no marks at all."""
        return word in self.marked or word in self.folded


def syllables(text: str) -> tuple[str, ...]:
    """The words of ``text`` in lower case, in order, without punctuation: the unit of search and of n-grams."""
    return tuple(WORD.findall(unicodedata.normalize("NFC", text).lower()))
