"""Delivers updates to a bot's webhook: in order within a chat, chats side by side, again until it answers 2xx."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections import deque
from dataclasses import dataclass
from typing import Any, Iterable, Optional, Protocol

import aiohttp

from emulators.movable_clock import MovableClock
from emulators.telegram_faults import Fault, Switches, TelegramFaults

_LONGEST_DELAY = 3600.0


@dataclass(frozen=True)
class Update:
    update_id: int
    chat_id: int
    at: dt.datetime
    body: dict[str, Any]


@dataclass(frozen=True)
class Webhook:
    url: str
    secret_token: str = ""
    max_connections: int = 40


@dataclass(frozen=True)
class Delivery:
    """One attempt: ``status`` of the answer, or ``error`` when there was none."""

    update_id: int
    attempt: int
    status: Optional[int]
    error: str
    seconds: float


class _Queue(Protocol):
    """Where the updates come from and what is told about them."""

    clock: MovableClock
    switches: Switches

    def is_waiting(self, update: Update) -> bool: ...

    def record(self, delivery: Delivery, words: str) -> None: ...

    def finish(self, update: Update) -> None: ...


class WebhookSender:
    """Works until ``close``. The delay after a failure is 1, 2, 4 ... seconds, at most an hour, each scaled."""

    def __init__(self, webhook: Webhook, queue: _Queue, faults: TelegramFaults, waiting: Iterable[Update]) -> None:
        self._webhook = webhook
        self._queue = queue
        self._faults = faults
        self._chats: dict[int, deque[Update]] = {}
        self._attempts: dict[int, int] = {}
        self._ready: asyncio.Queue[int] = asyncio.Queue()
        for update in waiting:
            self.add(update)
        self._pauses: set[asyncio.Task[None]] = set()
        self._work = asyncio.create_task(self._run())

    def add(self, update: Update) -> None:
        if update.chat_id in self._chats:
            self._chats[update.chat_id].append(update)
        else:
            self._chats[update.chat_id] = deque([update])
            self._ready.put_nowait(update.chat_id)

    async def close(self) -> None:
        for task in (self._work, *self._pauses):
            task.cancel()
        # Anything but the cancelling is a fault of the emulator itself and must be seen.
        outcome = (await asyncio.gather(self._work, return_exceptions=True))[0]
        if not isinstance(outcome, asyncio.CancelledError):
            raise RuntimeError("the webhook's sender had ended by itself") from outcome

    async def _run(self) -> None:
        connector = aiohttp.TCPConnector(limit=self._webhook.max_connections)
        async with aiohttp.ClientSession(connector=connector) as http:
            await asyncio.gather(*(self._deliver_ready(http) for _ in range(self._webhook.max_connections)))

    async def _deliver_ready(self, http: aiohttp.ClientSession) -> None:
        while True:
            chat_id = await self._ready.get()
            waiting = self._chats[chat_id]
            if len(waiting) > 1 and self._faults.strikes(Fault.OUT_OF_ORDER):
                waiting[0], waiting[1] = waiting[1], waiting[0]
            delay = await self._deliver(http, waiting[0])
            if delay > 0:
                pause = asyncio.create_task(self._again_after(delay, chat_id))
                self._pauses.add(pause)
                pause.add_done_callback(self._pauses.discard)
                continue
            waiting.popleft()
            if waiting:
                self._ready.put_nowait(chat_id)
            else:
                del self._chats[chat_id]

    async def _again_after(self, seconds: float, chat_id: int) -> None:
        await self._queue.clock.pause(seconds, self._queue.switches.retry_scale)
        self._ready.put_nowait(chat_id)

    async def _deliver(self, http: aiohttp.ClientSession, update: Update) -> float:
        """Seconds until it must be tried again, 0 when it is done."""
        if not self._queue.is_waiting(update):
            return 0.0
        if not await self._attempt(http, update):
            return float(min(_LONGEST_DELAY, 2 ** (self._attempts[update.update_id] - 1)))
        if self._faults.strikes(Fault.DUPLICATE):
            await self._attempt(http, update)
        del self._attempts[update.update_id]
        self._queue.finish(update)
        return 0.0

    async def _attempt(self, http: aiohttp.ClientSession, update: Update) -> bool:
        self._attempts[update.update_id] = attempt = self._attempts.get(update.update_id, 0) + 1
        secret = {"X-Telegram-Bot-Api-Secret-Token": self._webhook.secret_token} if self._webhook.secret_token else {}
        limit = aiohttp.ClientTimeout(total=self._queue.switches.webhook_seconds)
        began = time.perf_counter()
        status, error = None, ""
        try:
            async with http.post(
                self._webhook.url, json=update.body, headers=secret, timeout=limit, allow_redirects=False
            ) as answer:
                await answer.read()
                status = answer.status
        except asyncio.TimeoutError:
            error = "Read timeout expired"
        except aiohttp.ClientConnectorError:
            error = "Connection refused"
        except (aiohttp.ClientError, OSError):
            error = "Connection reset by peer"
        delivered = status is not None and 200 <= status < 300
        words = error or ("" if delivered else f"Wrong response from the webhook: {status}")
        seconds = time.perf_counter() - began
        self._queue.record(Delivery(update.update_id, attempt, status, error, seconds), words)
        return delivered
