"""A process that plans a campaign and is killed after some statements: ``<database url> <campaign> <statements>``."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import sys
from typing import Any

import sqlalchemy as sa

from bot.storage import Database
from tests.bot.broadcasts.town import Office


async def plan(url: str, campaign: int, statements: int) -> None:
    database, count = Database(url), itertools.count(1)

    def watch(*_: Any) -> None:
        if next(count) == statements:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(database._engine, "after_cursor_execute", watch)
    await Office(database).planner.plan({"campaign": campaign})


if __name__ == "__main__":
    asyncio.run(plan(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
