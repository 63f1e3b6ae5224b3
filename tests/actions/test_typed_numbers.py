"""What was typed where digits were asked for."""

from __future__ import annotations

import pytest

from actions.typed_numbers import is_attempt, is_date, is_hidden_number, is_real_date


@pytest.mark.parametrize("text", ["345", "12345", "H57", "mã là 12345", "•••••• 0345", "31/02/2026", "so 0345 nhe"])
def test_little_more_than_digits_is_an_answer(text: str) -> None:
    assert is_attempt(text)


@pytest.mark.parametrize("text", ["", "abcd", "5", "năm 2024 tôi có nộp rồi mà", "làm khai sinh năm 2024 cần gì"])
def test_words_are_no_answer(text: str) -> None:
    assert not is_attempt(text)


@pytest.mark.parametrize(
    ("text", "date", "real"),
    [
        ("31/02/2026", True, False),
        ("29-02-2024", True, True),
        ("ngày 5.8.26", True, True),
        ("32/13/2026", True, False),
        ("260804", False, False),
        ("03706/2026/07906", False, False),
    ],
)
def test_dates(text: str, date: bool, real: bool) -> None:
    assert (is_date(text), is_real_date(text)) == (date, real)


def test_a_hidden_number_is_seen() -> None:
    assert is_hidden_number("•••••• 0345")
    assert not is_hidden_number("0345")
