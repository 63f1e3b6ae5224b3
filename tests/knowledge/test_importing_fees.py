"""Fees and time limits of an export: what the portal's columns say against the words beside them."""

from __future__ import annotations

import datetime as dt
import json
from typing import Optional

import pytest

from knowledge.importing_fees import read_channels
from knowledge.importing_findings import Kind
from knowledge.importing_shapes import read_record
from knowledge.procedures import Channel, ChannelKind, TimeUnit
from tests.knowledge.exports import channel, portal_record

COUNCIL = "(Mức lệ phí cụ thể do Hội đồng nhân dân cấp tỉnh quyết định.)"


def read(*rows: dict[str, Optional[str]], field: str = "Thả diều") -> tuple[tuple[Channel, ...], list[Kind]]:
    reported: list[Kind] = []
    raw = read_record(json.dumps(portal_record(cach_thuc=list(rows))))
    return read_channels(raw.channels, field, lambda kind, _: reported.append(kind)), reported


def fees(fee: Optional[str], words: Optional[str]) -> tuple[list[tuple[Optional[int], str]], list[Kind]]:
    (only,), reported = read(channel(fee=fee, words=words))
    return [(one.amount, one.text.vi) for one in only.fees], reported


@pytest.mark.parametrize(
    ("fee", "words", "amounts", "reported"),
    [
        ("Miễn phí", None, [0], []),
        ("Miễn phí", "(Không)", [0], []),
        ("Miễn phí", "(Miễn lệ phí (Thông tư số 1/2020/TT-TN))Nộp tại quầy.", [0], []),
        ("Miễn phí", "(Đối với diều khác)", [0], []),
        ("0 VNĐ", None, [0], []),
        ("Miễn phí", COUNCIL, [None], [Kind.FREE_BUT_COUNCIL_DECIDES]),
        ("Miễn phí", "(Theo quy định của pháp luật về phí)", [None], [Kind.FREE_BUT_FEE_DESCRIBED]),
        ("Miễn phí", "(Miễn lệ phí cho hộ nghèo.)", [None], [Kind.FREE_BUT_FEE_DESCRIBED]),
        ("Miễn phí", "(15.000 đồng/con diều)", [15_000], [Kind.FREE_BUT_FEE_DESCRIBED]),
        ("25,000 Việt Nam Đồng", None, [25_000], []),
        ("25,000 VNĐ", "(/con diều)", [25_000], []),
        ("25,000 VNĐ", "(25.000 đồng một con.)", [25_000], []),
        ("25,000 VNĐ", COUNCIL, [None], [Kind.FEE_AMOUNTS_DIFFER]),
        ("25,000 VNĐ", "(Mức thu 35.000 đồng)", [25_000, 35_000], [Kind.FEE_AMOUNTS_DIFFER]),
        ("25 VNĐ", "(25.000 đồng/con)", [25_000], [Kind.FEE_FROM_TEXT]),
        ("25 VNĐ", "(25 USD/con)", [None], [Kind.FEE_FROM_TEXT]),
        ("25 VNĐ", None, [None], [Kind.FEE_IMPLAUSIBLE]),
        ("10 USD", "(10 USD/lần)", [None], []),
        ("Không có thông tin", "nộp tại quầy", [], []),
        (None, None, [], []),
        ("50,000 VNĐ", "(Bằng 50% mức 50.000 đồng)", [None], []),
    ],
)
def test_amounts(fee: str, words: str, amounts: list[Optional[int]], reported: list[Kind]) -> None:
    found, kinds = fees(fee, words)
    assert ([amount for amount, _ in found], kinds) == (amounts, reported)
    assert all(text for _, text in found)


def test_the_council_is_named_where_it_decides() -> None:
    ((_, text),), _ = fees("Miễn phí", COUNCIL)
    assert text == "Mức lệ phí cụ thể do Hội đồng nhân dân cấp tỉnh quyết định"


def test_each_amount_of_a_list_is_a_fee_of_its_own() -> None:
    found, _ = fees("Miễn phí", "(- Dưới 5 con: 50.000 đồng; - Từ 5 con: 100.000 đồng/lần; tối đa 1 triệu đồng.)")
    assert found == [
        (50_000, "Dưới 5 con: 50.000 đồng"),
        (100_000, "Từ 5 con: 100.000 đồng/lần"),
        (None, "tối đa 1 triệu đồng"),
    ]


