"""Zalo's webhook: signs events, expects 200 within two seconds, repeats up a ladder, gives up at its end."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import random
import time
from dataclasses import dataclass
from typing import Any, Mapping, Optional

import aiohttp

from emulators.movable_clock import MovableClock
from emulators.zalo_faults import Fault, Switches, ZaloFaults
from emulators.zalo_wire import millis
from emulators.zalo_world import Identity

LADDER_SECONDS = (30, 300, 900, 1800, 3600)
_OVERTAKING_SECONDS = 0.5


def signature(app_id: str, body: bytes, timestamp: str, oa_secret_key: str) -> str:
    """As in ``X-ZEvent-Signature``: a digest of the concatenation, no HMAC."""
    return f"mac={hashlib.sha256(app_id.encode() + body + timestamp.encode() + oa_secret_key.encode()).hexdigest()}"


@dataclass(frozen=True)
class Delivery:
    """One attempt (counted from 0). ``status`` is None when no answer came, ``error`` says why then."""

    event: str
    msg_id: str
    attempt: int
    status: Optional[int]
    error: str
    seconds: float


@dataclass(frozen=True)
class _Event:
    name: str
    msg_id: str
    body: bytes
    headers: Mapping[str, str]


class Webhook:
    """Queues events without waiting; ``connections`` are open at the same time at most."""

    def __init__(
        self,
        identity: Identity,
        clock: MovableClock,
        faults: ZaloFaults,
        switches: Switches,
        dice: random.Random,
        ladder_scale: float,
        connections: int,
    ) -> None:
        self._identity = identity
        self._clock = clock
        self._faults = faults
        self._switches = switches
        self._dice = dice
        self._ladder_scale = ladder_scale
        self._connections = connections
        self._turn = asyncio.Semaphore(connections)
        self._tasks: set[asyncio.Task[None]] = set()
        self._overtaken = asyncio.Event()
        self._http: Optional[aiohttp.ClientSession] = None
        self._url: Optional[str] = None
        self.disabled = False
        self.deliveries: list[Delivery] = []

    @property
    def url(self) -> Optional[str]:
        return self._url

    @url.setter
    def url(self, url: Optional[str]) -> None:
        """Saving an address registers it anew."""
        self._url = url
        self.disabled = False

    async def open(self) -> None:
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections),
            headers={"User-Agent": "ZaloWebhook", "Content-Type": "application/json"},
        )

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._http is not None:
            await self._http.close()

    def publish(self, name: str, fields: Mapping[str, Any], *, about_template: bool = False) -> None:
        """Nobody is told while there is no address, as with Zalo."""
        if self._url is None or self.disabled or self._http is None:
            return
        self._start(self._event(name, fields, about_template))

    async def settle(self, timeout: float) -> None:
        """Until every event is delivered or given up. Raises asyncio.TimeoutError."""

        async def nothing_left() -> None:
            while self._tasks:
                await asyncio.wait(self._tasks)

        await asyncio.wait_for(nothing_left(), timeout)

    async def probe(self) -> Delivery:
        """What comes unsigned when the console saves the address."""
        return await self._attempt(_Event("", "", b"{}", {}), 0)

    def _event(self, name: str, fields: Mapping[str, Any], about_template: bool) -> _Event:
        timestamp = millis(self._clock.now())
        values = {"app_id": self._identity.app_id, "event_name": name, "timestamp": timestamp, **fields}
        # The order of the fields is not fixed.
        body = json.dumps(
            dict(self._dice.sample(list(values.items()), len(values))), ensure_ascii=False, separators=(",", ":")
        ).encode()
        key = self._identity.oa_secret_key
        if self._faults.strikes(Fault.WRONG_SIGNATURE, name):
            key = f"not {key}"
        headers = {"X-ZEvent-Signature": signature(self._identity.app_id, body, values["timestamp"], key)}
        if about_template:
            headers["X-ZEvent-Server"] = "ZNS"
        return _Event(name, fields.get("message", {}).get("msg_id", ""), body, headers)

    def _start(self, event: _Event) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(event))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, event: _Event) -> None:
        if self._faults.strikes(Fault.OUT_OF_ORDER, event.name):
            await self._be_overtaken()
        if self._faults.strikes(Fault.UNSIGNED_PROBE, event.name):
            await self.probe()
        for attempt, pause in enumerate((*LADDER_SECONDS, None)):
            delivery = await self._attempt(event, attempt)
            if delivery.status == 200:
                self._overtaken.set()
                if self._faults.strikes(Fault.DUPLICATE_EVENT, event.name):
                    await self._attempt(event, attempt)
                return
            if pause is None:
                self.disabled = True
            else:
                await self._clock.pause(pause, self._ladder_scale)
            if self.disabled:
                return

    async def _be_overtaken(self) -> None:
        self._overtaken.clear()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._overtaken.wait(), _OVERTAKING_SECONDS)

    async def _attempt(self, event: _Event, attempt: int) -> Delivery:
        headers = {**event.headers, **({"num_retry": str(attempt)} if attempt else {})}
        status, error = None, ""
        async with self._turn:
            began = time.monotonic()
            try:
                if self._http is None or not self._url:
                    raise aiohttp.InvalidURL("none is registered")
                async with self._http.post(
                    self._url,
                    data=event.body,
                    headers=headers,
                    allow_redirects=False,
                    timeout=aiohttp.ClientTimeout(total=self._switches.answer_seconds),
                ) as answer:
                    status = answer.status
            except asyncio.TimeoutError:
                error = "no answer in time"
            except aiohttp.ClientError as failure:
                error = type(failure).__name__
            seconds = time.monotonic() - began
        delivery = Delivery(event.name, event.msg_id, attempt, status, error, seconds)
        self.deliveries.append(delivery)
        return delivery
