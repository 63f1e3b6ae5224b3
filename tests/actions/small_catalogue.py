"""A small catalogue of our own for the actions' tests, and a citizen's turn built with defaults."""

from __future__ import annotations

import datetime as dt
from typing import Any, Callable, Optional

from actions.choices import Payload
from actions.turn import Turn
from knowledge.catalogue import Catalogue
from knowledge.procedures import Case, Level, Names, Origin, Paper, Procedure, Text
from knowledge.topics import Topic, TopicKind
from nlu.vietnamese.folding import fold
from nlu.vietnamese.normalising import Normaliser


def procedure(code: str, title: str, *names: str, en: tuple[str, ...] = (), **parts: Any) -> Procedure:
    given = {
        "field": Text(vi="Hộ tịch", en="Civil status"),
        "levels": (Level.COMMUNE,),
        "source": f"https://example.org/{code}",
        "checked": dt.date(2026, 7, 31),
        "cases": (case("ordinary"),),
        **parts,
    }
    return Procedure(code=code, title=Text(vi=title), everyday_names=Names(vi=names, en=en), **given)


def case(id: str, *names: str, paper: str = "Tờ khai") -> Case:
    papers = (Paper(name=Text(vi=paper), originals=1),)
    return Case(id=id, name=Text(vi=id), everyday_names=Names(vi=names), papers=papers)


def topic(id: str, kind: TopicKind, *names: str, procedures: tuple[str, ...] = (), **parts: Any) -> Topic:
    return Topic(id=id, kind=kind, title=Text(vi=id), procedures=procedures, names=Names(vi=names), **parts)


BIRTH = procedure(
    "1.000001",
    "Đăng ký khai sinh",
    "làm khai sinh",
    en=("birth registration",),
    cases=(case("ordinary"), case("late", "quá hạn", "trễ hạn")),
)
DEATH = procedure("1.000002", "Đăng ký khai tử", "báo tử", en=("death registration",))
MARRIAGE = procedure("1.000003", "Đăng ký kết hôn", "làm giấy kết hôn", en=("marriage registration",))
FOREIGN_MARRIAGE = procedure("1.000004", "Đăng ký kết hôn có yếu tố nước ngoài", "lấy chồng tây")
SINGLE = procedure("1.000005", "Cấp giấy xác nhận tình trạng hôn nhân", "giấy độc thân")
HOUSEHOLD = procedure("1.000006", "Đăng ký thường trú", "nhập hộ khẩu", field=Text(vi="Cư trú", en="Residence"))
LODGER = procedure("1.000007", "Đăng ký tạm trú", "đăng ký ở trọ", field=Text(vi="Cư trú", en="Residence"))
SPLIT_HOUSEHOLD = procedure("1.000008", "Tách hộ", "tách hộ khẩu", field=Text(vi="Cư trú", en="Residence"))
SPLIT_LAND = procedure("1.000009", "Tách thửa đất", "tách sổ đỏ", field=Text(vi="Đất đai", en="Land"))
LAND_TITLE = procedure("1.000010", "Cấp giấy chứng nhận đất lần đầu", "làm sổ đỏ", field=Text(vi="Đất đai", en="Land"))
PLATE = procedure("1.000011", "Cấp lại đăng ký xe", "mất cà vẹt", field=Text(vi="Đăng ký xe"))
NEW_PLATE = procedure("1.000012", "Đăng ký xe lần đầu", "bấm biển số", field=Text(vi="Đăng ký xe"))
IMPORTED_INVALID = procedure(
    "2.000001", "Cấp giấy thương binh cho người có công", origin=Origin.IMPORTED, field=Text(vi="Người có công")
)

PROCEDURES = [BIRTH, DEATH, MARRIAGE, FOREIGN_MARRIAGE, SINGLE, HOUSEHOLD, LODGER, SPLIT_HOUSEHOLD, SPLIT_LAND]
PROCEDURES += [LAND_TITLE, PLATE, NEW_PLATE, IMPORTED_INVALID]

TOPICS = (
    topic(
        "life-death",
        TopicKind.LIFE_EVENT,
        "người nhà mới mất",
        procedures=(DEATH.code, HOUSEHOLD.code),
        patterns=(r"\b(ba|me) (toi|em) (moi )?mat( (hom qua|nam ngoai|roi))*( ?[,.]|$)",),
    ),
    topic("word-tach-so", TopicKind.AMBIGUOUS, "tách sổ", procedures=(SPLIT_HOUSEHOLD.code, SPLIT_LAND.code)),
    topic("word-ca-vet", TopicKind.AMBIGUOUS, "cà vẹt", procedures=(PLATE.code, NEW_PLATE.code, "9.999999")),
    topic("field-land", TopicKind.FIELD, "đất đai", "nhà đất", procedures=(LAND_TITLE.code, SPLIT_LAND.code)),
    topic("not-held-school", TopicKind.NOT_HELD, "chuyển trường"),
    topic("not-held-merit", TopicKind.NOT_HELD, "thương binh"),
)


def normalise() -> Callable[[str], str]:
    normaliser = Normaliser.shipped()
    return lambda text: normaliser.normalise(text).text


def small_catalogue() -> Catalogue:
    return Catalogue(PROCEDURES, TOPICS, fold, normalise())


def turn(text: str, intent: str = "find_procedure", pressed: Optional[Payload] = None, **given: Any) -> Turn:
    """A turn; ``given``: slots, entities, active_form, before (what was said to the message before)."""
    return Turn(
        text=text,
        intent=intent,
        confidence=1.0,
        entities=given.get("entities", {}),
        slots=given.get("slots", {}),
        citizen_id="citizen",
        active_form=given.get("active_form"),
        pressed=pressed,
        before=given.get("before", ()),
    )
