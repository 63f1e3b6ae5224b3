"""Search: slips, marks, levels, variants, frames, topics, and texts that nobody should send."""

from __future__ import annotations

import datetime as dt
from typing import Any, Collection

import pytest

from knowledge.catalogue import Catalogue, Findings
from knowledge.comparing import Match
from knowledge.concepts import read_concepts, said_in
from knowledge.procedures import Case, Level, Names, Paper, Procedure, Text
from knowledge.search import Search
from knowledge.topics import Topic, TopicKind
from nlu.vietnamese.folding import fold


def made_up(code: str, title: str, *names: str, **parts: Any) -> Procedure:
    given = {
        "field": Text(vi="Cư trú"),
        "levels": (Level.COMMUNE,),
        "source": f"https://example.org/{code}",
        "checked": dt.date(2026, 7, 31),
        "cases": (Case(id="ordinary", name=Text(vi="Thường"), papers=(Paper(name=Text(vi="Đơn"), originals=1),)),),
        **parts,
    }
    return Procedure(code=code, title=Text(vi=title), everyday_names=Names(vi=names), **given)


PROCEDURES = [
    made_up("1.000001", "Đăng ký khai sinh", "làm khai sinh"),
    made_up("1.000002", "Đăng ký khai sinh có yếu tố nước ngoài", "khai sinh con lai"),
    made_up("1.000003", "Cấp đổi thẻ căn cước", "đổi căn cước"),
    made_up("1.000004", "Cấp lại thẻ căn cước", "mất căn cước", variant_group="lost-card"),
    made_up("1.000005", "Cấp lại thẻ căn cước (cấp tỉnh)", "mất căn cước làm trên tỉnh", variant_group="lost-card",
            levels=(Level.PROVINCE,)),
    made_up("1.000006", "Khai thuế cho thuê nhà", "thuế cho thuê nhà", field=Text(vi="Thuế")),
    made_up("1.000007", "Tách thửa đất", "tách sổ đỏ", field=Text(vi="Đất đai")),
    made_up("1.000008", "Tách hộ", "tách hộ khẩu"),
    made_up("1.000009", "Thu thuế nhà đất (cấp tỉnh)", levels=(Level.PROVINCE,), field=Text(vi="Thuế")),
    made_up("1.000010", "Thu thuế nhà đất (cấp xã)", field=Text(vi="Thuế")),
]  # fmt: skip
TOPICS = (
    Topic(
        id="word-tach-so",
        kind=TopicKind.AMBIGUOUS,
        title=Text(vi="Tách sổ"),
        procedures=("1.000007", "1.000008", "9.999999"),
        names=Names(vi=("tách sổ",)),
    ),
    Topic(
        id="word-of-one",
        kind=TopicKind.AMBIGUOUS,
        title=Text(vi="Một"),
        procedures=("1.000001", "9.999999"),
        names=Names(vi=("khai sinh",)),
    ),
    Topic(
        id="field-tax",
        kind=TopicKind.FIELD,
        title=Text(vi="Thuế"),
        procedures=("1.000006", "1.000010"),
        names=Names(vi=("thuế",)),
    ),
)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue(PROCEDURES, TOPICS, fold, str.lower)


@pytest.fixture(scope="module")
def search(catalogue: Catalogue) -> Search:
    return catalogue.search


def first(catalogue: Catalogue, text: str) -> str:
    found = catalogue.find(text).found[0]
    return found.procedure.code if found.procedure else found.topic.id if found.topic else ""


def match(catalogue: Catalogue, text: str, code: str) -> Match:
    return next(hit.match for hit in catalogue.search.find(text).hits if hit.key == code)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("khai sinh", "1.000001"),
        ("lam khai sinh can gi", "1.000001"),
        ("KHAI SINH", "1.000001"),
        ("khai sinhh", "1.000001"),  # slips
        ("can cuot doi", "1.000003"),
        ("đổi căn cước ở đâu vậy ạ", "1.000003"),  # frames of asking
        ("khai sinh con lai", "1.000002"),
        ("khai sinh có yếu tố nước ngoài", "1.000002"),
        ("tách sổ", "word-tach-so"),
        ("tach so do", "1.000007"),
        ("thuế", "field-tax"),
    ],
)
def test_finds(catalogue: Catalogue, text: str, key: str) -> None:
    assert first(catalogue, text) == key


def test_a_question_that_is_a_name_is_exact(catalogue: Catalogue) -> None:
    assert match(catalogue, "đổi căn cước", "1.000003").exact
    assert match(catalogue, "doi can cuoc", "1.000003").exact
    assert not match(catalogue, "đổi căn cước cho mẹ chồng", "1.000003").exact


def test_other_marks_are_another_word(catalogue: Catalogue) -> None:
    meant, other = match(catalogue, "đổi căn cước", "1.000003"), match(catalogue, "đội căn cước", "1.000003")
    assert other.said < meant.said == 1
    assert not other.exact


def test_two_words_that_fold_alike_are_both_said(catalogue: Catalogue) -> None:
    assert match(catalogue, "thuế cho thuê nhà", "1.000006").exact


def test_an_unknown_word_is_not_bent_into_a_known_one(search: Search) -> None:
    assert [word.folded for word in search.content("bán đâts")] == ["ban", "dats"]
    assert search.content("con gái")[-1].folded == "gai"  # not "khai sinh con lai"
    assert [(w.folded, w.weight < 1) for w in search.content("căn cướt")] == [("can", False), ("cuoc", True)]


