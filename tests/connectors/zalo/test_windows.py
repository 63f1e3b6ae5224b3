"""When Zalo lets us write, to the minute."""

from __future__ import annotations

import datetime as dt
from typing import Optional

import pytest

from connectors.errors import RefusedReason
from connectors.zalo.windows import (
    Openness,
    Standing,
    Window,
    broadcast_obstacle,
    is_broadcast_hour,
    next_broadcast_hour,
    window,
)

HERE = dt.timezone(dt.timedelta(hours=7))
LAST = dt.datetime(2026, 11, 20, 9, 0, tzinfo=HERE)
SECOND, HOUR, DAY = dt.timedelta(seconds=1), dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("passed", "expected"),
    [
        (dt.timedelta(0), Window(Openness.FREE, LAST + 48 * HOUR)),
        (48 * HOUR, Window(Openness.FREE, LAST + 48 * HOUR)),
        (48 * HOUR + SECOND, Window(Openness.CHARGED, LAST + 7 * DAY)),
        (7 * DAY, Window(Openness.CHARGED, LAST + 7 * DAY)),
        (7 * DAY + SECOND, Window(Openness.CLOSED)),
    ],
)
def test_the_window_after_an_interaction(passed: dt.timedelta, expected: Window) -> None:
    assert window(Standing(last_interaction_at=LAST), LAST + passed) == expected


def test_the_window_is_open_at_night_and_in_any_time_zone() -> None:
    night = dt.datetime(2026, 11, 20, 20, 0, tzinfo=dt.timezone.utc)
    assert window(Standing(last_interaction_at=LAST), night).openness is Openness.FREE


def test_who_never_wrote_cannot_be_written_to() -> None:
    assert window(Standing(follows=True), LAST) == Window(Openness.CLOSED)


@pytest.mark.parametrize(
    ("left_at", "openness"), [(LAST, Openness.CLOSED), (LAST + HOUR, Openness.CLOSED), (LAST - HOUR, Openness.FREE)]
)
def test_who_left_is_left_alone_until_they_write_again(left_at: dt.datetime, openness: Openness) -> None:
    standing = Standing(follows=False, last_interaction_at=LAST, left_at=left_at)
    assert window(standing, LAST + 2 * HOUR).openness is openness


@pytest.mark.parametrize(
    ("hour", "minute", "allowed"), [(5, 59, False), (6, 0, True), (21, 59, True), (22, 0, False), (0, 0, False)]
)
def test_broadcast_hours_are_vietnams(hour: int, minute: int, allowed: bool) -> None:
    here = dt.datetime(2026, 11, 20, hour, minute, tzinfo=HERE)
    assert is_broadcast_hour(here) is is_broadcast_hour(here.astimezone(dt.timezone.utc)) is allowed


@pytest.mark.parametrize(
    ("now", "begins"),
    [
        (dt.datetime(2026, 11, 20, 9, 0, tzinfo=HERE), dt.datetime(2026, 11, 20, 9, 0, tzinfo=HERE)),
        (dt.datetime(2026, 11, 20, 22, 0, tzinfo=HERE), dt.datetime(2026, 11, 21, 6, 0, tzinfo=HERE)),
        (dt.datetime(2026, 11, 30, 23, 30, tzinfo=HERE), dt.datetime(2026, 12, 1, 6, 0, tzinfo=HERE)),
        (dt.datetime(2026, 11, 21, 1, 0, tzinfo=HERE), dt.datetime(2026, 11, 21, 6, 0, tzinfo=HERE)),
        (dt.datetime(2026, 11, 20, 22, 30, tzinfo=dt.timezone.utc), dt.datetime(2026, 11, 21, 6, 0, tzinfo=HERE)),
    ],
)
def test_the_next_broadcast_hour(now: dt.datetime, begins: dt.datetime) -> None:
    assert next_broadcast_hour(now) == begins


@pytest.mark.parametrize(
    ("standing", "package", "obstacle"),
    [
        (Standing(follows=True), "Basic", None),
        (Standing(follows=None), "Premium", RefusedReason.LEFT),
        (Standing(follows=False), "Premium", RefusedReason.LEFT),
        (Standing(follows=True, broadcasts_today=1, broadcasts_this_month=1), "Premium", RefusedReason.QUOTA_USED),
        (Standing(follows=True, broadcasts_this_month=1), "Basic", RefusedReason.QUOTA_USED),
        (Standing(follows=True, broadcasts_this_month=3), "Advanced", None),
        (Standing(follows=True, broadcasts_this_month=4), "Trial", RefusedReason.QUOTA_USED),
        (Standing(follows=True, broadcasts_this_month=5), "PREMIUM", None),
        (Standing(follows=True, broadcasts_this_month=6), "Premium", RefusedReason.QUOTA_USED),
        (Standing(follows=True, broadcasts_this_month=1), "Gói mới", RefusedReason.QUOTA_USED),
    ],
)
def test_what_keeps_a_broadcast_from_a_person(
    standing: Standing, package: str, obstacle: Optional[RefusedReason]
) -> None:
    assert broadcast_obstacle(standing, package, LAST) is obstacle


def test_no_broadcast_at_night() -> None:
    assert broadcast_obstacle(Standing(follows=True), "Basic", LAST + 14 * HOUR) is RefusedReason.QUIET_HOURS
