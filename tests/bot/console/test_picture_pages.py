"""Files that officials send up: pictures, and what is no picture."""

from __future__ import annotations

import contextlib
import io
from typing import AsyncIterator, Optional

import aiohttp
from PIL import Image

from bot.broadcasts.pictures import MOST_BYTES, Pictures
from bot.console.picture_pages import PicturePages
from bot.storage import Database
from tests.bot.console.office import Answer, Browser, Desk, console

NAME = "biển <báo>.png"


def png(colour: str = "red") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(file, "PNG")
    return file.getvalue()


async def send(browser: Browser, content: bytes, name: str = NAME, token: Optional[str] = None) -> Answer:
    form = aiohttp.FormData(quote_fields=False)  # as browsers do
    form.add_field("token", browser.token if token is None else token)
    form.add_field("file", io.BytesIO(content), filename=name)
    async with browser.client.post(
        "/console/pictures", data=form, headers=browser.headers, allow_redirects=False
    ) as answer:
        return Answer(answer.status, await answer.text(), answer.headers)


@contextlib.asynccontextmanager
async def desk_with_pictures(database: Database) -> AsyncIterator[Desk]:
    async with console(database, PicturePages(database, Pictures(database)).pages()) as desk:
        yield desk


async def test_a_picture_is_sent_up_and_looked_at(database: Database) -> None:
    async with desk_with_pictures(database) as desk:
        browser = desk.browser("author")
        assert (await send(browser, png())).location == "/pictures"
        page = (await browser.get("/pictures")).text
        assert "biển &lt;báo&gt;.png" in page
        async with browser.client.get("/console/pictures/1") as shown:
            assert shown.content_type == "image/png"
            assert Image.open(io.BytesIO(await shown.read())).size == (8, 8)
        assert (await browser.get("/pictures/2")).status == 404


async def test_what_is_no_picture_is_refused_in_a_sentence(database: Database) -> None:
    async with desk_with_pictures(database) as desk:
        browser = desk.browser("author")
        for content, name, sentence in [
            (b"<svg onload='alert(1)'/>", "x.svg", "Không đọc được ảnh này"),
            (b"x" * (MOST_BYTES + 1), "x.png", "nhỏ hơn 1 MB"),
            (b"", "", "Xin chọn một tệp ảnh."),
        ]:
            answer = await send(browser, content, name)
            assert answer.status == 422
            assert sentence in answer.text


async def test_a_forged_upload_is_refused_before_the_file_is_read(database: Database) -> None:
    async with desk_with_pictures(database) as desk:
        assert (await send(desk.browser("author"), png(), token="made-up")).status == 403
        assert (await send(desk.browser("approver"), png())).status == 403
        assert "Chưa có ảnh nào." in (await desk.browser("author").get("/pictures")).text


async def test_what_is_no_upload_is_refused(database: Database) -> None:
    async with desk_with_pictures(database) as desk:
        browser = desk.browser("author")
        assert (await browser.post("/pictures", {"file": "x"})).status == 400
        form = aiohttp.FormData(default_to_multipart=True)
        form.add_field("token", browser.token)
        async with browser.client.post("/console/pictures", data=form, headers=browser.headers) as answer:
            assert answer.status == 400
