"""Ends tasks of the event loop for good."""

from __future__ import annotations

import asyncio
from typing import Collection

CANCEL_AGAIN_SECONDS = 0.5


async def end(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancels until they have ended: a cancelling that meets a connection being opened (httpx, anyio) is swallowed."""
    while tasks:
        for task in tasks:
            task.cancel()
        _, tasks = await asyncio.wait(tasks, timeout=CANCEL_AGAIN_SECONDS)
