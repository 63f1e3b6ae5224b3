"""Answers about procedures: complete for all that is shipped, and right in the small print."""

from __future__ import annotations

import re
from typing import Callable

import pytest

from actions.answering import FACETS, next_choices
from actions.choices import Payload
from actions.turn import MAX_CHOICES
from bot.wording.procedures import DRAWERS
from bot.wording.speaker import LANGUAGES, speaker
from bot.wording.titles import LONGEST_TITLE
from bot.wording.wording import NONE_OF_THESE
from connectors.messages import Reply
from knowledge.catalogue import Catalogue
from knowledge.procedures import ChannelKind, Fee, Paper, PaperUse, ServiceLevel, Text
from knowledge.topics import TopicKind, read_topics
from tests.bot.wording.made_up import case, channel, procedure

Word = Callable[..., Reply]


# All that is shipped


def test_every_facet_that_is_asked_is_drawn() -> None:
    assert set(DRAWERS) == {*FACETS, "overview"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("facet", sorted(DRAWERS))
def test_every_shipped_procedure_is_answered(word: Word, catalogue: Catalogue, facet: str, language: str) -> None:
    say = speaker(language)
    for shipped in catalogue:
        for shown in shipped.cases:
            reply = word("procedure", language, procedure=shipped.code, case=shown.id, facets=[facet])
            where = f"{shipped.code} {shown.id}"
            lead, *rest = reply.text.split("\n")
            assert f"({shipped.code})" in lead, where
            assert lead.casefold().startswith(say.text(shipped.title).casefold()), where
            assert rest[-1].endswith(shipped.source), where
            assert say.date(shipped.checked) in reply.text, where
            assert not re.search(r"None|[{}]|(?<!\.)\.\.(?!\.)|  |: *$|\(\)", "\n".join(rest[1:])), where
            assert reply.cards, where
            assert reply.cards[-1].link is not None, where


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_choice_is_too_long_or_twice_the_same(word: Word, catalogue: Catalogue, language: str) -> None:
    for shipped in catalogue:
        for facet in DRAWERS:
            for shown in (None, *shipped.cases):
                offered = [str(payload) for payload in next_choices(catalogue, shipped, shown, [facet])]
                choices = word("procedure", language, procedure=shipped.code, facets=[facet], choices=offered).choices
                titles = [choice.title for choice in choices]
                assert [choice.payload for choice in choices] == offered
                assert len(titles) <= 4
                assert len(set(titles)) == len(titles), shipped.code
                assert max(map(len, titles), default=1) <= LONGEST_TITLE


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic_id", [t.id for t in read_topics() if t.kind is not TopicKind.FIELD])
def test_choices_between_procedures_name_each(word: Word, catalogue: Catalogue, topic_id: str, language: str) -> None:
    topic = catalogue.topic(topic_id)
    assert topic is not None
    held = catalogue.procedures_of(topic)[:MAX_CHOICES]
    offered = [str(Payload("ask_fee", procedure=one.code)) for one in held]
    name = "life_event" if topic.kind is TopicKind.LIFE_EVENT else "which_procedure"
    reply = word(name, language, topic=topic_id, choices=offered)
    assert speaker(language).text(topic.title) in reply.text
    assert [choice.payload for choice in reply.choices] == ([*offered, NONE_OF_THESE] if offered else [])
    for one, choice in zip(held, reply.choices):
        title = speaker(language).text(one.title).casefold()
        shown = choice.title.removesuffix(f" ({one.code})")  # cut titles that look alike are told apart by it
        assert title.startswith(shown.removesuffix("…").casefold())
        assert f'"{one.code}"' in choice.payload


def test_a_death_is_answered_with_sympathy(word: Word) -> None:
    assert word("life_event", topic="life-death").text.startswith("Xin chia buồn cùng gia đình. Khi người thân")
    assert word("life_event", "en", topic="life-death").text.startswith("Our condolences to the family. When a")
    assert not word("life_event", topic="life-newborn").text.startswith("Xin chia buồn")


def test_a_field_lists_its_procedures_with_their_codes(word: Word) -> None:
    reply = word("field", procedures=["1.001193", "1.000894"], choices=['/find_procedure{"procedure": "1.001193"}'])
    assert reply.text.split("\n") == [
        "Một số thủ tục về hộ tịch:",
        "• Đăng ký khai sinh (1.001193)",
        "• Đăng ký kết hôn (1.000894)",
    ]
    assert [choice.title for choice in reply.choices] == ["Đăng ký khai sinh", "Không phải việc nào ở trên"]


# The lead and the end


def test_the_question_is_said_once(word_procedure: Word) -> None:
    reply = word_procedure(procedure(), "papers")
    assert reply.text.split("\n") == [
        "Cấp giấy phép thả diều (1.999999), giấy tờ cần có:",
        "1. Đơn: 1 bản chính",
        "Mã thủ tục 1.999999, làm ở cấp xã (xã, phường, đặc khu).",
        "Thông tin được đối chiếu với nguồn ngày 31/07/2026.",
        "Nguồn chính thức: https://example.org/1.999999",
    ]


def test_two_questions_have_a_heading_each_and_one_source(word_procedure: Word) -> None:
    lines = word_procedure(procedure(), "papers", "time").text.split("\n")
    assert lines[0] == "Cấp giấy phép thả diều (1.999999):"
    assert lines.index("Giấy tờ cần có:") < lines.index("Thời hạn giải quyết:")
    assert sum("example.org" in line for line in lines) == 1


def test_the_overview_gives_time_fee_and_papers(word_procedure: Word) -> None:
    held = procedure(channels=(channel(ChannelKind.IN_PERSON, Fee(text=Text(vi="Miễn phí"), amount=0)),))
    assert word_procedure(held, "overview").text.split("\n")[:6] == [
        "Cấp giấy phép thả diều (1.999999):",
        "Thời hạn và lệ phí:",
        "Thời hạn giải quyết: 3 ngày làm việc",
        "Lệ phí: Miễn phí",
        "Giấy tờ cần có:",
        "1. Đơn: 1 bản chính",
    ]


def test_english_uses_english_where_there_is_some(word_procedure: Word) -> None:
    assert word_procedure(procedure(), "papers", said_in="en").text.split("\n") == [
        "Kite permit (1.999999), papers needed:",
        "1. Form: 1 original",
        "Procedure code 1.999999, handled at commune level (commune, ward, special zone).",
        "Checked against the source on 31 July 2026.",
        "Official source: https://example.org/1.999999",
    ]


def test_english_says_that_there_is_only_vietnamese(word_procedure: Word) -> None:
    held = procedure(title=Text(vi="cấp giấy phép thả diều"))
    assert "Vietnamese only" in word_procedure(held, "papers", said_in="en").text
    assert "chỉ có tiếng Việt" not in word_procedure(held, "papers").text


def test_a_correction_says_what_it_leaves(word: Word) -> None:
    reply = word("procedure", procedure="1.004194", facets=["fee"], corrected_from="1.001193")
    assert reply.text.startswith("Dạ, ta đổi từ “Đăng ký khai sinh” sang “Đăng ký tạm trú”. Đăng ký tạm trú (1.004194)")


def test_a_corrected_case_says_both(word: Word) -> None:
    reply = word("procedure", procedure="1.001193", case="late", facets=["fee"], corrected_case="ordinary")
    assert reply.text.startswith("Dạ, ta đổi từ “Trường hợp thông thường” sang “Khai sinh trễ")


def test_an_open_correction_says_what_it_leaves(word: Word) -> None:
    reply = word("which_procedure", corrected_from="1.001193", choices=['/ask_fee{"procedure": "1.004194"}'])
    assert reply.text.startswith("Dạ, ta không nói về “Đăng ký khai sinh” nữa. ")


def test_a_procedure_gone_after_an_import_is_not_made_up(word: Word) -> None:
    assert "6.999999" in word("procedure", procedure="6.999999", facets=["fee"]).text
    choice = '/ask_fee{"procedure": "6.999999"}'
    assert word("procedure", procedure="1.001193", facets=["fee"], choices=[choice]).choices[0].title == (
        "Thủ tục 6.999999"
    )


# Papers


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("vi", ("Một: 1 bản chính", "Hai: 2 bản chính, 1 bản sao, mẫu M1", "Ba: chỉ đưa xem, không nộp. Xin", "Bốn")),
        ("en", ("Một: 1 original", "Hai: 2 originals, 1 copy, form M1", "Ba: only shown, not handed in. Xin", "Bốn")),
    ],
)
def test_papers_are_counted(word_procedure: Word, language: str, expected: tuple[str, ...]) -> None:
    papers = (
        Paper(name=Text(vi="Một."), originals=1),
        Paper(name=Text(vi="Ba"), use=PaperUse.SHOW, originals=1, note=Text(vi="Xin")),
        Paper(name=Text(vi="Hai"), originals=2, copies=1, form="M1"),
        Paper(name=Text(vi="Bốn")),
    )
    held = procedure(cases=(case(*papers),))
    assert sorted(word_procedure(held, "papers", said_in=language).cards[0].items) == sorted(expected)


