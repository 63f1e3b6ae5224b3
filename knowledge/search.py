"""Finds the procedures that a citizen's words may mean, and how likely each of them is meant.

BM25F over folded syllables (Robertson and Zaragoza 2009) and an ear trained on what people asked before give the
candidates; of each of these the best single name is compared word for word. What speaks for a candidate is weighed by
``ranking``, whose weights were found on questions. Both sides are folded (no marks, đ as d).
"""

from __future__ import annotations

import copy
import math
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Callable, Collection, Iterable, Mapping, Optional, Sequence

import numpy as np

from knowledge.comparing import Asked, Match, Name, neighbours
from knowledge.concepts import Concept, read_concepts, said_in
from knowledge.procedures import Origin, Procedure
from knowledge.questions import Fold, QuestionReader, Word, read_frames
from knowledge.ranking import Ranking
from knowledge.topics import Topic, TopicKind

Numbers = Any  # a numpy array; numpy 1.23 has no usable element types
# Given the terms of a question: for each procedure that people asked about, how much it sounds like it (-1 to about 1).
Ear = Callable[[Collection[str]], Mapping[str, float]]

K1, B = 1.2, 0.5
CANDIDATES, BY_EAR = 40, 5
UNHEARD = -1.0  # what an ear says of a procedure that nobody asked about
UNKNOWN_WEIGHT = 0.6  # of the rarest word's weight: what a word counts for that no document has
# What a word counts for in BM25, by where it stands.
TITLE, NAME, ENGLISH, CASE, FIELD, AGENCY = 2.0, 2.0, 1.0, 0.7, 0.6, 0.2
LONG_NUMBER = re.compile(r"\d{3,}")  # of a person or a paper: says nothing of the matter
OPENING_VERBS = {"làm", "xin", "đi", "lam"}
LEVEL_SUFFIX = re.compile(r"\((?:thực hiện )?(?:tại |ở )?(?:cấp|trung ương).*?\)|^thủ tục\s+", re.IGNORECASE)


@dataclass(frozen=True)
class Hit:
    """One answer of the search: how its best name matches, and its ``score``, the logarithm of its odds."""

    key: str
    score: float
    match: Match
    evidence: tuple[float, ...]  # as ranking.EVIDENCE lists it


@dataclass(frozen=True)
class Hits:
    """The candidates, best first; ``none`` is the score of "none of these" and ``none_evidence`` what it is made of."""

    hits: tuple[Hit, ...]
    none: float
    none_evidence: tuple[float, ...]
    words: int = 0  # of the question, that say what is meant


@dataclass(frozen=True)
class _Document:
    key: str
    names: tuple[Name, ...]
    cases: frozenset[str]
    vocabulary: frozenset[str]
    concepts: frozenset[str]
    curated: float
    topic: float
    not_held: float


class _Rarity(dict[str, float]):
    """Inverse document frequency; a word that no document has counts a share of the rarest."""

    def __init__(self, documents: Mapping[str, Sequence[int]], count: int) -> None:
        super().__init__({w: math.log(1 + (count - len(d) + 0.5) / (len(d) + 0.5)) for w, d in documents.items()})
        self._unknown = max(self.values(), default=1.0) * UNKNOWN_WEIGHT

    def __missing__(self, word: str) -> float:
        return self._unknown


