"""Text of an export: cleaned, cut into steps and items."""

from __future__ import annotations

import pytest

from knowledge.importing_texts import LONG_NAME, clean, is_said, short_name, split_bullet, split_items, split_steps


def test_cleaning_joins_marks_and_drops_what_nobody_sees() -> None:
    assert clean("  Tho\u0302\u0309i\u00a0 ke\u0300n\u200e\t\n\n \uf0d8 nho\u00ad\u0309 ") == "Thổi kèn\n- nhỏ"


@pytest.mark.parametrize("text", ["", None, "Không", "(không có).", "Không quy định.", "Không có thông tin"])
def test_the_ways_of_saying_nothing(text: str | None) -> None:
    assert not is_said(text)


def test_something_that_begins_with_no_is_said() -> None:
    assert is_said("Không thả diều gần sân bay")


@pytest.mark.parametrize(
    ("text", "number", "rest"),
    [
        ("- Đơn", None, "Đơn"),
        ("1. Đơn", 100, "Đơn"),
        ("1.2. Đơn", 102, "Đơn"),
        ("b) Đơn", 200, "Đơn"),
        ("đ) Đơn", 500, "Đơn"),
        ("(iv) Đơn", 400, "Đơn"),
        ("- a) Đơn", None, "Đơn"),
        ("02 ảnh", None, "02 ảnh"),
        ("1.5 mét dây", None, "1.5 mét dây"),
        ("Đơn", None, "Đơn"),
    ],
)
def test_bullets(text: str, number: int | None, rest: str) -> None:
    assert split_bullet(text) == (number, rest)


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("Bước 1: Nộp.\nXem Bước 2 bên dưới.\n- Bước 2. Nhận.", ["Nộp.\nXem Bước 2 bên dưới.", "Nhận."]),
        ("Trước hết đọc kỹ.\nBước 1: Nộp. Bước 2: Nhận.", ["Trước hết đọc kỹ.", "Nộp.", "Nhận."]),
        ("a) Nộp:\n- tại quầy\n- qua mạng\nb) Nhận", ["Nộp:\n- tại quầy\n- qua mạng", "Nhận"]),
        ("- Nộp\n+ tại quầy\n- Nhận\n* Lưu ý:\n- Đi sớm", ["Nộp\n+ tại quầy", "Nhận", "Lưu ý:\n- Đi sớm"]),
        ("Nộp.\nNhận.", ["Nộp.", "Nhận."]),
        ("", []),
        (None, []),
    ],
)
def test_steps(text: str | None, steps: list[str]) -> None:
    assert split_steps(text) == steps


def test_items_are_empty_where_nothing_is_required() -> None:
    assert split_items("Không quy định") == []
    assert split_items("1. Đủ tuổi;\n2. Có diều.") == ["Đủ tuổi;", "Có diều."]


def test_short_names_keep_every_word() -> None:
    assert short_name("Đơn;") == ("Đơn", "")
    words = "chữ " * 60
    name, rest = short_name(words)
    assert len(name) <= LONG_NAME + 2
    assert f"{name} {rest}".replace("… …", "").split() == words.split()
