"""Drops what is under way: the form, the offer, the procedure talked about."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Turn, say, understood


class Cancel(Action):
    def name(self) -> str:
        return "action_cancel"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        say(dispatcher, "started_over" if Turn.of(tracker).intent == "start_over" else "cancelled")
        return understood(
            procedure=None,
            case=None,
            facets=None,
            options=None,
            earlier_procedures=None,
            dossier_code=None,
            proved_dossier=None,
            feedback=None,
        )
