"""Which procedure a message is about: one that it names, one pressed, the one being talked about, or several."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Callable, Optional, Union

from actions.choices import Payload
from actions.turn import MAX_CHOICES, Turn
from knowledge.catalogue import Catalogue, Found
from knowledge.procedures import Case, Procedure
from knowledge.search import Hit
from knowledge.topics import Topic, TopicKind

# The one place that decides answer, offer, ask back or refuse: docs/decisions/0005-answer-offer-ask.md has the reasons.
SURE = 0.62  # of the search's score: answer
CLOSE = 0.07  # two hits nearer than this are asked back
POSSIBLE = 0.45  # offer among the buttons
FAR = 0.3  # what lies farther behind the best is not worth a button
NAMED_ENOUGH = 0.45  # of the name must have been said to be sure of it
EXPLAINED_ENOUGH = 0.45  # of the question must belong to the name, or else the name was said whole


@dataclass(frozen=True)
class OnProcedure:
    """The message is about this procedure. ``named`` is false when it only goes on about the one before."""

    procedure: Procedure
    case: Optional[Case] = None
    named: bool = True


@dataclass(frozen=True)
class OneOf:
    """It may be any of these: ask back with at most four buttons. ``topic`` is the ambiguous word or life event."""

    procedures: tuple[Procedure, ...]
    topic: Optional[Topic] = None


@dataclass(frozen=True)
class CodeUnknown:
    code: str


@dataclass(frozen=True)
class NothingNamed:
    """No procedure is named and none is being talked about."""


@dataclass(frozen=True)
class NotHeld:
    """Something is named, but the catalogue does not hold it. ``nearest`` may still be what is meant.

    ``topic`` is the matter named, when it is one that people ask for and that we know we lack.
    """

    nearest: tuple[Procedure, ...] = ()
    topic: Optional[Topic] = None


Focus = Union[OnProcedure, OneOf, CodeUnknown, NothingNamed, NotHeld]


def find_focus(turn: Turn, catalogue: Catalogue, fold: Callable[[str], str]) -> Focus:
    current = catalogue.get(turn.slot("procedure") or "")
    if turn.pressed is not None:
        return _pressed(turn.pressed, catalogue, current)
    code = turn.first("procedure_code")
    if code is not None:
        procedure = catalogue.get(code)
        return OnProcedure(procedure, match_case(procedure, turn.text, fold)) if procedure else CodeUnknown(code)
    case = match_case(current, turn.text, fold) if current else None
    if current and case and turn.intent not in ("find_procedure", "correct"):
        return OnProcedure(current, case, named=False)
    named = _named(turn, catalogue, current)
    if isinstance(named, OnProcedure):
        kept = turn.slot("case") if current is not None and named.procedure.code == current.code else None
        case = match_case(named.procedure, turn.text, fold)
        if case is None and kept:
            case = named.procedure.case(kept)
        return OnProcedure(named.procedure, case, named.named)
    return named


def _pressed(pressed: Payload, catalogue: Catalogue, current: Optional[Procedure]) -> Focus:
    if pressed.topic:
        topic = catalogue.topic(pressed.topic)
        return OneOf(tuple(catalogue.procedures_of(topic)), topic) if topic else NothingNamed()
    procedure = catalogue.get(pressed.procedure) if pressed.procedure else current
    if procedure is None:
        return CodeUnknown(pressed.procedure) if pressed.procedure else NothingNamed()
    return OnProcedure(procedure, procedure.case(pressed.case) if pressed.case else None)


def _named(turn: Turn, catalogue: Catalogue, current: Optional[Procedure]) -> Focus:
    found = catalogue.find(turn.text, limit=MAX_CHOICES + 1)
    if not found:
        return OnProcedure(current, named=False) if current else NothingNamed()
    best = found[0]
    if current is not None and not _changes(best, current, turn):
        return OnProcedure(current, named=False)
    if best.topic is not None and best.topic.kind is TopicKind.NOT_HELD:
        return NotHeld((), best.topic)
    if best.topic is not None and best.hit.score >= SURE:
        return OneOf(tuple(catalogue.procedures_of(best.topic)), best.topic)
    likely = [other for other in found if other.procedure and _is_likely(other.hit)]
    likely = [other for other in likely if likely[0].hit.score - other.hit.score < FAR]
    if not likely:
        return NotHeld(_procedures(found))
    best = likely[0]
    rivals = [other for other in likely[1:] if best.hit.score - other.hit.score < CLOSE]
    if _is_sure(best.hit) and best.procedure and not (rivals and best.hit.named < 0.85 and not _beats(best, rivals[0])):
        return OnProcedure(best.procedure)
    return OneOf(_procedures(likely))


def _is_sure(hit: Hit) -> bool:
    return hit.score >= SURE and hit.named >= NAMED_ENOUGH and hit.said >= EXPLAINED_ENOUGH


def _is_likely(hit: Hit) -> bool:
    return hit.score >= POSSIBLE and (hit.said >= EXPLAINED_ENOUGH or hit.named >= 0.9)


def _changes(best: Found, current: Procedure, turn: Turn) -> bool:
    """Whether a hit is named clearly enough to leave the procedure being talked about."""
    if best.procedure is not None and best.procedure.code == current.code:
        return True
    if turn.intent in ("find_procedure", "correct"):
        return _is_likely(best.hit)
    return _is_sure(best.hit)


def _beats(best: Found, second: Found) -> bool:
    return best.hit.named - second.hit.named > 0.2 or best.hit.said - second.hit.said > 0.2


def _procedures(found: list[Found]) -> tuple[Procedure, ...]:
    return tuple(other.procedure for other in found if other.procedure is not None)[:MAX_CHOICES]


def match_case(procedure: Procedure, text: str, fold: Callable[[str], str]) -> Optional[Case]:
    """The case whose everyday name is in the text; the longest name wins. None when the text names none."""
    said = _words(text, fold)
    best: tuple[int, Optional[Case]] = (0, None)
    for case in procedure.cases:
        for name in (*case.everyday_names.vi, *case.everyday_names.en):
            phrase = _words_of_name(name, fold)
            if len(phrase) > best[0] and phrase in said:
                best = (len(phrase), case)
    return best[1]


def _words(text: str, fold: Callable[[str], str]) -> str:
    """Folded words, each between two blanks, so that a phrase is found only as whole words."""
    words = " ".join(re.findall(r"\w+", fold(text)))
    return f" {words} "


# The names are those of the catalogue, a few thousand; a citizen's words are never kept.
_words_of_name = functools.lru_cache(maxsize=10_000)(_words)


def is_life_event(topic: Optional[Topic]) -> bool:
    return topic is not None and topic.kind is TopicKind.LIFE_EVENT
