"""Says what a status means and what the citizen does next."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import say, understood


class ExplainStatus(Action):
    def name(self) -> str:
        return "action_explain_status"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        say(dispatcher, "status_meanings", text=tracker.latest_message.get("text") or "")
        return understood()
