"""What every call of the emulated Zalo passes: token, proof, rate, faults; always HTTP 200 but for a broken server."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from emulators.zalo import Fault, ZaloEmulator
from emulators.zalo_gate import proof_of
from tests.emulators.zalo_bench import AN, CS, Api, reply

GETOA = "/v2.0/oa/getoa"
QUOTA = "/message/quota"


@pytest.mark.parametrize(("path", "error"), [(GETOA, -216), (QUOTA, -124)])
async def test_only_the_header_named_access_token_counts(api: Api, path: str, error: int) -> None:
    token = api.headers["access_token"]
    for headers in ({}, {"Authorization": f"Bearer {token}"}, {"access_token": "made up"}):
        api.headers = headers
        assert (await api.get(path))["error"] == error
    api.headers = {"access_token": token}
    assert (await api.get(path, access_token="made up"))["error"] == 0


@pytest.mark.parametrize(("path", "error"), [(GETOA, -242), (QUOTA, -1241)])
async def test_the_proof(api: Api, zalo: ZaloEmulator, path: str, error: int) -> None:
    api.headers["appsecret_proof"] = "0" * 64
    assert (await api.get(path))["error"] == error
    api.headers["appsecret_proof"] = proof_of(zalo.identity.app_secret, api.headers["access_token"])
    zalo.switches.proof_needed = True
    assert (await api.get(path))["error"] == 0
    del api.headers["appsecret_proof"]
    assert (await api.get(path))["error"] == error


async def test_the_rate_is_counted_by_the_minute(api: Api, zalo: ZaloEmulator) -> None:
    zalo.switches.calls_per_minute = 2
    codes, remaining = [], []
    for _ in range(3):
        async with api.http.get(GETOA, headers=api.headers) as answer:
            codes.append((await answer.json())["error"])
            remaining.append(answer.headers["X-RateLimit-Remain"])
    assert codes == [0, 0, -32]
    assert remaining == ["1", "0", "0"]
    zalo.advance(60)
    assert (await api.get(GETOA))["error"] == 0
    zalo.switches.rate_limits = False
    assert [(await api.get(GETOA))["error"] for _ in range(3)] == [0, 0, 0]


async def test_a_flood_that_is_ordered(api: Api, zalo: ZaloEmulator) -> None:
    zalo.faults.switch_on(Fault.FLOOD, 1)
    assert [(await api.get(GETOA))["error"] for _ in range(2)] == [-32, 0]


async def test_a_token_that_dies(api: Api, zalo: ZaloEmulator) -> None:
    zalo.faults.switch_on(Fault.TOKEN_EXPIRED, 1, "/cs")
    assert (await api.get(GETOA))["error"] == 0
    assert await api.code(CS, reply("Chào")) == -216
    assert (await api.get(GETOA))["error"] == -216


async def test_what_is_not_there(api: Api) -> None:
    assert (await api.get("/v3.0/oa/nothing"))["error"] == -209


async def test_a_lost_answer_comes_after_the_work(api: Api, zalo: ZaloEmulator) -> None:
    await zalo.citizen_says(AN, "Xin chào")
    zalo.faults.switch_on(Fault.LOST_ANSWER, 1, "/cs")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await api.post(CS, reply("Chào"))
    assert [sent.text for sent in zalo.ledger] == ["Chào"]


async def test_a_reset_comes_before_the_work(api: Api, zalo: ZaloEmulator) -> None:
    await zalo.citizen_says(AN, "Xin chào")
    zalo.faults.switch_on(Fault.CONNECTION_RESET, 1)
    with pytest.raises(aiohttp.ClientError):
        await api.post(CS, reply("Chào"))
    assert zalo.ledger == []


async def test_a_broken_server(api: Api, zalo: ZaloEmulator) -> None:
    zalo.faults.switch_on(Fault.SERVER_ERROR, 1)
    async with api.http.get(GETOA, headers=api.headers) as answer:
        assert answer.status == 500


async def test_a_slow_server_works_on_when_the_caller_has_gone(api: Api, zalo: ZaloEmulator) -> None:
    await zalo.citizen_says(AN, "Xin chào")
    zalo.faults.slow_seconds = 0.1
    zalo.faults.switch_on(Fault.SLOW, 1)
    timeout = aiohttp.ClientTimeout(total=0.02)
    with pytest.raises(asyncio.TimeoutError):
        await api.http.post(CS, json=reply("Chào"), headers=api.headers, timeout=timeout)
    assert zalo.ledger == []
    while not zalo.ledger:
        await api.get(GETOA)
    assert [sent.text for sent in zalo.ledger] == ["Chào"]


@pytest.mark.parametrize("body", ["", "{", "[]", "5", "null"])
async def test_a_body_that_is_no_object(api: Api, body: str) -> None:
    headers = {**api.headers, "Content-Type": "application/json"}
    async with api.http.post(CS, data=body, headers=headers) as answer:
        assert (answer.status, (await answer.json())["error"]) == (200, -201)


async def test_a_form_is_no_json(api: Api) -> None:
    async with api.http.post(CS, data={"a": "b"}, headers=api.headers) as answer:
        assert (answer.status, (await answer.json())["error"]) == (200, -201)
