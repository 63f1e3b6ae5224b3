"""Guessing is slowed, honest mistakes are not."""

from __future__ import annotations

import datetime as dt

import pytest

from knowledge.calendar import VIETNAM_TIME
from knowledge.guesses import GuessLimiter, GuessLimits

MINUTE = 60


class Clock:
    def __init__(self) -> None:
        self.now = dt.datetime(2026, 11, 20, 10, 30, tzinfo=VIETNAM_TIME)

    def __call__(self) -> dt.datetime:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiter(clock: Clock) -> GuessLimiter:
    return GuessLimiter(clock, GuessLimits())


def fail(limiter: GuessLimiter, times: int, citizen: str = "an") -> None:
    for _ in range(times):
        limiter.record_failure(citizen)


def test_four_mistakes_are_free(limiter: GuessLimiter) -> None:
    assert limiter.wait_seconds("an") == 0
    fail(limiter, 4)
    assert limiter.wait_seconds("an") == 0


def test_the_fifth_waits_and_then_is_free(limiter: GuessLimiter, clock: Clock) -> None:
    fail(limiter, 5)
    assert limiter.wait_seconds("an") == MINUTE
    assert limiter.wait_seconds("binh") == 0
    clock.pass_seconds(MINUTE - 1)
    assert limiter.wait_seconds("an") == 1
    clock.pass_seconds(1)
    assert limiter.wait_seconds("an") == 0


def test_waiting_grows_up_to_an_hour(limiter: GuessLimiter, clock: Clock) -> None:
    fail(limiter, 5)
    waits = []
    for _ in range(8):
        clock.pass_seconds(limiter.wait_seconds("an"))
        fail(limiter, 1)
        waits.append(limiter.wait_seconds("an") / MINUTE)
    assert waits == [2, 4, 8, 16, 32, 60, 60, 60]


def test_slow_mistakes_do_not_add_up(limiter: GuessLimiter, clock: Clock) -> None:
    for _ in range(20):
        fail(limiter, 1)
        clock.pass_seconds(4 * MINUTE)
    assert limiter.wait_seconds("an") == 0


def test_all_is_forgiven_after_a_quiet_while(limiter: GuessLimiter, clock: Clock) -> None:
    fail(limiter, 7)
    clock.pass_seconds(limiter.wait_seconds("an") + 15 * MINUTE)
    fail(limiter, 4)
    assert limiter.wait_seconds("an") == 0


def test_memory_is_bounded(clock: Clock) -> None:
    limiter = GuessLimiter(clock, GuessLimits(most_citizens=2))
    fail(limiter, 5, "an")
    fail(limiter, 5, "binh")
    fail(limiter, 5, "chi")
    assert limiter.wait_seconds("an") == 0
    assert limiter.wait_seconds("binh") == MINUTE
    assert limiter.wait_seconds("chi") == MINUTE
