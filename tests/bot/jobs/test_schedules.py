"""When periodic jobs are due."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.schedules import EVERY_MINUTE, Schedule, every_day, every_monday
from knowledge.calendar import VIETNAM_TIME

NIGHT = every_day(dt.time(2, 30))
MONDAY = every_monday(dt.time(7))


def vietnam(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=VIETNAM_TIME)


@pytest.mark.parametrize(
    ("schedule", "at", "due"),
    [
        (EVERY_MINUTE, "2026-08-07 10:00:59", "2026-08-07 10:00"),
        (EVERY_MINUTE, "2026-08-07 10:01:00", "2026-08-07 10:01"),
        (NIGHT, "2026-08-07 02:29", "2026-08-06 02:30"),
        (NIGHT, "2026-08-07 02:30", "2026-08-07 02:30"),
        (NIGHT, "2027-01-01 00:10", "2026-12-31 02:30"),
        (MONDAY, "2026-08-10 06:59", "2026-08-03 07:00"),  # the 10th is a Monday
        (MONDAY, "2026-08-10 07:00", "2026-08-10 07:00"),
        (MONDAY, "2026-08-16 23:59", "2026-08-10 07:00"),
        (MONDAY, "2020-08-16 23:59", "2020-08-10 07:00"),
    ],
)
def test_the_last_due_moment(schedule: Schedule, at: str, due: str) -> None:
    found = schedule.last_due(vietnam(at))
    assert found == vietnam(due)
    assert found.tzinfo is dt.timezone.utc


@given(st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2100, 1, 1)), st.sampled_from([EVERY_MINUTE, NIGHT, MONDAY]))
def test_a_period_has_one_due_moment(at: dt.datetime, schedule: Schedule) -> None:
    moment = at.replace(tzinfo=dt.timezone.utc)
    due = schedule.last_due(moment)
    assert due <= moment < due + schedule.period
    assert schedule.last_due(due) == due
    assert schedule.last_due(due + schedule.period) == due + schedule.period