def test_papers_to_hand_in_stand_before_those_to_show(word_procedure: Word) -> None:
    papers = (Paper(name=Text(vi="Xem"), use=PaperUse.SHOW), Paper(name=Text(vi="Nộp"), originals=1))
    items = word_procedure(procedure(cases=(case(*papers),)), "papers").cards[0].items
    assert items == ("Nộp: 1 bản chính", "Xem: chỉ đưa xem, không nộp")


def test_papers_that_the_state_has_are_not_in_the_list(word_procedure: Word) -> None:
    papers = (Paper(name=Text(vi="Đơn"), originals=1), Paper(name=Text(vi="Giấy cư trú"), use=PaperUse.NOT_NEEDED))
    card = word_procedure(procedure(cases=(case(*papers),)), "papers").cards[0]
    assert card.items == ("Đơn: 1 bản chính",)
    assert card.notes[0] == "Không cần mang nếu cơ quan tra được trên máy: Giấy cư trú."


def test_the_case_is_named_only_where_there_are_several(word_procedure: Word) -> None:
    held = procedure(cases=(case(), case(id="late", name="Nộp trễ")))
    assert word_procedure(held, "papers", case="late").cards[0].subtitle == "Nộp trễ"
    assert word_procedure(procedure(), "papers").cards[0].subtitle == ""


