"""What a citizen typed where a code or digits were asked for: an attempt, a date, a phone number."""

from __future__ import annotations

import datetime as dt
import re

MOST_WORDS = 3  # around the digits of an answer; more words are a sentence
FEWEST_DIGITS = 2
MASK = "•"  # a phone or identity number comes here hidden, all but its last four digits
_DATE = re.compile(r"(?<!\d)(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?!\d)")


def is_attempt(text: str) -> bool:
    """Whether the text is little more than digits: meant as the number asked for, whatever is wrong with it."""
    words = re.findall(r"[^\W\d_]+", text)
    return len(re.findall(r"\d", text)) >= FEWEST_DIGITS and len(words) <= MOST_WORDS


def is_hidden_number(text: str) -> bool:
    return MASK in text


def is_date(text: str) -> bool:
    return _DATE.search(text) is not None


def is_real_date(text: str) -> bool:
    match = _DATE.search(text)
    if match is None:
        return False
    day, month, year = map(int, match.groups())
    try:
        dt.date(year if year > 99 else 2000 + year, month, day)
    except ValueError:
        return False
    return True
