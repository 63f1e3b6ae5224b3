"""Says where a person can be had; whatever was being asked for is not asked for any more."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.forms import leave_form
from actions.turn import say, understood


class GivePerson(Action):
    def name(self) -> str:
        return "action_give_person"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        say(dispatcher, "person")
        return [*understood(), *leave_form()]
