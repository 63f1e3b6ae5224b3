"""Which procedure a message is about: one that it names, one pressed, the one being talked about, or several."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, replace
from typing import Callable, Optional, Sequence, Union

import msgspec

from actions.choices import Payload
from actions.deciding import Answer, Offer, Refuse, Thresholds, decide, read_thresholds
from actions.turn import MAX_CHOICES, Turn
from knowledge.catalogue import Catalogue, Findings, Found
from knowledge.procedures import Case, Procedure
from knowledge.topics import Topic, TopicKind

MEANS_SOMETHING = 3  # words that none of the procedure talked about has: perhaps another one is meant
NEIGHBOUR = 0.02  # probability beside the procedure that is corrected
NAMED_TO_CORRECT = 0.35  # probability
NAMED_ENOUGH = 0.45  # of the name of another procedure
NAMED_WHOLE = 0.95  # of the name was said: as good as all of it


@dataclass(frozen=True)
class OnProcedure:
    """The message is about this procedure. ``named`` is false when it only goes on about the one before.

    ``says_case``: the case is told by the message, not only remembered.
    """

    procedure: Procedure
    case: Optional[Case] = None
    named: bool = True
    says_case: bool = False


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
ALSO_MEANT = 0.01  # of two procedures in one message each is as likely at least, for all of it
SHORT = 16  # words: a question about two things; longer ones tell a story and mention things in passing


def find_focus(
    turn: Turn, catalogue: Catalogue, fold: Callable[[str], str], thresholds: Optional[Thresholds] = None
) -> Focus:
    """What the message is about. ``thresholds``: those in use if None; the calibration tries others."""
    thresholds = thresholds or read_thresholds()
    current = catalogue.get(turn.slot("procedure") or "")
    if turn.pressed is not None:
        return _pressed(turn.pressed, catalogue, current)
    code = turn.first("procedure_code")
    if code is not None:
        procedure = catalogue.get(code)
        return OnProcedure(procedure, match_case(procedure, turn.text, fold)) if procedure else CodeUnknown(code)
    case = match_case(current, turn.text, fold) if current else None
    if current and case and turn.intent not in ("find_procedure", "correct"):
        return OnProcedure(current, case, named=False, says_case=True)
    named = _named(turn, catalogue, current, thresholds)
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
        return focus.named or focus.says_case
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


def _named(turn: Turn, catalogue: Catalogue, current: Optional[Procedure], thresholds: Thresholds) -> Focus:
    findings = catalogue.find(turn.text, turn.outside)
    if not findings:
        return OnProcedure(current, named=False) if current else NothingNamed()
    likely = {found.procedure.code for found in findings.found if found.procedure and found.probability >= ALSO_MEANT}
    each = _named_in(JOINTS.split(turn.text), catalogue, thresholds) if len(turn.text.split()) <= SHORT else ()
    if len(each) == MOST_ANSWERS and turn.intent != "correct" and likely.issuperset(part.code for part in each):
        return Several(tuple(map(OnProcedure, each)))
    if turn.intent == "correct":  # who corrects names what is meant, however shortly
        thresholds = msgspec.structs.replace(thresholds, answer=NAMED_TO_CORRECT)
    whole = _decided(findings, catalogue, thresholds)
    if findings.beside.strip():  # "ba tôi mất tuần trước, khai tử cần gì" asks more than "ba tôi mất" does
        beside = _decided(catalogue.find(findings.beside), catalogue, thresholds)
        whole = beside if isinstance(beside, OnProcedure) else whole
    if turn.intent == "correct" and not isinstance(whole, OnProcedure):
        said_last = _named_in(SENTENCES.split(turn.text), catalogue, thresholds)[-1:]
        if said_last:  # "không phải tách hộ, tách thửa"
            return OnProcedure(said_last[0])
        asks_another_thing = turn.first("facet") is not None  # "tôi hỏi lệ phí" is about the same procedure
        if current is not None and isinstance(whole, NotHeld) and not asks_another_thing:
            whole = _neighbour(turn, catalogue, current) or whole
    if current is not None and not _changes(whole, turn, findings):
        return _going_on(turn, catalogue, current, whole, findings)
    if isinstance(whole, NotHeld) and whole.topic is None and turn.intent.startswith("ask_"):
        # "mất mấy hôm nhỉ" asks about something said before, and names nothing that we lack.
        says_little = findings.words <= MEANS_SOMETHING and findings.found[0].match.named < NAMED_ENOUGH
        return NothingNamed() if says_little else whole
    return whole


def _decided(findings: Findings, catalogue: Catalogue, thresholds: Thresholds) -> Focus:
    """What the words alone say, whatever was talked about before."""
    if not findings:
        return NotHeld()
    topic = findings.found[0].topic
    if topic is not None and not _names_more(findings.found):
        return _on_topic(topic, findings.found, catalogue)
    procedures = tuple(found for found in findings.found if found.procedure)
    decision = decide(replace(findings, found=procedures), thresholds)
    if isinstance(decision, Answer) and decision.found.procedure:
        return OnProcedure(decision.found.procedure)
    if isinstance(decision, Offer):
        return OneOf(_procedures(decision.found))
    return NotHeld(_procedures(decision.nearest) if isinstance(decision, Refuse) else ())


def _on_topic(topic: Topic, found: Sequence[Found], catalogue: Catalogue) -> Focus:
    if topic.kind is not TopicKind.NOT_HELD:
        return OneOf(tuple(catalogue.procedures_of(topic)), topic)
    held = catalogue.entitled(found[0].match.name)
    fitting = [other.procedure for other in found if other.procedure and other.procedure in held]
    return OneOf(tuple(fitting or held)[:MAX_CHOICES]) if held else NotHeld((), topic)


def _names_more(found: Sequence[Found]) -> bool:
    """Whether a procedure's name was said whole that explains more than the topic: "mất cà vẹt", not only "cà vẹt"."""
    topic = found[0].match
    whole = [other.match for other in found[1:] if other.procedure and other.match.named >= NAMED_WHOLE]
    return any(match.said > topic.said + 0.02 or (match.exact and not topic.exact) for match in whole)


