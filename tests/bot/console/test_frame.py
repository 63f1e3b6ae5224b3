"""The frame around every page: who may see it, and which forms are taken."""

from __future__ import annotations

from bot.console.pages import Page, Visit
from bot.console.roles import Permission
from bot.storage import Database
from tests.bot.console.office import console


async def show(visit: Visit) -> object:
    return visit.refuse(f"{visit.official.name} <b>&", 200)


async def change(visit: Visit) -> object:
    return visit.go("/account", (await visit.form())["what"])


PAGES = [
    Page("GET", "/account", Permission.SIGNED_IN, show),
    Page("GET", "/campaigns", Permission.READ_CAMPAIGNS, show),
    Page("POST", "/campaigns/{id}/submit", Permission.WRITE_CAMPAIGNS, change),
]


async def test_a_page_and_a_form(database: Database) -> None:
    async with console(database, PAGES) as desk:
        browser = desk.browser("author")
        shown = await browser.get("/campaigns")
        assert shown.status == 200
        assert "Trần Thị Mai &lt;b&gt;&amp;" in shown.text
        changed = await browser.post("/campaigns/1/submit", {"what": "Đã <gửi>"})
        assert (changed.status, changed.location) == (303, "/account")
        assert "Đã &lt;gửi&gt;" in (await browser.get("/account")).text
        assert "Đã &lt;gửi&gt;" not in (await browser.get("/account")).text
