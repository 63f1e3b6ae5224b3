"""Answers what is asked about a procedure: papers, fee, time, place and the rest; asks back when it must."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.answering import answer, asked_facets
from actions.library_action import LibraryAction
from actions.phrases import corrects_a_number
from actions.subscribe import answers_about_news
from actions.turn import Turn


class AnswerProcedure(LibraryAction):
    def name(self) -> str:
        return "action_answer_procedure"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn.of(tracker)
        corrects = turn.intent == "correct" or corrects_a_number(self._services.fold(turn.text))
        if turn.first("dossier_code") and turn.pressed is None and (corrects or not asked_facets(turn)):
            return [FollowupAction("dossier_form")]  # a code without a question asks how the dossier stands
        if corrects and turn.first("last_four") and turn.slot("dossier_code"):
            return [FollowupAction("last_four_form")]
        if answers_about_news(turn, self._services):
            return [FollowupAction("action_subscribe")]
        return answer(dispatcher, turn, self._services)
