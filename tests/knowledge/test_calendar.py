"""Vietnam's working days: facts of three years, swaps, and honest ignorance of the others."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from knowledge.calendar import (
    HOLIDAYS_FILE,
    VIETNAM_TIME,
    Basis,
    CalendarFileInvalid,
    CalendarYearUnknown,
    WorkingCalendar,
    read_working_calendar,
)


@pytest.fixture(scope="module")
def calendar() -> WorkingCalendar:
    return read_working_calendar()


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=VIETNAM_TIME)


@pytest.mark.parametrize(
    ("date", "works"),
    [
        ("2025-01-24", True),
        ("2025-01-27", False),
        ("2025-01-31", False),
        ("2025-02-03", True),
        ("2025-04-07", False),
        ("2025-04-26", True),
        ("2025-05-02", False),
        ("2025-09-01", False),
        ("2025-09-03", True),
        ("2025-11-24", True),
        ("2026-01-02", False),
        ("2026-01-10", True),
        ("2026-02-13", True),
        ("2026-02-16", False),
        ("2026-02-20", False),
        ("2026-02-23", True),
        ("2026-04-27", False),
        ("2026-08-22", True),
        ("2026-08-31", False),
        ("2026-09-01", False),
        ("2026-09-03", True),
        ("2026-11-23", True),
        ("2026-11-24", False),
        ("2026-11-28", False),
        ("2027-02-03", True),
        ("2027-02-04", False),
        ("2027-02-10", False),
        ("2027-02-11", True),
        ("2027-04-16", False),
        ("2027-05-03", False),
        ("2027-09-03", False),
        ("2027-09-06", True),
    ],
)
def test_days_of_rest_and_work(calendar: WorkingCalendar, date: str, works: bool) -> None:
    assert calendar.is_working_day(day(date)) is works


@pytest.mark.parametrize(("year", "working_days"), [(2025, 250), (2026, 249), (2027, 249)])
def test_working_days_of_a_year(calendar: WorkingCalendar, year: int, working_days: int) -> None:
    last = day(f"{year}-12-31")
    new_year = day(f"{year}-01-01")
    assert not calendar.is_working_day(new_year)
    assert calendar.working_days_between(new_year, last) == working_days


def test_what_is_only_expected_is_marked(calendar: WorkingCalendar) -> None:
    hung_kings = calendar.holiday(day("2027-04-16"))
    culture_day = calendar.holiday(day("2026-11-24"))
    assert hung_kings is not None
    assert hung_kings.basis is Basis.EXPECTED
    assert culture_day is not None
    assert culture_day.basis is Basis.LAW
    assert calendar.holiday(day("2026-11-25")) is None


def test_counting_across_tet(calendar: WorkingCalendar) -> None:
    assert calendar.working_days_between(day("2026-02-13"), day("2026-02-24")) == 2
    assert calendar.working_days_between(day("2026-02-24"), day("2026-02-13")) == -2
    assert calendar.add_working_days(day("2026-02-13"), 2) == day("2026-02-24")
    assert calendar.add_working_days(day("2026-02-14"), 0) == day("2026-02-14")
    with pytest.raises(ValueError, match="negative"):
        calendar.add_working_days(day("2026-02-14"), -1)


@pytest.mark.parametrize(
    ("due", "now", "left", "late"),
    [
        ("2026-11-27T17:00", "2026-11-23T08:00", 3, 0),
        ("2026-11-23T16:00", "2026-11-23T08:00", 0, 0),
        ("2026-11-23T16:00", "2026-11-23T17:00", 0, 0),
        ("2026-11-20T16:00", "2026-11-22T10:00", 0, 0),
        ("2026-11-20T16:00", "2026-11-25T10:00", 0, 2),
    ],
)
def test_days_left_and_late(calendar: WorkingCalendar, due: str, now: str, left: int, late: int) -> None:
    assert calendar.days_left(moment(due), moment(now)) == left
    assert calendar.days_late(moment(due), moment(now)) == late


def test_the_day_is_the_vietnamese_one(calendar: WorkingCalendar) -> None:
    """20:00 UTC on Thursday is already Friday in Hanoi."""
    thursday_evening = dt.datetime(2026, 11, 26, 20, tzinfo=dt.timezone.utc)
    assert calendar.days_left(moment("2026-11-27T17:00"), thursday_evening) == 0
    with pytest.raises(ValueError, match="time zone"):
        calendar.days_left(moment("2026-11-27T17:00"), dt.datetime(2026, 11, 26))


def test_a_year_that_is_not_known_is_not_guessed(calendar: WorkingCalendar) -> None:
    with pytest.raises(CalendarYearUnknown) as raised:
        calendar.is_working_day(day("2028-01-03"))
    assert raised.value.year == 2028
    with pytest.raises(CalendarYearUnknown):
        calendar.add_working_days(day("2027-12-31"), 1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("day: 2025-01-01", "day: 2026-01-01"),
        ("day: 2025-04-26", "day: 2025-04-25"),
        ("source: notice_2025}", "source: hearsay}"),
        ("basis: law", "basis: rumour"),
        ("years:", "years: ["),
    ],
)
def test_a_wrong_file_names_the_place(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "holidays.yml"
    path.write_text(HOLIDAYS_FILE.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CalendarFileInvalid, match=r"holidays\.yml"):
        read_working_calendar(path)
