"""Reads a question for search: which of its words say what is meant, with single slips mended."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Container, Sequence

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

FRAMES_FILE = Path(__file__).parent / "data" / "question_frames.txt"

WORD = re.compile(r"[^\W_]+")
TYPO_WEIGHT = 0.75
LONGEST_FRAME = 7
SHORTEST_MENDED = 3

Fold = Callable[[str], str]


@dataclass(frozen=True)
class Word:
    """A syllable of a text: folded, as typed, and what it counts for (less than 1 when it was guessed)."""

    folded: str
    typed: str
    weight: float = 1.0


class QuestionReader:
    """``pairs`` and ``vocabulary`` are what the catalogue's names are made of: neighbouring words, and words."""

    def __init__(
        self,
        fold: Fold,
        normalise: Fold,
        frames: Sequence[str],
        pairs: Container[tuple[str, str]] = (),
        vocabulary: Sequence[str] = (),
    ) -> None:
        self._fold, self._normalise = fold, normalise
        self._pairs, self._known = pairs, frozenset(vocabulary)
        self._vocabulary = [word for word in vocabulary if len(word) >= SHORTEST_MENDED]
        self._frames: dict[str, set[str]] = defaultdict(set)
        for line in frames:
            typed = " ".join(WORD.findall(line.lower()))
            self._frames[fold(typed)].add(typed)

    def words(self, text: str) -> list[Word]:
        """The syllables of a text in order, lower case, with marks and folded."""
        return [Word(self._fold(typed), typed) for typed in WORD.findall(self._normalise(text).lower())]

    def content(self, text: str) -> list[Word]:
        """The words that say which procedure is meant: frames of asking removed, slips mended."""
        words = self.words(text)
        kept: list[Word] = []
        index = 0
        while index < len(words):
            length = self._frame_at(words, index)
            if not length:
                kept.append(self._mended(words, index))
            index += length or 1
        return kept

    def _frame_at(self, words: list[Word], index: int) -> int:
        """The length of the longest frame that begins here, or 0."""
        for length in range(min(LONGEST_FRAME, len(words) - index), 0, -1):
            span = words[index : index + length]
            frames = self._frames.get(" ".join(word.folded for word in span), ())
            has_marks = any(word.typed != word.folded for word in span)
            if not frames or (has_marks and " ".join(word.typed for word in span) not in frames):
                continue  # with other marks it is another word: "căn" is not "cần"
            if length == 1 and not has_marks and self._is_paired(words, index):
                continue  # "can" in "can cuoc" belongs to a name
            return length
        return 0

    def _is_paired(self, words: list[Word], index: int) -> bool:
        return self._has_beside(words, index, words[index].folded)

    def _has_beside(self, words: list[Word], index: int, folded: str) -> bool:
        """Whether some name has the word ``folded`` beside one of the words that stand around ``index``."""
        before = index > 0 and (words[index - 1].folded, folded) in self._pairs
        after = index + 1 < len(words) and (folded, words[index + 1].folded) in self._pairs
        return before or after

    def _mended(self, words: list[Word], index: int) -> Word:
        """A word that no document has is taken for one that differs by a single slip and fits beside its neighbours.

        A slip is seen by its company ("can cuot") and seldom in the first letter ("con gái" is not "con lai"). Alone,
        an unknown word is rather one that we do not hold: "rượu".
        """
        word = words[index]
        if word.folded in self._known or len(word.folded) < SHORTEST_MENDED or word.folded.isdigit():
            return word
        distance = DamerauLevenshtein.distance
        near = process.extract(word.folded, self._vocabulary, scorer=distance, score_cutoff=1, limit=None)
        likely = [meant for meant, _, _ in near if meant[0] == word.folded[0]]
        fitting = [meant for meant in likely if len(words) == 1 or self._has_beside(words, index, meant)]
        return Word(fitting[0], fitting[0], TYPO_WEIGHT) if fitting else word


def read_frames(path: Path = FRAMES_FILE) -> list[str]:
    """The shipped frames: words of asking that name nothing, one phrase a line."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]
