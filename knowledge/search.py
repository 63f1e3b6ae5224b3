"""Finds the procedures that a citizen's words may mean: BM25 over folded syllables, then everyday names compared.

Two looks at the same words. BM25F (Robertson and Zaragoza 2009) over title, everyday names, field and agency gives the
candidates; among these, the best single name of each is compared by how much of the name was said and how much of what
was said the name explains, each syllable weighing its inverse document frequency. Both sides are folded (no marks, đ
as d); where the citizen typed marks, names with other marks lose a little ("thuê" is not "thuế").
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterable, Optional, Sequence

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from knowledge.procedures import Procedure
from knowledge.topics import Topic

FRAMES_FILE = Path(__file__).parent / "data" / "question_frames.txt"

WORD = re.compile(r"[^\W_]+")
K1, B = 1.2, 0.5
CANDIDATES = 40
TYPO_WEIGHT = 0.75
OTHER_MARKS_WEIGHT = 0.6
# What a word counts for in BM25, by where it stands.
TITLE, NAME, ENGLISH, CASE, FIELD, AGENCY = 2.0, 2.0, 1.0, 0.7, 0.6, 0.2
LEVEL_SUFFIX = re.compile(r"\((?:thực hiện )?(?:tại |ở )?(?:cấp|trung ương).*?\)|^thủ tục\s+", re.IGNORECASE)

Fold = Callable[[str], str]
Numbers = Any  # a numpy array; numpy 1.23 has no usable element types


@dataclass(frozen=True)
class Word:
    """A syllable of the question: folded, as typed, and what it counts for (less than 1 when it was guessed)."""

    folded: str
    typed: str
    weight: float = 1.0


@dataclass(frozen=True)
class Hit:
    """One answer of the search.

    ``score`` orders the hits (0 to about 1.2). ``said`` is the share of the question that the best name explains,
    ``named`` the share of that name that was said, both weighted by rarity, 0 to 1; ``words`` counts the syllables they
    share. ``bm25`` is the raw score.
    """

    key: str
    score: float
    said: float
    named: float
    bm25: float
    words: int
    name: str


@dataclass(frozen=True)
class _Name:
    text: str
    folded: tuple[str, ...]
    typed: tuple[str, ...]
    idf: float = 0.0


class Search:
    """An index over procedures and topics; immutable once built. Keys are procedure codes and topic ids."""

    def __init__(
        self,
        procedures: Iterable[Procedure],
        topics: Sequence[Topic],
        fold: Fold,
        normalise: Fold,
        frames: Optional[Sequence[str]] = None,
    ) -> None:
        self._fold, self._normalise = fold, normalise
        self._keys: list[str] = []
        self._names: list[list[_Name]] = []
        self._cases: list[set[str]] = []
        bags: list[dict[str, float]] = []
        for procedure in procedures:
            self._add(procedure.code, _names_of(procedure), bags, _rest_of(procedure))
        for topic in topics:
            self._add(topic.id, [(name, NAME) for name in (*topic.names.vi, *topic.names.en)], bags, [])
        self._weigh(bags)
        self._frames = self._read_frames(frames if frames is not None else _frame_lines())

    def _add(
        self, key: str, names: list[tuple[str, float]], bags: list[dict[str, float]], rest: list[tuple[str, float]]
    ) -> None:
        bag: dict[str, float] = defaultdict(float)
        for text, weight in (*names, *rest):
            for word in self.words(text):
                bag[word.folded] = min(bag[word.folded] + weight, 3 * weight)
        self._keys.append(key)
        self._names.append([self._name(text) for text, _ in names])
        self._cases.append({word.folded for text, weight in rest if weight == CASE for word in self.words(text)})
        bags.append(bag)

    def _name(self, text: str) -> _Name:
        words = self.words(text)
        return _Name(text, tuple(word.folded for word in words), tuple(word.typed for word in words))

    def _weigh(self, bags: list[dict[str, float]]) -> None:
        """Turn bags of words into postings: for each word the documents and their BM25 weights."""
        count = len(bags)
        lengths = np.array([sum(bag.values()) for bag in bags])
        mean = float(lengths.mean()) if count else 1.0
        documents: dict[str, list[int]] = defaultdict(list)
        frequencies: dict[str, list[float]] = defaultdict(list)
        for index, bag in enumerate(bags):
            for word, frequency in bag.items():
                documents[word].append(index)
                frequencies[word].append(frequency)
        self._idf = {w: math.log(1 + (count - len(d) + 0.5) / (len(d) + 0.5)) for w, d in documents.items()}
        self._postings: dict[str, tuple[Numbers, Numbers]] = {}
        for word, indexes in documents.items():
            ids, tf = np.array(indexes), np.array(frequencies[word])
            weights = self._idf[word] * tf * (K1 + 1) / (tf + K1 * (1 - B + B * lengths[ids] / mean))
            self._postings[word] = (ids, weights)
        self._vocabulary = [word for word in documents if len(word) >= 3]
        self._pairs = {pair for names in self._names for name in names for pair in zip(name.folded, name.folded[1:])}
        self._names = [
            [_Name(n.text, n.folded, n.typed, sum(self._idf[word] for word in set(n.folded))) for n in names]
            for names in self._names
        ]

    def words(self, text: str) -> list[Word]:
        """The syllables of a text in order, lower case, with marks and folded."""
        return [Word(self._fold(typed), typed) for typed in WORD.findall(self._normalise(text).lower())]

    def content(self, text: str) -> list[Word]:
        """The words of a question that say which procedure is meant: frames of asking removed, slips mended."""
        words = self.words(text)
        kept: list[Word] = []
        index = 0
        while index < len(words):
            length = self._frame_at(words, index)
            if length:
                index += length
                continue
            kept.append(self._mended(words[index]))
            index += 1
        return kept

    def _frame_at(self, words: list[Word], index: int) -> int:
        for length in range(min(7, len(words) - index), 0, -1):
            span = words[index : index + length]
            frames = self._frames.get(" ".join(word.folded for word in span), ())
            said = " ".join(word.typed for word in span)
            has_marks = any(word.typed != word.folded for word in span)
            if not frames or (has_marks and said not in frames):
                continue  # with other marks it is another word: "căn" is not "cần"
            if length == 1 and not has_marks and self._is_paired(words, index):
                continue  # "can" in "can cuoc" belongs to a name
            return length
        return 0

    def _is_paired(self, words: list[Word], index: int) -> bool:
        before = index > 0 and (words[index - 1].folded, words[index].folded) in self._pairs
        after = index + 1 < len(words) and (words[index].folded, words[index + 1].folded) in self._pairs
        return before or after

    def _mended(self, word: Word) -> Word:
        """A word that no document has is taken for the nearest one that differs by a single slip."""
        if word.folded in self._idf or len(word.folded) < 3 or word.folded.isdigit():
            return word
        best = process.extractOne(
            word.folded, self._vocabulary, scorer=DamerauLevenshtein.distance, score_cutoff=1, processor=None
        )
        return Word(best[0], best[0], TYPO_WEIGHT) if best else word

    def _read_frames(self, lines: Sequence[str]) -> dict[str, set[str]]:
        """Folded phrase to the ways of writing it with marks."""
        frames: dict[str, set[str]] = defaultdict(set)
        for line in lines:
            typed = " ".join(WORD.findall(line.lower()))
            frames[self._fold(typed)].add(typed)
        return dict(frames)

    def find(self, text: str, limit: int = 10) -> list[Hit]:
        """The ``limit`` best hits, best first; none when nothing in the text names anything."""
        question = self.content(text)
        if not question:
            return []
        scores = np.zeros(len(self._keys))
        for word in {word.folded: word for word in question}.values():
            if word.folded in self._postings:
                ids, weights = self._postings[word.folded]
                scores[ids] += weights * word.weight
        size = min(CANDIDATES, len(scores))
        candidates: Iterable[int] = np.argpartition(-scores, size - 1)[:size] if size else []
        top = float(scores.max()) if size else 0.0
        if top <= 0:
            return []
        unknown = max(self._idf.values()) * 0.6
        said_idf = sum(self._idf.get(folded, unknown) for folded in {word.folded for word in question})
        hits = [self._hit(int(i), float(scores[i]), top, question, said_idf) for i in candidates if scores[i] > 0]
        hits.sort(key=lambda hit: (-hit.score, hit.key))
        return hits[:limit]

    def _hit(self, index: int, bm25: float, top: float, question: list[Word], said_idf: float) -> Hit:
        typed = {word.folded: word for word in question}
        order = [word.folded for word in question]
        best: tuple[float, float, float, set[str], str] = (-1.0, 0.0, 0.0, set(), "")
        for name in self._names[index]:
            matched = 0.0
            words: set[str] = set()
            for folded, as_written in zip(name.folded, name.typed):
                word = typed.get(folded)
                if word is None:
                    continue
                weight = word.weight
                if word.typed != word.folded and word.typed != as_written:
                    weight *= OTHER_MARKS_WEIGHT
                words.add(folded)
                matched += weight * self._idf[folded] / name.folded.count(folded)
            if not matched:
                continue
            said, named = min(matched / said_idf, 1.0), min(matched / name.idf, 1.0)
            phrase = 0.1 if len(name.folded) > 1 and _holds(order, name.folded) else 0.0
            value = 0.55 * said + 0.45 * named + phrase
            if value > best[0]:
                best = (value, said, named, words, name.text)
        value, said, named, words, text = best
        # "quá hạn" in "khai sinh quá hạn" is no part of the name, but of one of the procedure's cases.
        of_cases = {folded for folded in typed if folded in self._cases[index] and folded not in words}
        more = min(sum(self._idf[folded] for folded in of_cases) / said_idf, 1.0 - said)
        score = 0.75 * max(value + 0.55 * more, 0.0) + 0.25 * bm25 / top
        return Hit(self._keys[index], score, said + more, named, bm25, len(words), text)


def _holds(order: list[str], phrase: tuple[str, ...]) -> bool:
    length = len(phrase)
    return any(tuple(order[i : i + length]) == phrase for i in range(len(order) - length + 1))


def _names_of(procedure: Procedure) -> list[tuple[str, float]]:
    names = [(LEVEL_SUFFIX.sub("", procedure.title.vi).strip(), TITLE)]
    names += [(name, NAME) for name in procedure.everyday_names.vi]
    if procedure.title.en:
        names.append((procedure.title.en, ENGLISH))
    return names + [(name, ENGLISH) for name in procedure.everyday_names.en]


def _rest_of(procedure: Procedure) -> list[tuple[str, float]]:
    rest = [(name, CASE) for case in procedure.cases for name in (*case.everyday_names.vi, *case.everyday_names.en)]
    rest.append((procedure.field.vi, FIELD))
    if procedure.agency:
        rest.append((procedure.agency.vi, AGENCY))
    return rest


def _frame_lines() -> list[str]:
    lines = FRAMES_FILE.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]
