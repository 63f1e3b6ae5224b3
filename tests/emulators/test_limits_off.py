"""Load tests: everything is taken at once, people exist because they are written to, and little is kept of it."""

from __future__ import annotations

from typing import AsyncIterator

import aiohttp
import pytest

from emulators.telegram import TelegramEmulator
from emulators.telegram_faults import CROWD as TELEGRAM_CROWD
from emulators.zalo import ZaloEmulator
from emulators.zalo_faults import CROWD as ZALO_CROWD
from tests.emulators.telegram_line import Line, open_line
from tests.emulators.zalo_bench import Api

CS = "/v3.0/oa/message/cs"


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with open_line() as line:
        yield line


async def control(url: str, act: str) -> None:
    async with aiohttp.ClientSession(url) as http, http.post(f"/_control/{act}", json={}) as response:
        assert response.status == 200


async def tally(url: str) -> list[list[object]]:
    async with aiohttp.ClientSession(url) as http, http.get("/_control/tally") as response:
        return [*(await response.json())["tally"]]


async def test_zalo(zalo: ZaloEmulator, api: Api) -> None:
    person, stranger = str(ZALO_CROWD[5]), str(ZALO_CROWD[-1] + 1)
    message = {"recipient": {"user_id": person}, "message": {"text": "Xin chào"}}
    assert (await api.post(CS, message))["error"] == -201
    await control(zalo.url, "take_limits_off")
    zalo.switches.calls_per_minute = 1
    sent = [await api.post(CS, message) for _ in range(12)]
    assert {one["error"] for one in sent} == {0}
    assert (await api.post(CS, {**message, "recipient": {"user_id": stranger}}))["error"] == -201
    assert (zalo.ledger, person in zalo.people) == ([], False)
    ids = [one["data"]["message_id"] for one in sent]
    assert [row[:2] for row in await tally(zalo.url)] == [[id, person] for id in ids]


async def test_telegram(line: Line) -> None:
    emulator: TelegramEmulator = line.emulator
    person = TELEGRAM_CROWD[5]
    assert (await line.refusal("sendMessage", chat_id=person, text="Xin chào"))[0] == 400
    await control(emulator.url, "take_limits_off")
    sent = [await line.call("sendMessage", chat_id=person, text="Xin chào") for _ in range(40)]
    assert (await line.refusal("sendMessage", chat_id=TELEGRAM_CROWD[-1] + 1, text="Xin chào"))[0] == 400
    assert (emulator.ledger, emulator.world.messages) == ([], {})
    assert [row[:2] for row in await tally(emulator.url)] == [[one["message_id"], person] for one in sent]