def _named_in(parts: list[str], catalogue: Catalogue, thresholds: Thresholds) -> tuple[Procedure, ...]:
    """The procedures that the parts of a message name surely, in the order of their last naming."""
    named: dict[str, Procedure] = {}
    for part in parts[:MOST_PARTS] if len(parts) > 1 else []:
        focus = _decided(catalogue.find(part), catalogue, thresholds)
        if isinstance(focus, OnProcedure):
            named.pop(focus.procedure.code, None)
            named[focus.procedure.code] = focus.procedure
    return tuple(named.values())


def _going_on(turn: Turn, catalogue: Catalogue, current: Procedure, whole: Focus, findings: Findings) -> Focus:
    """The procedure talked about, unless the words say much that has nothing to do with it: then ask."""
    best = findings.found[0].match
    says_much = len(catalogue.search.content(turn.text)) >= MEANS_SOMETHING and best.words > 1
    is_other = says_much and best.named >= NAMED_ENOUGH and turn.intent != "specify_case"
    if not is_other or not isinstance(whole, OneOf) or catalogue.mentions(current, turn.text):
        return OnProcedure(current, named=False)
    return OneOf((*whole.procedures[: MAX_CHOICES - 1], current))


def _neighbour(turn: Turn, catalogue: Catalogue, current: Procedure) -> Optional[Focus]:
    """What a correction makes of the procedure talked about: "à đổi chứ không phải mất" after a lost card."""
    own = catalogue.group_of(current.code)
    found = catalogue.find(f"{turn.text} {current.title.vi}").found
    others = [one for one in found if one.procedure and catalogue.group_of(one.procedure.code) != own]
    likely = [one for one in others[:MAX_CHOICES] if one.probability >= NEIGHBOUR]
    if not likely:
        return None
    procedures = _procedures(likely)
    return OnProcedure(procedures[0]) if len(procedures) == 1 else OneOf(procedures)


def _changes(whole: Focus, turn: Turn, findings: Findings) -> bool:
    """Whether something is named clearly enough to leave the procedure being talked about."""
    if turn.intent in ("find_procedure", "correct"):
        return isinstance(whole, (OnProcedure, OneOf))
    if isinstance(whole, (OneOf, NotHeld)):
        return whole.topic is not None
    best = findings.found[0].match
    is_named = best.named >= NAMED_WHOLE or (best.words > 1 and best.named >= NAMED_ENOUGH)
    return isinstance(whole, OnProcedure) and is_named


def _procedures(found: Sequence[Found]) -> tuple[Procedure, ...]:
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
