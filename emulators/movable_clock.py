"""A clock that can be moved forward, and pauses that end early when it is."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Callable


class MovableClock:
    def __init__(self, now: Callable[[], dt.datetime]) -> None:
        self._now = now
        self._shift = dt.timedelta()
        self._moved = asyncio.Event()

    def now(self) -> dt.datetime:
        return self._now() + self._shift

    def advance(self, seconds: float) -> None:
        self._shift += dt.timedelta(seconds=seconds)
        self._moved.set()
        self._moved = asyncio.Event()

    async def pause(self, seconds: float, scale: float = 1.0) -> None:
        """Until ``seconds * scale`` real seconds have passed or the clock was moved by ``seconds``."""
        goal = self._shift + dt.timedelta(seconds=seconds)
        ends = asyncio.get_running_loop().time() + seconds * scale
        while self._shift < goal:
            try:
                await asyncio.wait_for(self._moved.wait(), ends - asyncio.get_running_loop().time())
            except asyncio.TimeoutError:
                return
