"""All procedures the assistant knows, curated before imported, with the search over them."""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Iterable, Iterator, Optional, Sequence

import msgspec

from knowledge.comparing import Match
from knowledge.procedures import Level, Origin, PaperUse, Procedure
from knowledge.questions import Fold
from knowledge.ranking import Ranking, probabilities, read_ranking
from knowledge.search import LEVEL_SUFFIX, Ear, Hit, Hits, Search
from knowledge.topics import Topic, TopicKind, topic_said

LEVEL_WORDS = {
    Level.COMMUNE: re.compile(r"\b(cap xa|o xa|phuong|xa|commune|ward)\b"),
    Level.PROVINCE: re.compile(r"\b(cap tinh|o tinh|tinh|province|provincial)\b"),
    Level.MINISTRY: re.compile(r"\b(trung uong|cap bo|o bo|ministry|central)\b"),
}
# A topic is meant only when nearly the whole of its name was said and little else: "ba tôi mất", not "ba tôi mất xe".
TOPIC_SAID, TOPIC_NAMED = 0.6, 0.75
NAMED_WHOLE = 0.95
REMEMBERED, LONGEST_REMEMBERED = 4_000, 100  # questions, characters
_NEAREST_FIRST = [Level.COMMUNE, Level.PROVINCE, Level.MINISTRY]


@dataclass(frozen=True)
class Found:
    """A procedure or a topic that the citizen may mean. Exactly one of the two is set.

    ``probability`` is that of the procedure with its variants; ``match`` tells how its best name fits.
    """

    probability: float
    match: Match
    procedure: Optional[Procedure] = None
    topic: Optional[Topic] = None


@dataclass(frozen=True)
class Findings:
    """What the words may mean, likeliest first, and the probability that it is nothing of what is held.

    ``words`` counts those that say what is meant; ``beside`` is what else was said when the first is a topic that was
    told by its pattern ("ba tôi mất").
    """

    found: tuple[Found, ...] = ()
    none: float = 1.0
    beside: str = ""
    words: int = 0

    def __bool__(self) -> bool:
        return bool(self.found)


