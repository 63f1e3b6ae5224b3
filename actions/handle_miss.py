"""What to do with a message that was not understood or is not our business.

Words that name a procedure clearly are answered all the same. Otherwise the first miss says what can be asked, the
second asks differently, the third gives a person.
"""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answering import answer, answer_focus, asked_facets
from actions.focus import OneOf, find_focus, is_clear
from actions.forms import leave_form
from actions.library_action import LibraryAction
from actions.phrases import is_random, refuses
from actions.picking import picked
from actions.services import Services
from actions.subscribe import answers_about_news
from actions.turn import Turn, missed, say
from actions.typed_numbers import is_attempt

MISSES_UNTIL_A_PERSON = 3
FEWEST_WORDS = 3  # of a question; a word or two where a code or digits are asked for were meant as those


class HandleMiss(LibraryAction):
    def name(self) -> str:
        return "action_handle_miss"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn.of(tracker)
        if not turn.active_form and self._answers_an_offer(turn):
            return answer(dispatcher, turn, self._services)
        if answers_about_news(turn, self._services):
            return [FollowupAction("action_subscribe")]
        focus = find_focus(turn, self._services.catalogue, self._services.fold)
        may_be_meant = turn.intent == "nlu_fallback" and isinstance(focus, OneOf) and not turn.active_form
        if is_clear(focus) or may_be_meant:
            return answer_focus(dispatcher, turn, self._services, focus, asked_facets(turn))
        if turn.first("link_code"):
            return [FollowupAction("action_link_channels")]
        if turn.first("dossier_code") and not turn.active_form:
            return [FollowupAction("dossier_form")]
        if turn.question == "dossier" and not turn.active_form and is_attempt(turn.text):
            return [FollowupAction("last_four_form")]  # the answer before asked for four digits
        return miss(dispatcher, turn, self._services)

    def _answers_an_offer(self, turn: Turn) -> bool:
        fold = self._services.fold
        return refuses(fold(turn.text)) or picked(turn, self._services.catalogue, fold) is not None


def miss(dispatcher: CollectingDispatcher, turn: Turn, services: Services) -> list[EventType]:
    """Say that the message was not understood, in other words each time, at last with a person."""
    misses = missed(turn)
    if misses >= MISSES_UNTIL_A_PERSON:
        say(dispatcher, "person_after_misses")
        return [SlotSet("misses", 0.0), *leave_form()]
    is_attempt_at_answer = turn.active_form and len(turn.text.split()) < FEWEST_WORDS
    is_elsewhere = turn.intent == "out_of_scope" and not is_random(services.fold(turn.text))
    if is_elsewhere and not is_attempt_at_answer and misses < 2:
        say(dispatcher, "out_of_scope")
    elif turn.active_form == "dossier_form":
        say(dispatcher, "no_dossier_code_seen")
    elif turn.active_form == "last_four_form":
        say(dispatcher, "last_four_malformed")
    else:
        say(dispatcher, "not_understood" if misses < 2 else "not_understood_again")
    return [SlotSet("misses", misses)]
