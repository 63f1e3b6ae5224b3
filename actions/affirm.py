"""Takes "vâng" for the one thing that was offered; asks which when there were several."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.choices import Payload
from actions.choose import take_up
from actions.library_action import LibraryAction
from actions.turn import Turn, say, understood


class Affirm(LibraryAction):
    def name(self) -> str:
        return "action_affirm"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn.of(tracker)
        if turn.active_form:  # the form asks again by itself
            return []
        options = turn.slot("options") or []
        if len(options) == 1:
            return take_up(dispatcher, turn, self._services, Payload.parse(options[0]))
        if options and not turn.slot("procedure"):
            say(dispatcher, "choose_from", choices=options)
        else:
            say(dispatcher, "what_next", choices=options)
        return understood()
