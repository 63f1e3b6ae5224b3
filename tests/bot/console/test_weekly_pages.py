"""The weekly reports in the console: made on demand, read, printed, taken home."""

from __future__ import annotations

import contextlib
import io
from typing import AsyncIterator

import openpyxl
import pytest

from bot.broadcasts.weekly import Weekly
from bot.console.weekly_pages import WeeklyPages
from bot.jobs.in_process import TableQueue
from bot.storage import Database
from tests.bot.broadcasts.town import NOW, Door, Person, settle
from tests.bot.console.office import Clock, Desk, console

TITLES = {"1.001193": "Đăng ký khai sinh <b>"}
PEOPLE = [Person(f"p{one}", (Door("zalo", f"z{one}", 1),), asked="1.001193") for one in range(2)]


@contextlib.asynccontextmanager
async def reporting(database: Database) -> AsyncIterator[tuple[Desk, Weekly]]:
    clock = Clock(NOW)  # a Friday
    weekly = Weekly(database, clock)
    pages = WeeklyPages(weekly, TableQueue(database, clock), TITLES.get, clock).pages()
    await settle(database, PEOPLE)
    async with console(database, pages, clock) as desk:
        yield desk, weekly


async def test_a_report_is_made_on_demand_and_read(database: Database) -> None:
    async with reporting(database) as (desk, weekly):
        browser = desk.browser("analyst")
        assert "Chưa có báo cáo nào." in (await browser.get("/reports")).text
        assert (await browser.post("/reports", {"day": "2026-11-20"})).location == "/reports"
        (job,) = await TableQueue(database, desk.clock).claim({"weekly": 1})
        assert (job.name, job.key, job.facts) == ("weekly", "2026-11-16", {"week": "2026-11-16"})
        await weekly.make(job.facts)
        assert "Từ 16/11/2026 đến 22/11/2026" in (await browser.get("/reports")).text
        page = (await browser.get("/reports/2026-11-16")).text
        assert "Tuần chưa hết" in page
        assert "1.001193 Đăng ký khai sinh &lt;b&gt;</th><td class=\"number\">2</td>" in page
        assert "+2" in page


async def test_a_report_is_taken_home(database: Database) -> None:
    async with reporting(database) as (desk, weekly):
        await weekly.make({"week": "2026-11-16"})
        async with desk.browser("analyst").client.get("/console/reports/2026-11-16.xlsx") as answer:
            assert answer.headers["Content-Disposition"] == 'attachment; filename="week-2026-11-16.xlsx"'
            book = openpyxl.load_workbook(io.BytesIO(await answer.read()), read_only=True)
        rows = [tuple(cell.value for cell in row) for row in book.active]
        assert ("1.001193 Đăng ký khai sinh <b>", 2, 0, 2) in rows


@pytest.mark.parametrize("day", ["", "hôm qua", "2026-11-21", "1999-01-01", "2026-02-30"])
async def test_a_day_that_is_none_or_to_come_is_refused(database: Database, day: str) -> None:
    async with reporting(database) as (desk, _):
        answer = await desk.browser("analyst").post("/reports", {"day": day})
        assert answer.status == 422
        assert "Xin chọn một ngày" in answer.text


@pytest.mark.parametrize("path", ["/reports/2026-11-09", "/reports/2026-99-99", "/reports/2026-11-09.xlsx"])
async def test_a_report_that_was_not_made_is_missing(database: Database, path: str) -> None:
    async with reporting(database) as (desk, _):
        assert (await desk.browser("analyst").get(path)).status == 404
        assert (await desk.browser("agent").get(path)).status == 403
