"""``python -m bot work``: a process that plans, sends and reads files beside the server, on this or another machine."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from typing import Any, AsyncContextManager, Callable

from bot.jobs.crew import Crew
from bot.settings import Settings
from bot.storage import migrate

# Opens all that the functions of jobs need, and closes it: the crew itself is closed before.
OpenWork = Callable[[Settings], AsyncContextManager[Crew]]
CLOSE_SECONDS = 10.0
ONE_PROCESS = (
    "Với SQLite một tiến trình làm tất cả: hãy chạy python -m bot run, hoặc đặt DATABASE_URL là postgresql://… / "
    "With SQLite one process does everything: run python -m bot run, or set DATABASE_URL to postgresql://…"
)
NO_REDIS = (
    "Nhiều tiến trình cần giữ chung giới hạn gửi tin: hãy đặt REDIS_URL / "
    "Several processes must keep the platforms' limits together: set REDIS_URL"
)


def add_work_command(commands: Any, open_work: OpenWork) -> None:
    """Add ``work`` to the command line; its ``run(options, settings)`` gives the exit code."""
    parser = commands.add_parser("work", help="do the work in the background beside the server (PostgreSQL and Redis)")
    parser.set_defaults(run=lambda options, settings: run(options, settings, open_work))


def run(_: argparse.Namespace, settings: Settings, open_work: OpenWork) -> int:
    """Until SIGTERM or SIGINT."""
    if not settings.database_url.startswith("postgresql"):
        return _refuse(ONE_PROCESS)
    if not settings.redis_url:
        return _refuse(NO_REDIS)
    migrate(settings.database_url)
    asyncio.run(_work(settings, open_work))
    return 0


async def _work(settings: Settings, open_work: OpenWork) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with open_work(settings) as crew:
        closing = asyncio.create_task(_close_after(stopped, crew))
        sys.stderr.write("Đang làm việc nền / Working in the background (Ctrl-C)\n")
        await crew.run()
        await closing


async def _close_after(stopped: asyncio.Event, crew: Crew) -> None:
    await stopped.wait()
    await crew.close(CLOSE_SECONDS)


def _refuse(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 1
