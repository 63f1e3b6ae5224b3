"""The audit log as administrators read it."""

from __future__ import annotations

import sqlalchemy as sa

from bot.audit import SYSTEM
from bot.console.tables import audit
from bot.storage import Database
from tests.bot.console.office import Desk, console


async def write(desk: Desk, times: int) -> None:
    def work(connection: sa.engine.Connection) -> None:
        for number in range(times):
            by = desk.officials["author"].actor if number % 2 else SYSTEM
            desk.audit.record(connection, by, "campaign.pause", f"campaign {number}", {"why": "<b>"})

    await desk.database.run(work)


async def test_it_is_read_in_pages_newest_first(database: Database) -> None:
    async with console(database) as desk:
        await write(desk, 60)
        browser = desk.browser("administrator")
        newest = await browser.get("/audit")
        assert "campaign 59<" in newest.text
        assert "campaign 9<" not in newest.text
        assert "tạm dừng tin" in newest.text
        assert "why: &lt;b&gt;" in newest.text
        oldest = await browser.get("/audit?before=11")
        assert "campaign 9<" in oldest.text
        assert "before=" in newest.text
        assert "before=" not in oldest.text


async def test_it_is_filtered_by_official_and_action(database: Database) -> None:
    async with console(database) as desk:
        await write(desk, 4)
        browser = desk.browser("administrator")
        theirs = (await browser.get(f"/audit?official={desk.officials['author'].id}&action=campaign.pause")).text
        assert "campaign 3<" in theirs
        assert "campaign 2<" not in theirs
        assert "campaign 3<" not in (await browser.get("/audit?action=campaign.start")).text
        assert (await browser.get("/audit?official=x&before=-1&action=%27")).status == 200


async def test_it_says_whether_it_is_whole(database: Database) -> None:
    async with console(database) as desk:
        await write(desk, 3)
        browser = desk.browser("administrator")
        assert (await browser.post("/audit/check")).status == 303
        assert "còn nguyên vẹn" in (await browser.get("/audit")).text

        def tamper(connection: sa.engine.Connection) -> None:
            if connection.dialect.name == "sqlite":
                connection.execute(sa.text("DROP TRIGGER audit_no_update"))
            else:
                connection.execute(sa.text("DROP TRIGGER audit_kept ON audit"))
            connection.execute(audit.update().where(audit.c.seq == 2).values(official="ai đó"))

        await desk.database.run(tamper)
        assert "bị sửa hoặc mất từ dòng 2" in (await browser.post("/audit/check")).text
