"""The radar: what an import changes is said in the words of the answers, and drafted for those whom it concerns."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from bot.broadcasts.campaign import Audience, Content
from bot.broadcasts.radar import (
    MOST_CHARACTERS,
    MOST_DRAFTS,
    Change,
    changes,
    drafted,
    in_all_languages,
    note,
    notice,
    told,
)
from bot.broadcasts.tables import procedure_changes
from bot.storage import Database
from bot.wording.speaker import speaker
from knowledge.procedures import (
    Case,
    Channel,
    ChannelKind,
    Fee,
    Level,
    Paper,
    Place,
    Procedure,
    Text,
    TimeLimit,
    TimeUnit,
)

TODAY = dt.date(2026, 11, 22)
NOW = dt.datetime(2026, 11, 22, 2, tzinfo=dt.timezone.utc)
VI = speaker("vi")


def papers(*names: str) -> tuple[Case, ...]:
    listed = tuple(Paper(name=Text(vi=name), originals=1) for name in names)
    return (Case(id="all", name=Text(vi="Chung"), papers=listed),)


def counter(days: int, fee: int, *more: ChannelKind) -> tuple[Channel, ...]:
    limit = TimeLimit(amount=days, unit=TimeUnit.WORKING_DAY)
    fees = (Fee(text=Text(vi="Lệ phí"), amount=fee),)
    return tuple(Channel(kind=kind, time_limit=limit, fees=fees) for kind in (ChannelKind.IN_PERSON, *more))


BEFORE = Procedure(
    code="1.001193",
    title=Text(vi="đăng ký khai sinh", en="birth registration"),
    field=Text(vi="Hộ tịch"),
    levels=(Level.COMMUNE,),
    source="https://dichvucong.gov.vn/1.001193",
    checked=dt.date(2026, 10, 31),
    cases=papers("Tờ khai", "Giấy chứng sinh"),
    channels=counter(3, 8_000),
    places=(Place(level=Level.COMMUNE, name=Text(vi="Ủy ban nhân dân cấp xã")),),
)


def after(**facts: Any) -> Procedure:
    return msgspec.structs.replace(BEFORE, **facts)


def draft_of(changed: Procedure) -> Content:
    found = in_all_languages(BEFORE, changed, TODAY)
    assert found is not None
    return drafted(changed, found)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"checked": TODAY}, []),
        ({"title": Text(vi="Đăng ký khai sinh (mới)")}, []),
        ({"cases": papers("giấy  chứng sinh", "Tờ khai")}, []),
        (
            {"channels": counter(3, 5_000)},
            [Change("fee", ("Nộp trực tiếp: Lệ phí: 8.000 đồng",), ("Nộp trực tiếp: Lệ phí: 5.000 đồng",))],
        ),
        (
            {"channels": counter(1, 8_000)},
            [Change("time", ("Nộp trực tiếp: 3 ngày làm việc",), ("Nộp trực tiếp: 1 ngày làm việc",))],
        ),
        (
            {"cases": papers("Tờ khai", "Căn cước")},
            [Change("papers", ("Giấy chứng sinh: 1 bản chính",), ("Căn cước: 1 bản chính",))],
        ),
        (
            {"places": (Place(level=Level.PROVINCE, name=Text(vi="Sở Tư pháp")),)},
            [Change("place", ("Ủy ban nhân dân cấp xã",), ("Sở Tư pháp",))],
        ),
    ],
)
def test_only_what_concerns_a_citizen_is_a_change(facts: dict[str, Any], expected: list[Change]) -> None:
    assert changes(BEFORE, after(**facts), TODAY, VI) == expected


def test_a_new_way_to_apply_is_told() -> None:
    found = changes(BEFORE, after(channels=counter(3, 8_000, ChannelKind.ONLINE)), TODAY, VI)
    assert {"fee", "time", "place", "online"} >= {change.facet for change in found} >= {"place", "online"}


def test_a_change_of_one_case_names_the_case() -> None:
    two = (*BEFORE.cases, Case(id="late", name=Text(vi="Quá hạn"), papers=(Paper(name=Text(vi="Đơn"), copies=1),)))
    earlier = after(cases=two)
    later = after(cases=(two[0], msgspec.structs.replace(two[1], papers=(Paper(name=Text(vi="Đơn"), copies=2),))))
    (change,) = changes(earlier, later, TODAY, VI)
    heading, *lines = told(VI, change).splitlines()
    assert heading.endswith(" (Quá hạn):")
    assert lines == ["- Không còn trong danh sách: Đơn: 1 bản sao", "- Thêm: Đơn: 2 bản sao"]


def test_the_draft_says_what_changed_to_those_whom_it_concerns() -> None:
    content = draft_of(after(channels=counter(3, 5_000), checked=dt.date(2026, 11, 30)))
    assert content.title == "Thay đổi thủ tục: Đăng ký khai sinh"
    assert "Thủ tục “Đăng ký khai sinh” (mã 1.001193) có thay đổi." in content.body["vi"]
    assert "- Trước: Nộp trực tiếp: Lệ phí: 8.000 đồng\n- Nay: Nộp trực tiếp: Lệ phí: 5.000 đồng" in content.body["vi"]
    assert "Theo dữ liệu của nguồn chính thức ngày 30/11/2026." in content.body["vi"]
    assert content.audience == Audience(asked="1.001193", days=90, open_dossier="1.001193")
    assert content.procedure == "1.001193"
    assert content.see_procedure
    assert content.link == BEFORE.source


def test_a_long_list_is_cut_at_a_change_and_says_so() -> None:
    long = papers(*(f"Giấy tờ rất dài thứ {number} " + "x" * 60 for number in range(40)))
    content = draft_of(after(cases=long, channels=counter(3, 5_000)))
    assert len(content.body["vi"]) <= MOST_CHARACTERS + 200
    assert "5.000 đồng" in content.body["vi"]
    assert "Còn thay đổi khác, xin xem thủ tục." in content.body["vi"]


def test_braces_of_a_source_are_no_placeholders() -> None:
    content = draft_of(after(cases=papers("Tờ khai", "Đơn {mau}")))
    assert "Đơn (mau)" in content.body["vi"]


async def test_what_an_import_changed_is_kept_and_not_everything_is_drafted(database: Database) -> None:
    drafts: list[str] = []

    def draft(_: sa.engine.Connection, content: Content, origin: str) -> int:
        drafts.append(origin)
        return len(drafts)

    changed = [
        (after(code=f"1.{number:06}"), after(code=f"1.{number:06}", channels=counter(3, 5_000)))
        for number in range(MOST_DRAFTS + 3)
    ]
    same = [(BEFORE, after(checked=TODAY))]
    noticed = list(notice([*same, *changed], "dvcqg-2026-11.jsonl", TODAY))
    made = await database.run(lambda c: note(c, noticed, NOW, draft))
    rows = await database.run(lambda c: c.execute(sa.select(procedure_changes)).all())
    assert made == len(drafts) == MOST_DRAFTS
    assert drafts[0] == "radar:1.000000"
    assert len(rows) == MOST_DRAFTS + 3
    assert [row.campaign for row in rows[-4:]] == [MOST_DRAFTS, None, None, None]
    kept = msgspec.json.decode(rows[0].changes, type=dict[str, list[Change]])
    assert {language: found[0].facet for language, found in kept.items()} == {"vi": "fee", "en": "fee"}
