"""A platform's limit that several processes keep together, counted in Redis; replies find room before broadcasts."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Awaitable, Callable, Optional, Protocol

import redis.asyncio as redis
from redis.exceptions import RedisError

from connectors.channel import Purpose
from connectors.limits import Clock
from connectors.pacing import Pace

# Of what a platform allows in a second this share is not used up steadily: replies may go at once as long as it lasts.
RESERVE = 0.1
USABLE = {Purpose.REPLY: 1.0, Purpose.NOTICE: 0.5, Purpose.BROADCAST: 0.0}  # how much of the reserve
ANSWER_SECONDS = 1.0
AWAY_SECONDS = 5.0  # Redis is not asked for so long after it did not answer
AWAY = (
    "redis-away",
    "Redis không trả lời: mỗi tiến trình tự giữ giới hạn gửi tin, nền tảng có thể yêu cầu gửi chậm lại. "
    "Redis does not answer: each process keeps the limits by itself, and platforms may ask for slower sending.",
)
# One number for each platform: the moment, in Redis's own microseconds, until which all turns are spent (GCRA). Gives
# the microseconds to wait, 0 when the turn is taken. With a pause nothing is taken: nobody goes for so long.
_SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local spent_until = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
local interval, ahead, pause = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if pause > 0 then
  spent_until = math.max(spent_until, now + pause + ahead)
elseif spent_until - now > ahead then
  return math.ceil(spent_until - now - ahead)
else
  spent_until = spent_until + interval
end
local milliseconds = math.ceil((spent_until - now) / 1000) + 1
redis.call('SET', KEYS[1], string.format('%.0f', spent_until), 'PX', milliseconds)
return 0
"""
_MICRO = 1_000_000

logger = logging.getLogger(__name__)


class Alarm(Protocol):
    """Tells a person, as bot.alerts.Alerts does."""

    async def page(self, name: str, sentence: str) -> None: ...

    async def over(self, name: str) -> None: ...


def open_redis(url: str) -> redis.Redis[bytes]:
    """A client that answers or fails within a second. Raises ValueError for a URL that is none."""
    client = redis.Redis.from_url(url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS)
    # ``close`` leaves the connections open otherwise, and uvloop waits for them when it is closed itself.
    client.auto_close_connection_pool = True
    return client


class SharedPace:
    """``local`` decides whose turn it is within this process, the bucket ``name`` in Redis whether any process may go:
    never more than ``per_second`` in one second. Without Redis ``local`` alone decides: messages go on.
    """

    def __init__(
        self,
        local: Pace,
        client: redis.Redis[bytes],
        name: str,
        per_second: float,
        alarm: Alarm,
        clock: Clock = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._local, self._alarm, self._clock, self._sleep = local, alarm, clock, sleep
        self._key = f"pace:{name}"
        self._script = client.register_script(_SCRIPT)
        # Reserve and steady rate together make the whole: a second that begins with a full reserve does not exceed it.
        self._interval = _MICRO / (per_second * (1 - RESERVE))
        self._reserve = per_second * RESERVE * self._interval
        # One of each purpose asks for all of them: the others would only ask in vain.
        self._asking = {purpose: asyncio.Lock() for purpose in Purpose}
        self._holding: set[asyncio.Task[float]] = set()
        self._answers: Optional[bool] = None  # not known at first: an alert may be open since before the start
        self._asked_again_at = 0.0

    async def turn(self, person: str, purpose: Purpose, group: bool = False) -> None:
        """Returns when one message may go to ``person`` (a group's own id, when it is a group)."""
        await self._local.turn(person, purpose, group)
        async with self._asking[purpose]:
            while seconds := await self._ask(self._reserve * USABLE[purpose]):
                await self._sleep(seconds)

    def hold(self, seconds: float, person: Optional[str] = None) -> None:
        """The platform asked for a pause: nothing goes to this person from here, or to anybody from anywhere."""
        self._local.hold(seconds, person)
        if person is None:
            telling = asyncio.get_running_loop().create_task(self._ask(self._reserve, seconds))
            self._holding.add(telling)
            telling.add_done_callback(self._holding.discard)

    async def close(self) -> None:
        """Let end what is being told to the other processes."""
        await asyncio.gather(*self._holding)

    async def _ask(self, ahead: float, pause: float = 0.0) -> float:
        """Seconds to wait, 0 when it is taken."""
        if self._answers is False and self._clock() < self._asked_again_at:
            return 0.0
        try:
            wait = await self._script(keys=[self._key], args=[self._interval, ahead, pause * _MICRO])
        except (RedisError, OSError, asyncio.TimeoutError) as error:
            await self._is_away(error)
            return 0.0
        if not self._answers:
            self._answers = True
            await self._tell(self._alarm.over(AWAY[0]))
        return int(wait) / _MICRO

    async def _is_away(self, error: Exception) -> None:
        is_news, self._answers = self._answers is not False, False
        self._asked_again_at = self._clock() + AWAY_SECONDS
        if is_news:
            logger.error("redis does not answer (%s): the limits are kept by each process alone", type(error).__name__)
            await self._tell(self._alarm.page(*AWAY))

    async def _tell(self, telling: Awaitable[None]) -> None:
        try:
            await telling
        except Exception:  # a message must not wait because an alert could not be stored
            logger.exception("what became of redis cannot be told")


class SharedPaces:
    """The paces of all platforms over one connection to Redis."""

    def __init__(self, url: str, alarm: Alarm) -> None:
        self._client, self._alarm = open_redis(url), alarm
        self._paces: list[SharedPace] = []

    def share(self, local: Pace, name: str, per_second: float) -> SharedPace:
        self._paces.append(SharedPace(local, self._client, name, per_second, self._alarm))
        return self._paces[-1]

    async def close(self) -> None:
        for pace in self._paces:
            await pace.close()
        await self._client.close()
