"""Answers a greeting, a thank you or a farewell; when a question came along with it, the question."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.answering import answer_if_clear
from actions.forms import leave_form
from actions.handle_miss import miss
from actions.library_action import LibraryAction
from actions.phrases import is_random
from actions.turn import Turn, say, understood


class Greet(LibraryAction):
    def name(self) -> str:
        return "action_greet"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn.of(tracker)
        answered = answer_if_clear(dispatcher, turn, self._services)
        if answered is not None:
            return answered
        if is_random(self._services.fold(turn.text)):  # a few letters may look like any short word
            return miss(dispatcher, turn, self._services)
        if turn.intent == "thank":
            say(dispatcher, "thank")
        elif turn.intent == "goodbye":
            say(dispatcher, "goodbye")
            return [*understood(), *leave_form()]
        elif turn.intent == "who_are_you":
            say(dispatcher, "who_are_you")
        else:
            say(dispatcher, "greet")
        return understood()
