"""Lists the procedures of a field of life ("đất đai", "hộ tịch"), or the fields when none is named."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.answering import say_field
from actions.choices import Payload
from actions.library_action import LibraryAction
from actions.subscribe import answers_about_news
from actions.turn import MAX_CHOICES, Turn, say, understood


class BrowseProcedures(LibraryAction):
    def name(self) -> str:
        return "action_browse_procedures"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn.of(tracker)
        if answers_about_news(turn, self._services):
            return [FollowupAction("action_subscribe")]
        procedures = self._services.catalogue.in_field(turn.text)
        if not procedures:
            say(dispatcher, "fields")
            return understood()
        choices = [Payload("find_procedure", procedure=procedure.code) for procedure in procedures[:MAX_CHOICES]]
        say_field(dispatcher, procedures, choices)
        return understood(options=[str(choice) for choice in choices])
