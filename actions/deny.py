"""Takes "không" for what it answers: an offer refused, a form left, or nothing more wanted."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.forms import say_left
from actions.library_action import LibraryAction
from actions.refusing import refuse
from actions.turn import Turn, say, understood

# After these "không" means that nothing more is wanted.
COMPLETED = {
    "procedure",
    "thank",
    "goodbye",
    "what_next",
    "dossier",
    "feedback_taken",
    "wrong_answer_reported",
    "cancelled",
    "left_form",
    "status_meanings",
    "person",
    "office",
}


# "Không" behind an answer wants nothing more; "không phải" says that the answer was not the one wanted.
NOT_THAT = re.compile(r"\b(phai|dung|sai|khac|not|wrong|neither|none|other)\b")


class Deny(LibraryAction):
    def name(self) -> str:
        return "action_deny"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn.of(tracker)
        if turn.active_form:
            return say_left(dispatcher, turn)
        if turn.question in COMPLETED and not NOT_THAT.search(self._services.fold(turn.text)):
            say(dispatcher, "goodbye")
            return understood()
        return refuse(dispatcher, turn)
