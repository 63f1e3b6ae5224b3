"""Returns to the procedure talked about before this one."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.answering import answer, say_procedure
from actions.focus import find_focus, is_clear
from actions.library_action import LibraryAction
from actions.turn import Turn, say, understood


class GoBack(LibraryAction):
    def name(self) -> str:
        return "action_go_back"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn.of(tracker)
        catalogue = self._services.catalogue
        if is_clear(find_focus(turn, catalogue, self._services.fold)):
            return answer(dispatcher, turn, self._services)  # "quay lại vụ khai sinh" names where to go back to
        earlier = turn.slot("earlier_procedures") or []
        before = catalogue.get(earlier[-1]) if earlier else None
        if before is None:
            say(dispatcher, "nothing_earlier")
            return understood()
        return say_procedure(dispatcher, turn, catalogue, before, None, ["overview"])
