"""Where Rasa's conversations are kept: live in memory for those who are talking, written behind to our own store.

Rasa's stores block the event loop, lose turns when the database is away and rebuild the whole conversation on every
turn. Here a conversation is one row of JSON events; only new events are encoded; the citizen's turns come one after
another (the caller's duty), so there is no lock.
"""

from __future__ import annotations

import copy
import dataclasses
import itertools
import operator
from collections import OrderedDict, deque
from typing import Any, Iterable, Optional, Protocol, Sequence

import msgspec
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import (
    ActionExecuted,
    ActionReverted,
    ActiveLoop,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    deserialise_events,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker

# Events that change which earlier ones count; so do the later runs of a form.
UNDOING = (ActionReverted, ActiveLoop, Restarted, SessionStarted, UserUtteranceReverted)


class ConversationStore(Protocol):
    """Keeps one JSON document per citizen. ``save`` may return before the document is on disk, but keeps the order."""

    async def load(self, citizen_id: str) -> Optional[str]: ...

    def save(self, citizen_id: str, events: str) -> None: ...

    def delete(self, citizen_id: str) -> None: ...


class ConversationTracker(DialogueStateTracker):
    """A tracker that does each thing once for each event, where Rasa does it again for all events in every turn."""

    _applied: tuple[Event, ...] = ()
    _counted: int = 0  # how many events the applied ones are made from
    _loops: frozenset[str] = frozenset()
    _replay: Optional[_Replay] = None

    def copy(self) -> ConversationTracker:
        """Rasa copies the tracker for each action, by applying all its events anew."""
        twin = copy.copy(self)
        twin.events = deque(self.events)
        twin.slots = {name: _copy_slot(slot) for name, slot in self.slots.items()}
        twin.active_loop = dataclasses.replace(self.active_loop) if self.active_loop else None
        return twin

    def applied_events(self) -> list[Event]:
        new = list(itertools.islice(self.events, self._counted, None))  # events are only ever added
        if any(isinstance(event, UNDOING) or getattr(event, "action_name", None) in self._loops for event in new):
            self._applied = tuple(super().applied_events())
            self._loops = frozenset(e.name for e in self.events if isinstance(e, ActiveLoop) and e.name)
        else:
            self._applied = (*self._applied, *new)
        self._counted = len(self.events)
        return list(self._applied)

    def past_states(
        self,
        domain: Domain,
        omit_unset_slots: bool = False,
        ignore_rule_only_turns: bool = False,
        rule_only_data: Optional[dict[str, Any]] = None,
    ) -> list[State]:
        if omit_unset_slots or ignore_rule_only_turns:  # RulePolicy wants neither
            states: list[State] = super().past_states(
                domain, omit_unset_slots, ignore_rule_only_turns, rule_only_data
            )
            return states
        events = self.applied_events()
        if self._replay is None or not self._replay.is_of(domain, events):
            self._replay = _Replay(domain, self.init_copy())
        return self._replay.states(events)


class _Replay:
    """The states of a conversation as RulePolicy reads them: one before each action and the present one."""

    def __init__(self, domain: Domain, tracker: DialogueStateTracker) -> None:
        self._domain = domain
        self._tracker = tracker
        self._played: list[Event] = []
        self._before_actions: list[State] = []

    def is_of(self, domain: Domain, events: Sequence[Event]) -> bool:
        """False when events that were played have been undone since (a form that goes on, a new session)."""
        return (
            self._domain is domain
            and len(self._played) <= len(events)
            and all(map(operator.is_, self._played, events))
        )

    def states(self, events: Sequence[Event]) -> list[State]:
        for event in events[len(self._played) :]:
            if isinstance(event, ActionExecuted):
                self._before_actions.append(self._domain.get_active_state(self._tracker))
            self._tracker.update(event)
            self._played.append(event)
        # RulePolicy takes the text out of all states, always, and the intent out of the present one, which is new.
        return [*self._before_actions, self._domain.get_active_state(self._tracker)]


def _copy_slot(slot: Slot) -> Slot:
    """``copy.copy`` without its search for how to copy: there are dozens of slots in each turn."""
    twin = slot.__class__.__new__(slot.__class__)
    twin.__dict__.update(slot.__dict__)
    return twin


class ConversationTrackers(TrackerStore):
    """Rasa's tracker store over a ConversationStore; the most recent conversations stay live, up to ``cached_events``.

    Events are counted rather than conversations because they are what fills the memory: some 2 KB each.
    """

    def __init__(self, store: ConversationStore, cached_events: int) -> None:
        super().__init__(Domain.empty(), None)
        self._store = store
        self._cached_events = cached_events
        self._live: OrderedDict[str, _Live] = OrderedDict()
        self._live_events = 0

    def init_tracker(self, sender_id: str) -> ConversationTracker:
        return ConversationTracker(sender_id, self.domain.slots)

    async def retrieve(self, sender_id: str) -> Optional[ConversationTracker]:
        if sender_id in self._live:
            self._live.move_to_end(sender_id)
            return self._live[sender_id].tracker
        document = await self._store.load(sender_id)
        if document is None:
            return None
        tracker = self.init_tracker(sender_id)
        events = msgspec.json.decode(document)
        for event in deserialise_events(events):
            tracker.update(event, self.domain)
        self._keep(_Live(tracker, [msgspec.json.encode(event) for event in events]))
        return tracker

    async def save(self, tracker: ConversationTracker) -> None:
        live = self._live.get(tracker.sender_id) or _Live(tracker, [])
        start = _last_session(tracker, since=len(live.encoded))
        if start > 0:  # Rasa's rules look at the current session only
            session = self.init_tracker(tracker.sender_id)
            for event in _with_slots_once(list(tracker.events)[start:]):
                session.update(event, self.domain)
            tracker, live = session, _Live(session, [])
        new = list(tracker.events)[len(live.encoded) :]
        encoded = [*live.encoded, *(msgspec.json.encode(event.as_dict()) for event in new)]
        self._keep(_Live(tracker, encoded))
        self._store.save(tracker.sender_id, f"[{b','.join(encoded).decode()}]")

    def drop_unsaved(self, sender_id: str) -> None:
        """Go back to what was saved."""
        if sender_id in self._live:
            self._live_events -= len(self._live.pop(sender_id).encoded)

    async def forget(self, sender_id: str) -> None:
        self.drop_unsaved(sender_id)
        self._store.delete(sender_id)

    async def keys(self) -> Iterable[str]:
        return list(self._live)

    def _keep(self, live: _Live) -> None:
        self.drop_unsaved(live.tracker.sender_id)
        self._live[live.tracker.sender_id] = live
        self._live_events += len(live.encoded)
        while self._live_events > self._cached_events and len(self._live) > 1:
            _, longest_quiet = self._live.popitem(last=False)
            self._live_events -= len(longest_quiet.encoded)


@dataclasses.dataclass(frozen=True)
class _Live:
    """A conversation and its saved events as JSON."""

    tracker: ConversationTracker
    encoded: list[bytes]


def _last_session(tracker: ConversationTracker, since: int) -> int:
    """Where the session begins that the events from ``since`` on have begun, or 0: the whole is one session.

    Rasa runs action_session_start just before the event that begins it.
    """
    for index in range(len(tracker.events) - 1, max(since, 1) - 1, -1):
        if isinstance(tracker.events[index], SessionStarted):
            return index - 1
    return 0


def _with_slots_once(session: list[Event]) -> list[Event]:
    """A session's events with the last value of each slot carried over: Rasa carries every value that it ever had, so
    that a conversation would grow with each session."""
    head, rest = session[:2], session[2:]
    carried = list(itertools.takewhile(lambda event: isinstance(event, SlotSet), rest))
    return [*head, *{event.key: event for event in carried}.values(), *rest[len(carried) :]]
