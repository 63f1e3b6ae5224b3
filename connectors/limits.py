"""How much and how fast a citizen may send: the limits that the web chat and the REST door share."""

from __future__ import annotations

import asyncio
import ipaddress
import math
import time
from collections import Counter, OrderedDict
from dataclasses import dataclass
from typing import Callable, Optional

from aiohttp import ClientPayloadError, web
from aiohttp.http_exceptions import HttpProcessingError
from async_timeout import timeout

Clock = Callable[[], float]


@dataclass(frozen=True)
class Rate:
    """``per_minute`` messages in the long run, ``burst`` of them at once."""

    per_minute: float
    burst: int


@dataclass(frozen=True)
class DoorLimits:
    """Sizes in bytes and characters, times in seconds."""

    sender: Rate = Rate(per_minute=15, burst=10)
    address: Rate = Rate(per_minute=120, burst=60)
    overall: Rate = Rate(per_minute=30_000, burst=2_000)
    body_bytes: int = 16 * 1024
    body_seconds: float = 10.0
    text_characters: int = 2_000
    sockets_per_visitor: int = 8
    sockets_per_address: int = 100


class RateLimiter:
    """One rate, kept for each key apart. Holds one number per key and forgets the keys that were quiet longest."""

    def __init__(self, rate: Rate, clock: Clock = time.monotonic, keys: int = 50_000) -> None:
        self._interval = 60.0 / rate.per_minute
        self._window = self._interval * rate.burst
        self._clock = clock
        self._keys = keys
        self._spent_until: OrderedDict[str, float] = OrderedDict()

    def seconds_to_wait(self, key: str) -> float:
        """0 when one more is allowed now."""
        now = self._clock()
        spent_until = max(now, self._spent_until.get(key, now)) + self._interval
        # A hair of tolerance: 10 × 4.0 summed as floats may exceed 40.0 and refuse the last one of a burst.
        excess = spent_until - now - self._window
        return excess if excess > 1e-9 else 0.0

    def spend(self, key: str) -> None:
        now = self._clock()
        self._spent_until[key] = max(now, self._spent_until.get(key, now)) + self._interval
        self._spent_until.move_to_end(key)
        if len(self._spent_until) > self._keys:
            self._spent_until.popitem(last=False)


class Gate:
    """Lets one message through when the sender, the network address and the whole door have room for it."""

    def __init__(self, limits: DoorLimits, clock: Clock = time.monotonic) -> None:
        self._senders = RateLimiter(limits.sender, clock)
        self._addresses = RateLimiter(limits.address, clock)
        self._overall = RateLimiter(limits.overall, clock)

    def admit(self, sender: str, address: Optional[str] = None) -> int:
        """0: admitted and counted. Otherwise the whole seconds to wait; nothing was counted."""
        needed = [(self._senders, sender), (self._overall, "")]
        if address is not None:
            needed.append((self._addresses, address))
        wait = max(limiter.seconds_to_wait(key) for limiter, key in needed)
        if wait:
            return math.ceil(wait)
        for limiter, key in needed:
            limiter.spend(key)
        return 0


class Seats:
    """Counts what is open at the same time for each key."""

    def __init__(self, per_key: int) -> None:
        self._per_key = per_key
        self._taken: Counter[str] = Counter()

    def take(self, key: str) -> bool:
        """True when there was a seat; the caller gives it back with ``free``."""
        if self._taken[key] >= self._per_key:
            return False
        self._taken[key] += 1
        return True

    def free(self, key: str) -> None:
        self._taken[key] -= 1
        if self._taken[key] <= 0:
            del self._taken[key]


class BodyTooLarge(Exception):
    """Answer 413: the sender must send less."""


class BodyTooSlow(Exception):
    """Answer 408: the sender must send faster."""


class BodyBroken(Exception):
    """Answer 400: the body ended early or is not packed as its headers say."""


async def read_body(request: web.Request, limits: DoorLimits) -> bytes:
    """The whole body, never more than allowed in memory, never waiting longer than allowed.

    Raises BodyTooLarge, BodyTooSlow and BodyBroken.
    """
    if (request.content_length or 0) > limits.body_bytes:
        raise BodyTooLarge
    try:
        async with timeout(limits.body_seconds):
            return await _read_at_most(request, limits.body_bytes)
    except asyncio.TimeoutError as error:
        raise BodyTooSlow from error
    except (web.RequestPayloadError, ClientPayloadError, HttpProcessingError, ConnectionError) as error:
        raise BodyBroken from error


async def _read_at_most(request: web.Request, size: int) -> bytes:
    body = bytearray()
    async for chunk in request.content.iter_chunked(8192):
        body += chunk
        if len(body) > size:
            raise BodyTooLarge
    return bytes(body)


def can_be_stored(text: str) -> bool:
    """Half a surrogate pair and NUL come through JSON, but no database takes them."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def network_address(request: web.BaseRequest, proxies: int) -> str:
    """Where the request came from, behind ``proxies`` of our own: only what they wrote themselves is believed."""
    hops = [hop.strip() for hop in ",".join(request.headers.getall("X-Forwarded-For", [])).split(",") if hop.strip()]
    address = hops[-proxies] if proxies and len(hops) >= proxies else request.remote or "unknown"
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6 and parsed.ipv4_mapped:  # how IPv4 looks to a server that listens on "::"
        parsed = parsed.ipv4_mapped
    if parsed.version == 4:
        return str(parsed)
    # One household holds a whole /64: counted by single addresses it would have no limit at all.
    return str(ipaddress.ip_network((parsed, 64), strict=False))
