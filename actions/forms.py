"""The questions that a form asks, and how it is left; after something else was answered it asks whether to go on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.choices import Payload
from actions.turn import Turn, say, understood

REQUESTED = "requested_slot"
# Said about an answer that did not fit: the question follows at once.
PROBLEMS = {
    "dossier_code_wrong",
    "no_dossier_code_seen",
    "date_instead_of_code",
    "no_such_date",
    "phone_instead_of_code",
    "last_four_malformed",
}
# These ask by themselves.
QUESTIONS = {"feedback_or_question", "dossier_code_help", "last_four_help"}
FAILURES_UNTIL_HELP = 2
GO_ON = [str(Payload("affirm")), str(Payload("cancel"))]
STOP = [str(Payload("cancel")), str(Payload("talk_to_official"))]


def leave_form() -> list[EventType]:
    """Stop asking; what the form was asking for is forgotten."""
    return [ActiveLoop(None), SlotSet(REQUESTED, None), SlotSet("doubtful", None), SlotSet("wish", None)]


def say_left(dispatcher: CollectingDispatcher, turn: Turn) -> list[EventType]:
    """The form is left; what was talked about besides stays."""
    say(dispatcher, "left_form", question=turn.slot(REQUESTED), choices=turn.slot("options"))
    return [*understood(), *leave_form()]


class AskInForm(Action, ABC):
    slot: ClassVar[str]

    def name(self) -> str:
        return f"action_ask_{self.slot}"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn.of(tracker)
        said = {message["utterance"] for message in turn.said}
        if not said - PROBLEMS:
            self.ask(dispatcher, turn)
        elif turn.intent != "repeat" and not said & QUESTIONS:
            say(dispatcher, "go_on", question=self.slot, choices=GO_ON)
        return []

    @abstractmethod
    def ask(self, dispatcher: CollectingDispatcher, turn: Turn) -> None: ...


class AskDossierCode(AskInForm):
    slot = "dossier_code"

    def ask(self, dispatcher: CollectingDispatcher, turn: Turn) -> None:
        if (turn.slot("misses") or 0) >= FAILURES_UNTIL_HELP:
            say(dispatcher, "dossier_code_help", choices=STOP)
        else:
            say(dispatcher, "ask_dossier_code")


class AskLastFour(AskInForm):
    slot = "last_four"

    def ask(self, dispatcher: CollectingDispatcher, turn: Turn) -> None:
        if (turn.slot("misses") or 0) >= FAILURES_UNTIL_HELP:
            say(dispatcher, "last_four_help", code=turn.slot("dossier_code"), choices=STOP)
        else:
            say(dispatcher, "ask_last_four", code=turn.slot("dossier_code"))


class AskFeedback(AskInForm):
    slot = "feedback"

    def ask(self, dispatcher: CollectingDispatcher, turn: Turn) -> None:
        choices = [str(Payload("give_feedback"))] if turn.slot("doubtful") else []
        say(dispatcher, "ask_feedback", choices=choices)
