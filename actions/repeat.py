"""Says again what was said last."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import say


class Repeat(Action):
    def name(self) -> str:
        return "action_repeat"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        said = last_said(tracker.events)
        if not said:
            say(dispatcher, "nothing_to_repeat")
        for message in said:
            dispatcher.utter_message(json_message=message)
        return []


def last_said(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What we said to the message before the present one, in order."""
    said: list[dict[str, Any]] = []
    users = 0
    for event in reversed(events):
        if event.get("event") == "user":
            users += 1
            if users == 2 and said:
                break
        custom = ((event.get("data") or {}).get("custom")) if event.get("event") == "bot" else None
        if custom and users >= 1:
            said.insert(0, custom)
    return said
