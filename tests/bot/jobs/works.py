"""Crews over one database, and what their jobs did."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any, Callable, Mapping, Sequence

from bot.jobs.crew import Crew
from bot.jobs.in_process import TableQueue
from bot.jobs.on_procrastinate import SCHEMA, ProcrastinateQueue
from bot.jobs.protocol import Facts, JobFunction, Queue
from bot.jobs.schedules import Every
from bot.records import now
from bot.storage import Database

HEARTBEAT_SECONDS = 0.1


class Works:
    """Crews over one database, and what their jobs did."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.did: list[Any] = []
        self.pages: list[tuple[str, str]] = []
        self.database = Database(url)
        self._crews: list[tuple[Crew, asyncio.Task[None]]] = []

    def queue(self) -> Queue:
        if self.url.startswith("sqlite"):
            return TableQueue(self.database)
        return ProcrastinateQueue(self.url, HEARTBEAT_SECONDS)

    def crew(
        self,
        functions: Mapping[str, JobFunction],
        every: Sequence[Every] = (),
        waits: Sequence[float] = (),
        clock: Callable[[], dt.datetime] = now,
        **more: Any,
    ) -> Crew:
        crew = Crew(self.queue(), functions, every, self.page, clock, waits, **more)
        self._crews.append((crew, asyncio.create_task(crew.run())))
        return crew

    async def do(self, facts: Facts) -> None:
        self.did.append(facts.get("what"))

    async def page(self, name: str, sentence: str) -> None:
        self.pages.append((name, sentence))

    async def until(self, holds: Callable[[], Any]) -> None:
        for _ in range(600):
            if holds():
                return
            await asyncio.sleep(0.01)
        raise AssertionError((self.did, self.pages))

    async def end(self, crew: Crew, seconds: float = 5.0) -> None:
        _, running = next(one for one in self._crews if one[0] is crew)
        self._crews.remove((crew, running))
        await crew.close(seconds)
        await running

    async def hide(self) -> None:
        """As if the database were away, for the jobs alone."""
        await self._rename("jobs", "jobs_hidden", SCHEMA, f"{SCHEMA}_hidden")

    async def show(self) -> None:
        await self._rename("jobs_hidden", "jobs", f"{SCHEMA}_hidden", SCHEMA)

    async def _rename(self, table: str, to_table: str, schema: str, to_schema: str) -> None:
        sql = f"ALTER TABLE {table} RENAME TO {to_table}"
        if not self.url.startswith("sqlite"):
            sql = f"ALTER SCHEMA {schema} RENAME TO {to_schema}"
        await self.database.run(lambda connection: connection.exec_driver_sql(sql))

    async def close(self) -> None:
        for crew, _ in list(self._crews):
            await self.end(crew, 0.0)
        await self.database.close()
