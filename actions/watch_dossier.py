"""Begins to watch a dossier for a citizen who wants to be told when it moves, and stops."""

from __future__ import annotations

from typing import Any, Optional, Sequence

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.choices import Payload
from actions.dossier_facts import status_facts
from actions.library_action import LibraryAction
from actions.services import Services, WatchOutcome
from actions.turn import MAX_CHOICES, Turn, say, understood
from knowledge.dossiers import DossierCode, DossierCodeInvalid
from knowledge.registry import LookUp

# The value of the slot "wish" until the dossier is known.
WISH = "watch_dossier"
LINK = [str(Payload("link_channels"))]


class WatchDossier(LibraryAction):
    """The dossier is the one named, else the one talked about; its form asks when there is none."""

    def name(self) -> str:
        return "action_watch_dossier"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn.of(tracker)
        if not self._services.watches.is_offered:
            say(dispatcher, "watch_not_offered")
            return understood()
        if not await self._services.watches.reach(turn.citizen_id):
            say(dispatcher, "watch_not_reachable", choices=LINK)
            return understood(options=LINK)
        return [SlotSet("wish", WISH), FollowupAction("dossier_form")]


async def begin_watch(
    dispatcher: CollectingDispatcher, turn: Turn, services: Services, look_up: LookUp
) -> list[EventType]:
    """Needs no proof: a notice tells what anybody with the code may see."""
    dossier = look_up.dossier
    code = str(dossier.code)
    facts = status_facts(look_up, services.calendar, services.clock())
    if dossier.status.is_finished:
        say(dispatcher, "watch_over", **facts)
        return understood(dossier_code=code)
    choices = [str(Payload("stop_watching", dossier_code=code))]
    outcome = await services.watches.begin(turn.citizen_id, dossier)
    if outcome is WatchOutcome.LIMIT:
        say(dispatcher, "watch_limit", code=code)
        return understood(dossier_code=code)
    say(dispatcher, "watch_begun" if outcome is WatchOutcome.BEGUN else "watch_known", **facts, choices=choices)
    return understood(dossier_code=code, options=None)  # "ok" takes note of it and must not take up the only offer


class StopWatching(LibraryAction):
    """Stops the one named or talked about, else all. Who wants no messages at all wants none about dossiers either."""

    def name(self) -> str:
        return "action_stop_watching"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn.of(tracker)
        watches = self._services.watches
        watched = await watches.watched(turn.citizen_id)
        names_none = turn.intent == "unsubscribe" and not turn.first("dossier_code")
        code = None if names_none else _meant(turn, watched)
        ended = await watches.end(turn.citizen_id, code)
        if not ended:
            say(dispatcher, "watch_none")
            return understood()
        left = [str(Payload("stop_watching", dossier_code=one)) for one in watched if one not in ended][:MAX_CHOICES]
        say(dispatcher, "watch_ended", codes=list(ended), choices=left)
        return understood(options=None)


def _meant(turn: Turn, watched: Sequence[str]) -> Optional[DossierCode]:
    typed, last = turn.first("dossier_code"), turn.slot("dossier_code")
    try:
        return DossierCode.parse(typed or (last if last in watched else ""))
    except DossierCodeInvalid:
        return None
