"""The page of the demonstration: which frames it may show, and a receipt slip that can be read."""

from __future__ import annotations

import io
from typing import AsyncIterator

import aiohttp
import pytest
import zxingcpp
from PIL import Image

from emulators.side_by_side import SideBySide

CODE = "H57.132-260804-0583"
FRAMES = {"Zalo": "http://127.0.0.1:8091", "Web <b>": "http://127.0.0.1:8080/widget"}


@pytest.fixture
async def url() -> AsyncIterator[str]:
    page = SideBySide(FRAMES, CODE)
    yield await page.start()
    await page.stop()


async def test_every_channel_has_its_frame_and_nothing_else_is_shown(url: str) -> None:
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        body, policy = await answer.text(), answer.headers["Content-Security-Policy"]
    assert body.count("<iframe") == 2
    assert '<iframe src="http://127.0.0.1:8091" title="Zalo">' in body
    assert "Web &lt;b&gt;" in body
    assert policy.endswith("frame-src http://127.0.0.1:8091 http://127.0.0.1:8080/widget")


async def test_the_receipt_slip_shows_the_code(url: str) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{url}/phieu-hen.png") as answer:
        slip = Image.open(io.BytesIO(await answer.read()))
    assert [found.text for found in zxingcpp.read_barcodes(slip)] == [CODE]
