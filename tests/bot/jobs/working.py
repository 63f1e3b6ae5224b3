"""``python -m bot work`` with one job that takes a moment: ``working.py DATABASE_URL REDIS_URL``."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from typing import AsyncIterator

from bot.jobs.crew import Crew
from bot.jobs.on_procrastinate import ProcrastinateQueue
from bot.jobs.protocol import Facts
from bot.settings import Settings
from bot.work_command import add_work_command


def say(what: str) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


async def page(name: str, sentence: str) -> None:
    say(f"{name}: {sentence}")


@contextlib.asynccontextmanager
async def open_work(settings: Settings) -> AsyncIterator[Crew]:
    async def send(facts: Facts) -> None:
        say("begun")
        await asyncio.sleep(0.1)
        say("ended")

    say("opened")
    crew = Crew(ProcrastinateQueue(settings.database_url), {"send": send}, (), page)
    await crew.put("send", "5", {})
    yield crew
    say("closed")


def main(database_url: str, redis_url: str) -> int:
    parser = argparse.ArgumentParser()
    add_work_command(parser.add_subparsers(), open_work)
    options = parser.parse_args(["work"])
    code: int = options.run(options, Settings(database_url=database_url, redis_url=redis_url))
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
