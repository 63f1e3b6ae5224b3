"""Calls to Zalo: how they are written, what comes back, what may have been sent when nothing does."""

from __future__ import annotations

import asyncio
import json
import socket

import aiohttp
import pytest
from aiohttp import web

from connectors.errors import ChannelError, Misconfigured, Refused, RefusedReason, TooFast, Unreachable
from connectors.zalo.answers import LARGEST_ANSWER, ask, whole_number
from connectors.zalo.client import ZaloClient, proof
from connectors.zalo.reactions import Host, TokenRejected
from tests.connectors.zalo.scripted_zalo import ScriptedZalo, Tokens, scripted_zalo, settings_for

MESSAGE = {"recipient": {"user_id": "8123450000000000001"}, "message": {"text": "Xin chào"}}


def test_the_proof_of_the_reference() -> None:
    expected = "aed6826bfacdf6c46c9b96c4dc4634d148ee2c2fd274a9976d9ef754c800814d"
    assert proof("demo-app-secret", "demo-access-token") == expected


async def test_a_get_has_one_parameter_of_json(zalo: ScriptedZalo, client: ZaloClient) -> None:
    zalo.success([{"message_id": "a1"}])
    assert await client.get("/v2.0/oa/conversation", {"user_id": "8123", "tag": "Hồ sơ"}) == [{"message_id": "a1"}]
    (asked,) = zalo.asked
    assert (asked.method, asked.path) == ("GET", "/api/v2.0/oa/conversation")
    assert list(asked.query) == ["data"]
    assert json.loads(asked.query["data"]) == {"user_id": "8123", "tag": "Hồ sơ"}
    assert asked.headers["access_token"] == "AT-1"
    assert "Authorization" not in asked.headers
    assert "appsecret_proof" not in asked.headers


async def test_a_post_is_json_and_gives_the_data(zalo: ScriptedZalo, client: ZaloClient) -> None:
    zalo.success({"message_id": "m1"})
    assert await client.post("/v3.0/oa/message/cs", MESSAGE) == {"message_id": "m1"}
    assert zalo.asked[0].json == MESSAGE
    assert client.calls_left == 3999


async def test_the_business_host_takes_plain_parameters(zalo: ScriptedZalo, client: ZaloClient) -> None:
    zalo.success({"x": "1"})
    await client.read("/message/quota", {"day": "1"}, Host.BUSINESS)
    assert (zalo.asked[0].path, zalo.asked[0].query) == ("/business/message/quota", {"day": "1"})


async def test_an_upload_has_a_field_named_file(zalo: ScriptedZalo, client: ZaloClient) -> None:
    zalo.failure(-216)
    zalo.success({"attachment_id": "img_1"})
    assert await client.upload("/v2.0/oa/upload/image", "so-do.png", b"png", "image/png") == {"attachment_id": "img_1"}
    for asked in zalo.asked:  # the form is whole again when it is sent a second time
        assert b'name="file"; filename="so-do.png"' in asked.body
        assert b"Content-Type: image/png" in asked.body


async def test_the_proof_is_sent_when_the_console_demands_it() -> None:
    async with scripted_zalo() as (zalo, settings, http):
        url = settings.api_url.removesuffix("/api")
        zalo.success()
        await ZaloClient(settings_for(url, use_proof=True), Tokens(), http).post("/x", {})
        assert zalo.asked[0].headers["appsecret_proof"] == proof("demo-app-secret", "AT-1")


async def test_long_numbers_stay_exact(zalo: ScriptedZalo, client: ZaloClient) -> None:
    body = '{"error":0,"data":{"user_id":8123450000000000001,"remain":8,"long":' + "9" * 5000 + "}}"
    zalo.answers.append(web.Response(text=body))
    data = await client.get("/x", {})
    assert data == {"user_id": "8123450000000000001", "remain": 8, "long": "9" * 5000}


@pytest.mark.parametrize("code", [-216, -220, 216, 401, -401, -1001])
async def test_a_rejected_token_is_renewed_once(zalo: ScriptedZalo, client: ZaloClient, code: int) -> None:
    zalo.failure(code)
    zalo.success({"message_id": "m1"})
    assert await client.post("/x", MESSAGE) == {"message_id": "m1"}
    assert zalo.calls == [("/api/x", "AT-1"), ("/api/x", "AT-2")]


