"""Drops what is under way: the form, the offer, the procedure talked about."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.forms import leave_form, say_left
from actions.turn import Turn, say, understood

FORGOTTEN = (
    "procedure",
    "case",
    "facets",
    "options",
    "earlier_procedures",
    "refused",
    "refusals",
    "dossier_code",
    "last_four",
    "proved_dossier",
    "feedback",
)


class Cancel(Action):
    def name(self) -> str:
        return "action_cancel"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn.of(tracker)
        if turn.intent == "cancel" and turn.active_form and turn.question == "go_on":
            return say_left(dispatcher, turn)  # only the form: what was answered in between stays
        say(dispatcher, "started_over" if turn.intent == "start_over" else "cancelled")
        return [*understood(**dict.fromkeys(FORGOTTEN)), *leave_form()]
