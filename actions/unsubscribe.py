"""Stops telling a citizen about a topic, or about anything at all."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.choices import Payload
from actions.library_action import LibraryAction
from actions.subscribe import topics_named
from actions.turn import Turn, say, understood

GENERAL = "general"  # "tin của phường": who wants none of it in so many words wants nothing from us
AGAIN = [str(Payload("subscribe"))]
EVERYTHING = [str(Payload("unsubscribe"))]


class Unsubscribe(LibraryAction):
    """Watched dossiers are another matter: they stay, unless there was nothing else to end."""

    def name(self) -> str:
        return "action_unsubscribe"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn, desk = Turn.of(tracker), self._services.subscriptions
        if turn.first("dossier_code"):
            return [FollowupAction("action_stop_watching")]
        topics = topics_named(turn, self._services)
        if topics and (turn.pressed or topics != [GENERAL]):
            ended = list(await desk.end(turn.citizen_id, topics))
            say(dispatcher, "unsubscribed", topics=ended, named=topics, choices=[] if ended else EVERYTHING)
            return understood(options=None if ended else EVERYTHING)
        campaign = turn.first("campaign")
        ended = list(await desk.opt_out(turn.citizen_id, int(campaign) if campaign else None))
        watched = list(await self._services.watches.watched(turn.citizen_id))
        if watched and not ended and not campaign:
            say(dispatcher, "opted_out", choices=AGAIN)
            return [FollowupAction("action_stop_watching")]
        say(dispatcher, "opted_out", watched=watched, choices=AGAIN)
        return understood(options=None)
