"""Whose turn it is to be sent something: a platform's limits are kept, and replies go before broadcasts."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from dataclasses import dataclass, field
from typing import Awaitable, Callable, Optional, Protocol

from connectors.channel import Purpose
from connectors.limits import Clock, Rate, RateLimiter

# A long answer has two or three parts: they need not wait for each other when it was quiet before.
_PERSON_BURST = 3
_EVERYBODY = ""


class Turns(Protocol):
    """What a channel asks before it sends: ``Pace``, or one that several processes keep together."""

    async def turn(self, person: str, purpose: Purpose, group: bool = False) -> None:
        """Returns when one message may go to ``person`` (a group's own id, when it is a group)."""

    def hold(self, seconds: float, person: Optional[str] = None) -> None:
        """The platform asked for a pause: nothing goes to this person, or to anybody, for so long."""


@dataclass(frozen=True, order=True)
class _Waiting:
    purpose: int
    number: int
    person: str = field(compare=False)
    group: bool = field(compare=False)
    gone: asyncio.Future[None] = field(compare=False)


class Pace:
    """``per_second`` messages in all, one in ``person_seconds`` to each person, ``group_per_minute`` to each group.

    What a person or group was not sent for a while may go at once: three messages, or a quarter of a group's minute.
    """

    def __init__(
        self,
        per_second: float = 30.0,
        person_seconds: float = 1.0,
        group_per_minute: float = 20.0,
        clock: Clock = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._overall = RateLimiter(Rate(per_second * 60, 1), clock)
        self._persons = RateLimiter(Rate(60 / person_seconds, _PERSON_BURST), clock)
        # A burst of a quarter and three quarters of the rate: never more than the whole in any minute.
        self._groups = RateLimiter(Rate(group_per_minute * 3 / 4, max(1, int(group_per_minute / 4))), clock)
        self._numbers = itertools.count()
        self._ready: list[_Waiting] = []
        self._later: list[tuple[float, _Waiting]] = []  # who has to wait for themselves, until when
        self._held: dict[str, float] = {}
        self._alarm: Optional[asyncio.Task[None]] = None

    async def turn(self, person: str, purpose: Purpose, group: bool = False) -> None:
        """Returns when one message may go to ``person`` (a group's own id, when it is a group)."""
        gone = asyncio.get_running_loop().create_future()
        heapq.heappush(self._ready, _Waiting(purpose.value, next(self._numbers), person, group, gone))
        self._let_go()
        await gone

    def hold(self, seconds: float, person: Optional[str] = None) -> None:
        """The platform asked for a pause: nothing goes to this person, or to anybody, for so long."""
        now, key = self._clock(), _EVERYBODY if person is None else person
        until = max(self._held.get(key, 0.0), now + seconds)
        self._held = {one: end for one, end in self._held.items() if end > now} | {key: until}

    def _let_go(self) -> None:
        """Lets everybody go whose turn it is, and sees to it that this is looked at again when the next one may."""
        now = self._clock()
        while self._later and self._later[0][0] <= now:
            heapq.heappush(self._ready, heapq.heappop(self._later)[1])
        while self._ready and self._seconds_for_all(now) <= 0:
            first = heapq.heappop(self._ready)
            if first.gone.done():  # cancelled meanwhile
                continue
            wait = self._seconds_for_one(first, now)
            if wait > 0:
                heapq.heappush(self._later, (now + wait, first))
            else:
                self._spend(first)
                first.gone.set_result(None)
        self._set_alarm(now)

    def _seconds_for_all(self, now: float) -> float:
        return max(self._overall.seconds_to_wait(""), self._held.get(_EVERYBODY, now) - now)

    def _seconds_for_one(self, one: _Waiting, now: float) -> float:
        in_group = self._groups.seconds_to_wait(one.person) if one.group else 0.0
        return max(self._persons.seconds_to_wait(one.person), in_group, self._held.get(one.person, now) - now)

    def _spend(self, one: _Waiting) -> None:
        self._overall.spend("")
        self._persons.spend(one.person)
        if one.group:
            self._groups.spend(one.person)

    def _set_alarm(self, now: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        waits = [self._later[0][0] - now] if self._later else []
        if self._ready:
            waits.append(self._seconds_for_all(now))
        if waits:
            self._alarm = asyncio.get_running_loop().create_task(self._ring(min(waits)))

    async def _ring(self, seconds: float) -> None:
        await self._sleep(seconds)
        self._alarm = None  # it is this task itself: the next alarm must not cancel it
        self._let_go()
