"""Compares a question with the names of one document, word for word: what was said of the name, what it explains."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Mapping, Sequence

from knowledge.questions import Word

OTHER_MARKS_WEIGHT = 0.6  # where the citizen typed marks, a name with other marks loses: "thuê" is not "thuế"
WHOLE = 0.99


@dataclass(frozen=True)
class Name:
    text: str
    words: tuple[Word, ...]
    typed: dict[str, frozenset[str]]  # by the folded word
    folded: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    weight: float

    @classmethod
    def of(cls, text: str, words: Sequence[Word], rarity: Mapping[str, float]) -> Name:
        typed = typed_by_folded(words)
        weight = sum(rarity[folded] for folded in typed)
        return cls(text, tuple(words), typed, frozenset(typed), frozenset(neighbours(words)), weight)


@dataclass(frozen=True)
class Match:
    """How well a name fits: ``said`` is the share of the question that the name explains, ``named`` the share of the

    name that was said, both weighted by rarity, 0 to 1; ``neighbours`` the share of the question's neighbouring words
    that are neighbours in the name; ``words`` counts the syllables they share; ``exact``: word for word.
    """

    name: str = ""
    said: float = 0.0
    named: float = 0.0
    neighbours: float = 0.0
    words: int = 0
    exact: bool = False

    @property
    def evidence(self) -> tuple[float, ...]:
        """As ``ranking.NAME_EVIDENCE`` lists it."""
        return self.said, self.named, self.said * self.named, self.neighbours, float(self.exact)


NO_MATCH = Match()


class Asked:
    """One question, compared with document after document: what can be worked out once is worked out here."""

    def __init__(self, words: Sequence[Word], rarity: Mapping[str, float], weights: Sequence[float]) -> None:
        """``rarity`` of each folded word; ``weights`` of a match's evidence."""
        self.words = {word.folded: word for word in words}
        self.rarity = {folded: rarity[folded] for folded in self.words}
        self._weights = weights
        typed = typed_by_folded(words)
        # Without marks a word may be any; of two that fold alike ("thuế", "thuê") one with the name's marks is enough.
        self._marked = {folded: None if folded in typed[folded] else typed[folded] for folded in self.words}
        self._folded = frozenset(self.words)
        self._weighted = {folded: self.rarity[folded] * word.weight for folded, word in self.words.items()}
        self.total = sum(self.rarity.values()) or 1.0
        self._pairs = {pair: self.rarity[pair[0]] + self.rarity[pair[1]] for pair in sorted(neighbours(words))}
        self._neighbours = frozenset(self._pairs)
        self._pairs_total = sum(self._pairs.values())

    def best_match(self, names: Sequence[Name], cases: frozenset[str]) -> tuple[Match, float]:
        """The name that fits best and what its evidence weighs. ``cases`` are the words of the document's cases."""
        in_cases = [word for word in self.words if word in cases]
        best, highest = NO_MATCH, 0.0
        for name in names:
            match = self._match(name, in_cases)
            if match is not NO_MATCH:
                value = sum([weight * part for weight, part in zip(self._weights, match.evidence)])
                if value > highest or best is NO_MATCH:
                    best, highest = match, value
        return best, highest

    def _match(self, name: Name, in_cases: Sequence[str]) -> Match:
        shared = self._folded & name.folded
        if not shared:
            return NO_MATCH
        matched = 0.0
        for folded in sorted(shared):  # in one order: sums of floats depend on it
            typed, weight = self._marked[folded], self._weighted[folded]
            has_other_marks = typed is not None and typed.isdisjoint(name.typed[folded])
            matched += weight * OTHER_MARKS_WEIGHT if has_other_marks else weight
        # "quá hạn" in "khai sinh quá hạn" is no part of the name, but of one of the procedure's cases.
        of_cases = sum([self.rarity[word] for word in in_cases if word not in name.typed]) if in_cases else 0.0
        said, named = min((matched + of_cases) / self.total, 1.0), min(matched / name.weight, 1.0)
        beside = said
        if self._pairs:
            both = self._neighbours & name.pairs
            beside = sum([self._pairs[pair] for pair in sorted(both)]) / self._pairs_total if both else 0.0
        return Match(name.text, said, named, beside, len(shared), min(said, named, beside) > WHOLE)


def typed_by_folded(words: Sequence[Word]) -> dict[str, frozenset[str]]:
    return {folded: frozenset(w.typed for w in words if w.folded == folded) for folded in {w.folded for w in words}}


def neighbours(words: Sequence[Word]) -> set[tuple[str, str]]:
    return {(one.folded, other.folded) for one, other in pairwise(words)}
