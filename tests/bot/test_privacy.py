"""What citizens type loses the numbers that name a person, and keeps the codes, dates and amounts it is about."""

from __future__ import annotations

import pytest

from bot.privacy import hide_numbers, visible

# Invented numbers. Every one is masked but for its last four digits.
PERSONAL = [
    ("identity card", "079085001234"),
    ("identity card in threes", "079 085 001 234"),
    ("identity card in fours", "0790 8500 1234"),
    ("identity card with dots", "079.085.001.234"),
    ("identity card with dashes", "079-085-001-234"),
    ("identity card that ends in zeros", "079085000000"),
    ("old identity card", "123451234"),
    ("old identity card in threes", "123 451 234"),
    ("old identity card with dots", "123.451.234"),
    ("old identity card that begins with zero", "024561234"),
    ("phone", "0912000234"),
    ("phone in groups", "0912 000 234"),
    ("phone in pairs", "09 12 00 02 34"),
    ("phone with dots", "091.200.0234"),
    ("phone with dashes", "0912-000-234"),
    ("phone with spaced dashes", "0912 - 000 - 234"),
    ("phone of Vietnam", "+84912000234"),
    ("phone of Vietnam in groups", "+84 912 000 234"),
    ("phone of Vietnam without plus", "84912000234"),
    ("phone without zero", "912000234"),
    ("phone of a house", "028 3822 1234"),
    ("bank card", "9704 0512 3456 1234"),
    ("bank card without spaces", "9704051234561234"),
    ("long bank card", "9704051234567891234"),
    ("bank account", "10123456781234"),
    ("social insurance number", "7912341234"),
    ("digit by digit", "0 9 1 2 3 4 1 2 3 4"),
]

KEPT = [
    ("dossier of a one-stop office", "000.00.04.H51-200221-0001"),
    ("dossier of a province", "H57.132-260804-0583"),
    ("dossier of a province with three groups", "H29.7.4-260804-05831"),
    ("dossier of a ministry", "G01.899.909-260916-890028"),
    ("dossier of social insurance", "03706/2026/07906"),
    ("dossier in lower case", "h57.132-260804-0583"),
    ("dossier of a one-stop office in lower case", "000.00.04.h51-200221-0001"),
    ("dossier of a ministry in lower case", "g01.899.909-260916-890028"),
    ("dossier with spaces", "H57.132 260804 0583"),
    ("dossier with spaced dashes", "H57.132 - 260804 - 0583"),
    ("dossier with letters for digits", "H57.132-26O8O4-O583"),
    ("dossier with a long dash", "H57.132–260804–0583"),
    ("dossier without its last dash", "H57.132-2608040583"),
    ("dossier without its date", "H57.132-0583"),
    ("dossier with a short date", "H57.132-26080-0583"),
    ("dossier without its office", "260804-0583"),
    ("dossier without its letter", "57.132-260804-0583"),
    ("dossier without its serial", "000.00.04.H51-200221"),
    ("procedure", "1.001193"),
    ("two procedures", "1.001193 2.000815"),
    ("pressed choice", '/ask_fee{"procedure": "1.001193"}'),
    ("pressed dossier", '/dossier_status{"dossier_code": "G01.899.909-260916-890028"}'),
    ("decree", "123/2015/NĐ-CP"),
    ("circular", "Thông tư 281/2016/TT-BTC"),
    ("year", "2026"),
    ("years", "2024, 2025, 2026"),
    ("years without commas", "2024 2025 2026"),
    ("date", "15/03/1990"),
    ("date with dots and a time", "15.03.1990 14:30"),
    ("time and date", "14:30 15-03-1990"),
    ("date as computers write it, with a time", "2026-08-04 14:30"),
    ("amount", "25.000"),
    ("amount of millions", "100.000.000"),
    ("amount of billions", "1.500.000.000 đồng"),
    ("amount with spaces", "100 000 000"),
    ("amount without dots", "100000000"),
    ("amount with its unit", "123.451.234 đồng"),
    ("amount with commas", "123,451,234 VND"),
    ("last four digits", "1234"),
    ("hotline", "1800 1096"),
    ("short numbers", "có 3 con, 45 tuổi, số nhà 12, 2 bản"),
]


@pytest.mark.parametrize("number", [number for _, number in PERSONAL], ids=[name for name, _ in PERSONAL])
@pytest.mark.parametrize(
    "sentence", ["{}", "số của tôi là {}.", "({})", "sđt{}", "{}, cảm ơn", "đây:{}\nxem giúp", "{} mất rồi"]
)
def test_personal_numbers_keep_only_their_last_four_digits(sentence: str, number: str) -> None:
    digits = "".join(character for character in number if character.isdigit())
    masked = "•" * (len(digits) - 4) + " " + digits[-4:]
    assert hide_numbers(sentence.format(number)) == sentence.format(masked)


@pytest.mark.parametrize("text", [text for _, text in KEPT], ids=[name for name, _ in KEPT])
@pytest.mark.parametrize("sentence", ["{}", "cho tôi hỏi {} ạ", "“{}”", "{}."])
def test_what_names_nobody_stays_whole(sentence: str, text: str) -> None:
    assert hide_numbers(sentence.format(text)) == sentence.format(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hồ sơ H57.132-260804-0583 sđt 0912000234", "hồ sơ H57.132-260804-0583 sđt •••••• 0234"),
        ("H57.132 0912000234", "H57.132 •••••• 0234"),
        ("sinh 15-03-1990 cccd 079085001234", "sinh 15-03-1990 cccd •••••••• 1234"),
        ("15-03-1990 079085001234", "15-03-1990 •••••••• 1234"),
        ("nộp 50.000 đồng, gọi 0912000234", "nộp 50.000 đồng, gọi •••••• 0234"),
        ("0912000234/0987000234", "•••••• 0234/•••••• 0234"),
    ],
)
def test_both_in_one_sentence(text: str, expected: str) -> None:
    assert hide_numbers(text) == expected


def test_hiding_twice_changes_nothing_more() -> None:
    once = hide_numbers("cccd 079 085 001 234, sđt +84 912 000 234")
    assert hide_numbers(once) == once


def test_long_texts_of_digits_are_hidden_whole() -> None:
    assert hide_numbers("1" * 20_000) == "•" * 19_996 + " 1111"


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("0\u200b9\u200b1\u20602\u00ad000\u200d345", "0912000345"),
        ("\u202eđăng ký\u202c", "đăng ký"),
        ("\u2068+84 912 000 345\u2069\ufeff", "+84 912 000 345"),
        ("a\r\nb\tc\x07\x1b[31m", "a\nb\tc[31m"),
        ("đa\u0306ng ky\u0301", "đăng ký"),
        ("chào 😀", "chào 😀"),
        ("\u200b\u200e", ""),
    ],
)
def test_invisible_characters_are_dropped(typed: str, seen: str) -> None:
    assert visible(typed) == seen
