"""Writes of many who wait for them at the same time, as one work of the database."""

from __future__ import annotations

import asyncio
import functools
from typing import Callable, Generic, Optional, Sequence, TypeVar

import sqlalchemy as sa

from bot.storage import Database

Item = TypeVar("Item")
# Gives of each item whether it was written.
Write = Callable[[sa.engine.Connection, Sequence[Item]], Sequence[bool]]


class Together(Generic[Item]):
    """While one work is under way, the next one gathers."""

    def __init__(self, database: Database, write: Write[Item]) -> None:
        self._database, self._write = database, write
        self._waiting: list[tuple[Item, asyncio.Future[bool]]] = []
        self._task: Optional[asyncio.Task[None]] = None

    async def put(self, item: Item) -> bool:
        """Whether it was written; committed when this returns. Raises what the database raises."""
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        return await done

    async def _run(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            write = functools.partial(_apply, self._write, [item for item, _ in batch])
            try:
                written = await self._database.run(write)
            except Exception as error:
                for _, done in batch:
                    if not done.done():
                        done.set_exception(error)
            else:
                for (_, done), is_written in zip(batch, written):
                    if not done.done():  # who waited has left
                        done.set_result(is_written)
        self._task = None


def _apply(write: Write[Item], items: Sequence[Item], connection: sa.engine.Connection) -> Sequence[bool]:
    return write(connection, items)
