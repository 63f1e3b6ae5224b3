"""The REST door keeps the contract of Rasa's REST channel, and its limits."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient

from connectors.limits import DoorLimits, Rate
from connectors.messages import Address
from connectors.rest import RestDoor
from tests.connectors.scripted_talk import ASK_STATUS, PAPERS, ScriptedTalk

WEBHOOK = "/webhooks/rest/webhook"


@pytest.fixture
def talk() -> ScriptedTalk:
    return ScriptedTalk()


async def open_door(aiohttp_client: AiohttpClient, talk: ScriptedTalk, limits: DoorLimits | None = None) -> TestClient:
    app = web.Application()
    RestDoor(talk, limits).add_routes(app)
    return await aiohttp_client(app)


async def test_a_question_is_answered_with_text_buttons_and_custom(
    aiohttp_client: AiohttpClient, talk: ScriptedTalk
) -> None:
    client = await open_door(aiohttp_client, talk)
    response = await client.post(WEBHOOK, json={"sender": "an", "message": "khai sinh cần giấy tờ gì"})
    assert response.status == 200
    assert await response.json() == [
        {
            "recipient_id": "an",
            "text": PAPERS.text,
            "buttons": [{"title": choice.title, "payload": choice.payload} for choice in PAPERS.choices],
            "custom": {"procedure": "1.001193"},
        }
    ]
    assert talk.received[0].address == Address("rest", "an")


async def test_empty_keys_are_left_out(aiohttp_client: AiohttpClient, talk: ScriptedTalk) -> None:
    client = await open_door(aiohttp_client, talk)
    response = await client.post(WEBHOOK, json={"sender": "an", "message": "chào"})
    assert await response.json() == [{"recipient_id": "an", "text": "Ông/bà vừa viết: chào"}]


async def test_the_payload_of_a_button_is_not_taken_for_a_pressed_button(
    aiohttp_client: AiohttpClient, talk: ScriptedTalk
) -> None:
    client = await open_door(aiohttp_client, talk)
    await client.post(WEBHOOK, json={"sender": "an", "message": ASK_STATUS})
    assert (talk.received[0].text, talk.received[0].pressed) == (ASK_STATUS, False)


async def test_the_language_travels_in_the_metadata(aiohttp_client: AiohttpClient, talk: ScriptedTalk) -> None:
    client = await open_door(aiohttp_client, talk)
    for metadata in ({"language": "en"}, {"language": "fr"}, None):
        await client.post(WEBHOOK, json={"sender": "an", "message": "hi", "metadata": metadata})
    assert [message.language for message in talk.received] == ["en", None, None]


async def test_a_repeated_message_id_is_answered_once_for_each_sender(
    aiohttp_client: AiohttpClient, talk: ScriptedTalk
) -> None:
    client = await open_door(aiohttp_client, talk)
    answers = []
    for sender in ("an", "an", "bình"):
        response = await client.post(WEBHOOK, json={"sender": sender, "message": "chào", "message_id": "1"})
        answers.append(await response.json())
    assert answers[0] == answers[1]
    assert [message.address.id for message in talk.received] == ["an", "bình"]


async def test_it_says_that_it_is_alive(aiohttp_client: AiohttpClient, talk: ScriptedTalk) -> None:
    client = await open_door(aiohttp_client, talk)
    response = await client.get("/webhooks/rest/")
    assert (response.status, await response.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{", "not_json"),
        (b"", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b"[" * 8000, "not_json"),
        (b'["a"]', "not_json"),
        (b'{"message": "a"}', "wrong_sender"),
        (b'{"sender": "", "message": "a"}', "wrong_sender"),
        (b'{"sender": 7, "message": "a"}', "wrong_sender"),
        (json.dumps({"sender": "a" * 201, "message": "a"}).encode(), "wrong_sender"),
        (b'{"sender": "a"}', "wrong_message"),
        (b'{"sender": "a", "message": "  "}', "wrong_message"),
        (b'{"sender": "a", "message": ["b"]}', "wrong_message"),
        (b'{"sender": "a", "message": "\\u0000"}', "wrong_message"),
        (b'{"sender": "a", "message": "\\ud800"}', "wrong_message"),
        (b'{"sender": "a", "message": "b", "message_id": 5}', "wrong_message_id"),
        (b'{"sender": "a", "message": "b", "metadata": "c"}', "wrong_metadata"),
        (b'{"sender": "a", "message": "b", "x": ' + b"9" * 6_000 + b"}", "not_json"),
        ('{"sender": "a", "message": "chào"}'.encode("latin-1"), "not_json"),
        (b"null", "not_json"),
    ],
)
async def test_a_wrong_body_is_explained(
    aiohttp_client: AiohttpClient, talk: ScriptedTalk, body: bytes, error: str
) -> None:
    client = await open_door(aiohttp_client, talk)
    response = await client.post(WEBHOOK, data=body)
    assert response.status == 400
    assert_sentences(await response.json(), error)
    assert talk.received == []


async def test_a_body_that_is_not_packed_as_it_says_is_explained(
    aiohttp_client: AiohttpClient, talk: ScriptedTalk
) -> None:
    client = await open_door(aiohttp_client, talk)
    packed = {"Content-Encoding": "gzip", "Connection": "close"}
    body = b'{"sender": "an", "message": "a"}'
    for data, status in ((gzip.compress(body), 200), (body, 400)):
        response = await client.post(WEBHOOK, data=data, headers=packed)
        assert response.status == status
    bomb = gzip.compress(b"a" * 1_000_000)
    response = await client.post(WEBHOOK, data=bomb, headers=packed)
    assert response.status == 413


async def test_a_large_body_is_refused(aiohttp_client: AiohttpClient, talk: ScriptedTalk) -> None:
    client = await open_door(aiohttp_client, talk)
    response = await client.post(WEBHOOK, json={"sender": "an", "message": "a" * 17_000})
    assert response.status == 413
    assert_sentences(await response.json(), "too_large")


async def test_a_large_body_of_unknown_length_is_refused(aiohttp_client: AiohttpClient, talk: ScriptedTalk) -> None:
    async def endless() -> Any:
        for _ in range(40):
            yield b"a" * 1024

    client = await open_door(aiohttp_client, talk)
    response = await client.post(WEBHOOK, data=endless())
    assert response.status == 413
    assert_sentences(await response.json(), "too_large")


async def test_a_long_text_is_refused(aiohttp_client: AiohttpClient, talk: ScriptedTalk) -> None:
    client = await open_door(aiohttp_client, talk)
    for length, status in ((2000, 200), (2001, 413)):
        response = await client.post(WEBHOOK, json={"sender": "an", "message": "ă" * length})
        assert response.status == status
    assert_sentences(await response.json(), "too_long")


async def test_a_slow_body_is_refused(aiohttp_client: AiohttpClient, talk: ScriptedTalk) -> None:
    client = await open_door(aiohttp_client, talk, DoorLimits(body_seconds=0.05))
    host, port = client.server.host, client.server.port


    reader, writer = await asyncio.open_connection(host, port)
    writer.write(f"POST {WEBHOOK} HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n{{".encode())
    answer = await reader.readuntil(b"\r\n")
    writer.close()
    await writer.wait_closed()
    assert b"408" in answer


async def test_one_sender_may_send_a_burst_and_then_waits(aiohttp_client: AiohttpClient, talk: ScriptedTalk) -> None:
    client = await open_door(aiohttp_client, talk)
    statuses = []
    for _ in range(11):
        response = await client.post(WEBHOOK, json={"sender": "an", "message": "chào"})
        statuses.append(response.status)
    assert statuses == [200] * 10 + [429]
    assert 1 <= int(response.headers["Retry-After"]) <= 4
    assert_sentences(await response.json(), "too_fast")
    other = await client.post(WEBHOOK, json={"sender": "bình", "message": "chào"})
    assert other.status == 200


async def test_all_senders_together_are_limited(aiohttp_client: AiohttpClient, talk: ScriptedTalk) -> None:
    client = await open_door(aiohttp_client, talk, DoorLimits(overall=Rate(per_minute=6, burst=2)))
    statuses = []
    for sender in ("an", "bình", "châu"):
        response = await client.post(WEBHOOK, json={"sender": sender, "message": "chào"})
        statuses.append(response.status)
    assert statuses == [200, 200, 429]


async def test_a_failure_is_not_an_empty_answer(
    aiohttp_client: AiohttpClient, talk: ScriptedTalk, caplog: pytest.LogCaptureFixture
) -> None:
    client = await open_door(aiohttp_client, talk)
    talk.broken = True
    response = await client.post(WEBHOOK, json={"sender": "an", "message": "số của tôi 0900000001"})
    assert response.status == 503
    assert_sentences(await response.json(), "unavailable")
    assert "could not be answered" in caplog.text
    assert "0900000001" not in caplog.text


def assert_sentences(document: dict[str, str], error: str) -> None:
    assert document["error"] == error
    assert document["vi"].endswith(".")
    assert document["en"].endswith(".")
