"""Works off what waits in a table: one person's rows one after another, different persons' side by side."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
from collections import OrderedDict
from typing import Any, Awaitable, Callable, Sequence

import sqlalchemy as sa

from connectors.messages import Address

REMEMBERED = 5_000  # addresses; whoever does not fit is found in the table again
LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.timezone.utc)
LOOK_SECONDS = 1.0  # what waits for a later moment is looked for this often

Scan = Callable[[int], Awaitable[Sequence[Address]]]
Serve = Callable[[Address], Awaitable[None]]

logger = logging.getLogger(__name__)


class Lanes:
    """``scan(most)`` gives persons for whom something is due now, ``serve`` does all that is due for one of them.

    Memory holds addresses only, and not too many: the table is the queue.
    """

    def __init__(self, name: str, scan: Scan, serve: Serve, side_by_side: int) -> None:
        self._name, self._scan, self._serve = name, scan, serve
        self._side_by_side = side_by_side
        self._ready: OrderedDict[Address, None] = OrderedDict()
        self._serving: dict[Address, asyncio.Task[None]] = {}
        self._again: set[Address] = set()
        self._news = asyncio.Event()
        self._looked_at = float("-inf")
        self._more = False  # the table held more than the last look could give
        self._closing = False

    def ready(self, address: Address) -> None:
        """Something may be due for this person."""
        if address in self._serving:
            self._again.add(address)
        elif len(self._ready) < REMEMBERED:
            self._ready[address] = None
        self._news.set()

    async def run(self) -> None:
        """Until closed."""
        while not self._closing:
            self._start_what_is_ready()
            self._news.clear()
            if not self._ready and (self._more or self._looks_again()):
                await self._look()
            if not self._ready or len(self._serving) >= self._side_by_side:
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._news.wait(), LOOK_SECONDS)

    async def close(self, seconds: float) -> None:
        """Take no more, finish what is under way; what is not finished in time is found in the table again."""
        self._closing = True
        self._news.set()
        if self._serving:
            _, late = await asyncio.wait(self._serving.values(), timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _looks_again(self) -> bool:
        """Not all the time: somebody may be found for whom nothing can be done yet."""
        return asyncio.get_running_loop().time() - self._looked_at >= LOOK_SECONDS

    async def _look(self) -> None:
        self._looked_at, self._more = asyncio.get_running_loop().time(), False
        try:
            found = await self._scan(REMEMBERED)
            self._more = len(found) >= REMEMBERED
        except Exception:  # the database is away for a moment: what waits there waits
            logger.exception("%s: what waits cannot be read", self._name)
            return
        for address in found:
            if address not in self._serving:
                self._ready[address] = None

    def _start_what_is_ready(self) -> None:
        while self._ready and len(self._serving) < self._side_by_side and not self._closing:
            address, _ = self._ready.popitem(last=False)
            if address not in self._serving:
                self._serving[address] = asyncio.create_task(self._serve_one(address))

    async def _serve_one(self, address: Address) -> None:
        try:
            await self._serve(address)
        except Exception:
            logger.exception("%s: a person's messages could not be worked off", self._name)
        finally:
            del self._serving[address]
            if address in self._again:
                self._again.discard(address)
                self._ready[address] = None
            self._news.set()


def persons_due(table: sa.Table, at: dt.datetime) -> Any:
    """A query for persons of whose rows none is put off beyond ``at``; the caller says which rows, and the order."""
    columns = table.c
    is_due = sa.func.max(sa.func.coalesce(columns.not_before, LONG_AGO)) <= at
    return sa.select(columns.channel, columns.person).group_by(columns.channel, columns.person).having(is_due)
