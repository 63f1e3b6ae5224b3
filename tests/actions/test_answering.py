"""What the actions say and keep: utterances with their facts, and the slots after the turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.answering import answer, answer_if_clear, asked_facets, next_choices
from actions.choices import Payload
from actions.choose import chosen_option
from knowledge.catalogue import Catalogue
from nlu.vietnamese.folding import fold
from tests.actions.small_catalogue import (
    BIRTH,
    DEATH,
    HOUSEHOLD,
    LAND_TITLE,
    LODGER,
    MARRIAGE,
    SPLIT_HOUSEHOLD,
    SPLIT_LAND,
    turn,
)


@dataclass(frozen=True)
class Library:
    """The part of the services that answering about procedures needs."""

    catalogue: Catalogue
    fold: Any = fold


def said(text: str, catalogue: Catalogue, intent: str = "find_procedure", **given: Any) -> tuple[Any, dict[str, Any]]:
    dispatcher = CollectingDispatcher()
    events = answer(dispatcher, turn(text, intent, **given), Library(catalogue))  # type: ignore[arg-type]
    return [message["custom"] for message in dispatcher.messages], {event["name"]: event["value"] for event in events}


def test_an_answer_names_the_procedure_and_what_was_asked(catalogue: Catalogue) -> None:
    [message], slots = said("làm khai sinh", catalogue, "ask_fee", entities={"facet": ["papers", "fee"]})
    assert (message["utterance"], message["procedure"]) == ("procedure", BIRTH.code)
    assert message["facets"] == slots["facets"] == ["papers", "fee"]
    assert slots["procedure"] == BIRTH.code
    assert slots["options"] == message["choices"]
    assert len(message["choices"]) <= 4


def test_two_procedures_get_two_answers_and_the_first_can_be_gone_back_to(catalogue: Catalogue) -> None:
    messages, slots = said("làm khai sinh và nhập hộ khẩu", catalogue, "ask_papers")
    assert [(m["utterance"], m["procedure"], m["facets"]) for m in messages] == [
        ("procedure", BIRTH.code, ["papers"]),
        ("procedure", HOUSEHOLD.code, ["papers"]),
    ]
    assert slots["procedure"] == HOUSEHOLD.code
    assert slots["earlier_procedures"] == [BIRTH.code]


@pytest.mark.parametrize(
    ("text", "utterance", "codes"),
    [
        ("tách sổ", "which_procedure", [SPLIT_HOUSEHOLD.code, SPLIT_LAND.code]),
        ("ba tôi mới mất", "life_event", [DEATH.code, HOUSEHOLD.code]),
        ("đất đai", "field", [LAND_TITLE.code, SPLIT_LAND.code]),
    ],
)
def test_offers_carry_codes_and_what_was_asked(
    catalogue: Catalogue, text: str, utterance: str, codes: list[str]
) -> None:
    [message], slots = said(text, catalogue, "ask_fee")
    assert message["utterance"] == utterance
    assert message["choices"] == slots["options"] == [str(Payload("ask_fee", procedure=code)) for code in codes]


def test_no_offer_holds_a_code_that_the_catalogue_lacks(catalogue: Catalogue) -> None:
    [message], _ = said("cà vẹt", catalogue)
    assert all(catalogue.get(Payload.parse(choice).procedure or "") for choice in message["choices"])
    assert len(message["choices"]) == 2


@pytest.mark.parametrize(
    ("text", "intent", "utterance"),
    [
        ("cần giấy tờ gì", "ask_papers", "which_procedure_first"),
        ("chuyển trường", "ask_papers", "not_in_catalogue"),
        ("à không", "correct", "say_it_differently"),
    ],
)
def test_what_cannot_be_answered_is_said(catalogue: Catalogue, text: str, intent: str, utterance: str) -> None:
    [message], slots = said(text, catalogue, intent)
    assert message["utterance"] == utterance
    assert "procedure" not in slots


def test_a_correction_keeps_what_was_asked_and_names_what_it_was_not(catalogue: Catalogue) -> None:
    talk = {"procedure": HOUSEHOLD.code, "facets": ["papers"]}
    [message], slots = said("à nhầm, đăng ký tạm trú", catalogue, "correct", slots=talk)
    assert (message["procedure"], message["facets"]) == (LODGER.code, ["papers"])
    assert message["corrected_from"] == HOUSEHOLD.code
    assert slots["earlier_procedures"] == [HOUSEHOLD.code]


def test_a_correction_to_something_open_leaves_what_was_talked_about(catalogue: Catalogue) -> None:
    talk = {"procedure": HOUSEHOLD.code, "facets": ["fee"]}
    [message], slots = said("à nhầm, tách sổ", catalogue, "correct", slots=talk)
    assert (message["utterance"], slots["procedure"], slots["facets"]) == ("which_procedure", None, ["fee"])


def test_a_greeting_with_a_question_is_a_question(catalogue: Catalogue) -> None:
    def answered(text: str) -> Optional[str]:
        dispatcher = CollectingDispatcher()
        events = answer_if_clear(dispatcher, turn(text, "greet"), Library(catalogue))  # type: ignore[arg-type]
        assert (events is None) == (not dispatcher.messages)
        return dispatcher.messages[0]["custom"]["procedure"] if events else None

    assert answered("chào em, cho hỏi đăng ký kết hôn ở đâu") == MARRIAGE.code
    assert answered("chào bạn") is None


def test_other_cases_come_first_after_the_papers(catalogue: Catalogue) -> None:
    choices = next_choices(catalogue, BIRTH, None, ["papers"])
    assert choices[0] == Payload("ask_papers", procedure=BIRTH.code, case="late")


def test_facets_come_in_their_order_whatever_the_intent() -> None:
    asked = turn("", "ask_fee", entities={"facet": ["time", "papers", "weather"]})
    assert asked_facets(asked) == ["papers", "fee", "time"]
    assert asked_facets(turn("", "find_procedure")) == []


@pytest.mark.parametrize(
    ("ordinal", "chosen"),
    [("1", "a"), ("3", "c"), ("last", "c"), ("4", None), ("0", None), (None, None), ("many", None)],
)
def test_choosing(ordinal: Optional[str], chosen: Optional[str]) -> None:
    assert chosen_option(ordinal, ["a", "b", "c"]) == chosen
