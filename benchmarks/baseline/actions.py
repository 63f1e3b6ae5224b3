"""The opponent's only action: a fixed sentence, no look-up, nothing stored."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher


class AnswerQuestion(Action):  # type: ignore[misc]
    def name(self) -> str:
        return "action_answer_question"

    def run(self, dispatcher: CollectingDispatcher, _: Tracker, __: dict[str, Any]) -> list[dict[str, Any]]:
        dispatcher.utter_message(text="Đăng ký khai sinh cần: giấy chứng sinh, tờ khai theo mẫu.")
        return []
