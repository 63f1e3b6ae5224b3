"""How people turn a talk: corrections, and the same question about something else."""

from __future__ import annotations

import pytest

from actions.phrases import (
    asks_the_same,
    corrects_a_number,
    is_random,
    lacks_what_is_asked,
    refuses,
    takes_back,
    wants_only_a_language,
    what_is_meant,
)
from nlu.vietnamese.folding import fold


@pytest.mark.parametrize(
    "text", ["còn kết hôn thì sao", "Thế còn tạm trú", "con ket hon thi sao", "what about tax", "and how about tax"]
)
def test_the_same_is_asked_about_something_else(text: str) -> None:
    assert asks_the_same(text, fold(text))


@pytest.mark.parametrize("text", ["con tôi làm khai sinh cần gì", "con toi muon lam can cuoc", "làm khai sinh cho con"])
def test_a_child_is_something_else(text: str) -> None:
    assert not asks_the_same(text, fold(text))


@pytest.mark.parametrize(
    "text",
    ["à không, con tôi quá hạn", "không phải, ý tôi là kết hôn", "nhầm rồi", "à nhầm thuế", "lộn, tạm trú", "no, tax"],
)
def test_what_was_said_is_taken_back(text: str) -> None:
    assert takes_back(fold(text))


@pytest.mark.parametrize(
    "text",
    ["không có giấy chứng sinh thì sao", "có cần xếp hàng không", "nhậm chức", "a lô", "không phải nộp lệ phí à"],
)
def test_a_question_takes_nothing_back(text: str) -> None:
    assert not takes_back(fold(text))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("à nhầm, căn cước chứ không phải hộ chiếu", "à nhầm, căn cước"),
        ("can cuoc chu khong phai ho chieu", "can cuoc"),
        ("I meant the passport, not the card", "I meant the passport"),
        ("à không phải hộ chiếu mà là căn cước", "căn cước"),
        ("không phải, ý tôi là kết hôn", "kết hôn"),
        ("đăng ký kết hôn", "đăng ký kết hôn"),
        ("chứ không phải hộ chiếu", "chứ không phải hộ chiếu"),
    ],
)
def test_what_is_not_meant_is_left_out(text: str, meant: str) -> None:
    assert what_is_meant(text) == meant


def test_a_number_is_corrected() -> None:
    assert corrects_a_number(fold("gõ sai, H57.132-260804-0583 mới đúng"))
    assert not corrects_a_number(fold("xem giúp H57.132-260804-0583"))


@pytest.mark.parametrize("text", ["asdkjh qwe", "qqqq wwww eeee", "zxcv bnmk", "qwrtp", "asdf"])
def test_keys_struck_at_random(text: str) -> None:
    assert is_random(text)


@pytest.mark.parametrize("text", ["", "ok", "chaooo", "thankssss", "hihihi", "nghieng", "giay chung nhan"])
def test_words_are_not_random(text: str) -> None:
    assert not is_random(text)


@pytest.mark.parametrize("text", ["không phải mấy cái này", "cái khác nữa", "tôi không hỏi cái đó", "none of these"])
def test_a_refusal_names_nothing(text: str) -> None:
    assert refuses(fold(text))


@pytest.mark.parametrize("text", ["", "cái này", "không phải hộ chiếu", "something about land", "việc khai sinh khác"])
def test_what_names_something_is_more_than_a_refusal(text: str) -> None:
    assert not refuses(fold(text))


@pytest.mark.parametrize(
    "text", ["không nhớ", "em quên rồi", "tôi mất giấy hẹn rồi", "mã ghi ở đâu", "không có mã", "I lost the receipt"]
)
def test_what_is_asked_is_lacking(text: str) -> None:
    assert lacks_what_is_asked(text, fold(text))


@pytest.mark.parametrize(
    "text", ["mà làm lại căn cước bị mất hết bao nhiêu", "mất giấy khai sinh", "phí khai sinh bao nhiêu", "không"]
)
def test_something_else_is_asked(text: str) -> None:
    assert not lacks_what_is_asked(text, fold(text))


@pytest.mark.parametrize(
    "text", ["nói tiếng Anh đi", "can you speak English", "trả lời bằng tiếng Việt", "English please"]
)
def test_only_a_language_is_wanted(text: str) -> None:
    assert wants_only_a_language(fold(text))


@pytest.mark.parametrize("text", ["dịch công chứng sang tiếng Anh", "chứng thực bản dịch tiếng Anh", ""])
def test_a_translation_is_wanted(text: str) -> None:
    assert not wants_only_a_language(fold(text))
