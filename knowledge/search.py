"""Finds the procedures that a citizen's words may mean: BM25 over folded syllables, then everyday names compared.

Two looks at the same words. BM25F (Robertson and Zaragoza 2009) over title, everyday names, field and agency gives the
candidates; among these, the best single name of each is compared by how much of the name was said, how much of what was
said the name explains, and how many neighbours stayed neighbours; each syllable weighs its inverse document frequency.
Both sides are folded (no marks, đ as d); where the citizen typed marks, names with other marks lose a little ("thuê" is
not "thuế").
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Iterable, Sequence

import numpy as np

from knowledge.procedures import Origin, Procedure
from knowledge.questions import Fold, QuestionReader, Word, read_frames
from knowledge.topics import Topic

Numbers = Any  # a numpy array; numpy 1.23 has no usable element types

K1, B = 1.2, 0.5
CANDIDATES = 40
OTHER_MARKS_WEIGHT = 0.6
UNKNOWN_WEIGHT = 0.6  # of the rarest word's weight: what a word counts for that no document has
# What a word counts for in BM25, by where it stands.
TITLE, NAME, ENGLISH, CASE, FIELD, AGENCY = 2.0, 2.0, 1.0, 0.7, 0.6, 0.2
# What the looks count for in the score.
SAID, NAMED, NEIGHBOURS, BM25 = 0.35, 0.3, 0.15, 0.2
CURATED_FIRST = 0.06  # what people ask for most was curated; among equals it is meant
TOPIC_FIRST = 0.1  # a word with several meanings is asked back, even when one of them is called so too
SPECIAL_LAST = 0.08  # what few people need does not come before what many need, unless it is named whole
OPENING_VERBS = {"làm", "xin", "đi", "lam"}
SPECIAL = re.compile(r"nước ngoài|biên giới|lưu động|trực tuyến toàn trình", re.IGNORECASE)
LEVEL_SUFFIX = re.compile(r"\((?:thực hiện )?(?:tại |ở )?(?:cấp|trung ương).*?\)|^thủ tục\s+", re.IGNORECASE)


@dataclass(frozen=True)
class Hit:
    """One answer of the search.

    ``score`` orders the hits (0 to about 1). ``said`` is the share of the question that the best name explains,
    ``named`` the share of that name that was said, both weighted by rarity, 0 to 1; ``words`` counts the syllables they
    share. ``bm25`` is the raw score. ``exact``: the question is this name, word for word.
    """

    key: str
    score: float
    said: float
    named: float
    bm25: float
    words: int
    name: str
    exact: bool = False


@dataclass(frozen=True)
class _Name:
    text: str
    words: tuple[Word, ...]
    typed: dict[str, frozenset[str]]  # by the folded word
    pairs: frozenset[tuple[str, str]]
    weight: float


@dataclass(frozen=True)
class _Document:
    """What can be found: its names, the words of its cases, and how much it weighs among equals."""

    key: str
    names: tuple[_Name, ...]
    cases: frozenset[str]
    advantage: float


class Search:
    """An index over procedures and topics; immutable once built. Keys are procedure codes and topic ids."""

    def __init__(self, procedures: Iterable[Procedure], topics: Sequence[Topic], fold: Fold, normalise: Fold) -> None:
        frames = read_frames()
        plain = QuestionReader(fold, normalise, frames)
        texts: list[tuple[str, list[tuple[str, float]], list[tuple[str, float]], float]] = []
        for procedure in procedures:
            advantage = CURATED_FIRST if procedure.origin is Origin.CURATED else 0.0
            advantage -= SPECIAL_LAST if SPECIAL.search(procedure.title.vi) else 0.0
            texts.append((procedure.code, _names_of(procedure), _rest_of(procedure), advantage))
        for topic in topics:
            names = [(name, NAME) for name in (*topic.names.vi, *topic.names.en)]
            texts.append((topic.id, names, [], TOPIC_FIRST))
        self._weigh([_bag(plain, [*names, *rest]) for _, names, rest, _ in texts])
        pairs = {pair for _, names, _, _ in texts for text, _ in names for pair in _neighbours(plain.words(text))}
        self._reader = QuestionReader(fold, normalise, frames, pairs, list(self._idf))
        self._documents = [
            _Document(
                key,
                tuple(self._name(text) for text, _ in names),
                frozenset(word.folded for text, weight in rest if weight == CASE for word in plain.words(text)),
                advantage,
            )
            for key, names, rest, advantage in texts
        ]
        self._holders: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._called: dict[tuple[str, ...], set[int]] = defaultdict(set)
        for index, document in enumerate(self._documents):
            for name in document.names:
                self._called[tuple(word.folded for word in name.words)].add(index)
            for pair in set().union(*(name.pairs for name in document.names)):
                self._holders[pair].append(index)

    def words(self, text: str) -> list[Word]:
        return self._reader.words(text)

    def content(self, text: str) -> list[Word]:
        """The words of a question that say which procedure is meant."""
        return self._reader.content(text)

    def _name(self, text: str) -> _Name:
        """A name without the verb that any of them may begin with: "làm khai sinh", "xin giấy độc thân"."""
        words = _without_opening_verbs(self._reader.words(text))
        typed = _typed(words)
        weight = sum(self._idf.get(folded, self._unknown) for folded in typed)
        return _Name(text, tuple(words), typed, frozenset(_neighbours(words)), weight)

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
        self._unknown = max(self._idf.values(), default=1.0) * UNKNOWN_WEIGHT
        self._postings: dict[str, tuple[Numbers, Numbers]] = {}
        for word, indexes in documents.items():
            ids, tf = np.array(indexes), np.array(frequencies[word])
            weights = self._idf[word] * tf * (K1 + 1) / (tf + K1 * (1 - B + B * lengths[ids] / mean))
            self._postings[word] = (ids, weights)

    def find(self, text: str, limit: int = 10) -> list[Hit]:
        """The ``limit`` best hits, best first; none when nothing in the text names anything."""
        question = _without_opening_verbs(self.content(text))
        if all(word.folded.isdigit() for word in question):  # a number names nothing
            return []
        scores = np.zeros(len(self._documents))
        for word in {word.folded: word for word in question}.values():
            if word.folded in self._postings:
                ids, weights = self._postings[word.folded]
                scores[ids] += weights * word.weight
        top = float(scores.max()) if len(scores) else 0.0
        if top <= 0:
            return []
        asked = _Question(question, self._idf, self._unknown)
        hits = [asked.compare(self._documents[i], float(scores[i]), top) for i in self._candidates(scores, question)]
        hits.sort(key=lambda hit: (-hit.score, hit.key))
        return hits[:limit]

    def _candidates(self, scores: Numbers, question: list[Word]) -> set[int]:
        """The best by BM25; and, where all words are common ("báo tử"), what has two of them side by side in a name."""
        size = min(CANDIDATES, len(scores))
        best = {int(index) for index in np.argpartition(-scores, size - 1)[:size] if scores[index] > 0}
        for pair in _neighbours(question):
            holders = self._holders.get(pair, [])
            if len(holders) <= CANDIDATES:
                best.update(holders)
        best.update(self._called.get(tuple(word.folded for word in question), ()))
        return best


class _Question:
    """One question, compared with document after document: what can be worked out once is worked out here."""

    def __init__(self, words: list[Word], idf: dict[str, float], unknown: float) -> None:
        self._words = {word.folded: word for word in words}
        self._weights = {folded: idf.get(folded, unknown) for folded in self._words}
        typed = _typed(words)
        # Without marks a word may be any; of two that fold alike ("thuế", "thuê") one with the name's marks is enough.
        self._weighted = [
            (folded, None if folded in typed[folded] else typed[folded], self._weights[folded] * word.weight)
            for folded, word in self._words.items()
        ]
        self._total = sum(self._weights.values()) or 1.0
        self._pairs = {pair: self._weights[pair[0]] + self._weights[pair[1]] for pair in sorted(_neighbours(words))}
        self._pairs_total = sum(self._pairs.values())

    def compare(self, document: _Document, bm25: float, top: float) -> Hit:
        in_cases = [word for word in self._words if word in document.cases]
        best = (-1.0, 0.0, 0.0, 0, "", False)
        for name in document.names:
            matched, shared = self._matched(name)
            if not shared:
                continue
            # "quá hạn" in "khai sinh quá hạn" is no part of the name, but of one of the procedure's cases.
            of_cases = sum([self._weights[word] for word in in_cases if word not in name.typed]) if in_cases else 0.0
            said, named = min((matched + of_cases) / self._total, 1.0), min(matched / name.weight, 1.0)
            value = SAID * said + NAMED * named
            neighbours = 0.0
            if value + NEIGHBOURS > best[0]:  # otherwise no neighbours can make it the best
                neighbours = self._neighbours_said(name) if self._pairs else said
                value += NEIGHBOURS * neighbours
            if value > best[0]:
                exact = min(said, named, neighbours) > 0.99
                best = (value, said, named, shared, name.text, exact)
        value, said, named, words, text, exact = best
        advantage = 0.0 if exact and document.advantage < 0 else document.advantage
        score = max(value, 0.0) + BM25 * bm25 / top + (advantage if words else 0.0)
        return Hit(document.key, score, said, named, bm25, words, text, exact)

    def _matched(self, name: _Name) -> tuple[float, int]:
        """The weight and the number of the question's words that are in the name."""
        matched, shared = 0.0, 0
        for folded, typed, weight in self._weighted:
            written = name.typed.get(folded)
            if written is None:
                continue
            shared += 1
            has_other_marks = typed is not None and typed.isdisjoint(written)
            matched += weight * OTHER_MARKS_WEIGHT if has_other_marks else weight
        return matched, shared

    def _neighbours_said(self, name: _Name) -> float:
        return sum([weight for pair, weight in self._pairs.items() if pair in name.pairs]) / self._pairs_total


def _typed(words: Sequence[Word]) -> dict[str, frozenset[str]]:
    return {folded: frozenset(w.typed for w in words if w.folded == folded) for folded in {w.folded for w in words}}


def _without_opening_verbs(words: list[Word]) -> list[Word]:
    first = next((at for at, word in enumerate(words) if word.typed not in OPENING_VERBS), len(words) - 1)
    return words[max(first, 0) :]


def _neighbours(words: Sequence[Word]) -> set[tuple[str, str]]:
    return {(one.folded, other.folded) for one, other in pairwise(words)}


def _bag(reader: QuestionReader, texts: list[tuple[str, float]]) -> dict[str, float]:
    bag: dict[str, float] = defaultdict(float)
    for text, weight in texts:
        for word in reader.words(text):
            bag[word.folded] = min(bag[word.folded] + weight, 3 * weight)
    return bag


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
