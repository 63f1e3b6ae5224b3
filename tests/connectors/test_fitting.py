"""Cutting text for channels: nothing is lost, nothing is too long, sentences stay whole where they can."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.fitting import numbered, shortened, split_text, utf16_length
from connectors.messages import Choice


@given(st.text(), st.integers(min_value=4, max_value=60))
def test_every_piece_fits_and_every_character_is_kept(text: str, most: int) -> None:
    pieces = split_text(text, most)
    assert all(0 < len(piece) <= most for piece in pieces)
    kept = "".join(unicodedata.normalize("NFC", text).split())
    assert "".join("".join(pieces).split()) == kept


@given(st.text(alphabet=st.sampled_from("a 😀👨\u200d👩 ế.\n"), max_size=200), st.integers(min_value=8, max_value=40))
def test_counts_as_telegram_counts(text: str, most: int) -> None:
    assert all(utf16_length(piece) <= most for piece in split_text(text, most, utf16_length))


@pytest.mark.parametrize(
    ("text", "most", "pieces"),
    [
        ("", 10, []),
        ("ngắn", 10, ["ngắn"]),
        ("Một câu. Hai câu. Ba câu.", 18, ["Một câu. Hai câu.", "Ba câu."]),
        ("dòng một\ndòng hai\ndòng ba", 20, ["dòng một\ndòng hai", "dòng ba"]),
        ("một hai ba bốn năm", 10, ["một hai ba", "bốn năm"]),
        ("aaaaaaaaaaaa", 5, ["aaaaa", "aaaaa", "aa"]),
        (unicodedata.normalize("NFD", "giấy tờ giấy tờ"), 8, ["giấy tờ", "giấy tờ"]),
    ],
)
def test_cuts_at_the_best_border(text: str, most: int, pieces: list[str]) -> None:
    assert split_text(text, most) == pieces


def test_joined_emoji_are_not_torn() -> None:
    family = "👨\u200d👩\u200d👧"
    assert split_text("x" * 4 + family, 6)[0] == "x" * 4


def test_titles_are_cut_at_a_word() -> None:
    assert shortened("Đăng ký khai sinh", 100) == "Đăng ký khai sinh"
    assert shortened("Đăng ký khai sinh có yếu tố nước ngoài", 20) == "Đăng ký khai sinh…"


def test_choices_are_numbered_from_one() -> None:
    lines = numbered([Choice("Lệ phí", "/a"), Choice("Nơi nộp", "/b")], "Trả lời bằng số:")
    assert lines == "Trả lời bằng số:\n1. Lệ phí\n2. Nơi nộp"
