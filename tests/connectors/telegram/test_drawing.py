"""Replies as Telegram messages: nothing is lost, nothing is too long, and no markup is what it should not be."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.channel import Part
from connectors.fitting import utf16_length
from connectors.messages import Card, Choice, Reply
from connectors.telegram_drawing import LIMITS, draw
from emulators.telegram_markup import read_marked
from tests.connectors.scripted_talk import PAPERS
from tests.connectors.telegram.kept_inbox import TEXTS


def drawn(reply: Reply, quoted: str | None = None) -> list[Part]:
    return list(draw(reply, "42", quoted, TEXTS))


def read(parts: list[Part]) -> list[str]:
    """The texts as Telegram shows them; refuses markup that Telegram would refuse."""
    return [read_marked(part["text"], "HTML").text for part in parts]


def test_an_answer_with_a_card_and_choices() -> None:
    (part,) = drawn(PAPERS)
    assert read([part]) == [PAPERS.text]
    assert part["buttons"] == [
        ["Lệ phí bao nhiêu?", "42.0"],
        ["Nộp ở đâu?", "42.1"],
        ["Làm trực tuyến được không?", "42.2"],
        ["Tra cứu hồ sơ khác", "42.3"],
    ]
    assert "reply_to" not in part


def test_the_title_of_a_card_is_bold_and_everything_is_escaped() -> None:
    reply = Reply("Giấy tờ:\n1. <b>Tờ khai</b> & bản sao\nGiấy tờ khác: không", cards=(Card("Giấy tờ"),))
    (part,) = drawn(reply)
    assert part["text"] == "<b>Giấy tờ:</b>\n1. &lt;b&gt;Tờ khai&lt;/b&gt; &amp; bản sao\nGiấy tờ khác: không"


def test_a_long_text_is_cut_between_sentences_and_the_buttons_stand_under_its_end() -> None:
    text = " ".join(f"Câu số {number} <của> bài & không hơn 😀." for number in range(400))
    parts = drawn(Reply(text, choices=(Choice("Tiếp", "/go"),)))
    assert len(parts) > 2
    assert all(text.endswith(".") for text in read(parts))
    assert " ".join(read(parts)) == text
    assert ["buttons" in part for part in parts] == [False] * (len(parts) - 1) + [True]


def test_more_choices_than_buttons_are_all_written_down() -> None:
    (part,) = drawn(Reply("Chọn:", choices=tuple(Choice(f"Việc {number}", "/x") for number in range(1, 13))))
    assert len(part["buttons"]) == 10
    assert part["text"].startswith("Chọn:\n\nTrả lời bằng số:\n1. Việc 1\n")
    assert part["text"].endswith("\n12. Việc 12")


def test_a_title_that_does_not_fit_a_button_is_written_in_full() -> None:
    title = "Đăng ký khai sinh kết hợp đăng ký nhận cha, mẹ, con cho người đã có hồ sơ"
    (part,) = drawn(Reply("Which one?", language="en", choices=(Choice(title, "/x"),)))
    assert part["text"] == f"Which one?\n\nAnswer with a number:\n1. {title}"
    assert part["buttons"][0][0].endswith("…")
    assert utf16_length(part["buttons"][0][0]) <= LIMITS.choice_title


def test_every_part_answers_the_message_in_the_group() -> None:
    parts = drawn(Reply("Một hai ba. " * 1_000), quoted="17")
    assert len(parts) > 1
    assert {part["reply_to"] for part in parts} == {"17"}


@pytest.mark.parametrize("text", ["", " \n "])
def test_nothing_to_say_is_no_message(text: str) -> None:
    assert drawn(Reply(text)) == []


def test_choices_alone_are_a_message() -> None:
    (part,) = drawn(Reply("", choices=(Choice("Có\nlắm", "/yes"),)))
    assert part == {"text": "Trả lời bằng số:\n1. Có lắm", "buttons": [["Có lắm", "42.0"]]}


def test_what_cannot_be_sent_is_left_out() -> None:
    (part,) = drawn(Reply("a\x00b\ud83dc", choices=(Choice("\ud83d \x00", "/x"),)))
    assert part == {"text": "ab?c", "buttons": [["?", "42.0"]]}


def test_decomposed_letters_are_composed() -> None:
    (part,) = drawn(Reply(unicodedata.normalize("NFD", "Thủ tục"), choices=(Choice("Tiếp", "/x"),)))
    assert part["text"] == "Thủ tục"


@settings(max_examples=60, deadline=None)
@given(
    text=st.lists(st.text(alphabet="aăệ <>&;\"'/b\n.,😀\u0301\u202e", max_size=40), max_size=300).map(" ".join),
    titles=st.lists(st.text(alphabet="aệ <&😀\n", max_size=90), max_size=14),
)
def test_whatever_is_said_fits_and_is_kept(text: str, titles: list[str]) -> None:
    reply = Reply(text, choices=tuple(Choice(title, "/x") for title in titles), cards=(Card("aă"), Card("<b")))
    parts = drawn(reply)
    shown = read(parts)
    assert all(0 < utf16_length(one) <= LIMITS.text_characters for one in shown)
    assert "".join(" ".join(shown).split()).startswith("".join(unicodedata.normalize("NFC", text).split()))
    for title, data in (button for part in parts for button in part.get("buttons", ())):
        assert title.strip()
        assert utf16_length(title) <= LIMITS.choice_title
        assert len(data.encode()) <= 64