class Search:
    """An index over procedures and topics; immutable once built. Keys are procedure codes and topic ids."""

    def __init__(
        self,
        procedures: Iterable[Procedure],
        topics: Sequence[Topic],
        fold: Fold,
        normalise: Fold,
        ranking: Ranking,
    ) -> None:
        self._fold, self._normalise = fold, normalise
        self._weigh_by(ranking)
        self._concepts = read_concepts()
        frames = read_frames()
        once = lru_cache(maxsize=None)(normalise)  # most texts are read several times below
        plain = QuestionReader(fold, once, frames)
        sources = [_Source.of_procedure(procedure) for procedure in procedures]
        sources += [_Source.of_topic(topic) for topic in topics]
        self._weigh([_bag(plain, [*source.names, *source.rest]) for source in sources])
        pairs = {pair for source in sources for text, _ in source.names for pair in neighbours(plain.words(text))}
        self._reader = QuestionReader(fold, once, frames, pairs, list(self._rarity))
        self._documents = [self._document(source) for source in sources]
        self._reader = QuestionReader(fold, normalise, frames, pairs, list(self._rarity))  # citizens' are not kept
        self._at = {document.key: index for index, document in enumerate(self._documents)}
        self._ear: Optional[Ear] = None
        self._holders: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._called: dict[tuple[str, ...], set[int]] = defaultdict(set)
        for index, document in enumerate(self._documents):
            for name in document.names:
                self._called[tuple(word.folded for word in name.words)].add(index)
            for pair in set().union(*(name.pairs for name in document.names)):
                self._holders[pair].append(index)

    def with_ranking(self, ranking: Ranking) -> Search:
        """The same index, weighed otherwise."""
        other = copy.copy(self)
        other._weigh_by(ranking)
        return other

    def _weigh_by(self, ranking: Ranking) -> None:
        self._of_name, self._of_document, self._of_none = ranking.of_name, ranking.of_document, ranking.of_none

    def with_ear(self, ear: Ear) -> Search:
        """The same index, listening."""
        other = copy.copy(self)
        other._ear = ear
        return other

    def words(self, text: str) -> list[Word]:
        return self._reader.words(text)

    def content(self, text: str) -> list[Word]:
        """The words of a question that say which procedure is meant."""
        return self._reader.content(text)

    def terms(self, text: str) -> set[str]:
        """What an ear is given: the words that say what is meant, neighbours of them, and concepts; all folded."""
        return _terms(*self._question(text))

    def _question(self, text: str) -> tuple[list[Word], list[Concept]]:
        said = said_in(self._concepts, self._fold(self._normalise(text)))
        words = [word for word in self.content(text) if not LONG_NUMBER.fullmatch(word.folded)]
        question = _without_opening_verbs(words)
        if all(word.folded.isdigit() for word in question):  # a number alone names nothing
            question = []
        known = {word.folded for word in question}
        return question + [w for concept in said for w in self.words(concept.words) if w.folded not in known], said

    def find(self, text: str, outside: float = 0.0) -> Hits:
        """The candidates; none when nothing in the text names anything."""
        question, said = self._question(text)
        scores = np.zeros(len(self._documents))
        for word in {word.folded: word for word in question}.values():
            if word.folded in self._postings:
                ids, weights = self._postings[word.folded]
                scores[ids] += weights * word.weight
        top = float(scores.max()) if len(scores) else 0.0
        asked = Asked(question, self._rarity, self._of_name)
        unknown = sum(asked.rarity[word] for word in asked.words if word not in self._postings) / asked.total
        none_evidence = (1.0, unknown, 1 / (1 + len(question)), outside)
        none = _weighed(self._of_none, none_evidence)
        if top <= 0:
            return Hits((), none, none_evidence, len(question))
        heard = self._ear(_terms(question, said)) if self._ear else {}
        ids_said = frozenset(concept.id for concept in said)
        hits = [
            self._hit(asked, self._documents[i], float(scores[i]) / top, heard, ids_said)
            for i in self._candidates(scores, heard, question)
        ]
        return Hits(tuple(sorted(hits, key=lambda hit: (-hit.score, hit.key))), none, none_evidence, len(question))

    def _hit(
        self, asked: Asked, document: _Document, bm25: float, heard: Mapping[str, float], said: frozenset[str]
    ) -> Hit:
        match, value = asked.best_match(document.names, document.cases)
        explained = sum(asked.rarity[word] for word in asked.words if word in document.vocabulary) / asked.total
        evidence = (
            bm25,
            explained,
            heard.get(document.key, UNHEARD) if self._ear else 0.0,
            document.curated,
            float(len(document.concepts - said)),
            float(len(document.concepts & said)),
            float(len(said - document.concepts)),
            document.topic,
            document.not_held,
        )
        score = value + _weighed(self._of_document, evidence)
        return Hit(document.key, score, match, (*match.evidence, *evidence))

    def _document(self, source: _Source) -> _Document:
        """A name counts without the verb that any may begin with: "làm khai sinh", "xin giấy độc thân"."""
        names = tuple(
            Name.of(text, _without_opening_verbs(self.content(text) or self.words(text)), self._rarity)
            for text, _ in source.names
        )
        cases = frozenset(word.folded for text, weight in source.rest if weight == CASE for word in self.words(text))
        texts = (text for text, _ in (*source.names, *source.rest))
        vocabulary = frozenset(word.folded for text in texts for word in self.words(text))
        title = self._fold(source.title)
        concepts = frozenset(concept.id for concept in self._concepts if concept.is_in_title(title))
        return _Document(
            source.key, names, cases, vocabulary, concepts, source.curated, source.topic, source.not_held
        )

    def _weigh(self, bags: list[dict[str, float]]) -> None:
        """Turn bags of words into postings: for each word the documents and their BM25 weights."""
        lengths = np.array([sum(bag.values()) for bag in bags])
        mean = float(lengths.mean()) if bags else 1.0
        documents: dict[str, list[int]] = defaultdict(list)
        frequencies: dict[str, list[float]] = defaultdict(list)
        for index, bag in enumerate(bags):
            for word, frequency in bag.items():
                documents[word].append(index)
                frequencies[word].append(frequency)
        self._rarity = _Rarity(documents, len(bags))
        self._postings: dict[str, tuple[Numbers, Numbers]] = {}
        for word, indexes in documents.items():
            ids, tf = np.array(indexes), np.array(frequencies[word])
            weights = self._rarity[word] * tf * (K1 + 1) / (tf + K1 * (1 - B + B * lengths[ids] / mean))
            self._postings[word] = (ids, weights)

    def _candidates(self, scores: Numbers, heard: Mapping[str, float], question: list[Word]) -> set[int]:
        """The best by BM25 and by ear; where all words are common ("báo tử"), also what has two side by side."""
        best = {int(index) for index in _largest(scores, CANDIDATES) if scores[index] > 0}
        best.update(self._at[key] for key in sorted(heard, key=lambda key: -heard[key])[:BY_EAR] if key in self._at)
        for pair in neighbours(question):
            holders = self._holders.get(pair, [])
            if len(holders) <= CANDIDATES:
                best.update(holders)
        best.update(self._called.get(tuple(word.folded for word in question), ()))
        return best


