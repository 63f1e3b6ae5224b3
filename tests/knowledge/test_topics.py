"""The shipped topics ask back only about what is held, and no procedure's name is asked back."""

from __future__ import annotations

import re
from collections import Counter
from typing import Union

import pytest

from bot.library import build_catalogue
from knowledge.catalogue import Catalogue
from knowledge.curated import read_curated_procedures
from knowledge.procedures import Procedure
from knowledge.topics import Topic, TopicKind, read_topics
from nlu.vietnamese.folding import fold

TOPICS = read_topics()
ASKED_BACK = (TopicKind.AMBIGUOUS, TopicKind.FIELD)
LONGEST_WORD = 8  # syllables; more says which procedure is meant


def names_of(one: Union[Topic, Procedure]) -> list[str]:
    names = one.names if isinstance(one, Topic) else one.everyday_names
    return [name.lower() for name in (*names.vi, *names.en)]


def said_by_pattern(topic: Topic, folded: str) -> bool:
    return any(re.search(pattern, folded) for pattern in topic.patterns)


@pytest.fixture(scope="module")
def procedures() -> dict[str, Procedure]:
    return {procedure.code: procedure for procedure in read_curated_procedures()}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return build_catalogue((), {})


def test_ids_are_used_once_and_say_their_kind() -> None:
    assert [id for id, count in Counter(topic.id for topic in TOPICS).items() if count > 1] == []
    prefixes = {
        TopicKind.LIFE_EVENT: "life-",
        TopicKind.AMBIGUOUS: "word-",
        TopicKind.FIELD: "field-",
        TopicKind.NOT_HELD: "not-held-",
    }
    assert [topic.id for topic in TOPICS if not topic.id.startswith(prefixes[topic.kind])] == []


def test_procedures_exist_and_are_named_once(procedures: dict[str, Procedure]) -> None:
    assert {code for topic in TOPICS for code in topic.procedures} <= procedures.keys()
    assert [topic.id for topic in TOPICS if len(set(topic.procedures)) < len(topic.procedures)] == []


def test_a_topic_offers_several_and_an_ambiguous_word_at_most_six() -> None:
    held = [topic for topic in TOPICS if topic.kind is not TopicKind.NOT_HELD]
    assert [topic.id for topic in held if len(topic.procedures) < 2] == []
    words = [topic for topic in TOPICS if topic.kind is TopicKind.AMBIGUOUS]
    assert [topic.id for topic in words if len(topic.procedures) > 6] == []
    assert [topic.id for topic in TOPICS if topic.kind is TopicKind.NOT_HELD and topic.procedures] == []


def test_every_topic_is_named_in_both_languages() -> None:
    assert [topic.id for topic in TOPICS if not (topic.title.vi and topic.title.en)] == []
    assert [topic.id for topic in TOPICS if not (topic.names.vi and topic.names.en)] == []


def test_no_name_is_in_two_topics() -> None:
    counted = Counter(name for topic in TOPICS for name in set(names_of(topic)))
    assert [name for name, count in counted.items() if count > 1] == []


def test_no_procedure_is_called_by_what_is_asked_back(procedures: dict[str, Procedure]) -> None:
    asked_back = {name for topic in TOPICS if topic.kind in ASKED_BACK for name in names_of(topic)}
    titles = {procedure.title.vi.lower() for procedure in procedures.values()}
    assert asked_back & titles == set()
    taken = {code: asked_back.intersection(names_of(procedure)) for code, procedure in procedures.items()}
    assert {code: names for code, names in taken.items() if names} == {}


def test_an_ambiguous_word_is_short() -> None:
    words = [name for topic in TOPICS if topic.kind is TopicKind.AMBIGUOUS for name in topic.names.vi]
    assert [name for name in words if len(name.split()) > LONGEST_WORD] == []


def test_patterns_are_folded_and_can_match() -> None:
    for topic in TOPICS:
        for pattern in topic.patterns:
            re.compile(pattern)
            assert pattern.isascii(), topic.id
            assert not re.search(pattern, ""), topic.id


def test_words_of_asking_leave_enough_of_every_name(catalogue: Catalogue) -> None:
    """Or a pattern says it: of "giấy tờ hết hạn" too little is left, "hết" being a word of asking ("hết bao nhiêu")."""
    lost = [
        (topic.id, name)
        for topic in catalogue.topics
        for name in names_of(topic)
        if not said_by_pattern(topic, fold(name))
        and topic.id not in {hit.key for hit in catalogue.candidates(name).hits}
    ]
    assert lost == []


@pytest.mark.parametrize(
    ("said", "topic"),
    [
        ("giay to het han", "word-het-han"),
        ("giay phep sap het han", "word-gia-han-giay-phep"),
        ("the bi gay", "word-mat-the"),
        ("con ngoai gia thu", "word-ngoai-gia-thu"),
        ("con em di bo doi", "word-gia-dinh-bo-doi"),
        ("moi di linh ve", "life-discharged"),
        ("nha em co tang", "life-death"),
        ("viet kieu", "life-returning"),
        ("ba toi sap ve huu", "life-retiring"),
        ("che do nguoi co cong", "field-merit"),
        ("bang gia dat o xa minh", "not-held-land-price"),
        ("nuoc lu cuon het giay to", "life-disaster"),
        ("bi mat het giay to", "life-lost-wallet"),
    ],
)
def test_patterns_say(said: str, topic: str) -> None:
    assert [one.id for one in TOPICS if said_by_pattern(one, said)][:1] == [topic]


@pytest.mark.parametrize(
    "said",
    [
        "dau gia dat thi hanh an",
        "chay nha mat giay to xe",
        "con ngoai gia thu muon them ten cha vao khai sinh",
        "can cuoc het han",
        "ket hon o nuoc ngoai moi ve nuoc lam giay to",
    ],
)
def test_patterns_leave_what_is_clear(said: str) -> None:
    assert [one.id for one in TOPICS if said_by_pattern(one, said)] == []
