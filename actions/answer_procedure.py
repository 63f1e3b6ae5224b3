"""Answers what is asked about a procedure: papers, fee, time, place and the rest; asks back when it must."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.answering import answer
from actions.library_action import LibraryAction
from actions.turn import Turn


class AnswerProcedure(LibraryAction):
    def name(self) -> str:
        return "action_answer_procedure"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn.of(tracker)
        if turn.intent == "correct" and turn.first("dossier_code"):
            return [FollowupAction("dossier_form")]
        if turn.intent == "correct" and turn.first("last_four") and turn.slot("dossier_code"):
            return [FollowupAction("last_four_form")]
        return answer(dispatcher, turn, self._services)