def test_the_nearest_level_unless_another_is_named(catalogue: Catalogue) -> None:
    found = catalogue.find("mat can cuoc lam").found[0]
    assert found.procedure is not None
    assert found.procedure.code == "1.000004"
    at_province = catalogue.find("mất căn cước ở tỉnh").found[0]
    assert at_province.procedure is not None
    assert at_province.procedure.code == "1.000005"


def test_of_the_variants_of_one_title_only_one_is_found(catalogue: Catalogue) -> None:
    codes = [found.procedure.code for found in catalogue.find("thu thuế nhà đất").found if found.procedure]
    assert "1.000010" in codes
    assert "1.000009" not in codes
    codes = [found.procedure.code for found in catalogue.find("thu thuế nhà đất cấp tỉnh").found if found.procedure]
    assert codes[0] == "1.000009"
    assert [variant.code for variant in catalogue.variants(PROCEDURES[9])] == ["1.000009"]


def test_topics_hold_only_procedures_that_exist(catalogue: Catalogue) -> None:
    topic = catalogue.topic("word-tach-so")
    assert topic is not None
    assert [procedure.code for procedure in catalogue.procedures_of(topic)] == ["1.000007", "1.000008"]
    assert catalogue.topic("word-of-one") is None  # with one meaning left it is ambiguous no more


def test_fields(catalogue: Catalogue) -> None:
    assert [procedure.code for procedure in catalogue.in_field("các thủ tục về thuế")] == ["1.000006", "1.000010"]
    assert [procedure.code for procedure in catalogue.in_field("đất đai")] == ["1.000007"]
    assert catalogue.in_field("có những thủ tục gì") == []
    assert catalogue.in_field("bóng đá") == []


def test_what_is_entitled_so(catalogue: Catalogue) -> None:
    assert [procedure.code for procedure in catalogue.entitled("tách thửa")] == ["1.000007"]
    assert catalogue.entitled("nước ngoài") == []  # said late in the title: that is its circumstance, not its matter


def test_mentions(catalogue: Catalogue) -> None:
    assert catalogue.mentions(PROCEDURES[2], "thẻ của tôi thì sao")
    assert not catalogue.mentions(PROCEDURES[2], "giấy phép bán rượu")


@pytest.mark.parametrize("text", ["", "   ", "???", "😂😂", "12 345", "\x00\u200b", "cần giấy tờ gì", "日本語"])
def test_nothing_is_found_in_nothing(catalogue: Catalogue, text: str) -> None:
    findings = catalogue.find(text)
    assert not findings
    assert findings.none == 1


@pytest.mark.parametrize(
    "text",
    [
        "khai sinh " * 200,
        "khai " * 10_000,
        "khaj " * 10_000,
        "làm " * 10_000,
        "a" * 10_000,
        "đăng ký khai sinh " + "và " * 5_000,
        "%s{}\\(" * 300 + "khai sinh",
    ],
    ids=["long", "repeated", "repeated slip", "repeated frame", "one word", "repeated joint", "signs"],
)
def test_hostile_texts_are_answered_like_others(catalogue: Catalogue, text: str) -> None:
    findings = catalogue.find(text)
    assert all(0 <= f.match.said <= 1 and 0 <= f.match.named <= 1 for f in findings.found)
    assert findings.none + sum(f.probability for f in findings.found) == pytest.approx(1)


def test_what_is_out_of_scope_by_itself_is_less_likely_held(catalogue: Catalogue) -> None:
    assert catalogue.find("khai sinh", outside=0.9).none > catalogue.find("khai sinh").none


def test_an_ear_is_listened_to(catalogue: Catalogue) -> None:
    """ "thẻ căn cước" is two procedures' card; who asked so before meant the lost one."""
    told: list[Collection[str]] = []

    def ear(terms: Collection[str]) -> dict[str, float]:
        told.append(terms)
        return {"1.000004": 1.0, "1.000003": -1.0}

    listening = catalogue.with_ear(ear)
    assert listening.find("thẻ căn cước").found[0].procedure == PROCEDURES[3]
    assert told == [{"wthe", "wcan", "wcuoc", "pthe can", "pcan cuoc"}]


def test_what_is_told_in_passing_leaves_what_is_asked(catalogue: Catalogue) -> None:
    fire = Topic(
        id="life-fire",
        kind=TopicKind.LIFE_EVENT,
        title=Text(vi="Cháy nhà"),
        procedures=("1.000003", "1.000004"),
        patterns=(r"\bchay nha\b",),
    )
    told = Catalogue(PROCEDURES, (fire,), fold, str.lower).find("cháy nhà, đổi căn cước")
    assert told.found[0].topic == fire
    assert told.beside.split() == [",", "đổi", "căn", "cước"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lấy chồng Hàn", {"abroad"}),
        ("nguoi Lao qua lam giay", {"abroad"}),
        ("khai sinh quá hạn", set()),  # not "qua Hàn"
        ("người lao động nghỉ ốm", set()),
        ("lý lịch tư pháp", set()),
        ("ở trung tâm xã", set()),
        ("sổ gốc cũng mất rồi", {"again"}),
        ("nhờ cán bộ lên tận nhà", {"at_home"}),
    ],
)
def test_concepts(text: str, said: set[str]) -> None:
    assert {concept.id for concept in said_in(read_concepts(), fold(text).lower())} == said


def test_an_empty_catalogue_finds_nothing() -> None:
    assert Catalogue([], (), fold, str.lower).find("khai sinh") == Findings(words=2)
