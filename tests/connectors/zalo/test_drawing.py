"""A reply fits what Zalo takes, and every choice can be made on every device."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.messages import Choice, Reply
from connectors.zalo.drawing import draw_details_request, draw_reply

TEXTS = {"vi": {"answer_by_number": "Trả lời bằng số:"}, "en": {"answer_by_number": "Answer with a number:"}}
CHOICES = tuple(Choice(f"Việc thứ {number}", f"/go{number}") for number in range(1, 8))


def test_a_short_reply_is_one_message() -> None:
    assert draw_reply(Reply("Xin chào"), "k1", None, TEXTS, buttons=True) == [{"text": "Xin chào"}]


def test_choices_are_numbered_lines_under_the_text() -> None:
    (part,) = draw_reply(Reply("Chọn:", choices=CHOICES[:2]), "k1", None, TEXTS, buttons=False)
    assert part == {"text": "Chọn:\n\nTrả lời bằng số:\n1. Việc thứ 1\n2. Việc thứ 2"}


@pytest.mark.parametrize(("language", "heading"), [("en", "Answer with"), ("vi", "Trả lời"), ("fr", "Trả lời")])
def test_the_heading_is_in_the_replys_language(language: str, heading: str) -> None:
    (part,) = draw_reply(Reply("x", language, choices=CHOICES[:1]), "k1", None, TEXTS, buttons=False)
    assert heading in part["text"]


def test_five_choices_are_buttons_too_and_all_have_a_number() -> None:
    (part,) = draw_reply(Reply("Chọn:", choices=CHOICES), "k1", None, TEXTS, buttons=True)
    assert [f"{number}. Việc thứ {number}" in part["text"] for number in range(1, 8)] == [True] * 7
    buttons = part["attachment"]["payload"]["buttons"]
    assert part["attachment"]["type"] == "template"
    assert buttons[0] == {"title": "Việc thứ 1", "type": "oa.query.hide", "payload": "#k1.0"}
    assert [button["payload"] for button in buttons] == ["#k1.0", "#k1.1", "#k1.2", "#k1.3", "#k1.4"]


def test_a_long_title_is_cut_on_its_button_and_whole_in_its_line() -> None:
    title = "Đăng ký " * 20 + "khai sinh"
    (part,) = draw_reply(Reply("Chọn:", choices=(Choice(title, "/x"),)), "k1", None, TEXTS, buttons=True)
    assert len(part["attachment"]["payload"]["buttons"][0]["title"]) <= 100
    assert title in part["text"]


def test_buttons_stand_under_the_last_piece_and_the_first_one_quotes() -> None:
    parts = draw_reply(Reply("Một câu. " * 400, choices=CHOICES), "k1", "a1b2", TEXTS, buttons=True)
    assert len(parts) == 2
    assert ["attachment" in part for part in parts] == [False, True]
    assert [part.get("quote_message_id") for part in parts] == ["a1b2", None]


def test_numbers_that_do_not_fit_under_the_text_are_a_message_of_their_own() -> None:
    parts = draw_reply(Reply("a" * 1_990, choices=CHOICES[:2]), "k1", None, TEXTS, buttons=False)
    assert [part["text"] for part in parts] == ["a" * 1_990, "Trả lời bằng số:\n1. Việc thứ 1\n2. Việc thứ 2"]


def test_everything_is_composed() -> None:
    loose = unicodedata.normalize("NFD", "Đăng ký thường trú")
    (part,) = draw_reply(Reply(loose, choices=(Choice(loose, "/x"),)), "k1", None, TEXTS, buttons=True)
    assert unicodedata.is_normalized("NFC", part["text"])
    assert part["attachment"]["payload"]["buttons"][0]["title"] == "Đăng ký thường trú"


def test_nothing_to_say_is_no_message() -> None:
    assert draw_reply(Reply(" "), "k1", "a1b2", TEXTS, buttons=True) == []


@given(st.text(max_size=5_000), st.lists(st.text(max_size=300), max_size=12), st.booleans())
def test_whatever_is_said_fits(text: str, titles: list[str], buttons: bool) -> None:
    choices = tuple(Choice(title, "/x") for title in titles)
    parts = draw_reply(Reply(text, choices=choices), "k1", "a1b2", TEXTS, buttons)
    assert all(0 < len(part["text"]) <= 2_000 for part in parts)
    drawn = [part["attachment"]["payload"]["buttons"] for part in parts if "attachment" in part]
    assert len(drawn) == (1 if buttons and choices else 0)
    assert all(len(button["title"]) <= 100 for row in drawn for button in row)


def test_a_request_for_name_and_phone_number() -> None:
    words = {"request_info_title": "Một Cửa " * 20, "request_info_subtitle": "Xin số điện thoại"}
    part = draw_details_request(words, "https://p.example/logo.png")
    payload = part["attachment"]["payload"]
    assert payload["template_type"] == "request_user_info"
    (card,) = payload["elements"]
    assert len(card["title"]) <= 100
    assert (card["subtitle"], card["image_url"]) == ("Xin số điện thoại", "https://p.example/logo.png")
