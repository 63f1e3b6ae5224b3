"""Looks at the watched dossiers and tells whoever watches one that has moved: once for each change."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import random
from collections import Counter
from dataclasses import dataclass
from typing import Any, Callable, Optional

import sqlalchemy as sa

from actions.choices import Payload
from actions.dossier_facts import next_steps, status_facts
from actions.turn import MAX_CHOICES
from bot.watches import SqlWatches, Told, Watch
from connectors.messages import Address
from knowledge.calendar import VIETNAM_TIME, CalendarYearUnknown, WorkingCalendar
from knowledge.dossiers import Clock, Dossier, DossierUnknown, PortalUnreachable
from knowledge.registry import DossierRegistry, LookUp
from nlu.assistant import Utterance

# Within a database work: puts a notice on its way to the citizen and says where to (bot.notices.Notices.enqueue).
Tell = Callable[[sa.engine.Connection, str, Utterance], Optional[Address]]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pace:
    """How often a dossier is looked at. Hours are Vietnam's, the second one not included."""

    batch: int = 10
    pause_seconds: float = 20.0
    breath_seconds: float = 1.0  # between two full batches
    working: tuple[int, int] = (7, 18)
    in_working_hours: dt.timedelta = dt.timedelta(minutes=30)
    otherwise: dt.timedelta = dt.timedelta(hours=2)
    jitter: float = 0.2  # of the interval, more or less: watches begun together are not checked together for ever
    awake: tuple[int, int] = (7, 21)  # nobody is told anything in the night
    longest: dt.timedelta = dt.timedelta(days=365)  # for whom nothing has reached in all that time has left
    unknown_until_lost: int = 3


class Watcher:
    """``ready`` gets an address to which a notice is on its way, once that is committed."""

    def __init__(
        self,
        watches: SqlWatches,
        registry: DossierRegistry,
        calendar: WorkingCalendar,
        tell: Tell,
        ready: Callable[[Address], None],
        clock: Clock,
        pace: Pace,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._watches, self._registry, self._calendar = watches, registry, calendar
        self._tell, self._ready, self._clock = tell, ready, clock
        self._pace, self._chance = pace, chance
        self._unknown: Counter[Watch] = Counter()  # times in a row; no more entries than watches near their end

    async def run(self) -> None:
        """Until it is cancelled, which loses nothing and tells nothing twice."""
        while True:
            try:
                checked = await self.check_due()
            except Exception:
                logger.exception("watched dossiers could not be looked at")
                checked = 0
            is_full = checked == self._pace.batch
            await asyncio.sleep(self._pace.breath_seconds if is_full else self._pace.pause_seconds)

    async def check_due(self) -> int:
        """Look at one batch; how many there were."""
        first, last = self._pace.awake
        if not first <= self._now().hour < last:
            return 0
        due = await self._watches.due(self._pace.batch)
        for watch, outcome in zip(due, await asyncio.gather(*map(self._check, due), return_exceptions=True)):
            if isinstance(outcome, Exception):  # one that cannot be looked at must not keep the others waiting
                logger.error("a watched dossier could not be looked at", exc_info=outcome)
                await self._watches.postpone(watch, self._next_check())
        return len(due)

    async def _check(self, watch: Watch) -> None:
        if self._clock() - watch.created_at > self._pace.longest:
            await self._watches.drop(watch)
            return
        try:
            found = await self._registry.look_up(watch.code)
        except DossierUnknown:
            await self._miss(watch)
            return
        except PortalUnreachable:
            await self._watches.postpone(watch, self._next_check())
            return
        if not found.is_last_known:
            self._unknown.pop(watch, None)
        told = Told.of(found.dossier)
        if found.is_last_known or told == watch.told:
            await self._watches.postpone(watch, self._next_check())
        elif found.dossier.status.is_finished:
            await self._say(watch, Utterance("dossier_finished", self._facts(watch, found)), None)
        else:
            await self._say(watch, Utterance("dossier_moved", self._facts(watch, found)), told)

    async def _miss(self, watch: Watch) -> None:
        """A portal that loses a dossier for a moment is not believed at once."""
        self._unknown[watch] += 1
        if self._unknown[watch] < self._pace.unknown_until_lost:
            await self._watches.postpone(watch, self._next_check())
            return
        await self._say(watch, Utterance("watch_lost", {"code": str(watch.code)}), None)
        del self._unknown[watch]

    async def _say(self, watch: Watch, utterance: Utterance, told: Optional[Told]) -> None:
        def notice(connection: sa.engine.Connection) -> Optional[Address]:
            return self._tell(connection, watch.citizen_id, utterance)

        address = await self._watches.tell(watch, told, self._next_check(), notice)
        if address is not None:
            self._ready(address)

    def _facts(self, watch: Watch, found: LookUp) -> dict[str, Any]:
        """As after a look-up without proof, with what was known before."""
        facts = status_facts(found, self._calendar, self._clock())
        if watch.told:
            facts["old_status"] = int(watch.told.status)
            facts["old_due_at"] = watch.told.due_at.isoformat() if watch.told.due_at else None
            facts["papers_changed"] = Told.of(found.dossier).missing != watch.told.missing
        facts["choices"] = _choices(facts, found.dossier)
        return {name: value for name, value in facts.items() if value is not None}

    def _next_check(self) -> dt.datetime:
        interval = self._pace.in_working_hours if self._is_working_time() else self._pace.otherwise
        return self._clock() + interval * (1 + self._pace.jitter * (2 * self._chance() - 1))

    def _is_working_time(self) -> bool:
        now = self._now()
        try:
            is_working_day = self._calendar.is_working_day(now.date())
        except CalendarYearUnknown:
            is_working_day = True
        first, last = self._pace.working
        return is_working_day and first <= now.hour < last

    def _now(self) -> dt.datetime:
        return self._clock().astimezone(VIETNAM_TIME)


def _choices(facts: dict[str, Any], dossier: Dossier) -> list[str]:
    offered = next_steps(facts, proved=True, can_watch=False)
    code = str(dossier.code)
    own = [str(Payload("dossier_status", dossier_code=code))]
    if not dossier.status.is_finished:
        own.append(str(Payload("stop_watching", dossier_code=code)))
    return [*own, *offered][:MAX_CHOICES]
