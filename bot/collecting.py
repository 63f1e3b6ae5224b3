"""When the garbage is collected: a full collection stops the whole process, so it is made when nobody waits."""

from __future__ import annotations

import asyncio
import gc
from typing import Protocol

SECONDS_BETWEEN_COLLECTIONS = 300
MOST_SECONDS_UNTIL_IDLE = 60
QUIET_SECONDS, MOST_LOOKS_UNTIL_QUIET = 2.0, 30


class Busy(Protocol):
    @property
    def is_idle(self) -> bool:
        """Nobody waits for an answer."""

    @property
    def begun(self) -> int:
        """How many messages were taken in so far."""


def set_aside() -> None:
    """What is alive after the start stays alive: it is set aside, and never looked through within a turn."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 1_000_000)


async def collect_when_idle(conversation: Busy) -> None:
    """Now and then, until it is cancelled."""
    while True:
        await asyncio.sleep(SECONDS_BETWEEN_COLLECTIONS)
        await _idle(conversation)
        gc.collect()


async def release(conversation: Busy) -> None:
    """Let go of what was set aside and is not needed any more.

    That looks through everything and takes more than half a second: it waits, up to a minute, for two seconds in
    which nobody writes.
    """
    for _ in range(MOST_LOOKS_UNTIL_QUIET):
        begun = conversation.begun
        await asyncio.sleep(QUIET_SECONDS)
        if conversation.is_idle and conversation.begun == begun:
            break
    gc.unfreeze()
    gc.collect()
    gc.freeze()


async def _idle(conversation: Busy) -> None:
    for _ in range(MOST_SECONDS_UNTIL_IDLE):  # under steady load there may be no idle moment at all
        if conversation.is_idle:
            break
        await asyncio.sleep(1)
