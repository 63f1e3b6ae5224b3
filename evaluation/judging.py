"""Judges a reply by its label: right, offered among the buttons, asked back, missed, or wrong and confident."""

from __future__ import annotations

from enum import Enum
from typing import Any, Iterator, Mapping, Sequence

from actions.answering import FACET_OF, OVERVIEW
from actions.choices import Payload
from evaluation.questions import Turn
from nlu.assistant import Utterance


class Outcome(str, Enum):
    RIGHT = "right"
    OFFERED = "offered"
    ASKED_BACK = "asked_back"
    MISSED = "missed"
    WRONG = "wrong"


ASKS = {
    "which_procedure",
    "which_procedure_first",
    "choose_from",
    "life_event",
    "field",
    "fields",
    "say_it_differently",
    "say_it_by_example",
    "not_understood",
    "not_understood_again",
    "none_left",
    "feedback_or_question",
    "what_next",
}
REFUSES = {"out_of_scope", "not_in_catalogue", "person_after_misses", "procedure_code_unknown"}
# Gibberish may also be asked to be said differently: it is refused as well.
REFUSES_NONSENSE = REFUSES | {"not_understood", "not_understood_again", "say_it_differently", "say_it_by_example"}
IN_OVERVIEW = {"papers", "fee", "time"}
# A wish for the procedure as a whole is met by its overview, and by what one has to bring or do.
MEETS_OVERVIEW = {OVERVIEW, "papers", "steps"}

# What may be said to an intent that is about no procedure.
RIGHT_UTTERANCES: Mapping[str, frozenset[str]] = {
    intent: frozenset(utterances.split())
    for intent, utterances in {
        "affirm": "what_next",
        "ask_office": "office",
        "browse_procedures": "fields field life_event which_procedure",
        "cancel": "started_over what_next cancelled left_form",
        "change_language": "language_changed",
        "deny": "what_next say_it_differently none_left",
        "dossier_status": "dossier dossier_unknown dossier_code_wrong ask_dossier_code ask_last_four "
        "no_dossier_code_seen which_dossier_first",
        "explain_status": "status_meanings",
        "give_feedback": "ask_feedback feedback_taken",
        "give_last_four": "dossier last_four_wrong ask_dossier_code",
        "goodbye": "goodbye",
        "go_back": "nothing_earlier",
        "greet": "greet",
        "help": "help",
        "link_channels": "link_code link_done link_code_wrong",
        "repeat": "nothing_to_repeat",
        "report_wrong_answer": "wrong_answer_reported",
        "start_over": "started_over",
        "stop_watching": "watch_none watch_ended",
        "subscribe": "subscribe_not_offered subscribe_not_reachable subscribe_which subscribed subscriptions",
        "talk_to_official": "person",
        "thank": "thank",
        "unsubscribe": "opted_out unsubscribed watch_ended",
        "watch_dossier": "ask_dossier_code watch_begun watch_known watch_over watch_not_reachable",
        "who_are_you": "who_are_you",
    }.items()
}


def judge(turn: Turn, said: Sequence[Utterance], before: Sequence[Utterance] = ()) -> Outcome:
    """``before`` is the reply to the message before: what "cái thứ hai" may choose from and "nói lại" repeats."""
    if turn.refuse:
        return _judge_refusal(said)
    if turn.ask_back:
        return _judge_question_back(turn, said)
    if turn.codes or "choose" in turn.intents:
        codes = offered(before) if "choose" in turn.intents else set(turn.codes)
        return _judge_procedure(turn, codes, said)
    if "repeat" in turn.intents and before:
        return Outcome.RIGHT if names(said)[-1:] == names(before)[-1:] else _unwanted(said)
    wanted = frozenset().union(*(RIGHT_UTTERANCES[intent] for intent in turn.intents))
    return Outcome.RIGHT if wanted & set(names(said)) else _unwanted(said)


def refuses(said: Sequence[Utterance]) -> bool:
    return bool(REFUSES & set(names(said)))


def names(said: Sequence[Utterance]) -> list[str]:
    return [utterance.name for utterance in said]


def answered(said: Sequence[Utterance]) -> list[Mapping[str, Any]]:
    """The facts of every procedure that was answered."""
    return [utterance.facts for utterance in said if utterance.name == "procedure"]


def offered(said: Sequence[Utterance]) -> set[str]:
    """The codes of the procedures that can be pressed or were listed."""
    listed = {code for utterance in said for code in utterance.facts.get("procedures", [])}
    return listed | {choice.procedure for choice in _choices(said) if choice.procedure}


def _choices(said: Sequence[Utterance]) -> Iterator[Payload]:
    for utterance in said:
        for choice in utterance.facts.get("choices", []):
            yield Payload.parse(choice)


def _judge_procedure(turn: Turn, codes: set[str], said: Sequence[Utterance]) -> Outcome:
    about = [facts for facts in answered(said) if facts["procedure"] in codes]
    if any(meets(intent, facts["facets"]) for facts in about for intent in turn.intents):
        return Outcome.RIGHT
    if about:  # the right procedure, another side of it
        asked = set(turn.intents)
        can_press = any(c.procedure in codes and c.intent in asked for c in _choices(said))
        return Outcome.OFFERED if can_press else Outcome.WRONG
    if answered(said):
        return Outcome.WRONG
    return Outcome.OFFERED if codes & offered(said) else _unwanted(said)


def meets(intent: str, facets: Sequence[str]) -> bool:
    """Whether an answer with these facets answers what the intent asks."""
    facet = FACET_OF.get(intent)
    if facet == OVERVIEW:
        return bool(MEETS_OVERVIEW & set(facets))
    if facet is None:  # a case, a correction, a choice: the facet is the one asked before
        return True
    return facet in facets or (OVERVIEW in facets and facet in IN_OVERVIEW)


def _judge_question_back(turn: Turn, said: Sequence[Utterance]) -> Outcome:
    if answered(said):
        return Outcome.WRONG
    among = offered(said) & set(turn.ask_back)
    if len(among) > 1 and not refuses(said):
        return Outcome.RIGHT
    return Outcome.OFFERED if among else _unwanted(said)


def _judge_refusal(said: Sequence[Utterance]) -> Outcome:
    if answered(said):
        return Outcome.WRONG
    return Outcome.RIGHT if REFUSES_NONSENSE & set(names(said)) else _unwanted(said)


def _unwanted(said: Sequence[Utterance]) -> Outcome:
    given = set(names(said))
    if given & REFUSES:
        return Outcome.MISSED
    return Outcome.ASKED_BACK if given & ASKS else Outcome.WRONG
