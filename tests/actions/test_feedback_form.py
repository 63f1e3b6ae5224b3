"""What is feedback, what is a question in between, and what must be asked about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from actions.choices import Payload
from actions.feedback_form import IT_IS_A_QUESTION, IT_IS_FEEDBACK, Kind, kind_of
from actions.services import Services
from knowledge.catalogue import Catalogue
from nlu.vietnamese.folding import fold
from tests.actions.small_catalogue import turn


@dataclass(frozen=True)
class Library:
    """The part of the services that telling them apart needs."""

    catalogue: Catalogue
    fold: Any = fold


def kind(catalogue: Catalogue, text: str, intent: str, **given: Any) -> Kind:
    services: Services = Library(catalogue)  # type: ignore[assignment]
    return kind_of(turn(text, intent, **given), services)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("nhân viên làm khai sinh thái độ quá", "give_feedback"),
        ("nhân viên làm khai sinh thái độ quá", "ask_papers"),  # whatever the model takes it for
        ("đi làm giấy kết hôn mà chờ từ sáng tới trưa không ai gọi tên", "find_procedure"),
        ("đường trước chợ hư nặng, bao giờ mới sửa", "ask_time"),
        ("cảm ơn các anh chị đã làm khai sinh cho con tôi rất nhanh gọn", "thank"),
        ("loa phường ồn ào quá", "nlu_fallback"),
    ],
)
def test_what_is_said_about_the_service_is_feedback(catalogue: Catalogue, text: str, intent: str) -> None:
    assert kind(catalogue, text, intent) is Kind.FEEDBACK


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("phí khai sinh bao nhiêu vậy", "ask_fee"),
        ("lam khai sinh o dau", "ask_place"),
        ("đăng ký kết hôn có cần chụp ảnh không", "ask_papers"),
        ("how do I get a birth registration", "ask_steps"),
        ("chào bạn", "greet"),
        ("cảm ơn", "thank"),
        ("thôi", "cancel"),
        ("nói lại đi", "repeat"),
        ("mấy giờ mở cửa", "ask_office"),
    ],
)
def test_a_clear_question_and_manners_are_answered(catalogue: Catalogue, text: str, intent: str) -> None:
    assert kind(catalogue, text, intent) is Kind.QUESTION


@pytest.mark.parametrize(
    ("text", "intent"),
    [("sao làm khai sinh lâu quá vậy, bao giờ mới xong", "ask_time"), ("đăng ký kết hôn", "find_procedure")],
)
def test_what_may_be_both_is_asked_about(catalogue: Catalogue, text: str, intent: str) -> None:
    assert kind(catalogue, text, intent) is Kind.UNCLEAR


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hồ sơ H57.132-260804-0583 tới đâu rồi", Kind.QUESTION),
        ("hồ sơ H57.132-260804-0583 nộp chậm quá không ai trả lời", Kind.UNCLEAR),
    ],
)
def test_a_dossier_asked_for_is_a_question(catalogue: Catalogue, text: str, expected: Kind) -> None:
    code = {"dossier_code": ["H57.132-260804-0583"]}
    assert kind(catalogue, text, "dossier_status", entities=code) is expected


def test_to_say_that_feedback_comes_is_no_feedback(catalogue: Catalogue) -> None:
    assert kind(catalogue, "tôi muốn góp ý", "give_feedback") is Kind.OPENING
    assert kind(catalogue, "I want to give feedback", "give_feedback") is Kind.OPENING


def test_a_pressed_choice_is_no_feedback(catalogue: Catalogue) -> None:
    pressed = Payload("ask_fee", procedure="1.000001")
    assert kind(catalogue, "", "ask_fee", pressed=pressed) is Kind.QUESTION


@pytest.mark.parametrize("text", ["góp ý", "là góp ý", "ghi lại đi", "it is feedback", "1"])
def test_the_message_before_was_feedback(text: str) -> None:
    assert IT_IS_FEEDBACK.match(fold(text))
    assert not IT_IS_A_QUESTION.match(fold(text))


@pytest.mark.parametrize("text", ["câu hỏi", "tôi hỏi mà", "trả lời giúp tôi", "question", "2"])
def test_the_message_before_was_a_question(text: str) -> None:
    assert IT_IS_A_QUESTION.match(fold(text))
    assert not IT_IS_FEEDBACK.match(fold(text))


@pytest.mark.parametrize("text", ["góp ý đèn đường hư", "phản ánh cán bộ quầy 2", "hỏi phí khai sinh"])
def test_more_words_are_another_message(text: str) -> None:
    assert not IT_IS_FEEDBACK.match(fold(text))
    assert not IT_IS_A_QUESTION.match(fold(text))