def test_a_reduced_fee_carries_its_days_and_its_rule() -> None:
    words = "(áp dụng mức 20.000 đồng kể từ ngày 01/7/2025 đến hết ngày 31/12/2026 theo Thông tư số 9/2025/TT-TN)"
    (only,), reported = read(channel(fee="40,000 VNĐ", words=words))
    full, reduced = only.fees
    assert (full.amount, full.valid_from, full.valid_to) == (40_000, None, None)
    assert (reduced.amount, reduced.rule) == (20_000, "Thông tư số 9/2025/TT-TN")
    assert (reduced.valid_from, reduced.valid_to) == (dt.date(2025, 7, 1), dt.date(2026, 12, 31))
    assert reported == [Kind.FEE_AMOUNTS_DIFFER]


def test_impossible_days_stay_words() -> None:
    found, _ = fees("Miễn phí", "(20.000 đồng đến hết ngày 31/02/2026)")
    assert found == [(20_000, "20.000 đồng đến hết ngày 31/02/2026")]


@pytest.mark.parametrize(
    ("time", "unit", "words", "field", "amount", "read_unit", "reported"),
    [
        ("7", "Ngày làm việc", None, "", 7, TimeUnit.WORKING_DAY, []),
        ("2", "Giờ", None, "", 2, TimeUnit.HOUR, []),
        ("2", "Tháng", None, "", 2, TimeUnit.MONTH, []),
        ("3", None, None, "Hộ tịch", 3, TimeUnit.WORKING_DAY, [Kind.UNIT_ASSUMED]),
        ("3", None, None, "Thuế", None, None, [Kind.UNIT_MISSING]),
        ("3", None, "Trong 03 (ba) ngày, kể từ khi nhận.", "Thuế", 3, TimeUnit.DAY, [Kind.UNIT_FROM_TEXT]),
        ("0", "Giờ", None, "", None, None, [Kind.TIME_UNREADABLE]),
        ("1.5", "Ngày làm việc", None, "", None, None, [Kind.TIME_UNREADABLE]),
        (None, None, None, "", None, None, []),
    ],
)
def test_time_limits(
    time: str, unit: str, words: str, field: str, amount: int, read_unit: TimeUnit, reported: list[Kind]
) -> None:
    (only,), kinds = read(channel(time=time, unit=unit, words=words), field=field)
    assert (only.time_limit.amount, only.time_limit.unit, kinds) == (amount, read_unit, reported)


def test_a_number_without_a_unit_is_shown_as_words() -> None:
    (only,), _ = read(channel(time="3", unit=None))
    assert only.time_limit.note is not None
    assert only.time_limit.note.vi == "3 (nguồn không ghi đơn vị thời gian)"


def test_only_words_about_time_become_the_note() -> None:
    words = "Nộp tại quầy. Trong thời hạn 05 ngày kể từ ngày nhận. Thời gian tiếp nhận: giờ hành chính từ thứ 2."
    (only,), _ = read(channel(words=words))
    assert only.time_limit.note is not None
    assert only.time_limit.note.vi == "Trong thời hạn 05 ngày kể từ ngày nhận."


def test_time_and_fee_run_into_one_number_are_not_guessed_apart() -> None:
    (only,), reported = read(channel(time="120,000", unit=None, fee=None, words="VNĐ(20.000 đồng/tờ khai)"))
    assert only.time_limit.amount is None
    assert [fee.amount for fee in only.fees] == [20_000]
    assert reported == [Kind.TIME_AND_FEE_GLUED, Kind.FEE_FROM_TEXT]
    (silent,), _ = read(channel(time="1200", unit=None, fee=None, words="VNĐ"))
    assert [(fee.amount, fee.text.vi) for fee in silent.fees] == [(None, "Có thu phí; nguồn không ghi rõ số tiền")]


def test_rows_that_differ_in_the_fee_alone_are_one_channel() -> None:
    rows = [channel("Trực tuyến", fee="10,000 VNĐ"), channel(fee="20,000 VNĐ"), channel(fee="30,000 VNĐ")]
    channels, _ = read(*rows, channel(time="9"))
    assert [(one.kind, one.time_limit.amount, len(one.fees)) for one in channels] == [
        (ChannelKind.IN_PERSON, 5, 2),
        (ChannelKind.IN_PERSON, 9, 1),
        (ChannelKind.ONLINE, 5, 1),
    ]
