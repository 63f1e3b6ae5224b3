"""Asks the portal how a dossier stands, and reads the code it is asked by."""

from __future__ import annotations

import math
from typing import Any, Optional

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answering import answer_focus, asked_facets
from actions.choices import Payload
from actions.dossier_facts import detail_facts, status_facts
from actions.focus import OnProcedure, find_focus
from actions.library_action import LibraryAction, served_services
from actions.services import Services
from actions.turn import Turn, say, understood
from knowledge.dossiers import DossierCode, DossierCodeInvalid, DossierUnknown, PortalUnreachable


class ValidateDossierForm(FormValidationAction):
    """Explains what is wrong with a code and asks again, or writes it in its usual form."""

    def __init__(self, services: Optional[Services] = None) -> None:
        self._services = services or served_services()

    def name(self) -> str:
        return "validate_dossier_form"

    def validate_dossier_code(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        try:
            code = DossierCode.parse(str(value), today=self._services.clock().date())
        except DossierCodeInvalid as error:
            say(dispatcher, "dossier_code_wrong", problem=error.problem.value)
            return {"dossier_code": None}
        return {"dossier_code": str(code)}


class LookUpDossier(LibraryAction):
    def name(self) -> str:
        return "action_look_up_dossier"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn.of(tracker)
        code = DossierCode.parse(turn.slot("dossier_code"))
        wait = self._services.guesses.wait_seconds(turn.citizen_id)
        if wait > 0:
            say(dispatcher, "guessing_slowed", minutes=math.ceil(wait / 60))
            return understood(dossier_code=None)
        again = Payload("dossier_status", dossier_code=str(code))
        try:
            look_up = await self._services.dossiers.look_up(code)
        except DossierUnknown:
            self._services.guesses.record_failure(turn.citizen_id)
            say(dispatcher, "dossier_unknown", code=str(code))
            return understood(dossier_code=None)
        except PortalUnreachable:
            say(dispatcher, "portal_down", code=str(code), choices=[str(again)])
            return understood(options=[str(again)])
        proved = turn.slot("proved_dossier") == str(code)
        details = detail_facts(look_up.dossier) if proved else {}
        facts = status_facts(look_up, self._services.calendar, self._services.clock())
        choices = _choices(facts)
        say(dispatcher, "dossier", **facts, **details, proved=proved, choices=choices)
        return understood(options=choices)


class ShowDossierDetails(LibraryAction):
    """Shows the rest of a dossier to whoever knows the last four digits that it carries."""

    def name(self) -> str:
        return "action_show_dossier_details"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn.of(tracker)
        digits = turn.first("last_four")
        if not turn.slot("dossier_code"):
            focus = find_focus(turn, self._services.catalogue, self._services.fold)
            if isinstance(focus, OnProcedure) and focus.named:  # the digits were no answer but part of a question
                return answer_focus(dispatcher, turn, self._services, focus, asked_facets(turn))
            say(dispatcher, "no_dossier_code_seen" if turn.active_form == "dossier_form" else "which_dossier_first")
            return understood()
        if digits is None:
            say(dispatcher, "ask_last_four", code=turn.slot("dossier_code"))
            return understood()
        code = DossierCode.parse(turn.slot("dossier_code"))
        wait = max(self._services.guesses.wait_seconds(key) for key in (turn.citizen_id, str(code)))
        if wait > 0:
            say(dispatcher, "guessing_slowed", minutes=math.ceil(wait / 60))
            return understood()
        try:
            look_up = await self._services.dossiers.look_up(code)
        except DossierUnknown:
            say(dispatcher, "dossier_unknown", code=str(code))
            return understood(dossier_code=None)
        except PortalUnreachable:
            say(dispatcher, "portal_down", code=str(code))
            return understood()
        if not look_up.dossier.is_proved_by(digits):
            # Counted for the dossier too: many visitors must not share the guessing of one.
            self._services.guesses.record_failure(turn.citizen_id)
            self._services.guesses.record_failure(str(code))
            say(dispatcher, "last_four_wrong", code=str(code))
            return understood()
        facts = status_facts(look_up, self._services.calendar, self._services.clock())
        say(dispatcher, "dossier", **facts, **detail_facts(look_up.dossier), proved=True)
        return [*understood(), SlotSet("proved_dossier", str(code))]


def _choices(facts: dict[str, Any]) -> list[str]:
    """After a status: the rest of the dossier, the procedure it is about, a person."""
    choices = [Payload("give_last_four")] if facts["has_details"] else []
    if facts["procedure"]:
        choices.append(Payload("find_procedure", procedure=facts["procedure"]))
    choices.append(Payload("talk_to_official"))
    return [str(choice) for choice in choices]
