"""Says again what was said last; where the portal was away, "thử lại" asks it again."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.choices import Payload
from actions.choose import take_up
from actions.library_action import LibraryAction
from actions.turn import Turn, say


class Repeat(LibraryAction):
    def name(self) -> str:
        return "action_repeat"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn.of(tracker)
        if not turn.before:
            say(dispatcher, "nothing_to_repeat")
        elif turn.before[-1].get("again"):
            return take_up(dispatcher, turn, self._services, Payload.parse(turn.before[-1]["again"]))
        for message in turn.before:
            dispatcher.utter_message(json_message=message)
        return []
