"""What became of a campaign, in figures and row by row, and as tables for spreadsheets."""

from __future__ import annotations

import csv
import datetime as dt
import functools
import io
import re
from typing import Any, AsyncIterator, Sequence

import openpyxl
import pytest
import sqlalchemy as sa
from openpyxl.worksheet._writer import ALL_TEMP_FILES

from bot.broadcasts import reports, sheets
from bot.broadcasts.campaign import Content, DeliveryState, Vehicle
from bot.broadcasts.campaigns import Campaign
from bot.broadcasts.reach import Reach
from bot.broadcasts.reasons import Reason
from bot.broadcasts.reports import Report, Reports
from bot.broadcasts.sheets import MARK, Cell, csv_line, workbook
from bot.broadcasts.tables import asked, deliveries, opt_outs
from bot.house_rules import Rules, Template
from bot.storage import Database
from tests.bot.broadcasts.office_of_campaigns import Clock, campaigns_of
from tests.bot.broadcasts.town import NOW, Office

DAY = dt.timedelta(days=1)
PROCEDURE = "1.001193"
CONTENT = Content(title="Miễn lệ phí", body={"vi": "Không thu lệ phí."}, procedure=PROCEDURE, template="77")
TEMPLATE = Template(id="77", title="Lịch họp", names=(), price_user=300, price_phone=500)


def delivery(person: str, state: str, vehicle: str = "message", channel: str = "zalo", **more: Any) -> dict[str, Any]:
    return {
        "channel": channel, "person": person, "citizen_id": f"c-{person}", "language": "vi", "vehicle": vehicle,
        "text": "tin", "state": state, "attempts": 1, "why": None, "finished_at": NOW, **more,
    }  # fmt: skip


DELIVERIES = [
    delivery("1000001", "seen"),
    delivery("1000002", "delivered"),
    delivery("1000003", "sent", "template"),
    delivery("1000004", "failed", why="left"),
    delivery("1000005", "failed", why="left"),
    delivery("1000006", "unknown", finished_at=None),
    delivery("phone:84901000007", "delivered", "phone", citizen_id=None),
    delivery("phone:84901000008", "failed", "phone", why="no_such_person", citizen_id=None),
    delivery("2000009", "sent", channel="telegram"),
    delivery("2000010", "waiting", channel="telegram", finished_at=None),
]


class Its:
    """A campaign that was sent, and its reports."""

    def __init__(self, database: Database, rules: Rules) -> None:
        self.database, self.clock = database, Clock(NOW + 10 * DAY)
        self.reports = Reports(database, lambda: rules, self.clock)

    async def run(self, statement: Any, rows: Sequence[dict[str, Any]]) -> None:
        await self.database.run(lambda connection: connection.execute(statement, list(rows)))

    async def begin(self, content: Content = CONTENT, **values: Any) -> Campaign:
        id = await Office(self.database).begin(content, started_at=NOW, **values)
        await self.run(deliveries.insert(), [{"campaign": id, **row} for row in DELIVERIES])
        return await campaigns_of(self.database, self.clock).get(id)

    async def report(self, **values: Any) -> Report:
        return await self.reports.report(await self.begin(**values))


@pytest.fixture
def its(database: Database) -> Its:
    return Its(database, Rules(templates=(TEMPLATE,)))


async def test_figures_by_way_state_and_reason(its: Its, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "AT_ONCE", 1)  # a page that is never full
    report = await its.report()
    states = {(way.channel, way.vehicle): dict(way.states) for way in report.ways}
    assert states == {
        ("zalo", Vehicle.MESSAGE): {
            DeliveryState.SEEN: 1, DeliveryState.DELIVERED: 1, DeliveryState.FAILED: 2, DeliveryState.UNKNOWN: 1,
        },
        ("zalo", Vehicle.TEMPLATE): {DeliveryState.SENT: 1},
        ("zalo", Vehicle.PHONE): {DeliveryState.DELIVERED: 1, DeliveryState.FAILED: 1},
        ("telegram", Vehicle.MESSAGE): {DeliveryState.SENT: 1, DeliveryState.WAITING: 1},
    }  # fmt: skip
    assert (report.planned, report.arrived, report.of(DeliveryState.UNKNOWN)) == (10, 5, 1)
    assert report.failed == {"left": 2, "no_such_person": 1}
    assert list(report.failed) == ["left", "no_such_person"]
    assert report.cost == 300 + 500
    assert report.made_at == its.clock()


