"""Counts working days as the one-stop offices do: Monday to Friday, minus holidays, plus swapped Saturdays."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from pathlib import Path
from typing import Callable, Container, Iterable, Mapping, Optional

import msgspec
import yaml

from knowledge.procedures import Part

HOLIDAYS_FILE = Path(__file__).parent / "data" / "holidays.yml"

# A fixed offset, because Vietnam has kept it since 1975: a machine without a time zone database counts right too.
VIETNAM_TIME = dt.timezone(dt.timedelta(hours=7), "Asia/Ho_Chi_Minh")

_ONE_DAY = dt.timedelta(days=1)
_FRIDAY = 4


class CalendarYearUnknown(LookupError):
    """The holidays of this year are not known yet: say the date, do not count working days."""

    def __init__(self, year: int) -> None:
        super().__init__(f"the holidays of {year} are not in the calendar")
        self.year = year


class CalendarFileInvalid(ValueError):
    """The holiday file does not fit: correct the named place."""


class Basis(str, Enum):
    """How sure a day is; data/holidays.yml says what each value means."""

    LAW = "law"
    ANNOUNCED = "announced"
    EXPECTED = "expected"


class SpecialDay(Part, frozen=True):
    """A weekday of rest or a weekend day of work. ``name`` is the official Vietnamese one."""

    day: dt.date
    name: str
    basis: Basis
    source: str


class Year(Part, frozen=True):
    rest: tuple[SpecialDay, ...]
    worked: tuple[SpecialDay, ...] = ()
    note: Optional[str] = None


class _File(Part, frozen=True):
    checked: dt.date
    sources: dict[str, str]
    years: dict[int, Year]


class WorkingCalendar:
    """Working days of the years it was given. Every question about another year raises CalendarYearUnknown.

    Days are dates in Vietnam; moments (``due``, ``now``) carry their zone and are turned into such dates first.
    ``closed`` gives the days on which the agency itself rests besides.
    """

    def __init__(self, years: Mapping[int, Year], closed: Callable[[], Container[dt.date]] = frozenset) -> None:
        self._closed = closed
        self._years = frozenset(years)
        self._rest = _by_day(day for year in years.values() for day in year.rest)
        self._worked = _by_day(day for year in years.values() for day in year.worked)

    def is_working_day(self, day: dt.date) -> bool:
        if day.year not in self._years:
            raise CalendarYearUnknown(day.year)
        if day in self._rest or day in self._closed():
            return False
        return day.weekday() <= _FRIDAY or day in self._worked

    def holiday(self, day: dt.date) -> Optional[SpecialDay]:
        """Why this day is one of rest, when it is not just a weekend."""
        return self._rest.get(day)

    def working_days_between(self, start: dt.date, end: dt.date) -> int:
        """The working days after ``start`` up to and including ``end``; negative when ``end`` lies before ``start``."""
        if end < start:
            return -self.working_days_between(end, start)
        return sum(self.is_working_day(start + _ONE_DAY * n) for n in range(1, (end - start).days + 1))

    def add_working_days(self, start: dt.date, count: int) -> dt.date:
        """The day on which ``count`` (zero or more) working days after ``start`` have passed."""
        if count < 0:
            raise ValueError("count must not be negative")
        day = start
        while count:
            day += _ONE_DAY
            count -= self.is_working_day(day)
        return day

    def days_left(self, due: dt.datetime, now: dt.datetime) -> int:
        """Working days after today up to the due day; 0 on the due day itself and after it."""
        return max(0, self.working_days_between(_vietnamese_day(now), _vietnamese_day(due)))

    def days_late(self, due: dt.datetime, now: dt.datetime) -> int:
        """Working days after the due day up to today; 0 until the due day has passed."""
        return max(0, self.working_days_between(_vietnamese_day(due), _vietnamese_day(now)))


def read_working_calendar(
    path: Path = HOLIDAYS_FILE, closed: Callable[[], Container[dt.date]] = frozenset
) -> WorkingCalendar:
    """The shipped calendar and ``closed``. Raises CalendarFileInvalid with the place in the file."""
    try:
        file = msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), _File)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise CalendarFileInvalid(f"{path.name}: {error}") from error
    for number, year in file.years.items():
        for special in (*year.rest, *year.worked):
            _check(special, number, file.sources, path.name, is_rest=special in year.rest)
    return WorkingCalendar(file.years, closed)


def _check(special: SpecialDay, year: int, sources: Mapping[str, str], name: str, is_rest: bool) -> None:
    if special.day.year != year or special.source not in sources:
        raise CalendarFileInvalid(f"{name}: {special.day} names an unknown source or stands under the wrong year")
    if is_rest != (special.day.weekday() <= _FRIDAY):
        raise CalendarFileInvalid(f"{name}: {special.day} changes nothing; rest is for weekdays, worked for weekends")


def _by_day(days: Iterable[SpecialDay]) -> dict[dt.date, SpecialDay]:
    return {special.day: special for special in days}


def _vietnamese_day(moment: dt.datetime) -> dt.date:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(VIETNAM_TIME).date()
