"""Joins the channels from which one citizen writes: gives a code on the one, takes it on the other."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.library_action import LibraryAction
from actions.services import LinkOutcome
from actions.turn import Turn, say, understood


class LinkChannels(LibraryAction):
    def name(self) -> str:
        return "action_link_channels"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn.of(tracker)
        typed = turn.first("link_code")
        if typed:
            self._say_outcome(dispatcher, await self._services.links.redeem(turn.citizen_id, typed))
            return understood()
        code = await self._services.links.make(turn.citizen_id)
        if code is None:
            say(dispatcher, "link_privately")
        else:
            say(dispatcher, "link_code", code=code.text, minutes=code.minutes)
        return understood()

    def _say_outcome(self, dispatcher: CollectingDispatcher, outcome: LinkOutcome) -> None:
        if outcome is LinkOutcome.LINKED:
            say(dispatcher, "link_done")
        elif outcome is LinkOutcome.OWN:
            say(dispatcher, "link_code_own")
        elif outcome is LinkOutcome.TOO_MANY:
            say(dispatcher, "link_too_many")
        elif outcome is LinkOutcome.SHARED:
            say(dispatcher, "link_privately")
        else:
            say(dispatcher, "link_code_wrong")
