"""What is written on buttons."""

from __future__ import annotations

import datetime as dt

import pytest

from actions.choices import Payload
from actions.choose import OTHER_ACTIONS
from bot.wording.speaker import LANGUAGES, speaker
from bot.wording.titles import DOSSIER_BUTTONS, FACETS, LONGEST_TITLE, OTHER_BUTTONS, ChoiceTitles
from knowledge.catalogue import Catalogue
from knowledge.procedures import Case, Level, Procedure, Text
from knowledge.subscription_topics import read_subscription_topics
from nlu.vietnamese.folding import fold

LONG = "Ghi vào Sổ hộ tịch việc kết hôn của công dân Việt Nam đã được giải quyết tại cơ quan của nước ngoài"


def procedure(code: str, title: str) -> Procedure:
    return Procedure(
        code=code,
        title=Text(vi=title),
        field=Text(vi="Hộ tịch"),
        levels=(Level.COMMUNE,),
        source="",
        checked=dt.date(2026, 7, 31),
        cases=(Case(id="ordinary", name=Text(vi="Thông thường")), Case(id="late", name=Text(vi="Nộp trễ"))),
    )


@pytest.fixture
def titles() -> ChoiceTitles:
    held = [procedure("1.000001", LONG), procedure("1.000002", LONG), procedure("1.000003", "khai sinh")]
    return ChoiceTitles(Catalogue(held, (), fold, str), read_subscription_topics(fold))


def drawn(titles: ChoiceTitles, *payloads: Payload, named: bool = False, language: str = "vi") -> list[str]:
    choices = titles.draw(speaker(language), [str(payload) for payload in payloads], named)
    assert [choice.payload for choice in choices] == [str(payload) for payload in payloads]
    return [choice.title for choice in choices]


@pytest.mark.parametrize(
    ("payload", "vietnamese", "english"),
    [
        (Payload("ask_fee", procedure="1.000003"), "Lệ phí", "Fee"),
        (Payload("ask_papers", procedure="1.000003"), "Giấy tờ cần có", "Papers needed"),
        (Payload("ask_papers", procedure="1.000003", case="late"), "Giấy tờ: Nộp trễ", "Papers: Nộp trễ"),
        (Payload("find_procedure", procedure="1.000003"), "Khai sinh", "Khai sinh"),
        (Payload("ask_fee", procedure="1.999999"), "Thủ tục 1.999999", "Procedure 1.999999"),
        (Payload("dossier_status", dossier_code="G01.1"), "Xem hồ sơ này", "See this dossier"),
        (Payload("dossier_status"), "Tra cứu hồ sơ", "Look up a dossier"),
        (Payload("give_last_four"), "Xem chi tiết hồ sơ", "See the details"),
        (Payload("talk_to_official"), "Gặp cán bộ", "Talk to an official"),
    ],
)
def test_a_button_says_what_pressing_it_does(
    titles: ChoiceTitles, payload: Payload, vietnamese: str, english: str
) -> None:
    assert drawn(titles, payload) == [vietnamese]
    assert drawn(titles, payload, language="en") == [english]


def test_a_choice_between_procedures_names_them(titles: ChoiceTitles) -> None:
    assert drawn(titles, Payload("ask_fee", procedure="1.000003"), named=True) == ["Khai sinh"]


def test_long_titles_are_cut_between_words(titles: ChoiceTitles) -> None:
    title = drawn(titles, Payload("find_procedure", procedure="1.000001"))[0]
    assert title == "Ghi vào Sổ hộ tịch việc kết hôn của công dân Việt Nam đã được giải…"
    assert len(title) <= LONGEST_TITLE


def test_two_of_the_same_name_show_their_codes(titles: ChoiceTitles) -> None:
    payloads = [Payload("ask_fee", procedure=code) for code in ("1.000001", "1.000002", "1.000003")]
    one, two, other = drawn(titles, *payloads, named=True)
    assert one.endswith("… (1.000001)")
    assert two.endswith("… (1.000002)")
    assert other == "Khai sinh"
    assert len(one) <= LONGEST_TITLE


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_can_be_offered_has_a_title(language: str) -> None:
    assert set(OTHER_ACTIONS) <= {*OTHER_BUTTONS, *DOSSIER_BUTTONS}
    for title in (*FACETS.values(), *OTHER_BUTTONS.values(), *DOSSIER_BUTTONS.values()):
        assert len(speaker(language).gettext(title)) <= LONGEST_TITLE


def test_a_payload_without_words_is_an_error(titles: ChoiceTitles) -> None:
    with pytest.raises(KeyError):
        drawn(titles, Payload("no_such_intent"))
