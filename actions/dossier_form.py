"""Reads the dossier code that a citizen types, says what is wrong with it, and the last four digits of its owner."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.forms import REQUESTED, STOP
from actions.library_action import LibraryAction
from actions.phrases import corrects_a_number, lacks_what_is_asked
from actions.turn import Turn, missed, say, understood
from actions.typed_numbers import MOST_WORDS, is_attempt, is_date, is_hidden_number, is_real_date
from knowledge.dossiers import DossierCode, DossierCodeInvalid


class ReadDossierCode(LibraryAction):
    """Explains what is wrong with a code and asks again, or writes it in its usual form."""

    def name(self) -> str:
        return "validate_dossier_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn.of(tracker)
        if turn.said or turn.first("link_code"):  # back from something else that was answered, or it is something else
            return []
        typed = turn.first("dossier_code")
        if typed:
            return self._read(dispatcher, turn, typed)
        if turn.slot(REQUESTED) != "dossier_code":  # just opened
            return self._explain(dispatcher, turn) if is_date(turn.text) and not turn.slot("dossier_code") else []
        if lacks_what_is_asked(turn.text, self._services.fold(turn.text)):
            say(dispatcher, "dossier_code_help", choices=STOP)
            return understood(dossier_code=None)
        if is_attempt(turn.text):
            return self._explain(dispatcher, turn)
        folded = self._services.fold(turn.text)
        takes_back = corrects_a_number(folded) and len(folded.split()) <= MOST_WORDS
        return [SlotSet("dossier_code", None)] if takes_back or turn.intent in ("affirm", "dossier_status") else []

    def _read(self, dispatcher: CollectingDispatcher, turn: Turn, typed: str) -> list[EventType]:
        try:
            code = str(DossierCode.parse(typed, today=self._services.clock().date()))
        except DossierCodeInvalid as error:
            say(dispatcher, "dossier_code_wrong", problem=error.problem.value)
            return [SlotSet("misses", missed(turn)), SlotSet("dossier_code", None)]
        old = next((said["code"] for said in reversed(turn.before) if said.get("code")), turn.slot("dossier_code"))
        if old and old != code and (turn.intent == "correct" or corrects_a_number(self._services.fold(turn.text))):
            say(dispatcher, "dossier_code_changed", old=old, new=code)
        kept = turn.slot("last_four") if code == turn.slot("dossier_code") else None
        return understood(dossier_code=code, last_four=kept)

    def _explain(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[EventType]:
        if is_hidden_number(turn.text):
            say(dispatcher, "phone_instead_of_code")
        elif is_date(turn.text):
            say(dispatcher, "date_instead_of_code" if is_real_date(turn.text) else "no_such_date")
        else:
            return self._read(dispatcher, turn, turn.text)
        return [SlotSet("misses", missed(turn)), SlotSet("dossier_code", None)]


class ReadLastFour(LibraryAction):
    """Takes four digits, also those of a whole number; says what is wrong with anything else."""

    def name(self) -> str:
        return "validate_last_four_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn.of(tracker)
        if turn.said or turn.first("link_code") or (turn.first("dossier_code") and not turn.pressed):
            return []  # something else was answered, or is asked for
        if turn.pressed and turn.pressed.dossier_code not in (None, turn.slot("dossier_code")):
            return [SlotSet("dossier_code", turn.pressed.dossier_code), SlotSet("last_four", None)]
        digits = turn.first("last_four")
        if not turn.slot("dossier_code"):  # the action says that it needs a dossier first
            return [SlotSet("last_four", digits), SlotSet(REQUESTED, None)]
        if digits:
            return understood(last_four=digits)
        is_asked = turn.slot(REQUESTED) == "last_four"
        if is_asked and lacks_what_is_asked(turn.text, self._services.fold(turn.text)):
            say(dispatcher, "last_four_help", code=turn.slot("dossier_code"), choices=STOP)
            return understood(last_four=None)
        if is_attempt(turn.text):
            count = len(re.findall(r"\d", turn.text))
            say(dispatcher, "last_four_malformed", count=None if is_date(turn.text) else count)
            return [SlotSet("misses", missed(turn)), SlotSet("last_four", None)]
        if is_asked and turn.intent in ("affirm", "give_last_four"):
            return [SlotSet("last_four", None)]
        return []
