"""Which procedure a message is about: answer, offer, ask back or say that it is not held."""

from __future__ import annotations

import pytest

from actions.choices import Payload
from actions.focus import CodeUnknown, NotHeld, NothingNamed, OneOf, OnProcedure, Several, find_focus, is_clear
from knowledge.catalogue import Catalogue
from knowledge.procedures import Procedure
from nlu.vietnamese.folding import fold
from tests.actions.small_catalogue import (
    BIRTH,
    DEATH,
    FOREIGN_MARRIAGE,
    HOUSEHOLD,
    IMPORTED_INVALID,
    LAND_TITLE,
    LODGER,
    MARRIAGE,
    NEW_PLATE,
    PLATE,
    SINGLE,
    SPLIT_HOUSEHOLD,
    SPLIT_LAND,
    turn,
)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("làm khai sinh cần gì", BIRTH),
        ("lam khai sinh can gi", BIRTH),
        ("xin giấy độc thân", SINGLE),
        ("mất cà vẹt", PLATE),  # explains more than the ambiguous "cà vẹt"
        ("tách sổ đỏ", SPLIT_LAND),
        ("lấy chồng tây", FOREIGN_MARRIAGE),
        ("đăng ký kết hôn", MARRIAGE),  # what few need does not come first
        ("birth registration", BIRTH),
        ("em ở quê mới lên, tìm được chỗ thuê rồi, chủ nhà bảo đăng ký tạm trú", LODGER),
    ],
)
def test_what_is_named_clearly_is_answered(catalogue: Catalogue, text: str, meant: Procedure) -> None:
    assert find_focus(turn(text), catalogue, fold) == OnProcedure(meant)


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("làm khai sinh và nhập hộ khẩu cần giấy tờ gì", BIRTH, HOUSEHOLD),
        ("khai tử với giấy độc thân", DEATH, SINGLE),
        ("đăng ký tạm trú, đăng ký kết hôn", LODGER, MARRIAGE),
        ("birth registration and death registration", BIRTH, DEATH),
    ],
)
def test_two_named_clearly_are_both_answered(
    catalogue: Catalogue, text: str, first: Procedure, second: Procedure
) -> None:
    assert find_focus(turn(text), catalogue, fold) == Several((OnProcedure(first), OnProcedure(second)))


def test_with_is_no_second_procedure(catalogue: Catalogue) -> None:
    assert not isinstance(find_focus(turn("kết hôn với người nước ngoài"), catalogue, fold), Several)


@pytest.mark.parametrize(
    ("text", "topic", "procedures"),
    [
        ("tách sổ", "word-tach-so", (SPLIT_HOUSEHOLD, SPLIT_LAND)),
        ("cà vẹt", "word-ca-vet", (PLATE, NEW_PLATE)),  # the topic's third code is not in the catalogue
        ("tôi muốn hỏi về đất đai", "field-land", (LAND_TITLE, SPLIT_LAND)),
        ("nhà đất", "field-land", (LAND_TITLE, SPLIT_LAND)),
        ("ba tôi mới mất", "life-death", (DEATH, HOUSEHOLD)),
    ],
)
def test_topics_offer_what_is_held(
    catalogue: Catalogue, text: str, topic: str, procedures: tuple[Procedure, ...]
) -> None:
    assert find_focus(turn(text), catalogue, fold) == OneOf(procedures, catalogue.topic(topic))


def test_what_is_lacking_is_said_by_name_until_an_import_brings_it(catalogue: Catalogue) -> None:
    assert find_focus(turn("chuyển trường cho con"), catalogue, fold) == NotHeld((), catalogue.topic("not-held-school"))
    assert find_focus(turn("thương binh"), catalogue, fold) == OneOf((IMPORTED_INVALID,))


@pytest.mark.parametrize("text", ["", "5", "12345", "qwrt zxcv", "cần giấy tờ gì", "vâng ạ"])
def test_nothing_named(catalogue: Catalogue, text: str) -> None:
    assert find_focus(turn(text), catalogue, fold) == NothingNamed()
    talking = turn(text, "ask_papers", slots={"procedure": BIRTH.code})
    assert find_focus(talking, catalogue, fold) == OnProcedure(BIRTH, named=False)


@pytest.mark.parametrize(
    ("text", "intent", "meant"),
    [
        ("còn đăng ký tạm trú thì sao", "ask_papers", LODGER),
        ("à nhầm, đăng ký tạm trú", "correct", LODGER),
        ("không phải khai tử, ý tôi là giấy độc thân", "correct", SINGLE),
        ("how about marriage registration", "ask_fee", MARRIAGE),
    ],
)
def test_another_name_leaves_the_procedure_talked_about(
    catalogue: Catalogue, text: str, intent: str, meant: Procedure
) -> None:
    focus = find_focus(turn(text, intent, slots={"procedure": BIRTH.code}), catalogue, fold)
    assert focus == OnProcedure(meant)


def test_a_case_is_found_in_what_follows(catalogue: Catalogue) -> None:
    focus = find_focus(turn("quá hạn thì sao", "specify_case", slots={"procedure": BIRTH.code}), catalogue, fold)
    assert focus == OnProcedure(BIRTH, BIRTH.cases[1], named=False, says_case=True)
    focus = find_focus(turn("làm khai sinh trễ hạn"), catalogue, fold)
    assert focus == OnProcedure(BIRTH, BIRTH.cases[1])


def test_codes_and_presses(catalogue: Catalogue) -> None:
    known = turn("1.000007", entities={"procedure_code": ["1.000007"]})
    assert find_focus(known, catalogue, fold) == OnProcedure(LODGER)
    unknown = turn("1.777777", entities={"procedure_code": ["1.777777"]})
    assert find_focus(unknown, catalogue, fold) == CodeUnknown("1.777777")
    pressed = Payload("ask_papers", procedure=BIRTH.code, case="late")
    assert find_focus(turn("", pressed=pressed), catalogue, fold) == OnProcedure(BIRTH, BIRTH.cases[1])
    pressed = Payload("find_procedure", topic="word-ca-vet")
    assert find_focus(turn("", pressed=pressed), catalogue, fold) == OneOf(
        (PLATE, NEW_PLATE), catalogue.topic("word-ca-vet")
    )
    assert find_focus(turn("", pressed=Payload("ask_fee", topic="gone")), catalogue, fold) == NothingNamed()


def test_clear_is_only_what_was_named(catalogue: Catalogue) -> None:
    clear = [OnProcedure(BIRTH), Several((OnProcedure(BIRTH),)), CodeUnknown("1.777777")]
    clear += [OneOf((), catalogue.topic("word-tach-so")), NotHeld((), catalogue.topic("not-held-school"))]
    assert all(map(is_clear, clear))
    assert not any(map(is_clear, [OnProcedure(BIRTH, named=False), OneOf((BIRTH,)), NotHeld(), NothingNamed()]))