@pytest.mark.parametrize("facet", sorted(set(DRAWERS) - {"overview"}))
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_source_does_not_say_is_said_plainly(word_procedure: Word, facet: str, language: str) -> None:
    bare = procedure(cases=(case(),), channels=())
    lines = word_procedure(bare, facet, said_in=language).text.split("\n")
    assert lines[1].startswith({"vi": "Nguồn không ", "en": "The source "}[language])


@pytest.mark.parametrize(
    ("level", "kind", "said"),
    [
        (ServiceLevel.FULL, ChannelKind.ONLINE, "toàn trình"),
        (ServiceLevel.PARTIAL, ChannelKind.ONLINE, "một phần"),
        (ServiceLevel.NONE, ChannelKind.IN_PERSON, "chưa nộp qua mạng được"),
        (ServiceLevel.UNKNOWN, ChannelKind.ONLINE, "không nói rõ"),
        (ServiceLevel.UNKNOWN, ChannelKind.POST, "không nói có nộp qua mạng"),
    ],
)
def test_how_far_it_goes_online(word_procedure: Word, level: ServiceLevel, kind: ChannelKind, said: str) -> None:
    card = word_procedure(procedure(service_level=level, channels=(channel(kind),)), "online").cards[0]
    assert said in card.notes[0]
    assert bool(card.items) is (kind is ChannelKind.ONLINE)
