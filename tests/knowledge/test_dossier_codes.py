"""Dossier codes as people write them: what is read, what is explained, what is something else."""

from __future__ import annotations

import datetime as dt
from typing import Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.dossiers import CodeFamily, CodeProblem, DossierCode, DossierCodeInvalid, looks_like_code

TODAY = dt.date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "canonical", "family"),
    [
        ("000.00.04.H51-200221-0001", "000.00.04.H51-200221-0001", CodeFamily.ONE_STOP),
        ("000.00.53.H48-220921-0099", "000.00.53.H48-220921-0099", CodeFamily.ONE_STOP),
        ("OOO.oo.12.h62-201105-0004", "000.00.12.H62-201105-0004", CodeFamily.ONE_STOP),
        ("H57.132-260804-0583", "H57.132-260804-0583", CodeFamily.PROVINCE),
        ("h57.132 – 26o804 — 0583", "H57.132-260804-0583", CodeFamily.PROVINCE),
        ("H57,132 260804 0583", "H57.132-260804-0583", CodeFamily.PROVINCE),
        ("H57.l32-26O8O4-O583", "H57.132-260804-0583", CodeFamily.PROVINCE),
        ("H57.I32-260804-0583", "H57.132-260804-0583", CodeFamily.PROVINCE),
        ("H57.132-2608 04-05 83", "H57.132-260804-0583", CodeFamily.PROVINCE),
        ("H57.132-2608040583", "H57.132-260804-0583", CodeFamily.PROVINCE),
        ("H29.7.4-250101-12345", "H29.7.4-250101-12345", CodeFamily.PROVINCE),
        ("H99.999-250101-12345", "H99.999-250101-12345", CodeFamily.PROVINCE),
        ("G01.899.909-260916-890028", "G01.899.909-260916-890028", CodeFamily.MINISTRY),
        ("g22.99.3-241219-0001", "G22.99.3-241219-0001", CodeFamily.MINISTRY),
        ("03706/2026/07906", "03706/2026/07906", CodeFamily.SOCIAL_INSURANCE),
        ("O3706 / 2O26 / 079O6", "03706/2026/07906", CodeFamily.SOCIAL_INSURANCE),
    ],
)
def test_all_families_and_typing_habits(text: str, canonical: str, family: CodeFamily) -> None:
    code = DossierCode.parse(text, TODAY)
    assert str(code) == canonical
    assert code.family is family
    assert DossierCode.parse(str(code)) == code


@pytest.mark.parametrize(
    ("sentence", "canonical"),
    [
        ("Hồ sơ H57.132-260804-0583 của tôi tới đâu rồi?", "H57.132-260804-0583"),
        ("mã hồ sơ: g01.899.909-260916-890028.", "G01.899.909-260916-890028"),
        ("cho hỏi 000.00.04.h51 - 200221 - 0001, cảm ơn", "000.00.04.H51-200221-0001"),
        ("bhxh 03706/2026/07906 nha", "03706/2026/07906"),
        ("thủ tục 1.001193, hồ sơ H57.132-260804-0583", "H57.132-260804-0583"),
        ("H57.132-261304-0583 hay H57.132-260804-0583", "H57.132-260804-0583"),
    ],
)
def test_found_inside_a_sentence(sentence: str, canonical: str) -> None:
    assert str(DossierCode.find(sentence, TODAY)) == canonical
    assert looks_like_code(sentence)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("H57.132", CodeProblem.DATE_MISSING),
        ("H57.132-0583", CodeProblem.DATE_MISSING),
        ("G01.899.108-....", CodeProblem.DATE_MISSING),
        ("H57.132-260804", CodeProblem.SERIAL_MISSING),
        ("03706/2026", CodeProblem.SERIAL_MISSING),
        ("H57.132-260804-05", CodeProblem.SERIAL_LENGTH),
        ("H57.132-26080-0583", CodeProblem.DATE_LENGTH),
        ("H57.132-261304-0583", CodeProblem.DATE_IMPOSSIBLE),
        ("H57.132-260230-0583", CodeProblem.DATE_IMPOSSIBLE),
        ("H57.132-261123-0583", CodeProblem.DATE_IN_FUTURE),
        ("03706/2027/07906", CodeProblem.DATE_IN_FUTURE),
        ("260804-0583", CodeProblem.AGENCY_MISSING),
        ("H57-260804-0583", CodeProblem.AGENCY_MISSING),
        ("000.00.04-200221-0001", CodeProblem.AGENCY_MISSING),
    ],
)
def test_an_attempt_is_explained(text: str, problem: CodeProblem) -> None:
    with pytest.raises(DossierCodeInvalid) as raised:
        DossierCode.parse(text, TODAY)
    assert raised.value.problem is problem
    assert looks_like_code(text)
    assert DossierCode.find(text, TODAY) is None


@pytest.mark.parametrize(
    "text",
    [
        "1.001193",
        "thủ tục 2.000815 làm ở đâu",
        "KQ.G01.000123",
        "KQ.G01.899-260804-0583",
        "G22.99.3-241219795252",
        "151/2025/NĐ-CP",
        "12345/2026/QĐ-UBND",
        "0912000345",
        "số 099090000678",
        "ngày 12/03/2026 lúc 10:56",
        "001.23.45",
        "tôi ở phòng H12 3 người",
        "giá 1.000.000 đồng",
        "",
        "xin chào",
    ],
)
def test_what_is_something_else(text: str) -> None:
    assert DossierCode.find(text) is None
    assert not looks_like_code(text)
    with pytest.raises(DossierCodeInvalid) as raised:
        DossierCode.parse(text)
    assert raised.value.problem is CodeProblem.NOT_A_CODE


def test_the_error_does_not_repeat_what_was_typed() -> None:
    with pytest.raises(DossierCodeInvalid) as raised:
        DossierCode.parse("H57.132-260804 0912000345")
    assert "0912000345" not in repr(raised.value)


def test_without_today_the_future_is_allowed() -> None:
    assert DossierCode.parse("H57.132-991231-0001").received_on == dt.date(2099, 12, 31)
    assert DossierCode.parse("03706/2026/07906").received_on is None


@given(st.text(alphabet="HGO0l1.-/ ,–2608", max_size=40))
def test_reading_never_fails_otherwise(text: str) -> None:
    found: Optional[DossierCode] = DossierCode.find(text)
    if found is not None:
        assert DossierCode.parse(str(found)) == found
        assert looks_like_code(text)
