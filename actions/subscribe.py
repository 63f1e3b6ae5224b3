"""Begins to tell a citizen about the topics that they name; says what they are told about; keeps where they live."""

from __future__ import annotations

import re
from typing import Any, Optional, Sequence

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.answering import asked_facets
from actions.choices import Payload
from actions.choose import chosen_option
from actions.leaving import wants_to_leave
from actions.library_action import LibraryAction
from actions.services import Services, Subscriptions
from actions.turn import MAX_CHOICES, Turn, say, understood
from knowledge.wards import Ward, find_ward

LINK = [str(Payload("link_channels"))]
# Our utterances to which a mere name is an answer: of a topic, or of a ward.
ASKING = {"subscribe_which", "subscribed", "subscriptions"}
LONGEST_ANSWER = 8  # words
_ASKS_WHICH = re.compile(
    r"\b(?:dang|da|duoc|co) (?:nhan|dang ky|theo doi|bao)\b.*\b(?:gi|nao|nhung|chua)\b|\bdanh sach\b"
    r"|\bxem (?:lai )?(?:cac )?(?:tin|muc)\b|\bwhat (?:am i|do i|have i)\b|\bmy subscriptions?\b|\bam i subscribed\b"
)


class Subscribe(LibraryAction):
    def name(self) -> str:
        return "action_subscribe"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn, services = Turn.of(tracker), self._services
        if not turn.pressed and wants_to_leave(services.fold(turn.text)):
            return [FollowupAction("action_unsubscribe")]
        topics, wards = topics_named(turn, services), services.subscriptions.wards
        ward = find_ward_said(turn, services, wards)
        elsewhere = find_ward_said(turn, services, ()) if wards and ward is None else None
        can_be_told = services.watches.is_offered and await services.watches.reach(turn.citizen_id)
        if turn.intent == "set_residence" and not (can_be_told and (ward or topics or elsewhere)):
            return [FollowupAction("action_answer_procedure")]  # where they live matters to what they ask
        if not services.watches.is_offered:
            say(dispatcher, "subscribe_not_offered")
            return understood()
        if not can_be_told:
            say(dispatcher, "subscribe_not_reachable", choices=LINK)
            return understood(options=LINK)
        if ward is not None:
            await services.subscriptions.settle(turn.citizen_id, ward)
        if elsewhere is not None:
            say(dispatcher, "residence_elsewhere", ward=elsewhere.name, wards=list(wards))
            if not topics:
                return understood(options=None)
        if topics:
            await services.subscriptions.begin(turn.citizen_id, topics)
        told = await services.subscriptions.get(turn.citizen_id)
        return self._say(dispatcher, turn, told, topics, ward)

    def _say(
        self, dispatcher: CollectingDispatcher, turn: Turn, told: Subscriptions, topics: list[str], ward: Optional[Ward]
    ) -> list[EventType]:
        facts = {"topics": list(told.topics), "ward": told.ward}
        others = [topic.id for topic in self._services.topics if topic.id not in told.topics]
        offered = [str(Payload("subscribe", topic=one)) for one in others[:MAX_CHOICES]]
        if topics:
            say(dispatcher, "subscribed", **{**facts, "topics": topics})
            return understood(options=None)
        if _ASKS_WHICH.search(self._services.fold(turn.text)):
            ends = [str(Payload("unsubscribe", topic=one)) for one in told.topics[:MAX_CHOICES]]
            say(dispatcher, "subscriptions", **facts, opted_out=told.opted_out, choices=ends or offered)
            return understood(options=None)
        if ward is not None and told.topics:
            say(dispatcher, "residence_kept", ward=told.ward)
            return understood(options=None)
        say(dispatcher, "subscribe_which", **facts, choices=offered)
        return understood(options=offered)


def topics_named(turn: Turn, services: Services) -> list[str]:
    """The ids of the topics in the message, or of the one that was pressed or chosen by its number."""
    chosen = chosen_option(turn.first("ordinal"), turn.slot("options") or []) if turn.intent == "choose" else None
    payload = Payload.parse(chosen) if chosen else turn.pressed
    if payload:
        return [topic for topic in [payload.topic] if topic and services.topics.get(topic)]
    return [topic.id for topic in services.topics.find(services.fold(turn.text))]


def find_ward_said(turn: Turn, services: Services, wards: Sequence[str]) -> Optional[Ward]:
    """Asked where they live, citizens may answer with the mere name."""
    text = f"ở {turn.text}" if turn.question in ASKING else turn.text
    return find_ward(text, wards, services.fold)


def answers_about_news(turn: Turn, services: Services) -> bool:
    """Whether the message does nothing but name a topic or a ward, just after we asked for one."""
    if turn.question not in ASKING or turn.pressed or asked_facets(turn) or len(turn.text.split()) > LONGEST_ANSWER:
        return False
    return bool(topics_named(turn, services)) or find_ward_said(turn, services, ()) is not None
