"""What to do with a message that was not understood or is not our business.

Words that name a procedure clearly are answered all the same. Otherwise the first miss asks for other words, the second
asks differently, the third gives a person.
"""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answering import answer_focus, asked_facets
from actions.focus import OneOf, find_focus, is_clear
from actions.library_action import LibraryAction
from actions.turn import Turn, say

MISSES_UNTIL_A_PERSON = 3


class HandleMiss(LibraryAction):
    def name(self) -> str:
        return "action_handle_miss"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn.of(tracker)
        if turn.active_form:
            say(dispatcher, "no_dossier_code_seen" if turn.active_form == "dossier_form" else "not_understood")
            return []
        focus = find_focus(turn, self._services.catalogue, self._services.fold)
        if is_clear(focus) or (turn.intent == "nlu_fallback" and isinstance(focus, OneOf)):
            return answer_focus(dispatcher, turn, self._services, focus, asked_facets(turn))
        misses = float(turn.slot("misses") or 0) + 1
        if misses >= MISSES_UNTIL_A_PERSON:
            say(dispatcher, "person_after_misses")
            return [SlotSet("misses", 0.0)]
        if turn.intent == "out_of_scope":
            say(dispatcher, "out_of_scope")
        else:
            say(dispatcher, "not_understood" if misses < 2 else "not_understood_again")
        return [SlotSet("misses", misses)]
