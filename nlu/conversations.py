"""Where Rasa's conversations are kept: live in memory for those who are talking, written behind to our own store.

Rasa's stores block the event loop, lose turns when the database is away and rebuild the whole conversation on every
turn. Here a conversation is one row of JSON events; only new events are encoded; the citizen's turns come one after
another (the caller's duty), so there is no lock.
"""

from __future__ import annotations

import copy
import dataclasses
import json
from collections import OrderedDict, deque
from typing import Iterable, Optional, Protocol

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SessionStarted, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker


class ConversationStore(Protocol):
    """Keeps one JSON document per citizen. ``save`` may return before the document is on disk, but keeps the order."""

    async def load(self, citizen_id: str) -> Optional[str]: ...

    def save(self, citizen_id: str, events: str) -> None: ...

    def delete(self, citizen_id: str) -> None: ...


class ConversationTracker(DialogueStateTracker):
    """A tracker whose copy does not replay every event (Rasa copies it for each action)."""

    def copy(self) -> ConversationTracker:
        twin = copy.copy(self)
        twin.events = deque(self.events)
        twin.slots = {name: copy.copy(slot) for name, slot in self.slots.items()}
        twin.active_loop = dataclasses.replace(self.active_loop) if self.active_loop else None
        return twin


class ConversationTrackers(TrackerStore):
    """Rasa's tracker store over a ConversationStore, keeping the ``cached`` most recent conversations live."""

    def __init__(self, store: ConversationStore, cached: int) -> None:
        super().__init__(Domain.empty(), None)
        self._store = store
        self._cached = cached
        self._live: OrderedDict[str, tuple[ConversationTracker, list[str]]] = OrderedDict()

    def init_tracker(self, sender_id: str) -> ConversationTracker:
        return ConversationTracker(sender_id, self.domain.slots)

    async def retrieve(self, sender_id: str) -> Optional[ConversationTracker]:
        if sender_id in self._live:
            self._live.move_to_end(sender_id)
            return self._live[sender_id][0]
        document = await self._store.load(sender_id)
        if document is None:
            return None
        tracker = self.init_tracker(sender_id)
        events = json.loads(document)
        for event in deserialise_events(events):
            tracker.update(event, self.domain)
        self._keep(tracker, [json.dumps(event, ensure_ascii=False) for event in events])
        return tracker

    async def save(self, tracker: ConversationTracker) -> None:
        tracker, encoded = self._begin_at_session(tracker)
        new = list(tracker.events)[len(encoded) :]
        encoded.extend(json.dumps(event.as_dict(), ensure_ascii=False) for event in new)
        self._keep(tracker, encoded)
        self._store.save(tracker.sender_id, f"[{','.join(encoded)}]")

    def _begin_at_session(self, tracker: ConversationTracker) -> tuple[ConversationTracker, list[str]]:
        """Drop what lies before the last session start: Rasa's rules look at the current session only."""
        encoded = self._live.get(tracker.sender_id, (tracker, []))[1]
        starts = [index for index, event in enumerate(tracker.events) if isinstance(event, SessionStarted)]
        if not starts or starts[-1] <= 1:
            return tracker, encoded
        events = list(tracker.events)[starts[-1] - 1 :]  # Rasa runs action_session_start just before the event
        fresh = self.init_tracker(tracker.sender_id)
        for event in events:
            fresh.update(event, self.domain)
        return fresh, []

    async def forget(self, sender_id: str) -> None:
        self._live.pop(sender_id, None)
        self._store.delete(sender_id)

    async def keys(self) -> Iterable[str]:
        return list(self._live)

    def _keep(self, tracker: ConversationTracker, encoded: list[str]) -> None:
        self._live[tracker.sender_id] = (tracker, encoded)
        self._live.move_to_end(tracker.sender_id)
        while len(self._live) > self._cached:
            self._live.popitem(last=False)
