"""Money, dates and counts in each language."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.wording.speaker import speaker
from knowledge.procedures import Text


@pytest.mark.parametrize(
    ("language", "amount", "expected"),
    [
        ("vi", 25_000, "25.000 đồng"),
        ("vi", 1_500_000, "1.500.000 đồng"),
        ("vi", 0, "0 đồng"),
        ("en", 25_000, "25,000 VND"),
        ("en", 500, "500 VND"),
    ],
)
def test_money(language: str, amount: int, expected: str) -> None:
    assert speaker(language).money(amount) == expected


@pytest.mark.parametrize(("language", "expected"), [("vi", "09/02/2026"), ("en", "9 February 2026")])
def test_dates(language: str, expected: str) -> None:
    assert speaker(language).date(dt.date(2026, 2, 9)) == expected


@pytest.mark.parametrize(
    ("language", "expected"), [("vi", "01:05 ngày 01/03/2026"), ("en", "01:05 on 1 March 2026")]
)
def test_moments_are_those_of_vietnam(language: str, expected: str) -> None:
    at = dt.datetime(2026, 2, 28, 18, 5, tzinfo=dt.timezone.utc)
    assert speaker(language).moment(at) == expected


@pytest.mark.parametrize(
    ("language", "count", "expected"),
    [
        ("vi", 1, "1 ngày làm việc"),
        ("vi", 3, "3 ngày làm việc"),
        ("en", 1, "1 working day"),
        ("en", 3, "3 working days"),
    ],
)
def test_counts(language: str, count: int, expected: str) -> None:
    assert speaker(language).working_days(count) == expected


def test_blanks_are_filled_and_what_fills_them_is_left_alone() -> None:
    assert speaker("en")("Hồ sơ {code}", code="{braces}") == "Dossier {braces}"


def test_a_missing_blank_is_an_error() -> None:
    with pytest.raises(KeyError):
        speaker("vi")("Hồ sơ {code}")


def test_an_unknown_language_is_answered_in_vietnamese() -> None:
    assert speaker("fr").language == "vi"


def test_a_text_without_translation_stays_vietnamese() -> None:
    assert speaker("en").text(Text(vi="Đơn")) == "Đơn"
    assert speaker("en").text(Text(vi="Đơn", en="Form")) == "Form"
    assert speaker("vi").text(Text(vi="Đơn", en="Form")) == "Đơn"
    assert speaker("vi").text(None) == ""
