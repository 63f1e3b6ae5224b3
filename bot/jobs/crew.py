"""Works off a queue of jobs: a few of each name side by side, what fails again later, what keeps failing set aside."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
import functools
import logging
from types import MappingProxyType
from typing import Awaitable, Callable, Mapping, Optional, Sequence

from bot.jobs.protocol import Facts, Job, JobFunction, Queue
from bot.jobs.schedules import Every
from bot.records import now
from bot.storage import reason

# Each name has places of its own: sending takes hours and must not keep what takes a moment from being done.
SIDE_BY_SIDE = 4
WAITS = (5.0, 20.0, 60.0, 240.0)  # seconds before each further attempt; after the last one it is set aside
LOOK_SECONDS = 1.0
INTERRUPTED = "interrupted"

Page = Callable[[str, str], Awaitable[None]]
Writing = Callable[[], Awaitable[None]]
logger = logging.getLogger(__name__)


class Crew:
    """Jobs (bot.jobs.protocol.Jobs) that this process works off itself.

    ``page(name, sentence)`` tells a person, as bot.alerts.Alerts does. ``places``: of which names more are worked at
    side by side than SIDE_BY_SIDE.
    """

    def __init__(
        self,
        queue: Queue,
        functions: Mapping[str, JobFunction],
        every: Sequence[Every],
        page: Page,
        clock: Callable[[], dt.datetime] = now,
        waits: Sequence[float] = WAITS,
        places: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self._queue, self._functions, self._every, self._page = queue, functions, every, page
        self._clock, self._waits, self._places = clock, waits, places
        self._working: dict[asyncio.Task[None], str] = {}
        self._put_for: dict[Every, dt.datetime] = {}
        self._news = asyncio.Event()
        self._looking = asyncio.Lock()
        self._closing = False

    async def put(self, name: str, key: str, facts: Facts, at: Optional[dt.datetime] = None) -> None:
        await self._queue.put(name, key, facts, at)
        self._news.set()

    async def run(self) -> None:
        """Until closed."""
        while not self._closing:
            self._news.clear()
            try:
                await self._look()
            except Exception:  # the database is away for a moment: what waits there waits
                logger.exception("jobs: what waits cannot be read")
                await asyncio.sleep(LOOK_SECONDS)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._news.wait(), LOOK_SECONDS)

    async def close(self, seconds: float) -> None:
        """Begin nothing more, let end what is under way; what takes longer than ``seconds`` begins anew later."""
        self._closing = True
        self._news.set()
        async with self._looking:  # what was just being claimed is under way, too
            pass
        if self._working:
            _, late = await asyncio.wait(self._working, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._queue.close()

    async def _look(self) -> None:
        async with self._looking:
            if self._closing:
                return
            await self._queue.tend()
            await self._put_what_is_due()
            places = {name: self._places.get(name, SIDE_BY_SIDE) for name in self._functions}
            for name in self._working.values():
                places[name] -= 1
            for job in await self._queue.claim(places):
                self._working[asyncio.create_task(self._work(job))] = job.name

    async def _put_what_is_due(self) -> None:
        for one in self._every:
            due = one.schedule.last_due(self._clock())
            if self._put_for.get(one) != due:
                await self._queue.put_due(one.name, one.key, due)
                self._put_for[one] = due

    async def _work(self, job: Job) -> None:
        try:
            await self._write_down(await self._attempt(job))
        finally:
            self._working.pop(asyncio.current_task())  # type: ignore[arg-type]  # this runs in a task
            self._news.set()

    async def _attempt(self, job: Job) -> Writing:
        """How to write down what came of it."""
        if job.attempts > len(self._waits) + 1:  # every attempt took its process along
            return functools.partial(self._set_aside, job, INTERRUPTED)
        try:
            await self._functions[job.name](job.facts)
        except asyncio.CancelledError:
            if not self._closing:
                return self._after_failure(job, INTERRUPTED)
            uncounted = dataclasses.replace(job, attempts=job.attempts - 1)  # a restart is no failure
            return functools.partial(self._queue.again, uncounted, None, INTERRUPTED)
        except Exception as error:
            logger.exception("job %s %s failed, attempt %d", job.name, job.key, job.attempts)
            return self._after_failure(job, reason(error)[:300])
        return functools.partial(self._queue.done, job)

    def _after_failure(self, job: Job, error: str) -> Writing:
        if job.attempts > len(self._waits):
            return functools.partial(self._set_aside, job, error)
        at = self._clock() + dt.timedelta(seconds=self._waits[job.attempts - 1])
        return functools.partial(self._queue.again, job, at, error)

    async def _set_aside(self, job: Job, error: str) -> None:
        await self._queue.set_aside(job, error)
        await self._page(
            f"job-aside-{job.name}",
            f"Việc nền {job.name} {job.key} không làm được sau {job.attempts} lần thử, xem nhật ký máy chủ. "
            f"The background job {job.name} {job.key} failed {job.attempts} times: see the server's log.",
        )

    async def _write_down(self, writing: Writing) -> None:
        """What cannot be written down before the end is found as being worked at, and begun anew."""
        while True:
            try:
                return await writing()
            except Exception:
                logger.exception("jobs: what came of one cannot be written down")
                if self._closing:
                    return
            await asyncio.sleep(LOOK_SECONDS)
