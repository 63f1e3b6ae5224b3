"""The form of a campaign: what is typed is what is meant, and every wrong field has its own sentence."""

from __future__ import annotations

from typing import Mapping, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.broadcasts.campaign import Audience, Content
from bot.console.campaign_form import Offer, Reading, Typed, read, typed_of
from bot.house_rules import Template
from bot.wording.speaker import speaker

TITLES = {"1.001193": "Đăng ký khai sinh"}
OFFER = Offer(
    topics={"land": "Đất đai", "residence": "Cư trú"},
    channels={"zalo": "Zalo", "telegram": "Telegram"},
    languages={"vi": "Tiếng Việt", "en": "Tiếng Anh"},
    files={"3": "ho-dan.xlsx"},
    pictures={"5": "bien-bao.png"},
    templates=(Template(id="77", title="Lịch họp dân", names=("ten", "gio")),),
    wards=("Phường Hoa Sen, An Giang", "Xã Hoa Cau, An Giang"),
)
LINES = st.text("abc đườngĐ1{}", min_size=1).map(lambda text: " ".join(text.split())).filter(bool)
TEXTS = st.fixed_dictionaries({}, optional={"vi": LINES, "en": LINES})
CODES = st.sampled_from(["", *TITLES])
CONTENTS = st.builds(
    Content,
    title=LINES,
    body=TEXTS,
    link_title=TEXTS,
    link=st.sampled_from(["", "https://example.vn/a"]),
    picture=st.sampled_from([0, 5]),
    procedure=CODES,
    see_procedure=st.booleans(),
    template=st.just("77"),
    template_facts=st.fixed_dictionaries({}, optional={"ten": LINES, "gio": LINES}),
    article=st.booleans(),
    audience=st.builds(
        Audience,
        topics=st.sampled_from([(), ("land",), ("land", "residence")]),
        wards=st.sampled_from([(), OFFER.wards]),
        provinces=st.lists(LINES, unique=True, max_size=3).map(tuple),
        channels=st.sampled_from([(), ("telegram",)]),
        languages=st.sampled_from([(), ("vi", "en")]),
        asked=CODES,
        days=st.integers(1, 3_650),
        open_dossier=CODES,
        file=st.sampled_from([0, 3]),
    ),
)


def reading(texts: Mapping[str, str], boxes: Optional[Mapping[str, list[str]]] = None) -> Reading:
    return read(Typed(texts, boxes or {}), OFFER, TITLES.get, speaker("vi"))


@given(CONTENTS)
def test_what_the_form_shows_is_read_as_the_same_content(content: Content) -> None:
    assert read(typed_of(content), OFFER, TITLES.get, speaker("vi")) == Reading(content, {})


def test_an_empty_form_is_an_empty_draft() -> None:
    assert reading({}).content == Content(title="", body={})


def test_wards_are_typed_one_on_a_line() -> None:
    content = reading({"wards": " Xã  Hoa Cau, An Giang\n\nPhường Hoa Sen, An Giang"}).content
    assert content is not None
    assert content.audience.wards == ("Xã Hoa Cau, An Giang", "Phường Hoa Sen, An Giang")


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("title", "a" * 201, "Dài quá 200 ký tự"),
        ("body_en", "a" * 4_001, "Dài quá 4000 ký tự"),
        ("fact_ten", "a" * 501, "Dài quá 500 ký tự"),
        ("days", "0", "từ 1 đến 3650"),
        ("days", "9999", "từ 1 đến 3650"),
        ("days", "chín", "từ 1 đến 3650"),
        ("days", "²", "từ 1 đến 3650"),
        ("file", "4", "không còn nữa"),
        ("file", "-1", "không còn nữa"),
        ("picture", "x", "không còn nữa"),
        ("template", "78", "không còn nữa"),
        ("procedure", "9.999999", "Không có thủ tục nào"),
        ("asked", "khai sinh", "Không có thủ tục nào"),
        ("open_dossier", "1", "Không có thủ tục nào"),
        ("wards", "Xã Không Có", "Xã Không Có"),
    ],
)
def test_a_wrong_field_has_a_sentence_of_its_own(field: str, value: str, sentence: str) -> None:
    found = reading({"title": "Lịch tiếp dân", field: value})
    assert found.content is None
    assert list(found.problems) == [field]
    assert sentence in found.problems[field]


@pytest.mark.parametrize("name", ["topics", "channels", "languages"])
def test_a_box_that_is_not_offered_is_not_taken(name: str) -> None:
    assert list(reading({}, {name: ["made-up"]}).problems) == [name]


def test_facts_of_a_template_that_was_not_chosen_are_left_out() -> None:
    content = reading({"fact_ten": "{ho_ten}"}).content
    assert content is not None
    assert content.template_facts == {}


@given(st.dictionaries(st.sampled_from(["title", "days", "file", "picture", "template", "wards"]), st.text()))
def test_nothing_that_is_typed_breaks_the_form(texts: dict[str, str]) -> None:
    found = reading(texts)
    assert (found.content is None) == bool(found.problems)
