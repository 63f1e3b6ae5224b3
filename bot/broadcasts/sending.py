"""One worker at one campaign: claims, has many deliveries under way at once, and can be held at any moment."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Awaitable, Callable, Iterator, Mapping

from bot.broadcasts.attempts import Attempts
from bot.broadcasts.campaigns import Campaign
from bot.broadcasts.delivery import Delivery, Outcome
from bot.broadcasts.ledger import Ledger
from bot.broadcasts.refusals import CampaignRefused

IDLE_SECONDS = 0.5  # between two looks for work while others are at it, or all of it is put off


class Sending:
    """``settled`` is told every outcome once it is committed. ``at_once`` deliveries are claimed together; twice as
    many are under way at most.
    """

    def __init__(
        self,
        ledger: Ledger,
        attempts: Attempts,
        campaign: Campaign,
        settled: Callable[[Outcome], Awaitable[None]],
        sleep: Callable[[float], Awaitable[None]],
        at_once: int,
    ) -> None:
        self._ledger, self._attempts, self._campaign = ledger, attempts, campaign
        self._settled, self._sleep, self._at_once = settled, sleep, at_once
        self._worker = ledger.new_worker()
        self._tasks: set[asyncio.Task[None]] = set()
        self._in_line: set[asyncio.Task[None]] = set()  # those that wait for their turn
        self._room = asyncio.Event()
        self._held = self._closing = False
        self._failure: list[BaseException] = []

    @property
    def is_held(self) -> bool:
        return self._held

    async def run(self) -> None:
        """Until nothing is left to send and the campaign is finished, or all is over after it was held."""
        try:
            while not (self._closing or await self._step()):
                pass
        finally:
            await self._end()
        if self._failure:
            raise self._failure[0]

    def hold(self) -> None:
        """Begin nothing more. Who waits for their turn goes home at once; what was begun is brought to its end, and
        what others left behind is still looked up.
        """
        self._held = True
        for task in self._in_line:
            task.cancel()
        self._room.set()

    def close(self) -> None:
        """Hold, and look up nothing either."""
        self._closing = True
        self.hold()

    def fail(self, error: BaseException) -> None:
        """Close; ``run`` raises it."""
        self._failure.append(error)
        self.close()

    async def keep(self) -> None:
        await self._ledger.keep(self._campaign.id, self._worker)

    async def _step(self) -> bool:
        """Start what can be started, wait for room; whether all is over."""
        id, most = self._campaign.id, self._at_once
        lost = await self._ledger.lost(id, self._worker, most)
        known = await self._ledger.known(lost) if lost else {}
        fresh = [] if self._held else await self._ledger.claim(id, self._worker, most)
        for delivery in (*lost, *fresh):
            self._start(delivery, known)
        if len(self._tasks) > most:
            self._room.clear()
            await self._room.wait()
        elif self._held and self._tasks:
            await asyncio.wait(self._tasks)
        elif not (lost or fresh):
            if not self._tasks and (self._held or await self._finish()):
                return True
            await self._sleep(IDLE_SECONDS)
        return False

    async def _finish(self) -> bool:
        try:
            return await self._ledger.finish(self._campaign.id)
        except CampaignRefused:  # another worker was faster, or a person
            return False

    async def _end(self) -> None:
        self.close()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._ledger.release(self._campaign.id, self._worker)

    def _start(self, delivery: Delivery, known: Mapping[str, frozenset[str]]) -> None:
        task = asyncio.create_task(self._serve(delivery, known))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self.fail(error)
        if len(self._tasks) <= self._at_once:
            self._room.set()

    async def _serve(self, delivery: Delivery, known: Mapping[str, frozenset[str]]) -> None:
        content = self._campaign.content
        if delivery.began_at is not None:
            outcome = await self._attempts.look_up(delivery, content, delivery.began_at, known)
        else:
            sent = await self._attempts.send(delivery, content, self._queue)
            if sent is None:  # stopped, and perhaps let go on already: what is claimed must be given back first
                return self.hold()
            outcome = sent
        if await self._ledger.settle(outcome):
            await self._settled(outcome)

    @contextlib.contextmanager
    def _queue(self) -> Iterator[None]:
        self._go_home_if_held()
        task: Any = asyncio.current_task()
        self._in_line.add(task)
        try:
            yield
        finally:
            self._in_line.discard(task)
        self._go_home_if_held()  # a turn may come at once, and a cancelling would only be felt after the beginning

    def _go_home_if_held(self) -> None:
        if self._held:
            raise asyncio.CancelledError
