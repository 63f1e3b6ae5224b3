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
NAMED_WHOLE = 0.95  # of the name was said: as good as all of it
NAMED_PARTLY = 0.75  # below this a name is a guess when others fit the question as well
WELL_NAMED = 0.85  # from here on only a name that explains more can be meant instead
WHOLE_NAME_NEAR = 0.2  # a name said whole this near behind is asked back when the best was said only in part
MEANS_SOMETHING = 3  # words that none of the procedure talked about has: perhaps another one is meant


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
class Several:
    """The message names each of these: answer all, one after the other."""

    each: tuple[OnProcedure, ...]


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


Focus = Union[OnProcedure, OneOf, Several, CodeUnknown, NothingNamed, NotHeld]

# Where a message may turn to another matter. "hoặc" is missing on purpose: who says "or" asks which.
SENTENCES = re.compile(r"[,.;!?\n]+\s*")
JOINTS = re.compile(SENTENCES.pattern + r"|\s+(?:và|va|với|cùng|lẫn|đồng thời|rồi|and|plus)\s+", re.IGNORECASE)
MOST_PARTS = 12
MOST_ANSWERS = 2
SHORT = 16  # words: a question about two things; longer ones tell a story and mention things in passing


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


def is_clear(focus: Focus) -> bool:
    """Whether the message surely names something, whatever else it seems to be (a greeting, a joke)."""
    if isinstance(focus, OnProcedure):
        return focus.named
    if isinstance(focus, (OneOf, NotHeld)):
        return focus.topic is not None
    return isinstance(focus, (Several, CodeUnknown))


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
    if found[0].procedure and found[0].hit.exact:
        return OnProcedure(found[0].procedure)
    each = _named_in(JOINTS.split(turn.text), catalogue) if len(turn.text.split()) <= SHORT else ()
    if len(each) == MOST_ANSWERS and turn.intent != "correct":
        return Several(tuple(map(OnProcedure, each)))
    whole = _among(found, catalogue)
    if not isinstance(whole, OnProcedure):
        told = _named_in(SENTENCES.split(turn.text), catalogue)  # what a long story comes to
        if len(told) == 1 or (told and turn.intent == "correct"):  # "không phải tách hộ, tách thửa": the last one
            return OnProcedure(told[-1])
        if told:
            return OneOf(told[-MAX_CHOICES:])
    if current is not None and not _changes(found[0], current, turn):
        return _going_on(turn, catalogue, current, found)
    return whole


def _among(found: list[Found], catalogue: Catalogue) -> Focus:
    """What the words alone say, whatever was talked about before."""
    best = found[0]
    if best.topic is not None and not _names_more(found):
        return _on_topic(best.topic, found, catalogue)
    likely = [other for other in found if other.procedure and _is_likely(other.hit)]
    likely = [other for other in likely if likely[0].hit.score - other.hit.score < FAR]
    if not likely:
        return NotHeld(_procedures(found))
    best, others = likely[0], likely[1:]
    if best.procedure and _is_sure(best.hit) and not any(_rivals(other.hit, best.hit) for other in others):
        return OnProcedure(best.procedure)
    return OneOf(_procedures(likely))


def _on_topic(topic: Topic, found: list[Found], catalogue: Catalogue) -> Focus:
    if topic.kind is not TopicKind.NOT_HELD:
        return OneOf(tuple(catalogue.procedures_of(topic)), topic)
    held = catalogue.entitled(found[0].hit.name)
    fitting = [other.procedure for other in found if other.procedure and other.procedure in held]
    return OneOf(tuple(fitting or held)[:MAX_CHOICES]) if held else NotHeld((), topic)


def _names_more(found: list[Found]) -> bool:
    """Whether a procedure's name was said whole that explains more than the topic: "mất cà vẹt", not only "cà vẹt"."""
    topic = found[0].hit
    whole = [other.hit for other in found[1:] if other.procedure and other.hit.named >= NAMED_WHOLE]
    return any(hit.said > topic.said + 0.02 or (hit.exact and not topic.exact) for hit in whole)


def _named_in(parts: list[str], catalogue: Catalogue) -> tuple[Procedure, ...]:
    """The procedures that the parts of a message name surely, in the order of their last naming."""
    named: dict[str, Procedure] = {}
    for part in parts[:MOST_PARTS] if len(parts) > 1 else []:
        found = catalogue.find(part, limit=MAX_CHOICES + 1)
        focus = _among(found, catalogue) if found else None
        if isinstance(focus, OnProcedure):
            named.pop(focus.procedure.code, None)
            named[focus.procedure.code] = focus.procedure
    return tuple(named.values())


def _going_on(turn: Turn, catalogue: Catalogue, current: Procedure, found: list[Found]) -> Focus:
    """The procedure talked about, unless the words say much that has nothing to do with it: then ask."""
    best = found[0].hit
    says_much = len(catalogue.search.content(turn.text)) >= MEANS_SOMETHING and best.words > 1
    is_other = says_much and _is_likely(best) and best.named >= NAMED_ENOUGH
    if not is_other or catalogue.mentions(current, turn.text):
        return OnProcedure(current, named=False)
    if found[0].topic is not None:
        return _on_topic(found[0].topic, found, catalogue)
    return OneOf((*_procedures(found)[: MAX_CHOICES - 1], current))


def _is_sure(hit: Hit) -> bool:
    return hit.score >= SURE and hit.named >= NAMED_ENOUGH and hit.said >= EXPLAINED_ENOUGH


def _is_likely(hit: Hit) -> bool:
    return hit.score >= POSSIBLE and (hit.said >= EXPLAINED_ENOUGH or hit.named >= 0.9)


def _rivals(other: Hit, best: Hit) -> bool:
    """Whether the second may be meant as well as the best, so that it is better to ask."""
    if best.exact:
        return False
    behind = best.score - other.score
    if other.named >= NAMED_WHOLE and best.named < WELL_NAMED and behind < WHOLE_NAME_NEAR:
        return True
    if best.named >= WELL_NAMED and (best.said >= other.said or best.words > other.words):
        return False
    if behind < CLOSE:
        return not (best.named - other.named > 0.2 or best.said - other.said > 0.2)
    return best.named < NAMED_PARTLY and other.said >= best.said and other.named > NAMED_ENOUGH and behind < 2 * CLOSE


def _changes(best: Found, current: Procedure, turn: Turn) -> bool:
    """Whether a hit is named clearly enough to leave the procedure being talked about."""
    if best.procedure is not None and best.procedure.code == current.code:
        return True
    if turn.intent in ("find_procedure", "correct"):
        return _is_likely(best.hit)
    return _is_sure(best.hit)


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


def is_field(topic: Optional[Topic]) -> bool:
    return topic is not None and topic.kind is TopicKind.FIELD
