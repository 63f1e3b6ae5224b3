"""The report of a campaign in the console, and its deliveries to take home."""

from __future__ import annotations

import csv
import io
import re

import openpyxl

from bot.storage import Database
from tests.bot.console.campaign_desk import campaign_desk
from tests.bot.console.test_live_pages import sending


async def test_a_report_says_what_became_of_whom(database: Database) -> None:
    async with campaign_desk(database) as its:
        id = await sending(its, zalo=("seen", ""), telegram=("failed", "left"))
        page = await its.show("analyst", id, "/report")
        assert "đã gửi, trên 2 tin" in page
        assert "Đã chặn hoặc thôi quan tâm" in page
        assert "Quá 7 ngày không nhắn tin trên Zalo" in page  # who was left out when it was planned
        rows = [re.findall('<td class="number">([^<]*)</td>', row) for row in page.split("<tr>")]
        assert [row for row in rows if len(row) == 6] == [list("100–10"), list("111100")]


async def test_each_delivery_can_be_taken_home_masked(database: Database) -> None:
    async with campaign_desk(database) as its:
        id = await sending(its, zalo=("seen", ""), telegram=("failed", "left"))
        browser = its.desk.browser("administrator")
        taken = await browser.get(f"/campaigns/{id}/report.csv")
        assert taken.headers["Content-Disposition"] == f'attachment; filename="campaign-{id}.csv"'
        heads, *rows = csv.reader(io.StringIO(taken.text.lstrip("\ufeff")))
        assert heads[0] == "Kênh"
        assert [(row[0], row[4], row[5]) for row in rows] == [
            ("Telegram", "Không gửi được", "Đã chặn hoặc thôi quan tâm tài khoản của cơ quan"),
            ("Zalo", "Đã xem", ""),
        ]
        async with browser.client.get(f"/console/campaigns/{id}/report.xlsx") as answer:
            book = openpyxl.load_workbook(io.BytesIO(await answer.read()), read_only=True)
        assert [tuple(cell.value for cell in row)[:2] for row in book.active][1:] == [(row[0], row[1]) for row in rows]


async def test_reports_are_for_who_may_read_them(database: Database) -> None:
    async with campaign_desk(database) as its:
        id = await its.write()
        for end in ("", ".csv", ".xlsx"):
            assert (await its.desk.browser("agent").get(f"/campaigns/{id}/report{end}")).status == 403
            assert (await its.desk.browser("analyst").get(f"/campaigns/99/report{end}")).status == 404
        assert "đã gửi, trên 0 tin" in await its.show("analyst", id, "/report")
