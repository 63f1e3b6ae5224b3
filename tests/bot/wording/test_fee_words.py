"""What a procedure costs today and how long it takes."""

from __future__ import annotations

import datetime as dt
from typing import Any, Callable, Optional

import pytest

from connectors.messages import Reply
from knowledge.procedures import ChannelKind, Fee, Text, TimeLimit, TimeUnit
from tests.bot.wording.made_up import channel, procedure

Word = Callable[..., Reply]
TODAY = dt.date(2026, 11, 20)


def fee(words: str, amount: Optional[int] = None, **parts: Any) -> Fee:
    return Fee(text=Text(vi=words), amount=amount, **parts)


@pytest.mark.parametrize(
    ("fees", "expected"),
    [
        ([fee("8.000 đồng một bản", 8000)], "8.000 đồng một bản"),
        ([fee("Mỗi bản", 8000)], "Mỗi bản: 8.000 đồng"),
        ([fee("Thu 1500000 một lần.", 1_500_000)], "Thu 1500000 một lần"),
        ([fee("18.000 đồng cũ", 8000)], "18.000 đồng cũ: 8.000 đồng"),
        ([fee("Miễn phí", 0)], "Miễn phí"),
        ([fee("Một", 1000), fee("Hai", 2000)], "Một: 1.000 đồng. Hai: 2.000 đồng"),
        ([fee("Cũ", 1, valid_to=dt.date(2026, 11, 19)), fee("Nay", 2)], "Nay: 2 đồng"),
        ([fee("Nay", 2), fee("Mai", 3, valid_from=dt.date(2026, 11, 21))], "Nay: 2 đồng"),
        ([fee("Nay", 2, valid_to=TODAY)], "Nay: 2 đồng (áp dụng đến hết ngày 20/11/2026)"),
        ([fee("2 đồng đến hết năm 2026", 2, valid_to=dt.date(2026, 12, 31))], "2 đồng đến hết năm 2026"),
        ([fee("Cũ", 1, valid_to=dt.date(2025, 12, 31))], "chưa rõ mức đang áp dụng; xin hỏi nơi nộp"),
        ([], "nguồn không nói; xin hỏi nơi nộp"),
    ],
)
def test_fees_of_today(word_procedure: Word, fees: list[Fee], expected: str) -> None:
    held = procedure(channels=(channel(ChannelKind.IN_PERSON, *fees),))
    assert word_procedure(held, "fee").cards[0].lines == (("Nộp trực tiếp", expected),)


def test_fees_in_english(word_procedure: Word) -> None:
    held = procedure(channels=(channel(ChannelKind.POST, Fee(text=Text(vi="Một bản", en="Each copy"), amount=25_000)),))
    assert word_procedure(held, "fee", said_in="en").cards[0].lines == (("By post", "Each copy: 25,000 VND"),)


def test_only_rules_of_today_are_named_each_once(word_procedure: Word) -> None:
    old = fee("Cũ", rule="Thông tư 1", valid_to=dt.date(2025, 1, 1))
    held = procedure(
        channels=(
            channel(ChannelKind.IN_PERSON, old, fee("Nay", rule="Thông tư 2")),
            channel(ChannelKind.ONLINE, fee("Nay", rule="Thông tư 2"), fee("Thêm", rule="Luật 3")),
        )
    )
    assert word_procedure(held, "fee").cards[0].notes[0] == "Theo Thông tư 2; Luật 3."


def test_ways_that_cost_the_same_share_a_line(word_procedure: Word) -> None:
    same = [channel(kind, fee("Miễn phí", 0)) for kind in ChannelKind]
    assert word_procedure(procedure(channels=tuple(same)), "fee").cards[0].lines == (("Mọi cách nộp", "Miễn phí"),)
    same[1] = channel(ChannelKind.ONLINE, fee("Nửa giá", 5000))
    assert word_procedure(procedure(channels=tuple(same)), "fee").cards[0].lines == (
        ("Nộp trực tiếp, Gửi bưu điện", "Miễn phí"),
        ("Nộp qua mạng", "Nửa giá: 5.000 đồng"),
    )


def test_many_fees_are_cut_short_in_the_overview_and_it_says_so(word_procedure: Word) -> None:
    fees = [fee(f"Loại {number}, thu khi đến nhận kết quả tại nơi nộp", number * 1000) for number in range(1, 9)]
    card = word_procedure(procedure(channels=(channel(ChannelKind.IN_PERSON, *fees),)), "overview").cards[0]
    assert card.lines[1] == (
        "Lệ phí",
        "Loại 1, thu khi đến nhận kết quả tại nơi nộp: 1.000 đồng. Còn mức khác, xin hỏi “lệ phí”",
    )


@pytest.mark.parametrize(
    ("limit", "vietnamese", "english"),
    [
        (TimeLimit(amount=1, unit=TimeUnit.WORKING_DAY), "1 ngày làm việc", "1 working day"),
        (TimeLimit(amount=3, unit=TimeUnit.WORKING_DAY), "3 ngày làm việc", "3 working days"),
        (TimeLimit(amount=1, unit=TimeUnit.DAY), "1 ngày", "1 day"),
        (TimeLimit(amount=8, unit=TimeUnit.HOUR), "8 giờ", "8 hours"),
        (TimeLimit(amount=2, unit=TimeUnit.MONTH), "2 tháng", "2 months"),
        (TimeLimit(amount=1, unit=TimeUnit.DAY, note=Text(vi="Ừ", en="Yes")), "1 ngày. Ừ", "1 day. Yes"),
        (TimeLimit(note=Text(vi="Làm ngay", en="At once")), "Làm ngay", "At once"),
        (
            TimeLimit(),
            "nguồn không nói; xin xem ngày trên giấy hẹn",
            "the source does not say; please see the date on your receipt",
        ),
    ],
)
def test_time_limits(word_procedure: Word, limit: TimeLimit, vietnamese: str, english: str) -> None:
    held = procedure(channels=(channel(ChannelKind.IN_PERSON, limit=limit),))
    assert word_procedure(held, "time").cards[0].lines == (("Nộp trực tiếp", vietnamese),)
    assert word_procedure(held, "time", said_in="en").cards[0].lines == (("In person", english),)
