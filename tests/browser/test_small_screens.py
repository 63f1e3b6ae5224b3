"""The console's own pages on the screen of an old phone, in light and dark: nothing runs out of it, all can be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser

from bot.storage import Database, migrate
from tests.bot.console.office import console
from tests.browser.conftest import accessibility_faults

PATHS = ("/account", "/settings", "/stops", "/officials", "/officials/1", "/audit")
WIDTH = 375


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_pages_fit_and_are_accessible(browser: Browser, tmp_path: Path, scheme: str) -> None:
    url = f"sqlite:///{tmp_path}/console.db"
    migrate(url)
    database = Database(url)
    async with console(database) as desk:
        signed_in = next(iter(desk.browser("administrator").client.cookie_jar))
        context = await browser.new_context(viewport={"width": WIDTH, "height": 640}, color_scheme=scheme)
        await context.add_cookies([{"name": "console", "value": signed_in.value, "url": desk.url}])
        page = await context.new_page()
        for path in PATHS:
            answer = await page.goto(f"{desk.url}console{path}")
            assert (path, answer.status if answer else 0) == (path, 200)
            assert (path, await page.evaluate("document.documentElement.scrollWidth")) == (path, WIDTH)
            assert (path, await accessibility_faults(page)) == (path, [])
        await context.close()
    await database.close()
