"""Answers about procedures, used by every action that can end in one: what to say, what to offer next, what to keep."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Mapping, Optional, Sequence

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.choices import Payload
from actions.deciding import Thresholds, read_thresholds
from actions.focus import (
    CodeUnknown,
    Focus,
    NotHeld,
    NothingNamed,
    OneOf,
    OnProcedure,
    Several,
    find_focus,
    is_clear,
    is_field,
    is_life_event,
)
from actions.phrases import asks_the_same, refuses, takes_back, what_is_meant
from actions.picking import offered_last, picked
from actions.refusing import none_left, refuse
from actions.services import Services
from actions.turn import MAX_CHOICES, MAX_EARLIER, Turn, missed, say, understood
from knowledge.catalogue import Catalogue, same_papers
from knowledge.procedures import Case, ChannelKind, Procedure, ServiceLevel

OVERVIEW = "overview"
# What is asked, in the order in which it is answered and offered.
FACETS = ["papers", "fee", "time", "place", "online", "steps", "form", "conditions", "result", "legal_basis"]
INTENT_OF = {facet: f"ask_{facet}" for facet in FACETS} | {OVERVIEW: "find_procedure"}
FACET_OF = {intent: facet for facet, intent in INTENT_OF.items()}
MAY_BE_ASKED = 0.05  # probability from which another question gets the first button
NOTHING_HEARD: Mapping[str, float] = MappingProxyType({})
# Intents that say nothing of a facet: it stays the one asked before.
GOES_ON = {"specify_case", "correct", "choose", "go_back", "repeat", "affirm", "deny"}


def answer(dispatcher: CollectingDispatcher, turn: Turn, services: Services) -> list[EventType]:
    """Answer a message that asks about a procedure, or ask back."""
    if refuses(services.fold(turn.text)):
        return refuse(dispatcher, turn)
    facets = asked_facets(turn)
    one = picked(turn, services.catalogue, services.fold)
    if one is not None:
        procedure, payload = one
        facets = facets or [facet for facet in (FACET_OF.get(payload.intent),) if facet in FACETS]
        return answer_focus(dispatcher, turn, services, OnProcedure(procedure), facets)
    turn = replace(turn, text=what_is_meant(turn.text))
    focus = find_focus(turn, services.catalogue, services.fold)
    return answer_focus(dispatcher, turn, services, focus, facets)


def answer_if_clear(
    dispatcher: CollectingDispatcher, turn: Turn, services: Services, facets: Optional[list[str]] = None
) -> Optional[list[EventType]]:
    """Answer a message that surely names something, whatever else it seems to be; None when it does not."""
    focus = find_focus(turn, services.catalogue, services.fold)
    if not is_clear(focus):
        return None
    return answer_focus(dispatcher, turn, services, focus, asked_facets(turn) if facets is None else facets)


def answer_focus(
    dispatcher: CollectingDispatcher, turn: Turn, services: Services, focus: Focus, facets: list[str]
) -> list[EventType]:
    if turn.intent == "correct" and not _names_something(focus, turn):
        return refuse(dispatcher, turn)
    if isinstance(focus, OnProcedure):
        if not focus.named and turn.intent == "find_procedure" and not facets:
            # Something new was wanted but nothing that we hold was named.
            return _not_held(dispatcher, turn, NotHeld(), facets)
        if focus.named:
            facets = _same_again(turn, services) or facets
        if takes_back(services.fold(turn.text)):
            turn = replace(turn, intent="correct")
        return say_procedure(dispatcher, turn, services.catalogue, focus.procedure, focus.case, facets)
    if isinstance(focus, Several):
        return _say_each(dispatcher, turn, services, focus, facets)
    if isinstance(focus, OneOf):
        refused = turn.slot("refused") or []
        focus = replace(focus, procedures=tuple(p for p in focus.procedures if p.code not in refused))
        if not focus.procedures:
            return none_left(dispatcher, turn)
        if turn.intent != "correct":
            return ask_which(dispatcher, focus, _same_again(turn, services) or facets)
        # Who corrects us asks the same about another procedure: the one talked about is not meant, whichever it is.
        before = turn.slot("procedure")
        focus = replace(focus, procedures=tuple(p for p in focus.procedures if p.code != before) or focus.procedures)
        events = ask_which(dispatcher, focus, facets or turn.slot("facets") or [], corrected_from=before)
        return [*events, SlotSet("procedure", None), SlotSet("case", None)]
    if isinstance(focus, CodeUnknown):
        say(dispatcher, "procedure_code_unknown", code=focus.code)
        return understood()
    if isinstance(focus, NothingNamed):
        offered = offered_last(turn, services.catalogue)
        if offered:  # a question about one of these, whichever it is
            return ask_which(dispatcher, OneOf(tuple(procedure for procedure, _ in offered)), facets)
        say(dispatcher, "which_procedure_first", facets=facets)
        return understood(facets=facets)
    return _not_held(dispatcher, turn, focus, facets)


def _names_something(focus: Focus, turn: Turn) -> bool:
    if isinstance(focus, OnProcedure):
        other_case = focus.case is not None and focus.case.id != turn.slot("case")
        return focus.named or other_case or bool(asked_facets(turn))
    return isinstance(focus, (OneOf, Several))


def _same_again(turn: Turn, services: Services) -> list[str]:
    """What was asked before, when the same is asked about something else: "còn kết hôn thì sao"."""
    if turn.entities.get("facet") or not asks_the_same(turn.text, services.fold(turn.text)):
        return []
    return [facet for facet in turn.slot("facets") or [] if facet in FACETS]


def _say_each(
    dispatcher: CollectingDispatcher, turn: Turn, services: Services, focus: Several, facets: list[str]
) -> list[EventType]:
    """Answer one after the other; the talk goes on about the last, and "quay lại" leads to the one before it."""
    events: list[EventType] = []
    for part in focus.each:
        events = say_procedure(dispatcher, turn, services.catalogue, part.procedure, part.case, facets or [OVERVIEW])
        turn = replace(turn, slots={**turn.slots, **{event["name"]: event["value"] for event in events}})
    return events


def say_procedure(
    dispatcher: CollectingDispatcher,
    turn: Turn,
    catalogue: Catalogue,
    procedure: Procedure,
    case: Optional[Case],
    facets: list[str],
) -> list[EventType]:
    before = turn.slot("procedure")
    corrects = turn.intent == "correct"
    names_case = case is not None and not turn.pressed and not corrects and case.id != turn.slot("case")
    if names_case and facets in ([], ["conditions"]):
        facets = ["papers"]  # "nhờ người khác được không" is answered by what such a person brings
    elif not facets:
        goes_on = before in (None, procedure.code) or corrects
        facets = (turn.slot("facets") if goes_on else None) or [OVERVIEW]
    choices = next_choices(catalogue, procedure, case, facets, turn.ranking)
    corrected_case = None
    if corrects and before == procedure.code and case and case.id != turn.slot("case"):
        corrected_case = turn.slot("case") or procedure.cases[0].id
    say(
        dispatcher,
        "procedure",
        procedure=procedure.code,
        case=case.id if case else None,
        facets=facets,
        choices=[str(choice) for choice in choices],
        corrected_from=before if corrects and before != procedure.code else None,
        corrected_case=corrected_case,
    )
    earlier = [code for code in turn.slot("earlier_procedures") or [] if code != procedure.code]
    if before and before != procedure.code:
        earlier = [code for code in earlier if code != before] + [before]
    return understood(
        procedure=procedure.code,
        case=case.id if case else None,
        facets=facets,
        options=[str(choice) for choice in choices],
        earlier_procedures=earlier[-MAX_EARLIER:],
        refused=None,
        refusals=None,
    )


def next_choices(
    catalogue: Catalogue,
    procedure: Procedure,
    case: Optional[Case],
    facets: list[str],
    ranking: Mapping[str, float] = NOTHING_HEARD,
) -> list[Payload]:
    """The next useful questions: what may have been asked as well, other cases after the papers, another level that

    differs, what was not asked yet. ``ranking``: the likeliest intents of the message.
    """
    case_id = case.id if case else None
    asked = set(facets) | ({"papers", "fee", "time"} if OVERVIEW in facets else set())
    left = [facet for facet in FACETS if facet not in asked and _has(procedure, facet)]
    maybe = [facet for facet in left if ranking.get(INTENT_OF[facet], 0.0) >= MAY_BE_ASKED]
    choices = [Payload(INTENT_OF[facet], procedure=procedure.code, case=case_id) for facet in maybe]
    if {"papers", OVERVIEW} & set(facets):
        others = [other for other in procedure.cases if other.id != (case_id or procedure.cases[0].id)]
        choices += [Payload("ask_papers", procedure=procedure.code, case=other.id) for other in others[:2]]
    for variant in catalogue.variants(procedure)[:1]:
        if {"papers", OVERVIEW} & set(facets) and not same_papers(variant, procedure):
            choices.append(Payload("find_procedure", procedure=variant.code))
    rest = (facet for facet in left if facet not in maybe)
    choices += [Payload(INTENT_OF[facet], procedure=procedure.code, case=case_id) for facet in rest]
    return choices[:MAX_CHOICES]


def _has(procedure: Procedure, facet: str) -> bool:
    if facet == "online":
        online = any(channel.kind is ChannelKind.ONLINE for channel in procedure.channels)
        return online or procedure.service_level is not ServiceLevel.UNKNOWN
    if facet == "form":
        return any(paper.form for case in procedure.cases for paper in case.papers)
    held = {
        "papers": procedure.cases,
        "fee": procedure.channels,
        "time": procedure.channels,
        "place": procedure.places or procedure.agency,
        "steps": procedure.steps,
        "conditions": procedure.conditions or procedure.applicants,
        "result": procedure.result,
        "legal_basis": procedure.legal_basis,
    }
    return bool(held[facet])


def ask_which(
    dispatcher: CollectingDispatcher, focus: OneOf, facets: list[str], corrected_from: Optional[str] = None
) -> list[EventType]:
    """Offer at most four procedures; each button carries its code and what was asked."""
    intent = _intent_of(facets)
    choices = [Payload(intent, procedure=procedure.code) for procedure in focus.procedures[:MAX_CHOICES]]
    if is_field(focus.topic):
        say_field(dispatcher, focus.procedures, choices)
        return understood(options=[str(choice) for choice in choices], facets=facets or None)
    say(
        dispatcher,
        "life_event" if is_life_event(focus.topic) else "which_procedure",
        topic=focus.topic.id if focus.topic else None,
        choices=[str(choice) for choice in choices],
        corrected_from=corrected_from,
    )
    return understood(options=[str(choice) for choice in choices], facets=facets or None)


def _intent_of(facets: Sequence[str]) -> str:
    """What a button asks: the first facet that was asked for by name."""
    return INTENT_OF[next((facet for facet in facets if facet != OVERVIEW), OVERVIEW)]


def say_field(dispatcher: CollectingDispatcher, procedures: Sequence[Procedure], choices: Sequence[Payload]) -> None:
    """Name the procedures of a field of life; the first of them can be pressed."""
    codes = [procedure.code for procedure in procedures]
    say(dispatcher, "field", procedures=codes, choices=[str(choice) for choice in choices])


def _not_held(dispatcher: CollectingDispatcher, turn: Turn, focus: NotHeld, facets: list[str]) -> list[EventType]:
    intent = _intent_of(facets)
    nearest = [procedure for procedure in focus.nearest if procedure.code not in (turn.slot("refused") or [])]
    choices = [Payload(intent, procedure=procedure.code) for procedure in nearest[:3]]
    topic = focus.topic.id if focus.topic else None
    say(dispatcher, "not_in_catalogue", topic=topic, choices=[str(choice) for choice in choices])
    return [SlotSet("misses", missed(turn)), SlotSet("options", [str(choice) for choice in choices])]


def asked_facets(turn: Turn, thresholds: Optional[Thresholds] = None) -> list[str]:
    """Every facet that the message asks for: by its words, by its intent, and where that is unsure the likeliest two.

    "overview" stands among them only beside another. ``thresholds``: those in use if None.
    """
    facets = {facet for facet in turn.entities.get("facet", []) if facet in FACETS}
    facets.update(_likely_facets(turn, thresholds or read_thresholds()))
    return [facet for facet in (OVERVIEW, *FACETS) if facet in facets] if facets != {OVERVIEW} else []


def _likely_facets(turn: Turn, thresholds: Thresholds) -> list[str]:
    by_intent = FACET_OF.get(turn.intent)
    if by_intent and (not turn.ranking or turn.confidence >= thresholds.facet_sure):
        return [by_intent] if by_intent != OVERVIEW else []
    if by_intent is None and turn.intent in GOES_ON:
        return []
    ranking = sorted(((p, FACET_OF[intent]) for intent, p in turn.ranking.items() if intent in FACET_OF), reverse=True)
    likely = [facet for probability, facet in ranking[:2] if probability >= thresholds.facet_likely]
    return likely or [by_intent or OVERVIEW]
