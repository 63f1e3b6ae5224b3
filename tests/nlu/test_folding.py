"""Folding, syllables, and the words of a text."""

from __future__ import annotations

import unicodedata

import pytest

from nlu.vietnamese.folding import fold
from nlu.vietnamese.splitting import split_syllables
from nlu.vietnamese.syllables import Syllables, syllables, with_tone

ALL = Syllables.by_rule()


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đăng ký khai sinh", "dang ky khai sinh"),
        ("ĐƯỜNG BỘ", "duong bo"),
        ("giấy tờ gì ạ?", "giay to gi a?"),
        (unicodedata.normalize("NFD", "Sổ đỏ ở huyện"), "so do o huyen"),
        ("ðăng ký", "dang ky"),
        ("H57.132-260804-0583", "h57.132-260804-0583"),
        ("Ủy ban, thừa kế, nguyễn", "uy ban, thua ke, nguyen"),
        ("", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_folding_keeps_the_place_of_every_letter_of_composed_text() -> None:
    text = "Nghị định 118/2025/NĐ-CP về cơ chế một cửa: “bản chính”, İ, ß, привет"
    assert len(fold(text)) == len(text)


@pytest.mark.parametrize(
    "word",
    [
        "nghiêng",
        "khuyết",
        "quốc",
        "quỳnh",
        "giếng",
        "gì",
        "già",
        "yêu",
        "uống",
        "thuở",
        "khuỷu",
        "ngoằn",
        "người",
        "được",
        "hủy",
        "hòa",
        "thúy",
        "quý",
        "đỏ",
        "oai",
        "ươm",
        "thu",
        "tuc",
        "dang",
        "ky",
        "duong",
        "nguoi",
        "giay",
    ],
)
def test_what_is_written_is_a_syllable(word: str) -> None:
    assert word in ALL


@pytest.mark.parametrize(
    "word",
    [
        "ngiêng",
        "kà",
        "cê",
        "gê",
        "ghá",
        "passport",
        "cccd",
        "tucj",
        "thoat1",
        "bac̀",
        "zui",
        "fường",
        "thuongg",
        "hócj",
        "mátd",
    ],
)
def test_what_the_spelling_forbids_is_none(word: str) -> None:
    assert word not in ALL


@pytest.mark.parametrize(
    ("base", "tone", "word"),
    [("hoa", "f", "hòa"), ("thuy", "r", "thủy"), ("quy", "s", "quý"), ("gia", "f", "già"), ("gi", "f", "gì"),
     ("đươc", "j", "được"), ("khuyêt", "s", "khuyết"), ("toan", "s", "toán"), ("ngoai", "j", "ngoại")],
)  # fmt: skip
def test_the_tone_stands_on_the_right_letter(base: str, tone: str, word: str) -> None:
    assert with_tone(base, tone) == word


def test_syllables_of_a_text() -> None:
    assert syllables("Đăng ký, khai-sinh (CT01)?") == ("đăng", "ký", "khai", "sinh", "ct01")
    assert syllables(unicodedata.normalize("NFD", "Hộ tịch")) == ("hộ", "tịch")


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("cầngì", ("cần", "gì")),
        ("cangi", ("can", "gi")),
        ("thutuc", ("thu", "tuc")),
        ("giaytogi", ("giay", "to", "gi")),
        ("hosogomnhunggi", ("ho", "so", "gom", "nhung", "gi")),
        ("passport", None),
        ("certificate", None),
        ("strong", None),
        ("a" * 200, None),
    ],
)
def test_words_run_together(word: str, parts: tuple[str, ...] | None) -> None:
    assert split_syllables(word, ALL) == parts
