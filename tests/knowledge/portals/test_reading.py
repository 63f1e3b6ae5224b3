"""The quirks of answers, one by one."""

from __future__ import annotations

import datetime as dt
from typing import Any, Optional

import pytest

from knowledge.calendar import VIETNAM_TIME
from knowledge.dossiers import DossierStatus, PortalUnreachable
from knowledge.portals import reading
from knowledge.portals.dvcqg_procedures import read_procedure
from knowledge.procedures import TimeUnit

HALF_PAST_TEN = dt.datetime(2026, 8, 4, 10, 30, tzinfo=VIETNAM_TIME)


@pytest.mark.parametrize(
    "written",
    [
        "20260804103000",
        "2026-08-04T03:30:00.000+0000",
        "2026-08-04T03:30:00+00:00",
        "2026-08-04T03:30:00Z",
        "2026-08-04T10:30:00.1234567+07:00",
        "2026-08-04T10:30:00",
        "04/08/2026 10:30",
        "04/08/2026 10:30:00",
        "10:30 04/08/2026",
    ],
)
def test_moments(written: str) -> None:
    moment = reading.moment(written)
    assert moment is not None
    assert moment.replace(microsecond=0) == HALF_PAST_TEN
    assert moment.utcoffset() == dt.timedelta(hours=7)


def test_days_without_a_time() -> None:
    assert reading.moment("04/08/2026") == HALF_PAST_TEN.replace(hour=0, minute=0)
    assert reading.moment("20260804") == HALF_PAST_TEN.replace(hour=0, minute=0)


@pytest.mark.parametrize("nothing", [None, "", "  ", "0001-01-01T00:00:00", "01/01/0001 00:00:00", "00:00 01/01/0001"])
def test_no_moment(nothing: Any) -> None:
    assert reading.moment(nothing) is None


def test_a_moment_in_an_unknown_format_is_not_guessed() -> None:
    with pytest.raises(PortalUnreachable):
        reading.moment("next Tuesday")


@pytest.mark.parametrize(
    "value",
    [
        "Đăng ký  tạm trú",
        {"name": "Đăng ký tạm trú"},
        {"name": [{"languageId": 46, "name": "Register"}, {"languageId": 228, "name": "Đăng ký tạm trú"}]},
        [{"languageId": 228, "name": "Đăng ký tạm trú"}],
        [{"name": ""}, {"name": "Đăng ký tạm trú"}],
        ["Đăng ký tạm trú"],
    ],
)
def test_texts_in_every_shape(value: Any) -> None:
    assert reading.text(value) == "Đăng ký tạm trú"


@pytest.mark.parametrize("value", [None, True, [], {}, [{}]])
def test_no_text(value: Any) -> None:
    assert reading.text(value) == ""


@pytest.mark.parametrize(("value", "code"), [(0, 0), ("0", 0), ("00", 0), ("-1", -1), (-1, -1), (106, 106)])
def test_error_codes(value: Any, code: int) -> None:
    assert reading.error_code(value) == code


def test_an_answer_without_an_error_code_is_not_a_success() -> None:
    with pytest.raises(PortalUnreachable):
        reading.error_code(None)


@pytest.mark.parametrize(
    ("value", "amount"),
    [("25000", 25_000), (25000, 25_000), ("25.000", 25_000), ("25,000 đồng", 25_000), ("50000.0", 50_000), ("", None)],
)
def test_amounts(value: Any, amount: Optional[int]) -> None:
    assert reading.amount(value) == amount


def test_json_inside_json() -> None:
    assert reading.decode('"{\\"a\\": 1}"') == {"a": 1}
    assert reading.decode('"\\"[1]\\""') == [1]
    assert reading.decode('"plain"') == "plain"


@pytest.mark.parametrize("broken", ["", "{", "<html>", '"{\\"a\\":"', "9" * 6_000])
def test_broken_json(broken: str) -> None:
    with pytest.raises(PortalUnreachable):
        reading.decode(broken)


@pytest.mark.parametrize(("value", "count"), [(None, 0), ("", 0), ([], 0), ({}, 0), ({"a": 1}, 1), ('[{"a": 1}]', 1)])
def test_records(value: Any, count: int) -> None:
    assert len(reading.records(value)) == count


@pytest.mark.parametrize("value", [3, [1], True])
def test_what_is_no_record(value: Any) -> None:
    with pytest.raises(PortalUnreachable):
        reading.records(value)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("Mới đăng ký", DossierStatus.REGISTERED),
        ("Chờ tiếp nhận", DossierStatus.REGISTERED),
        ("Được tiếp nhận", DossierStatus.RECEIVED),
        ("ĐÃ TIẾP NHẬN", DossierStatus.RECEIVED),
        ("Không được tiếp nhận", DossierStatus.NOT_ACCEPTED),
        ("Từ chối tiếp nhận", DossierStatus.NOT_ACCEPTED),
        ("Đang xử lý", DossierStatus.PROCESSING),
        ("Yêu cầu bổ sung giấy tờ", DossierStatus.SUPPLEMENT_REQUIRED),
        ("Chờ bổ sung", DossierStatus.SUPPLEMENT_REQUIRED),
        ("Yêu cầu thực hiện nghĩa vụ tài chính", DossierStatus.FEE_DUE),
        ("Công dân yêu cầu rút hồ sơ", DossierStatus.WITHDRAWN),
        ("Dừng xử lý", DossierStatus.STOPPED),
        ("Đã xử lý xong", DossierStatus.DONE),
        ("Có kết quả", DossierStatus.DONE),
        ("Chờ trả kết quả", DossierStatus.DONE),
        ("Đã trả kết quả", DossierStatus.RETURNED),
        ("Lời lạ", None),
    ],
)
def test_a_vendors_words(words: str, status: Optional[DossierStatus]) -> None:
    assert reading.status_in_words(words) is status


def test_unknown_words_fall_back_on_dates() -> None:
    assert reading.status_by_dates(None, None) is DossierStatus.REGISTERED
    assert reading.status_by_dates(HALF_PAST_TEN, None) is DossierStatus.PROCESSING
    assert reading.status_by_dates(HALF_PAST_TEN, HALF_PAST_TEN) is DossierStatus.DONE


def test_a_procedure_that_says_little() -> None:
    limit = {"THOIGIANGIAIQUYET": "3", "DONVITINH": "", "PHILEPHI": None}
    item = {"TENTTHC": "Thủ tục mẫu", "CACHTHUCTHUCHIEN": [{"KENH": "1", "THOIGIAN": [limit]}, {"KENH": "9"}]}
    procedure = read_procedure("1.000001", item, dt.date(2026, 11, 20))
    assert [case.id for case in procedure.cases] == ["ordinary"]
    assert procedure.cases[0].papers == ()
    assert procedure.levels == ()
    assert procedure.agency is None
    # "3" without a unit could be hours or days: it is not passed on.
    assert procedure.channels[0].time_limit.amount is None
    assert procedure.channels[0].time_limit.unit is not TimeUnit.WORKING_DAY
    assert len(procedure.channels) == 1