async def test_figures_are_counted_in_small_pieces(its: Its, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = await its.report()
    some = reports._SOME.element.limit(1).subquery()  # each row by itself
    count = sa.select(
        some.c.channel, some.c.vehicle, some.c.why, sa.func.count().label("count"), sa.func.max(some.c.id).label("last")
    ).group_by(some.c.channel, some.c.vehicle, some.c.why)
    monkeypatch.setattr(reports, "AT_ONCE", 1)
    monkeypatch.setattr(reports, "_COUNT", count)
    again = await its.reports.report(whole.campaign)
    assert (again.ways, again.failed) == (whole.ways, whole.failed)


async def test_seen_is_unknown_where_the_platform_does_not_say(its: Its) -> None:
    report = await its.report()
    seen = {(way.channel, way.vehicle): way.seen for way in report.ways}
    assert seen == {
        ("zalo", Vehicle.MESSAGE): 1, ("zalo", Vehicle.TEMPLATE): 0, ("zalo", Vehicle.PHONE): None,
        ("telegram", Vehicle.MESSAGE): None,
    }  # fmt: skip
    assert report.seen == 1


async def test_campaign_that_nobody_has_sent_yet(its: Its) -> None:
    id = await Office(its.database).begin(Content(title="Tin", body={"vi": "Tin."}))
    report = await its.reports.report(await campaigns_of(its.database, its.clock).get(id))
    assert (report.planned, report.ways, report.seen, report.opted_out) == (0, (), None, 0)
    assert (report.questions, report.cost) == (None, 0)


async def test_who_was_left_out_at_planning(its: Its) -> None:
    reach = Reach(unreachable={Reason.LEFT: 3}, cost=800)
    report = await its.report(reach='{"unreachable":{"left":3},"cost":800}')
    assert report.unreachable == reach.unreachable


async def test_template_that_is_no_longer_known_has_no_price(database: Database) -> None:
    assert (await Its(database, Rules()).report()).cost is None


async def test_who_left_within_a_week_after_being_told(its: Its) -> None:
    campaign = await its.begin()
    rows = [
        {"citizen_id": "c-1000001", "campaign": campaign.id, "at": NOW + 20 * DAY},  # pressed it in this notice
        {"citizen_id": "c-1000002", "campaign": None, "at": NOW + 6 * DAY},
        {"citizen_id": "c-1000003", "campaign": None, "at": NOW + 8 * DAY},  # too late
        {"citizen_id": "c-2000009", "campaign": campaign.id + 1, "at": NOW + DAY},  # because of another one
        {"citizen_id": "c-1000004", "campaign": None, "at": NOW + DAY},  # never got it
        {"citizen_id": "somebody", "campaign": None, "at": NOW + DAY},
    ]
    await its.run(opt_outs.insert(), rows)
    assert (await its.reports.report(campaign)).opted_out == 2


async def test_what_was_asked_within_a_week_about_the_procedure(its: Its) -> None:
    rows = [
        {"citizen_id": citizen, "procedure": procedure, "at": NOW + after}
        for citizen, procedure, after in [
            ("c-1000001", PROCEDURE, DAY),
            *[("c-1000001", PROCEDURE, 2 * DAY)] * 600,  # more than are looked at together
            ("c-1000002", PROCEDURE, -DAY),  # before
            ("c-1000002", "1.000656", DAY),
            ("c-1000003", PROCEDURE, 8 * DAY),
            ("c-1000004", PROCEDURE, DAY),  # never got it
            ("somebody", PROCEDURE, DAY),
        ]
    ]
    await its.run(asked.insert(), rows)
    report = await its.report()
    assert report.questions == 601


async def test_rows_are_masked_and_each_comes_once(its: Its, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "_PAGE", reports._PAGE.limit(3))
    campaign = await its.begin()
    rows = [row async for row in its.reports.rows(campaign.id)]
    assert len(rows) == len(DELIVERIES)
    assert [(row.channel, row.person, row.why) for row in rows[:4]] == [
        ("telegram", "••••009", ""),
        ("telegram", "••••010", ""),
        ("zalo", "••••001", ""),
        ("zalo", "••••002", ""),
    ]
    assert rows[-1].person == "phone:••••••••008"
    assert (rows[-1].vehicle, rows[-1].state, rows[-1].why) == (Vehicle.PHONE, DeliveryState.FAILED, "no_such_person")
    assert rows[-1].at == NOW


async def test_planner_looks_addresses_up(its: Its) -> None:
    """A campaign may have a million deliveries: nothing of a report may walk through all of them at once."""
    if its.database._engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL decides by its statistics")
    facts = {"campaign": 1, "begin": NOW, "end": NOW, "procedure": "", "its_state": "", "channel": "", "person": ""}
    for query in (reports._LEFT, reports._ASKED, reports._PAGE, reports._COUNT):
        whole = query.params(after=0, **facts)
        text = str(whole.compile(its.database._engine, compile_kwargs={"render_postcompile": True}))
        blanks = ("",) * text.count("?")
        explain = functools.partial(_plan, text=f"EXPLAIN QUERY PLAN {text}", blanks=blanks)
        steps = [row.detail for row in await its.database.run(explain) if "deliveries" in row.detail]
        assert len(steps) == 1
        assert re.search(r"campaign=\? AND (citizen_id=|state=|\(channel,person\)>)", steps[0])


def _plan(connection: sa.engine.Connection, text: str, blanks: tuple[str, ...]) -> list[Any]:
    return list(connection.exec_driver_sql(text, blanks).all())


TABLE: list[Sequence[Cell]] = [
    ["Tên", "Số", "Lúc", "Ngày", "Không"],
    ["=1+1", 1, NOW, NOW.date(), None],
    ['@a "b"', 2.5, None, None, ""],
    ["-x\x07", -3, NOW, None, "+84"],
    ["Đặng", 0, None, None, "a=b"],
]


async def rows_of_table() -> AsyncIterator[Sequence[Cell]]:
    for row in TABLE:
        yield row


def test_csv_is_what_excel_expects_and_holds_no_formula() -> None:
    written = MARK + b"".join(csv_line(row) for row in TABLE)
    assert list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline=""))) == [
        ["Tên", "Số", "Lúc", "Ngày", "Không"],
        ["'=1+1", "1", "20/11/2026 10:00", "20/11/2026", ""],
        ["'@a \"b\"", "2.5", "", "", ""],
        ["'-x\x07", "-3", "20/11/2026 10:00", "", "'+84"],
        ["Đặng", "0", "", "", "a=b"],
    ]


async def test_workbook_holds_no_formula_and_keeps_numbers_and_moments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "AT_ONCE", 2)
    monkeypatch.setattr(sheets, "MOST_ROWS", 4)
    async with workbook("Báo cáo", rows_of_table()) as file:
        book = openpyxl.load_workbook(io.BytesIO(file.read()))
    here = dt.datetime(2026, 11, 20, 10, 0)
    first, second = book.worksheets
    assert [[cell.value for cell in row] for row in first.iter_rows()] == [
        TABLE[0],
        ["'=1+1", 1, here, dt.datetime(2026, 11, 20), None],
        ["'@a \"b\"", 2.5, None, None, None],
        ["'-x", -3, here, None, "'+84"],
    ]
    assert [[cell.value for cell in row] for row in second.iter_rows()] == [["Đặng", 0, None, None, "a=b"]]
    assert "f" not in {cell.data_type for row in first.iter_rows() for cell in row}  # a formula


async def test_workbook_that_nobody_waits_for_leaves_no_file() -> None:
    async def breaking() -> AsyncIterator[Sequence[Cell]]:
        for _ in range(sheets.AT_ONCE):
            yield ["An"]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        async with workbook("Báo cáo", breaking()):
            pass
    assert ALL_TEMP_FILES == []
