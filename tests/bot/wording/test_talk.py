"""Whatever the dialogue says has words in every language, and nothing is worded that nobody says."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Iterator, Optional

import pytest
import yaml

from actions.choices import Payload
from bot.wording.speaker import LANGUAGES, speaker
from bot.wording.talk import LINES, PERSON, STARTERS, Agency, talk
from bot.wording.wording import Wording
from connectors.messages import Reply

ROOT = Path(__file__).parents[3]
Word = Callable[..., Reply]
CODE = "H57.132-260804-0583"
CHOICES = [str(Payload("find_procedure", procedure=code)) for code in ("1.001193", "1.004194")]
FACTS: dict[str, dict[str, Any]] = {
    "feedback_taken": {"number": "12"},
    "wrong_answer_reported": {"number": "13", "procedure": "1.001193"},
    "procedure_code_unknown": {"code": "6.999999"},
    "not_in_catalogue": {"choices": CHOICES},
    "choose_from": {"choices": CHOICES},
    "what_next": {"choices": CHOICES},
    "language_changed": {"language": "en"},
    "ask_last_four": {"code": CODE},
    "last_four_wrong": {"code": CODE},
    "last_four_help": {"code": CODE},
    "last_four_malformed": {"count": 3},
    "dossier_code_changed": {"old": "H57.132-260802-0002", "new": CODE},
    "go_on": {"question": "dossier_code"},
    "left_form": {"question": "feedback"},
    "feedback_or_question": {"choices": [str(Payload("give_feedback")), str(Payload("find_procedure"))]},
    "guessing_slowed": {"minutes": 3},
    "dossier_unknown": {"code": CODE},
    "portal_down": {"code": CODE, "choices": [str(Payload("dossier_status", dossier_code=CODE))]},
    "link_code": {"code": "LK-7KMP-3XQ9", "minutes": 10},
    "watch_limit": {"code": CODE},
    "watch_lost": {"code": CODE},
    "watch_not_reachable": {"choices": [str(Payload("link_channels"))]},
}
TALK = [name for name in LINES if name != "fields"]  # its blank is filled from the catalogue


def said_by_actions() -> Iterator[str]:
    """The names in every ``say(dispatcher, name, …)`` of the actions and every ``Utterance(name)`` of the house."""
    for node in nodes():
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id == "say":
            yield from names_in(node.args[1])
        elif node.func.id == "Utterance" and isinstance(node.args[0], ast.Constant):
            yield from names_in(node.args[0])


def nodes() -> Iterator[ast.AST]:
    for file in (*(ROOT / "actions").glob("*.py"), *(ROOT / "bot").glob("*.py")):
        yield from ast.walk(ast.parse(file.read_text(encoding="utf-8")))


def mentioned() -> set[Any]:
    """Every text in the code: what comes in over platforms is answered by tables of names."""
    return {node.value for node in nodes() if isinstance(node, ast.Constant)}


def names_in(expression: ast.expr) -> Iterator[str]:
    if isinstance(expression, ast.IfExp):
        yield from names_in(expression.body)
        yield from names_in(expression.orelse)
    else:
        assert isinstance(expression, ast.Constant), f"cannot tell what is said: {ast.unparse(expression)}"
        yield expression.value


def said_by_domain() -> Iterator[str]:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    for variants in domain["responses"].values():
        yield from (variant["custom"]["utterance"] for variant in variants)


def test_what_is_said_is_worded_and_what_is_worded_is_said(wording: Wording) -> None:
    said = {*said_by_actions(), *said_by_domain()}
    assert said - wording.utterances == set()
    assert wording.utterances - said - mentioned() == set()


def test_an_unknown_utterance_is_an_error(word: Word) -> None:
    with pytest.raises(KeyError):
        word("no_such_utterance")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TALK)
def test_every_utterance_reads_whole(word: Word, agency: Agency, name: str, language: str) -> None:
    reply = word(name, language, **FACTS.get(name, {}))
    assert reply.language == language
    assert reply.custom["utterance"] == name
    assert reply.text[0].isupper()
    assert reply.text[-1] in ".?”" or reply.text.endswith(agency.address)
    assert not re.search(r"[{}]|None|\n\n", reply.text)
    assert ("ông/bà" in reply.text) <= (language == "vi")
    if PERSON in LINES[name]:
        assert agency.hotline in reply.text
        assert agency.hours[language] in reply.text


@pytest.mark.parametrize("name", TALK)
def test_english_is_not_vietnamese(word: Word, agency: Agency, name: str) -> None:
    facts = FACTS.get(name, {})
    vietnamese, english = (word(name, language, **facts).text.split("\n") for language in LANGUAGES)
    assert len(vietnamese) == len(english)
    has_address = "{address}" in LINES[name]
    assert [line for line in vietnamese if line in english] == ([agency.address] if has_address else [])


@pytest.mark.parametrize("name", [name for name, facts in FACTS.items() if "code" in facts or "number" in facts])
def test_the_facts_are_in_the_sentence(word: Word, name: str) -> None:
    facts = FACTS[name]
    assert (facts.get("code") or facts["number"]) in word(name, **facts).text


def test_a_change_of_language_is_said_in_the_new_one(word: Word) -> None:
    assert word("language_changed", "en", language="en").text == "From now on I answer in English."
    assert word("language_changed", "vi", language="vi").text == "Dạ, từ giờ tôi trả lời bằng tiếng Việt."


def test_both_languages_are_offered_in_their_own_name(word: Word) -> None:
    choices = word("which_language").choices
    assert [(choice.title, choice.payload) for choice in choices] == [
        ("Tiếng Việt", '/change_language{"language": "vi"}'),
        ("English", '/change_language{"language": "en"}'),
    ]


@pytest.mark.parametrize(
    ("language", "minutes", "expected"),
    [("vi", 1, "chờ 1 phút"), ("vi", 5, "chờ 5 phút"), ("en", 1, "wait 1 minute "), ("en", 5, "wait 5 minutes ")],
)
def test_minutes_are_counted(word: Word, language: str, minutes: int, expected: str) -> None:
    assert expected in word("guessing_slowed", language, minutes=minutes).text


def test_an_offer_is_announced_only_when_there_is_one(word: Word) -> None:
    assert "bấm chọn" in word("not_in_catalogue", choices=CHOICES).text
    assert "bấm chọn" not in word("not_in_catalogue").text


def test_an_agency_without_address_leaves_its_line_out(agency: Agency) -> None:
    with_address = talk(speaker("vi"), agency, "office", {}).split("\n")
    without = talk(speaker("vi"), replace(agency, address=""), "office", {}).split("\n")
    assert [line for line in with_address if line not in without] == [agency.address]
    assert "" not in without


@pytest.mark.parametrize(
    "name", ["greet", "welcome", "sticker_seen", "help", "not_understood", "not_understood_again", "started_over"]
)
def test_who_does_not_know_what_to_ask_is_offered_something(word: Word, name: str) -> None:
    titles = [choice.title for choice in word(name).choices]
    assert titles == ["Đăng ký khai sinh", "Đăng ký tạm trú", "Cấp lại thẻ căn cước", "Tra cứu hồ sơ"]
    assert [choice.payload for choice in word(name).choices] == STARTERS


def test_fields_come_from_the_catalogue(word: Word) -> None:
    assert "hộ tịch" in word("fields").text
    assert "civil status" in word("fields", "en").text


@pytest.mark.parametrize("question", ["dossier_code", "last_four", "feedback"])
@pytest.mark.parametrize("name", ["go_on", "left_form"])
def test_going_on_and_leaving_name_what_it_is_about(word: Word, name: str, question: str) -> None:
    about = {"dossier_code": "hồ sơ", "last_four": "chi tiết", "feedback": "góp ý"}[question]
    assert about in word(name, question=question).text


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [("vi", 3, "3 chữ số"), ("en", 1, "1 digit,"), ("en", 5, "5 digits"), ("vi", None, "chưa phải là 4 chữ số")],
)
def test_digits_are_counted(word: Word, language: str, count: Optional[int], said: str) -> None:
    facts = {"count": count} if count else {}
    assert said in word("last_four_malformed", language, **facts).text


def test_trying_again_is_a_button(word: Word) -> None:
    again = str(Payload("dossier_status", dossier_code=CODE))
    choices = [again, str(Payload("talk_to_official"))]
    titles = [choice.title for choice in word("portal_down", code=CODE, again=again, choices=choices).choices]
    assert titles == ["Thử lại", "Gặp cán bộ"]


@pytest.mark.parametrize("utterance", ["which_procedure", "life_event"])
def test_an_offer_can_be_refused(word: Word, utterance: str) -> None:
    assert [choice.title for choice in word(utterance, choices=CHOICES).choices] == [
        "Đăng ký khai sinh",
        "Đăng ký tạm trú",
        "Không phải việc nào ở trên",
    ]


def test_machines_are_given_the_facts(word: Word) -> None:
    assert word("dossier_unknown", code=CODE).custom == {"utterance": "dossier_unknown", "code": CODE}
