"""Whose turn it is, with a clock that is moved by hand."""

from __future__ import annotations

import asyncio
import contextlib
from typing import AsyncIterator

import pytest

from connectors.channel import Purpose
from connectors.pacing import Pace


class Time:
    """A clock and a sleep that only end when they are told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def __call__(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.seconds + seconds, woken))
        await woken

    async def pass_by(self, seconds: float) -> None:
        end = self.seconds + seconds
        await _settle()
        while due := [one for one in self._sleepers if one[0] <= end and not one[1].done()]:
            self.seconds, woken = min(due, key=lambda one: one[0])
            woken.set_result(None)
            await _settle()
        self.seconds = end


async def _settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


class Sending:
    """Asks for turns and writes down who went when."""

    def __init__(self, time: Time, pace: Pace) -> None:
        self._time, self.pace = time, pace
        self._start = time.seconds
        self.tasks: list[asyncio.Task[None]] = []
        self.gone: list[tuple[str, float]] = []

    def ask(self, person: str, purpose: Purpose = Purpose.REPLY, group: bool = False) -> asyncio.Task[None]:
        self.tasks.append(asyncio.create_task(self._send(person, purpose, group)))
        return self.tasks[-1]

    async def _send(self, person: str, purpose: Purpose, group: bool) -> None:
        await self.pace.turn(person, purpose, group)
        self.gone.append((person, round(self._time.seconds - self._start, 3)))

    @property
    def order(self) -> list[str]:
        return [person for person, _ in self.gone]


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def sending(time: Time) -> AsyncIterator[Sending]:
    pace = Pace(per_second=10, person_seconds=1, group_per_minute=20, clock=time, sleep=time.sleep)
    sending = Sending(time, pace)
    yield sending
    for task in sending.tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_no_more_go_in_a_second_than_the_platform_takes(time: Time, sending: Sending) -> None:
    for number in range(25):
        sending.ask(f"p{number}")
    await time.pass_by(0.99)
    assert len(sending.gone) == 10
    await time.pass_by(2)
    assert sending.order == [f"p{number}" for number in range(25)]
    assert [at for _, at in sending.gone] == [round(number / 10, 3) for number in range(25)]


async def test_a_reply_overtakes_a_notice_and_a_notice_a_broadcast(time: Time, sending: Sending) -> None:
    sending.ask("first", Purpose.BROADCAST)
    await _settle()
    for purpose in (Purpose.BROADCAST, Purpose.NOTICE, Purpose.REPLY, Purpose.REPLY):
        sending.ask(f"{purpose.name} {len(sending.tasks)}", purpose)
    await time.pass_by(1)
    assert sending.order == ["first", "REPLY 3", "REPLY 4", "NOTICE 2", "BROADCAST 1"]


async def test_who_waits_for_their_own_second_holds_nobody_up(time: Time, sending: Sending) -> None:
    for _ in range(5):
        sending.ask("an")
    sending.ask("bình", Purpose.BROADCAST)
    await time.pass_by(5)
    assert sending.gone == [("an", 0), ("an", 0.1), ("an", 0.2), ("bình", 0.3), ("an", 1), ("an", 2)]


async def test_a_group_gets_no_more_than_its_minute(time: Time, sending: Sending) -> None:
    for _ in range(40):
        sending.ask("-100", group=True)
    await time.pass_by(119)
    times = [at for _, at in sending.gone]
    assert len(times) > 25
    for start in times:
        assert sum(start <= at < start + 60 for at in times) <= 20


async def test_a_pause_for_everybody_is_kept(time: Time, sending: Sending) -> None:
    sending.pace.hold(7)
    sending.ask("an")
    await time.pass_by(6.9)
    assert sending.gone == []
    await time.pass_by(0.2)
    assert sending.gone == [("an", 7)]


async def test_a_pause_for_one_person_is_theirs_alone(time: Time, sending: Sending) -> None:
    sending.pace.hold(7, "an")
    sending.pace.hold(3, "an")
    sending.ask("an")
    sending.ask("bình")
    await time.pass_by(10)
    assert sending.gone == [("bình", 0), ("an", 7)]


async def test_who_gave_up_is_passed_over(time: Time, sending: Sending) -> None:
    sending.ask("an")
    await _settle()
    gives_up = sending.ask("bình")
    sending.ask("châu")
    await _settle()
    gives_up.cancel()
    await time.pass_by(1)
    assert sending.gone == [("an", 0), ("châu", 0.1)]


async def test_it_works_on_the_real_clock_too() -> None:
    pace = Pace(per_second=200)
    gone: list[int] = []

    async def send(number: int) -> None:
        await pace.turn(f"p{number}", Purpose.REPLY)
        gone.append(number)

    await asyncio.wait_for(asyncio.gather(*(send(number) for number in range(10))), 10)
    assert gone == list(range(10))
