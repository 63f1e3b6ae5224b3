"""Changes the language of our answers; the citizen's words stay in whichever they like."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Turn, say, understood


class ChangeLanguage(Action):
    def name(self) -> str:
        return "action_change_language"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        language = Turn.of(tracker).first("language")
        say(dispatcher, "language_changed" if language else "which_language", language=language)
        return understood()
