"""The socket: who is sent away, what is refused, and how it is said."""

from __future__ import annotations

import datetime as dt

import pytest
from aiohttp import WSMsgType, WSServerHandshakeError

from connectors.limits import DoorLimits, Rate
from tests.connectors.scripted_talk import PERSON
from tests.connectors.webchat.conftest import OpenHouse, message


@pytest.mark.parametrize(
    "origin", [None, "null", "http://[::1", "https://elsewhere.example", "http://127.0.0.1", "ftp://{own}"]
)
async def test_a_page_of_another_site_cannot_open_the_socket(open_house: OpenHouse, origin: str | None) -> None:
    house = await open_house()
    headers = {} if origin is None else {"Origin": origin.format(own=f"{house.client.host}:{house.client.port}")}
    with pytest.raises(WSServerHandshakeError) as refused:
        await house.client.ws_connect("/chat/socket", headers=headers)
    assert refused.value.status == 403


async def test_our_public_origin_is_ours_behind_a_proxy(open_house: OpenHouse) -> None:
    house = await open_house(public_origin="https://hoidap.example.vn")
    socket = await house.client.ws_connect("/chat/socket", headers={"Origin": "https://hoidap.example.vn"})
    await socket.send_json({"type": "hello"})
    assert (await socket.receive_json())["type"] == "welcome"


async def test_a_forged_or_expired_token_makes_a_stranger(open_house: OpenHouse) -> None:
    house = await open_house()
    page = await house.connect()
    token = (await page.ready())[0]["token"]
    await page.socket.send_json(message("một"))
    await page.answer()
    stranger = await house.connect(token=token[:-4] + "AAAA")
    assert [frame["type"] for frame in await stranger.ready()] == ["welcome", "ready"]
    house.clock.moment += dt.timedelta(days=31)
    late = await house.connect(token=token)
    frames = await late.ready()
    assert [frame["type"] for frame in frames] == ["welcome", "ready"]
    assert frames[0]["token"].split(".")[0] != token.split(".")[0]


@pytest.mark.parametrize(
    "frame",
    [
        "{",
        "[]",
        '{"type": "shout"}',
        '{"type": "message", "id": "1", "text": "a"}',
        '{"type": "message", "id": "------------------------------------", "text": "a"}',
        '{"type": "message", "id": "11111111-1111-1111-1111-111111111111", "text": 5}',
        '{"type": "message", "id": "11111111-1111-1111-1111-111111111111", "text": "\\u0000"}',
        '{"type": "choice", "id": "11111111-1111-1111-1111-111111111111"}',
    ],
)
async def test_a_malformed_frame_is_explained_and_the_line_stays_open(open_house: OpenHouse, frame: str) -> None:
    house = await open_house()
    page = await house.connect(language="en")
    await page.ready()
    await page.socket.send_str(frame)
    error = (await page.until("error"))[-1]
    assert (error["code"], error["text"][:4]) == ("wrong_frame", "en: ")
    await page.socket.send_json(message("một"))
    assert len(await page.answer()) == 2


async def test_who_sends_nothing_but_nonsense_is_sent_away(open_house: OpenHouse) -> None:
    house = await open_house()
    page = await house.connect()
    await page.ready()
    for _ in range(30):
        await page.socket.send_bytes(b"\x00")
    received = await page.socket.receive()
    while received.type is WSMsgType.TEXT:
        received = await page.socket.receive()
    assert (received.type, page.socket.close_code) == (WSMsgType.CLOSE, 1008)


@pytest.mark.parametrize(
    "hello", ['{"type":"message"}', "x", '{"type":"hello","after":-1}', '{"type":"hello","token":1}']
)
async def test_who_does_not_say_hello_is_sent_away(open_house: OpenHouse, hello: str) -> None:
    house = await open_house()
    socket = await house.client.ws_connect("/chat/socket", headers={"Origin": house.origin})
    await socket.send_str(hello)
    assert (await socket.receive()).type is WSMsgType.CLOSE
    assert socket.close_code == 1008


async def test_who_says_nothing_is_sent_away(open_house: OpenHouse) -> None:
    house = await open_house(hello_seconds=0.05)
    socket = await house.client.ws_connect("/chat/socket", headers={"Origin": house.origin})
    assert (await socket.receive()).type is WSMsgType.CLOSE


async def test_a_long_text_and_a_large_frame_are_refused(open_house: OpenHouse) -> None:
    house = await open_house()
    page = await house.connect()
    await page.ready()
    asked = message("ă" * 2001)
    await page.socket.send_json(asked)
    error = (await page.until("error"))[-1]
    assert (error["code"], error["id"]) == ("too_long", asked["id"])
    await page.socket.send_json(message("a" * 17_000))
    assert (await page.socket.receive()).type is WSMsgType.CLOSE
    assert page.socket.close_code == 1009
    assert house.talk.received == []


async def test_a_fast_sender_is_told_when_to_send_again(open_house: OpenHouse) -> None:
    house = await open_house(limits=DoorLimits(sender=Rate(per_minute=6, burst=1)))
    page = await house.connect()
    await page.ready()
    await page.socket.send_json(message("một"))
    await page.answer()
    asked = message("hai")
    await page.socket.send_json(asked)
    error = (await page.until("error"))[-1]
    assert (error["code"], error["id"]) == ("too_fast", asked["id"])
    assert 1 <= error["retry_after"] <= 10
    house.chat.announce(house.talk.received[0].address)
    house.talk.say(house.talk.received[0].address, PERSON)
    assert (await page.until("entry"))[-1]["author"] == "person"


async def test_new_visitors_do_not_get_round_the_limit_of_their_address(open_house: OpenHouse) -> None:
    house = await open_house(limits=DoorLimits(address=Rate(per_minute=6, burst=1)))
    codes = []
    for _ in range(2):
        page = await house.connect()
        await page.ready()
        await page.socket.send_json(message("một"))
        codes.append((await page.socket.receive_json())["type"])
    assert codes == ["typing", "error"]


async def test_one_visitor_opens_only_so_many_pages(open_house: OpenHouse) -> None:
    house = await open_house(limits=DoorLimits(sockets_per_visitor=1))
    first = await house.connect()
    token = (await first.ready())[0]["token"]
    second = await house.connect(token=token)
    assert (await second.until("error"))[-1]["code"] == "too_many_tabs"
    assert (await second.socket.receive()).type is WSMsgType.CLOSE
    await first.socket.close()
    third = await house.connect(token=token)
    assert (await third.ready())[-1]["type"] == "ready"


async def test_one_address_opens_only_so_many_sockets(open_house: OpenHouse) -> None:
    house = await open_house(limits=DoorLimits(sockets_per_address=1))
    await (await house.connect()).ready()
    with pytest.raises(WSServerHandshakeError) as refused:
        await house.connect()
    assert refused.value.status == 429
    assert refused.value.headers is not None
    assert refused.value.headers["Retry-After"] == "30"
