"""Asks the portal how a dossier stands; shows its details to whoever knows the last four digits that it carries."""

from __future__ import annotations

import math
from typing import Any, Union

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answering import answer_focus, asked_facets
from actions.choices import Payload
from actions.dossier_facts import detail_facts, next_steps, status_facts
from actions.focus import OnProcedure, find_focus
from actions.library_action import LibraryAction
from actions.services import Services
from actions.turn import MAX_CHOICES, Turn, say, understood
from actions.watch_dossier import WISH, begin_watch
from knowledge.dossiers import DossierCode, DossierCodeInvalid, DossierUnknown, PortalUnreachable
from knowledge.registry import LookUp


class LookUpDossier(LibraryAction):
    def name(self) -> str:
        return "action_look_up_dossier"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn.of(tracker)
        if turn.slot("wish") != WISH:
            return await tell_dossier(dispatcher, turn, self._services, turn.slot("dossier_code"))
        found = await _find(dispatcher, turn, self._services, turn.slot("dossier_code"), WISH)
        events = await begin_watch(dispatcher, turn, self._services, found) if isinstance(found, LookUp) else found
        return [*events, SlotSet("wish", None)]


async def tell_dossier(
    dispatcher: CollectingDispatcher, turn: Turn, services: Services, typed: str
) -> list[EventType]:
    """Say how the dossier stands, or why that cannot be said; what is needed to try again is kept."""
    found = await _find(dispatcher, turn, services, typed)
    if not isinstance(found, LookUp):
        return found
    code = str(found.dossier.code)
    proved = turn.slot("proved_dossier") == code
    return [*_say_dossier(dispatcher, services, found, proved), SlotSet("dossier_code", code)]


async def _find(
    dispatcher: CollectingDispatcher, turn: Turn, services: Services, typed: str, intent: str = "dossier_status"
) -> Union[LookUp, list[EventType]]:
    """The dossier; or the events of a turn that has said why there is none. ``intent`` is what to try again."""
    try:
        code = DossierCode.parse(typed, today=services.clock().date())
    except DossierCodeInvalid as error:
        say(dispatcher, "dossier_code_wrong", problem=error.problem.value)
        return understood(dossier_code=None)
    wait = services.guesses.wait_seconds(turn.citizen_id)
    if wait > 0:
        say(dispatcher, "guessing_slowed", minutes=math.ceil(wait / 60))
        return understood(dossier_code=None)
    try:
        return await services.dossiers.look_up(code)
    except DossierUnknown:
        services.guesses.record_failure(turn.citizen_id)
        say(dispatcher, "dossier_unknown", code=str(code))
        return understood(dossier_code=None)
    except PortalUnreachable:
        again = str(Payload(intent, dossier_code=str(code)))
        say(dispatcher, "portal_down", code=str(code), again=again, choices=[again])
        return understood(dossier_code=str(code), options=[again])


def _say_dossier(
    dispatcher: CollectingDispatcher, services: Services, look_up: LookUp, proved: bool
) -> list[EventType]:
    facts = status_facts(look_up, services.calendar, services.clock())
    details = detail_facts(look_up.dossier) if proved else {}
    choices = next_steps(facts, proved, services.watches.is_offered)
    if look_up.is_last_known:
        facts["again"] = str(Payload("dossier_status", dossier_code=facts["code"]))
        choices = [facts["again"], *choices][:MAX_CHOICES]
    say(dispatcher, "dossier", **facts, **details, proved=proved, choices=choices)
    return understood(options=choices)


class ShowDossierDetails(LibraryAction):
    """Shows the rest of a dossier to whoever knows the last four digits that it carries."""

    def name(self) -> str:
        return "action_show_dossier_details"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn.of(tracker)
        if not turn.slot("dossier_code"):
            focus = find_focus(turn, self._services.catalogue, self._services.fold)
            if isinstance(focus, OnProcedure) and focus.named:  # the digits were no answer but part of a question
                return answer_focus(dispatcher, turn, self._services, focus, asked_facets(turn))
            say(dispatcher, "which_dossier_first")
            return understood(last_four=None)
        code = DossierCode.parse(turn.slot("dossier_code"))
        wait = max(self._services.guesses.wait_seconds(key) for key in (turn.citizen_id, str(code)))
        if wait > 0:
            say(dispatcher, "guessing_slowed", minutes=math.ceil(wait / 60))
            return understood(last_four=None)
        try:
            look_up = await self._services.dossiers.look_up(code)
        except DossierUnknown:
            say(dispatcher, "dossier_unknown", code=str(code))
            return understood(dossier_code=None, last_four=None)
        except PortalUnreachable:
            again = str(Payload("give_last_four", dossier_code=str(code)))
            say(dispatcher, "portal_down", code=str(code), again=again, choices=[again])
            return understood(options=[again])  # the digits are kept: trying again asks for nothing
        if not look_up.dossier.is_proved_by(str(turn.slot("last_four"))):
            # Counted for the dossier too: many visitors must not share the guessing of one.
            self._services.guesses.record_failure(turn.citizen_id)
            self._services.guesses.record_failure(str(code))
            say(dispatcher, "last_four_wrong", code=str(code))
            return understood(last_four=None)
        events = _say_dossier(dispatcher, self._services, look_up, proved=True)
        return [*events, SlotSet("last_four", None), SlotSet("proved_dossier", str(code))]