@dataclass(frozen=True)
class _Source:
    """What a document is made of: texts with their weights in BM25."""

    key: str
    title: str
    names: list[tuple[str, float]]
    rest: list[tuple[str, float]]
    curated: float = 0.0
    topic: float = 0.0
    not_held: float = 0.0

    @classmethod
    def of_procedure(cls, procedure: Procedure) -> _Source:
        names, rest = _names_of(procedure), _rest_of(procedure)
        curated = float(procedure.origin is Origin.CURATED)
        return cls(procedure.code, procedure.title.vi, names, rest, curated)

    @classmethod
    def of_topic(cls, topic: Topic) -> _Source:
        names = [(name, NAME) for name in (*topic.names.vi, *topic.names.en)]
        return cls(topic.id, "", names, [], topic=1.0, not_held=float(topic.kind is TopicKind.NOT_HELD))


def _terms(question: Sequence[Word], said: Sequence[Concept]) -> set[str]:
    pairs = (f"p{one} {other}" for one, other in neighbours(question))
    return {*(f"w{word.folded}" for word in question), *pairs, *(f"w#{concept.id}" for concept in said)}


def _weighed(weights: Sequence[float], evidence: Sequence[float]) -> float:
    return sum([weight * part for weight, part in zip(weights, evidence)])


def _largest(numbers: Numbers, count: int) -> Numbers:
    size = min(count, len(numbers))
    return np.argpartition(-numbers, size - 1)[:size]


def _without_opening_verbs(words: list[Word]) -> list[Word]:
    first = next((at for at, word in enumerate(words) if word.typed not in OPENING_VERBS), len(words) - 1)
    return words[max(first, 0) :]


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
