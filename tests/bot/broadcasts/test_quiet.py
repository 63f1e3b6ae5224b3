"""The quiet hours: over midnight, within a day, or none."""

from __future__ import annotations

import datetime as dt
from typing import Optional

import pytest

from bot.broadcasts.quiet import quiet_until
from bot.house_rules import Rules
from knowledge.calendar import VIETNAM_TIME


def here(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=VIETNAM_TIME)


@pytest.mark.parametrize(
    ("start", "end", "at", "until"),
    [
        (21, 7, here(22, 20, 59), None),
        (21, 7, here(22, 21), here(23, 7)),
        (21, 7, here(23, 6, 59), here(23, 7)),
        (21, 7, here(23, 7), None),
        (12, 14, here(22, 13), here(22, 14)),
        (12, 14, here(22, 14), None),
        (12, 14, here(22, 11), None),
        (0, 0, here(22, 0), None),
    ],
)
def test_the_hours_are_those_of_vietnam(start: int, end: int, at: dt.datetime, until: Optional[dt.datetime]) -> None:
    rules = Rules(quiet_from=dt.time(start), quiet_until=dt.time(end))
    assert quiet_until(rules, at.astimezone(dt.timezone.utc)) == until
