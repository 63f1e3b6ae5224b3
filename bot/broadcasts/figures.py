"""How far a campaign is: its deliveries by channel, state and reason, counted so that nobody else waits for it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any, Callable, Mapping, Optional

import sqlalchemy as sa

from bot.broadcasts.campaign import DeliveryState
from bot.broadcasts.tables import deliveries
from bot.storage import Database

AT_ONCE = 20_000  # rows: some ten milliseconds of the database
RESTS = 10.0  # times as long as counting took, before it is done again

_SOME = (
    sa.select(deliveries.c.id, deliveries.c.channel, deliveries.c.why)
    .where(
        deliveries.c.campaign == sa.bindparam("campaign"),
        deliveries.c.state == sa.bindparam("state"),
        deliveries.c.id > sa.bindparam("after"),
    )
    .order_by(deliveries.c.id)
    .limit(AT_ONCE)
    .subquery()
)
_COUNT = sa.select(_SOME.c.channel, _SOME.c.why, sa.func.count().label("count"), sa.func.max(_SOME.c.id).label("last"))
_COUNT = _COUNT.group_by(_SOME.c.channel, _SOME.c.why)


@dataclass(frozen=True)
class Figures:
    """Numbers of deliveries; ``failed`` by reason (deliveries.why). While it is being sent, a row that moves from one
    state to another may be missing or counted in both.
    """

    by_channel: Mapping[str, Mapping[DeliveryState, int]]
    failed: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(sum(states.values()) for states in self.by_channel.values())

    @property
    def over(self) -> int:
        return self.total - self.of(DeliveryState.WAITING, DeliveryState.SENDING)

    def of(self, *states: DeliveryState) -> int:
        return sum(its.get(state, 0) for its in self.by_channel.values() for state in states)


@dataclass(frozen=True)
class _Counted:
    figures: Figures
    until: float  # on the clock: not counted anew before


class Counting:
    """However many look on: each campaign is counted by one at a time, and not oftener than its size allows."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database, self._clock = database, clock
        self._counted: dict[int, _Counted] = {}
        self._locks: dict[int, asyncio.Lock] = {}

    async def figures(self, campaign: int) -> Figures:
        async with self._locks.setdefault(campaign, asyncio.Lock()):
            known = self._counted.get(campaign)
            if known is None or known.until <= self._clock():
                began = self._clock()
                figures = await self._count(campaign)
                ended = self._clock()
                known = self._counted[campaign] = _Counted(figures, ended + RESTS * (ended - began))
            return known.figures

    async def _count(self, campaign: int) -> Figures:
        by_channel: dict[str, Counter[DeliveryState]] = {}
        failed: Counter[str] = Counter()
        for state in DeliveryState:
            after: Optional[int] = 0
            while after is not None:
                rows = await self._some(campaign, state, after)
                for row in rows:
                    by_channel.setdefault(row.channel, Counter())[state] += row.count
                    if state is DeliveryState.FAILED:
                        failed[row.why or ""] += row.count
                is_last = sum(row.count for row in rows) < AT_ONCE
                after = None if is_last else max(row.last for row in rows)
        return Figures(by_channel, dict(failed.most_common()))

    async def _some(self, campaign: int, state: DeliveryState, after: int) -> list[Any]:
        find = {"campaign": campaign, "state": state.value, "after": after}
        rows: list[Any] = await self._database.run(lambda connection: connection.execute(_COUNT, find).all())
        return rows
