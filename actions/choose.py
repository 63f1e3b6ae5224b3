"""Takes up what was offered last: "cái thứ hai", "số 3", "cái cuối"; yes takes the only one offered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Optional

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.answering import FACET_OF, OVERVIEW, answer, answer_focus
from actions.choices import Payload
from actions.focus import find_focus
from actions.library_action import LibraryAction
from actions.services import Services
from actions.turn import Turn, say, understood

# Offers that are no question about a procedure, and who takes them up.
OTHER_ACTIONS = {
    "dossier_status": "dossier_form",
    "give_last_four": "last_four_form",
    "give_feedback": "feedback_form",
    "talk_to_official": "action_give_person",
    "ask_office": "utter_office",
    "link_channels": "action_link_channels",
    "watch_dossier": "action_watch_dossier",
    "stop_watching": "action_stop_watching",
    "subscribe": "action_subscribe",
    "unsubscribe": "action_unsubscribe",
}
WORDS_OF_A_CHOICE = 2  # "số 2" says nothing when nothing was offered; "lý lịch số 2" does


class Choose(LibraryAction):
    def name(self) -> str:
        return "action_choose"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn.of(tracker)
        options = turn.slot("options") or []
        if not options:
            words = self._services.catalogue.search.content(turn.text)
            if len(words) <= WORDS_OF_A_CHOICE and not turn.slot("procedure"):
                say(dispatcher, "which_procedure_first")
                return understood()
            return answer(dispatcher, turn, self._services)
        chosen = chosen_option(turn.first("ordinal"), options)
        if chosen is None:
            say(dispatcher, "choose_from", choices=options)
            return understood()
        return take_up(dispatcher, turn, self._services, Payload.parse(chosen))


def chosen_option(ordinal: Optional[str], options: list[str]) -> Optional[str]:
    """The option meant by "1" to "10" or "last", or None when there is none such."""
    if ordinal == "last":
        return options[-1]
    if ordinal is not None and ordinal.isdigit() and 1 <= int(ordinal) <= len(options):
        return options[int(ordinal) - 1]
    return None


def take_up(dispatcher: CollectingDispatcher, turn: Turn, services: Services, payload: Payload) -> list[EventType]:
    """Do what pressing the choice would do."""
    if payload.intent in OTHER_ACTIONS:
        return [*understood(), FollowupAction(OTHER_ACTIONS[payload.intent])]
    pressed = replace(turn, text="", intent=payload.intent, entities={}, pressed=payload)
    facet = FACET_OF.get(payload.intent, OVERVIEW)
    focus = find_focus(pressed, services.catalogue, services.fold)
    return answer_focus(dispatcher, pressed, services, focus, [] if facet == OVERVIEW else [facet])
