"""Headless Chromium on the test's own loop, and a web chat that can lose its network."""

from __future__ import annotations

import asyncio
import functools
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, AsyncIterator, Awaitable, Callable, TypeVar

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect

from bot.wording.webchat import webchat_texts
from connectors.webchat import Today, WebChat, WebChatSettings
from tests.connectors.scripted_talk import ScriptedTalk

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
EMBEDDING_PAGE = """<!doctype html><html lang="vi"><head><title>Phường Hoa Sen</title>
<meta name="viewport" content="width=device-width"></head>
<body><main><h1>Phường Hoa Sen</h1></main><script src="SCRIPT"></script></body></html>"""
TEXTS = {"vi": webchat_texts(lambda text: text), "en": webchat_texts(lambda text: f"en {text}")}


# Seconds, generous for a busy machine: who waits longer waits for ever. ``evaluate`` has no limit of its own.
STEP = 60.0
TEST = 300.0

expect.set_options(timeout=15_000)
Result = TypeVar("Result")


async def within(seconds: float, step: Awaitable[Result]) -> Result:
    """The step's result. Raises asyncio.TimeoutError, so that a browser that hangs fails its test and not the run."""
    return await asyncio.wait_for(step, seconds)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder ends by itself, whatever it waits for."""
    for item in items:
        if isinstance(item, pytest.Function) and item.path.parent == Path(__file__).parent:
            item.obj = _limited(item.obj)


def _limited(test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    @functools.wraps(test)
    async def limited(**given: Any) -> None:
        await within(TEST, test(**given))

    return limited


@dataclass
class Site:
    """The chat's server and one of another agency: two names of this machine are two sites to a browser."""

    talk: ScriptedTalk
    chat: WebChat
    server: TestServer
    embedder: TestServer

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    @property
    def embedding_page(self) -> str:
        return f"http://localhost:{self.embedder.port}/"


@dataclass
class Visit:
    """One browser with one visitor."""

    context: BrowserContext
    page: Page
    site: Site
    complaints: list[str] = field(default_factory=list)

    async def ask(self, text: str) -> None:
        await self.page.fill("#text", text)
        await self.page.keyboard.press("Enter")

    async def bubbles(self) -> list[str]:
        return [text.strip() for text in await self.page.locator(".entry .bubble").all_inner_texts()]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    if shutil.which(CHROMIUM) is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{CHROMIUM} is missing: install Debian's package chromium")
        pytest.skip(f"{CHROMIUM} is missing: the page cannot be tried in a browser")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, timeout=STEP * 1000)
        yield browser
        await within(STEP, browser.close())


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    talk = ScriptedTalk()
    pages: dict[str, str] = {}
    elsewhere = web.Application()
    elsewhere.router.add_get("/favicon.ico", lambda request: web.Response(status=204))
    elsewhere.router.add_get("/", lambda request: web.Response(text=pages["/"], content_type="text/html"))
    embedder = TestServer(elsewhere, host="127.0.0.1")
    await embedder.start_server()
    settings = WebChatSettings(
        secret="a secret for the tests, not for a server",
        agency={"vi": "UBND phường Hoa Sen", "en": "Hoa Sen Ward People's Committee"},
        today=lambda: Today(
            "0900 000 123", {"vi": "Thứ Hai – Thứ Sáu, 7:30 – 17:00", "en": "Monday – Friday, 7:30 – 17:00"}
        ),
        notice={"vi": "Dữ liệu minh họa – không dùng cho hồ sơ thật", "en": "Sample data – not for real dossiers"},
        secure_cookies=True,
        embedding_sites=(f"http://localhost:{embedder.port}",),
    )
    chat = WebChat(talk, TEXTS, settings)
    app = web.Application()
    chat.add_routes(app)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    pages["/"] = EMBEDDING_PAGE.replace("SCRIPT", f"http://127.0.0.1:{server.port}/widget.js")
    yield Site(talk, chat, server, embedder)
    talk.open.set()
    await server.close()
    await embedder.close()


class Visits:
    def __init__(self, browser: Browser, site: Site) -> None:
        self._browser = browser
        self._site = site
        self.made: list[Visit] = []

    async def begin(self, path: str = "/", **options: Any) -> Visit:
        options.setdefault("locale", "vi-VN")
        context = await self._browser.new_context(**options)
        context.set_default_timeout(STEP * 1000)
        visit = Visit(context, await context.new_page(), self._site)
        self.made.append(visit)

        def hear(message: ConsoleMessage) -> None:
            # A lost network is the point of some tests; everything else that the browser complains of is a fault.
            if message.type in ("error", "warning") and "ERR_INTERNET_DISCONNECTED" not in message.text:
                visit.complaints.append(message.text)

        visit.page.on("console", hear)
        visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        await visit.page.goto(self._site.address + path if path.startswith("/") else path)
        return visit


@pytest.fixture
async def visits(browser: Browser, site: Site) -> AsyncIterator[Visits]:
    visits = Visits(browser, site)
    yield visits
    for visit in visits.made:
        await within(STEP, visit.context.close())
    assert [complaint for visit in visits.made for complaint in visit.complaints] == []


async def accessibility_faults(page: Page, without: tuple[str, ...] = ()) -> list[str]:
    """What axe-core reports, one line per rule and place; empty when all is well. It cannot see into other origins."""
    options = {"rules": {rule: {"enabled": False} for rule in without}, "iframes": False}
    results = await within(STEP, Axe().run(page, options=options))
    return [
        f"{violation['id']}: {node['target']}: {node['failureSummary']}"
        for violation in results.response["violations"]
        for node in violation["nodes"]
    ]
