"""Nobody's name or number passes, however it is written."""

from __future__ import annotations

import pytest

from knowledge.portals.masking import Owner, mask_name, mask_phone

OWNER = Owner("Nguyễn Văn An", "0912000345", "099090000678", other_name="Lê Thị Bình")


@pytest.mark.parametrize(
    ("name", "masked"), [("Nguyễn Văn An", "N*** V*** A***"), ("  lê  bình ", "l*** b***"), ("", ""), ("Ý", "Ý***")]
)
def test_names(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("0912000345", "091*******"),
        ("+84912000345", "091*******"),
        ("0912 000 345", "091*******"),
        ("02340001234", "023********"),
        ("", ""),
        ("12345", ""),
    ],
)
def test_phones_keep_what_proves_hidden(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Trả cho Nguyễn Văn An", "Trả cho N*** V*** A***"),
        ("ông NGUYỄN  VĂN AN, bà lê thị bình", "ông N*** V*** A***, bà l*** t*** b***"),
        ("gọi 0912 000 345 hoặc 0912.000.345", "gọi *** hoặc ***"),
        ("gọi +84912000345", "gọi ***"),
        ("số 099090000678, CMND 099000123", "số ***, CMND ***"),
        ("gọi người khác: 0987000111", "gọi người khác: ***"),
        ("hồ sơ H57.132-260804-0583 ngày 04/08/2026", "hồ sơ H57.132-260804-0583 ngày 04/08/2026"),
        ("mã 000.00.04.H51-200221-0001", "mã 000.00.04.H51-200221-0001"),
        ("mã G01.899.909-260916-890028", "mã G01.899.909-260916-890028"),
        ("lệ phí 1.000.000 đồng, An Giang", "lệ phí 1.000.000 đồng, An Giang"),
    ],
)
def test_free_text(text: str, hidden: str) -> None:
    assert OWNER.hide_in(text) == hidden


def test_an_owner_never_prints_itself() -> None:
    assert repr(OWNER) == "Owner(hidden)"
    assert "An" not in f"{OWNER}"


def test_without_numbers_nothing_is_proved() -> None:
    proof = Owner("An", "", "12").proof()
    assert proof.digests == ()
    assert not proof.accepts("")
    assert not proof.accepts("0012")
