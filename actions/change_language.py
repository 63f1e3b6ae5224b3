"""Changes the language of our answers; the citizen's words stay in whichever they like."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.answering import answer_if_clear
from actions.library_action import LibraryAction
from actions.phrases import wants_only_a_language
from actions.turn import Turn, say, understood


class ChangeLanguage(LibraryAction):
    def name(self) -> str:
        return "action_change_language"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn.of(tracker)
        # "Dịch công chứng sang tiếng Anh" is about papers.
        if turn.pressed is None and not wants_only_a_language(self._services.fold(turn.text)):
            answered = answer_if_clear(dispatcher, turn, self._services)
            if answered is not None:
                return answered
        language = turn.first("language")
        say(dispatcher, "language_changed" if language else "which_language", language=language)
        return understood()
