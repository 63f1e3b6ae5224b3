"""When periodic jobs are due, in Vietnam's time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from knowledge.calendar import VIETNAM_TIME

_A_MONDAY = dt.datetime(2024, 1, 1, tzinfo=VIETNAM_TIME)
_MIDNIGHT = dt.time()


@dataclass(frozen=True)
class Schedule:
    """Due once in each ``period``, ``offset`` after it began. Days and weeks begin in Vietnam, weeks on Monday."""

    period: dt.timedelta
    offset: dt.timedelta = dt.timedelta(0)

    def last_due(self, at: dt.datetime) -> dt.datetime:
        """The newest due moment that is not after ``at``, in UTC."""
        first = _A_MONDAY + self.offset
        return (first + (at - first) // self.period * self.period).astimezone(dt.timezone.utc)


@dataclass(frozen=True)
class Every:
    """A job that is put whenever its schedule says; what was missed while nothing ran is put once, afterwards."""

    name: str
    key: str
    schedule: Schedule


EVERY_MINUTE = Schedule(dt.timedelta(minutes=1))


def every_day(at: dt.time) -> Schedule:
    return Schedule(dt.timedelta(days=1), _since_midnight(at))


def every_monday(at: dt.time) -> Schedule:
    return Schedule(dt.timedelta(weeks=1), _since_midnight(at))


def _since_midnight(at: dt.time) -> dt.timedelta:
    return dt.datetime.combine(_A_MONDAY, at) - dt.datetime.combine(_A_MONDAY, _MIDNIGHT)
