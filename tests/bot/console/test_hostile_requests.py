"""What no browser sends: the console refuses it as it refuses any other wrong request, and nothing fails."""

from __future__ import annotations

import asyncio
from urllib.parse import urlencode

import pytest
from yarl import URL

from bot.storage import Database
from tests.bot.console.newcomer import PASSWORD, joined
from tests.bot.console.office import Desk, console


async def status_of(desk: Desk, head: bytes, body: bytes = b"") -> int:
    """Of the answer to a request whose head is sent byte by byte as it stands here."""
    url = URL(desk.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    ending = f"\r\nHost: {url.authority}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head + ending.encode() + body)
    line = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return int(line.split()[1])


@pytest.mark.parametrize("origin", ["http://[", "null", "http://127.0.0.1", "//"])
async def test_an_origin_that_is_none_is_refused(database: Database, origin: str) -> None:
    async with console(database) as desk:
        assert (await desk.stranger().post("/sign-in", {"login": "moi.den"}, Origin=origin)).status == 403
        assert (await desk.browser("agent").post("/account/language", {"language": "en"}, Origin=origin)).status == 403


async def test_a_cookie_that_is_no_text_signs_nobody_in(database: Database) -> None:
    async with console(database) as desk:
        assert await status_of(desk, b"GET /console/account HTTP/1.1\r\nCookie: console=\xff\xfe") == 303
        assert await status_of(desk, b"GET /console/sign-in HTTP/1.1\r\nCookie: notice=\xff\xfe") == 200


@pytest.mark.parametrize("query", ["action=%00", "official=%00", "before=%00"])
async def test_an_address_that_no_database_takes_is_refused(database: Database, query: str) -> None:
    async with console(database) as desk:
        assert (await desk.browser("administrator").get(f"/audit?{query}")).status == 400


async def test_a_browser_may_call_itself_anything(database: Database) -> None:
    async with console(database) as desk:
        phone = await joined(desk)
        form = urlencode({"login": "moi.den", "password": PASSWORD, "code": phone.code()}).encode()
        head = b"POST /console/sign-in HTTP/1.1\r\nSec-Fetch-Site: same-origin\r\nUser-Agent: \xff\xfe"
        assert await status_of(desk, head, form) == 303


async def test_the_page_that_was_asked_for_is_kept_whole(database: Database) -> None:
    async with console(database) as desk:
        phone, browser = await joined(desk), desk.stranger()
        asked = (await browser.get("/account?of=a%26b&more=1")).location
        page = (await browser.get(asked)).text
        action = page.partition('action="/console')[2].partition('"')[0].replace("&amp;", "&")
        form = {"login": "moi.den", "password": PASSWORD, "code": phone.code()}
        assert (await browser.post(str(URL(action, encoded=True)), form)).location == "/account?of=a%26b&more=1"


async def test_a_page_that_was_asked_for_puts_nothing_into_the_head(database: Database) -> None:
    async with console(database) as desk:
        phone, browser = await joined(desk), desk.stranger()
        form = {"login": "moi.den", "password": PASSWORD, "code": phone.code()}
        answer = await browser.post("/sign-in?next=%2F%0D%0ASet-Cookie:%20a=b", form)
        assert (answer.status, answer.location) == (303, "")
