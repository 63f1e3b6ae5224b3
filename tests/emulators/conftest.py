"""The emulated Zalo, started; a caller with a valid token; an address that its events go to."""

from __future__ import annotations

from typing import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from emulators.zalo import ZaloEmulator
from tests.emulators.zalo_bench import NOON, Api, Hook


@pytest.fixture
async def zalo() -> AsyncIterator[ZaloEmulator]:
    emulator = ZaloEmulator(now=lambda: NOON, ladder_scale=0.00001)
    await emulator.start()
    yield emulator
    await emulator.stop()


@pytest.fixture
async def api(zalo: ZaloEmulator) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession(zalo.url) as http:
        caller = Api(http, zalo)
        await caller.authorise()
        yield caller


@pytest.fixture
async def hook(zalo: ZaloEmulator) -> AsyncIterator[Hook]:
    listening = Hook()
    application = web.Application()
    application.router.add_post("/webhooks/zalo", listening.handle)
    async with TestServer(application, host="127.0.0.1", handler_cancellation=True) as server:
        listening.url = f"http://127.0.0.1:{server.port}/webhooks/zalo"
        zalo.webhook_url = listening.url
        yield listening
