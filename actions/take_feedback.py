"""Keeps a citizen's praise, complaint or "this is wrong" and gives its number."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.choices import Payload
from actions.library_action import LibraryAction
from actions.turn import Turn, say, understood

NEXT = [str(Payload("dossier_status")), str(Payload("talk_to_official"))]


class TakeFeedback(LibraryAction):
    def name(self) -> str:
        return "action_take_feedback"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn.of(tracker)
        number = await self._services.feedback.put(turn.citizen_id, "feedback", str(turn.slot("feedback")), None)
        say(dispatcher, "feedback_taken", number=number, choices=NEXT)
        return understood(feedback=None, doubtful=None, options=None)


class ReportWrongAnswer(LibraryAction):
    def name(self) -> str:
        return "action_report_wrong_answer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn.of(tracker)
        procedure = turn.slot("procedure")
        number = await self._services.feedback.put(turn.citizen_id, "wrong_answer", turn.text, procedure)
        say(dispatcher, "wrong_answer_reported", number=number, procedure=procedure)
        return understood()
