"""Which messages that wait together are read as one."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from bot.joining import joined
from connectors.messages import Address, Event, EventKind, IncomingMessage

LAN = Address("zalo", "8123450000000000001")
NOW = dt.datetime(2026, 11, 22, 3, 0, tzinfo=dt.timezone.utc)


def said(text: str, seconds: float = 0, **more: Any) -> IncomingMessage:
    return IncomingMessage(f"m{text}{seconds}", LAN, text, NOW + dt.timedelta(seconds=seconds), **more)


@pytest.mark.parametrize(
    ("waiting", "text", "count"),
    [
        ([said("xin chào")], "xin chào", 1),
        ([said("làm khai sinh"), said("cần gì", 3)], "làm khai sinh cần gì", 2),
        ([said("làm khai sinh"), said("cần gì", 61)], "làm khai sinh", 1),
        ([said("mã hồ sơ"), said("H57.132-260804-0583", 3)], "mã hồ sơ", 1),
        ([said("H57.132-260804-0583"), said("H57.132-260804-0583", 3)], "H57.132-260804-0583", 2),
        ([said("alo"), said("alo", 1), said("alo", 2)], "alo", 3),
        ([said("một hai ba bốn năm sáu bảy"), said("tám chín mười thêm hai chữ", 2)], "một hai ba bốn năm sáu bảy", 1),
        ([said("", choice="5.1", pressed=True), said("cảm ơn", 1)], "", 1),
        ([said("/ask_fee"), said("cảm ơn", 1)], "/ask_fee", 1),
        ([said("khai sinh"), Event(EventKind.INTERACTED, "e", LAN, NOW)], "khai sinh", 1),
    ],
)
def test_pieces_are_joined_and_answers_stay_alone(waiting: list[Any], text: str, count: int) -> None:
    together = joined(waiting)
    assert isinstance(together.incoming, IncomingMessage)
    assert (together.incoming.text, together.count) == (text, count)


def test_an_event_stays_alone() -> None:
    event = Event(EventKind.FOLLOWED, "e", LAN, NOW)
    assert joined([event, said("xin chào")]).incoming is event
