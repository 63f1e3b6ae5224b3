"""The guarded way to a portal: time limit, retries, breaker, one flight per code, short memory, last known state."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import random
from collections import OrderedDict
from dataclasses import dataclass
from typing import Awaitable, Callable, Optional, Protocol

from knowledge.breaker import CircuitBreaker
from knowledge.dossiers import (
    Clock,
    Dossier,
    DossierCode,
    DossierPortal,
    DossierUnknown,
    PortalMisconfigured,
    PortalUnreachable,
)

_log = logging.getLogger(__name__)

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True)
class Limits:
    """How long and how often the portal is asked. ``total_seconds`` covers all attempts and the pauses between them."""

    total_seconds: float = 8.0
    attempts: int = 3
    first_pause_seconds: float = 0.2
    longest_pause_seconds: float = 2.0
    failures_until_rest: int = 5
    rest_seconds: float = 30.0
    cache_seconds: float = 60.0
    unknown_cache_seconds: float = 30.0
    cache_size: int = 2_000


@dataclass(frozen=True)
class LookUp:
    """``is_last_known``: the portal is away and this is what it said at ``dossier.fetched_at``."""

    dossier: Dossier
    is_last_known: bool


class LastKnown(Protocol):
    """Keeps the last state of each dossier for the time when the portal is away."""

    async def get(self, code: DossierCode) -> Optional[Dossier]: ...

    async def put(self, dossier: Dossier) -> None: ...


class DossierRegistry:
    """What the rest of the house asks about dossiers."""

    def __init__(
        self,
        portal: DossierPortal,
        last_known: LastKnown,
        clock: Clock,
        limits: Limits,
        sleep: Sleep = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._portal = portal
        self._last_known = last_known
        self._clock = clock
        self._limits = limits
        self._sleep = sleep
        self._chance = chance
        self._breaker = CircuitBreaker(clock, limits.failures_until_rest, dt.timedelta(seconds=limits.rest_seconds))
        self._flights: dict[DossierCode, asyncio.Task[Dossier]] = {}
        # A dossier, or None for a code that the portal does not know.
        self._cache: OrderedDict[DossierCode, tuple[dt.datetime, Optional[Dossier]]] = OrderedDict()

    async def look_up(self, code: DossierCode) -> LookUp:
        """Raises DossierUnknown, or PortalUnreachable when the portal is away and nothing is known from before."""
        if code in self._cache:
            fresh_until, dossier = self._cache[code]
            if self._clock() < fresh_until:
                return LookUp(_known(dossier), is_last_known=False)
            del self._cache[code]
        try:
            return LookUp(await self._join_flight(code), is_last_known=False)
        except PortalUnreachable as error:
            _log.warning("dossier portal: %s: %s", type(error).__name__, error)
            last = await self._last_known.get(code)
            if last is None:
                raise
            return LookUp(last, is_last_known=True)

    async def check(self) -> None:
        """For /readyz. Raises PortalUnreachable. Does not wait for a breaker to close."""
        try:
            await asyncio.wait_for(self._portal.check(), self._limits.total_seconds)
        except asyncio.TimeoutError:
            raise PortalUnreachable("no answer in time") from None

    async def close(self) -> None:
        """Stops flights on their way and closes the portal."""
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)
        await self._portal.close()

    async def _join_flight(self, code: DossierCode) -> Dossier:
        flight = self._flights.get(code)
        if flight is None:
            flight = asyncio.get_running_loop().create_task(self._fly(code))
            self._flights[code] = flight
            flight.add_done_callback(lambda done: self._land(code, done))
        # Shielded: a citizen who leaves must not take the answer from the others who wait for it.
        return await asyncio.shield(flight)

    def _land(self, code: DossierCode, flight: asyncio.Task[Dossier]) -> None:
        del self._flights[code]
        if not flight.cancelled():
            # Marks the error as seen: everybody who waited may have left, and asyncio would log it with the code.
            flight.exception()

    async def _fly(self, code: DossierCode) -> Dossier:
        try:
            dossier = await asyncio.wait_for(self._fetch(code), self._limits.total_seconds)
        except asyncio.TimeoutError:
            raise PortalUnreachable("no answer in time") from None
        except DossierUnknown:
            self._remember(code, None, self._limits.unknown_cache_seconds)
            raise
        self._remember(code, dossier, self._limits.cache_seconds)
        await self._last_known.put(dossier)
        return dossier

    async def _fetch(self, code: DossierCode) -> Dossier:
        for attempt in range(1, self._limits.attempts + 1):
            try:
                return await self._attempt(code)
            except PortalMisconfigured:
                raise
            except PortalUnreachable:
                if attempt == self._limits.attempts or self._breaker.is_open:
                    raise
                await self._sleep(self._pause(attempt))
        raise ValueError("Limits.attempts must be at least 1")

    async def _attempt(self, code: DossierCode) -> Dossier:
        if not self._breaker.allows():
            raise PortalUnreachable("the portal rests after repeated failures")
        try:
            dossier = await self._portal.fetch(code)
        except DossierUnknown:
            self._breaker.record_success()
            raise
        except (PortalUnreachable, asyncio.CancelledError):
            # A cancelled attempt is one that took too long.
            self._breaker.record_failure()
            raise
        self._breaker.record_success()
        return dossier

    def _pause(self, attempt: int) -> float:
        """Doubles at each attempt; the random half keeps many waiting flights from returning at the same moment."""
        longest: float = min(self._limits.longest_pause_seconds, self._limits.first_pause_seconds * 2 ** (attempt - 1))
        return longest * (0.5 + self._chance() / 2)

    def _remember(self, code: DossierCode, dossier: Optional[Dossier], seconds: float) -> None:
        self._cache[code] = (self._clock() + dt.timedelta(seconds=seconds), dossier)
        self._cache.move_to_end(code)
        if len(self._cache) > self._limits.cache_size:
            self._cache.popitem(last=False)


def _known(dossier: Optional[Dossier]) -> Dossier:
    if dossier is None:
        raise DossierUnknown("the portal knew no such dossier a moment ago")
    return dossier
