"""A process that begins a job which never ends, says so, and waits to be killed: ``hanging.py URL``."""

from __future__ import annotations

import asyncio
import sys

from bot.jobs.protocol import Facts
from tests.bot.jobs.works import Works


async def hang(facts: Facts) -> None:
    sys.stdout.write(f"{facts['what']}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


async def main() -> None:
    Works(sys.argv[1]).crew({"send": hang})
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