async def test_a_token_rejected_on_the_business_host(zalo: ScriptedZalo, client: ZaloClient) -> None:
    zalo.failure(-124)
    zalo.success({"msg_id": "m1"})
    assert await client.post("/message/template", {}, Host.BUSINESS) == {"msg_id": "m1"}


async def test_a_second_rejection_is_told(zalo: ScriptedZalo, client: ZaloClient) -> None:
    zalo.failure(-216)
    zalo.failure(-216)
    with pytest.raises(TokenRejected) as told:
        await client.post("/x", MESSAGE)
    assert isinstance(told.value, Misconfigured)
    assert len(zalo.asked) == 2


async def test_an_error_in_the_envelope_is_its_reaction(zalo: ScriptedZalo, client: ZaloClient) -> None:
    zalo.failure(-230, "User has not interacted with the OA in the past 7 days")
    with pytest.raises(Refused) as refused:
        await client.post("/x", MESSAGE)
    assert refused.value.why is RefusedReason.WINDOW_CLOSED
    zalo.failure(-32)
    with pytest.raises(TooFast) as too_fast:
        await client.post("/x", MESSAGE)
    assert too_fast.value.retry_after >= 60
    assert not too_fast.value.maybe_sent


@pytest.mark.parametrize(
    ("answer", "maybe_sent"),
    [
        (None, True),
        (web.Response(status=502, text="<html>"), True),
        (web.Response(status=404, text="{}"), False),
        (web.Response(status=302, headers={"Location": "/elsewhere"}), False),
        (web.Response(text="<html>"), True),
        (web.Response(text="[]"), True),
        (web.Response(text=""), True),
        (web.Response(text="[" * 100_000), True),
        (web.Response(body=b"\xff\xfe\xfa"), True),
        (web.Response(text='{"error":0,"data":"' + "x" * LARGEST_ANSWER + '"}'), True),
        (web.Response(text='{"error":"?"}'), False),
    ],
)
async def test_what_is_no_answer(
    zalo: ScriptedZalo, client: ZaloClient, answer: web.Response | None, maybe_sent: bool
) -> None:
    zalo.answers.append(answer)
    with pytest.raises(Unreachable) as lost:
        await client.post("/x", MESSAGE)
    assert lost.value.maybe_sent is maybe_sent
    assert "AT-1" not in str(lost.value)
    assert len(zalo.asked) == 1


async def test_a_read_that_got_no_answer_changed_nothing(zalo: ScriptedZalo, client: ZaloClient) -> None:
    zalo.answers.append(web.Response(status=502))
    with pytest.raises(Unreachable) as lost:
        await client.get("/x", {})
    assert not lost.value.maybe_sent


async def test_who_cannot_be_reached_was_sent_nothing() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refuses
        async with aiohttp.ClientSession() as http:
            client = ZaloClient(settings_for(f"http://127.0.0.1:{taken.getsockname()[1]}"), Tokens(), http)
            with pytest.raises(Unreachable) as lost:
                await client.post("/x", MESSAGE)
    assert not lost.value.maybe_sent


async def test_an_answer_that_comes_too_late_may_have_been_sent() -> None:
    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gone.wait()
        writer.close()

    gone = asyncio.Event()
    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/x"
    async with aiohttp.ClientSession() as http:
        with pytest.raises(Unreachable) as lost:
            await ask(http, Host.API, "POST", url, 0.1, json=MESSAGE)
    assert lost.value.maybe_sent
    gone.set()
    server.close()
    await server.wait_closed()


async def test_no_error_repeats_what_zalo_says(zalo: ScriptedZalo, client: ZaloClient) -> None:
    for code in (-201, -99999):
        zalo.failure(code, "phone 0912000123 is invalid")
        with pytest.raises(ChannelError) as told:
            await client.post("/x", MESSAGE)
        assert "0912000123" not in str(told.value)


@pytest.mark.parametrize(
    ("value", "number"), [("8", 8), (8, 8), ("-1", -1), ("x", None), (None, None), (True, None), ([], None)]
)
def test_numbers_come_with_and_without_quotation_marks(value: object, number: int | None) -> None:
    assert whole_number(value) == number