class Catalogue:
    """Immutable; built anew when procedures change. A curated entry hides the imported one of the same code."""

    def __init__(
        self,
        procedures: Iterable[Procedure],
        topics: Sequence[Topic],
        fold: Fold,
        normalise: Fold,
        ranking: Optional[Ranking] = None,
    ) -> None:
        """``ranking``: the shipped one if None."""
        by_code: dict[str, Procedure] = {}
        for procedure in procedures:
            if procedure.code not in by_code or procedure.origin is Origin.CURATED:
                by_code[procedure.code] = procedure
        self._procedures = by_code
        self._fold = fold
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._find)
        self._topics = tuple(self._with_what_is_held(topic) for topic in topics if self._is_usable(topic))
        self._topic_by_id = {topic.id: topic for topic in self._topics}
        self._titles = {code: f" {fold(procedure.title.vi)} " for code, procedure in by_code.items()}
        self._group_of = {code: self._group(procedure) for code, procedure in by_code.items()}
        self._variants: dict[str, list[Procedure]] = defaultdict(list)
        for procedure in by_code.values():
            self._variants[self._group_of[procedure.code]].append(procedure)
        self.ranking = ranking or read_ranking()
        self.search = Search(by_code.values(), self._topics, fold, normalise, self.ranking)

    def with_ranking(self, ranking: Ranking) -> Catalogue:
        """The same procedures, weighed otherwise."""
        other = copy.copy(self)
        other.ranking = ranking
        other.search = self.search.with_ranking(ranking)
        other._remembered = lru_cache(maxsize=REMEMBERED)(other._find)
        return other

    def with_ear(self, ear: Ear) -> Catalogue:
        """The same procedures, listened for."""
        other = copy.copy(self)
        other.search = self.search.with_ear(ear)
        other._remembered = lru_cache(maxsize=REMEMBERED)(other._find)
        return other

    def __len__(self) -> int:
        return len(self._procedures)

    def __iter__(self) -> Iterator[Procedure]:
        return iter(self._procedures.values())

    def get(self, code: str) -> Optional[Procedure]:
        return self._procedures.get(code)

    def topic(self, topic_id: str) -> Optional[Topic]:
        return self._topic_by_id.get(topic_id)

    @property
    def topics(self) -> Sequence[Topic]:
        return self._topics

    def procedures_of(self, topic: Topic) -> list[Procedure]:
        return [self._procedures[code] for code in topic.procedures]

    def entitled(self, name: str) -> list[Procedure]:
        """Those whose title says these words early: what an import brought of a matter that was lacking."""
        said = f" {self._fold(name)} "
        early = (code for code, title in self._titles.items() if 0 <= title.find(said) < len(title) / 2)
        return [self._procedures[code] for code in early]

    def variants(self, procedure: Procedure) -> list[Procedure]:
        """The same thing at other levels or in other ways, nearest level first, without the procedure itself."""
        group = [other for other in self._variants[self._group_of[procedure.code]] if other.code != procedure.code]
        return sorted(group, key=_nearness)

    def find(self, text: str, outside: float = 0.0) -> Findings:
        """What the words may mean; of the variants of one thing only the one the words ask for.

        ``outside`` is how probable the words are out of scope by themselves. Without a word about the level the
        commune's variant is shown ("cấp xã"), where citizens go first. Short questions come again and again ("lệ phí
        bao nhiêu"): the last REMEMBERED are answered from memory.
        """
        find = self._remembered if len(text) <= LONGEST_REMEMBERED else self._find
        return find(text, round(outside, 2))

    def _find(self, text: str, outside: float) -> Findings:
        folded = self._fold(text)
        candidates = self.candidates(text, outside)
        shares, nothing = probabilities([hit.score for hit in candidates.hits], candidates.none)
        best: dict[str, tuple[Hit, float]] = {}
        for hit, share in zip(candidates.hits, shares):
            key = self.group_of(hit.key)
            first, sum_ = best.get(key, (hit, 0.0))
            best[key] = (first, sum_ + share)
        found = [self._found(hit, probability, folded) for hit, probability in best.values()]
        # A word with several meanings is asked back, even when one of them is called so too.
        found.sort(key=lambda found: (not (found.topic and found.match.named >= NAMED_WHOLE), -found.probability))
        said = topic_said(self._topics, folded)
        if said is None:
            return Findings(tuple(found), nothing, words=candidates.words)
        topic, start, end = said
        others = (other for other in found if other.topic is not topic)
        told = Found(1.0, Match(topic.title.vi, 1.0, 1.0, 1.0, 1), topic=topic)
        beside = f"{text[:start]} {text[end:]}" if len(text) == len(folded) else ""
        return Findings((told, *others), nothing, beside, candidates.words)

    def candidates(self, text: str, outside: float = 0.0) -> Hits:
        """What the search finds, without the topics of which too little was said."""
        hits = self.search.find(text, outside)
        return replace(hits, hits=tuple(hit for hit in hits.hits if self._is_meant(hit)))

    def group_of(self, key: str) -> str:
        """What the variants of one thing have in common; a topic stands for itself."""
        return self._group_of.get(key, key)

    def _is_meant(self, hit: Hit) -> bool:
        return hit.key in self._procedures or (hit.match.said >= TOPIC_SAID and hit.match.named >= TOPIC_NAMED)

    def _found(self, hit: Hit, probability: float, folded: str) -> Found:
        topic = self._topic_by_id.get(hit.key)
        if topic is not None:
            return Found(probability, hit.match, topic=topic)
        procedure = self._asked_variant(self._procedures[hit.key], hit, folded)
        return Found(probability, hit.match, procedure=procedure)

    def mentions(self, procedure: Procedure, text: str) -> bool:
        """Whether any word that says something is one of the procedure's names or cases."""
        cases = (name for case in procedure.cases for name in (*case.everyday_names.vi, *case.everyday_names.en))
        names = (*procedure.everyday_names.vi, *procedure.everyday_names.en, *cases)
        titles = (procedure.title.vi, procedure.title.en or "")
        known = {word.folded for name in (*titles, *names) for word in self.search.words(name)}
        return not known.isdisjoint(word.folded for word in self.search.content(text))

    def in_field(self, text: str, limit: int = 8) -> list[Procedure]:
        """Procedures of the field of life that the words name ("đất đai", "hộ tịch"), those asked for most first."""
        topic = next((found.topic for found in self.find(text).found if found.topic), None)
        if topic is not None and topic.kind is TopicKind.FIELD:
            return self.procedures_of(topic)[:limit]
        words = {word.folded for word in self.search.content(text)}
        if not words:
            return []
        names = {p.field.vi: {word.folded for word in self.search.words(p.field.vi)} for p in self}
        english = {p.field.vi: {word.folded for word in self.search.words(p.field.en or "")} for p in self}
        best = max(names, key=lambda field: max(len(words & names[field]), len(words & english[field])), default="")
        if not words & (names.get(best, set()) | english.get(best, set())):
            return []
        of_field = [procedure for procedure in self if procedure.field.vi == best]
        return sorted(of_field, key=lambda p: (p.origin is not Origin.CURATED, p.code))[:limit]

    def _is_usable(self, topic: Topic) -> bool:
        return topic.kind is TopicKind.NOT_HELD or sum(code in self._procedures for code in topic.procedures) > 1

    def _with_what_is_held(self, topic: Topic) -> Topic:
        """The topic with only the procedures that exist here."""
        codes = tuple(code for code in topic.procedures if code in self._procedures)
        return msgspec.structs.replace(topic, procedures=codes)

    def _group(self, procedure: Procedure) -> str:
        return procedure.variant_group or self._fold(LEVEL_SUFFIX.sub("", procedure.title.vi)).strip(" .")

    def _asked_variant(self, procedure: Procedure, hit: Hit, folded: str) -> Procedure:
        group = self._variants[self._group_of[procedure.code]]
        if len(group) == 1:
            return procedure
        levels = [level for level, words in LEVEL_WORDS.items() if words.search(folded)]
        for level in levels:
            of_level = [variant for variant in group if level in variant.levels]
            if of_level:
                return procedure if procedure in of_level else min(of_level, key=_nearness)
        if procedure.variant_group and (levels or hit.match.named >= NAMED_WHOLE or Level.COMMUNE in procedure.levels):
            return procedure  # curated variants have names of their own: the search has chosen among them
        return min(group, key=_nearness)


def same_papers(one: Procedure, other: Procedure) -> bool:
    """True when both ask for the same papers in the ordinary case, whatever the wording of counts and notes."""
    return _paper_names(one) == _paper_names(other)


def _paper_names(procedure: Procedure) -> set[str]:
    papers = procedure.cases[0].papers if procedure.cases else ()
    return {paper.name.vi.casefold().strip(" .") for paper in papers if paper.use is not PaperUse.NOT_NEEDED}


def _nearness(procedure: Procedure) -> tuple[bool, int, str]:
    nearest = min((_NEAREST_FIRST.index(level) for level in procedure.levels), default=len(_NEAREST_FIRST))
    return (procedure.origin is not Origin.CURATED, nearest, procedure.code)
