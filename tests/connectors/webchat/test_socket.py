"""The socket: order, resume, repeats, several pages, shutting down."""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import Any

import pytest
from aiohttp import WSMsgType

from connectors.messages import Address, Reply
from tests.connectors.scripted_talk import PAPERS, PERSON
from tests.connectors.webchat.conftest import OpenHouse, message


async def test_a_question_is_stored_and_answered(open_house: OpenHouse) -> None:
    house = await open_house()
    page = await house.connect()
    welcome = (await page.ready())[0]
    assert welcome["type"] == "welcome"
    asked = message("đăng ký khai sinh")
    await page.socket.send_json(asked)
    question, answer = await page.answer()
    assert (question["id"], question["author"], question["say"]) == (asked["id"], "citizen", "đăng ký khai sinh")
    assert (answer["id"], answer["author"], answer["say"]) == (None, "bot", PAPERS.text)
    assert question["seq"] < answer["seq"]
    assert "Giấy chứng sinh: 1 bản chính" in answer["html"]
    assert house.talk.received[0].pressed is False


async def test_the_page_sees_that_an_answer_is_being_written(open_house: OpenHouse) -> None:
    house = await open_house()
    page = await house.connect()
    await page.ready()
    house.talk.open.clear()
    await page.socket.send_json(message("chào"))
    assert (await page.until("typing"))[-1] == {"type": "typing", "on": True}
    house.talk.open.set()
    assert [frame["type"] for frame in await page.until("typing")] == ["entry", "entry", "typing"]


async def test_a_pressed_choice_is_passed_on_as_pressed(open_house: OpenHouse) -> None:
    house = await open_house()
    page = await house.connect()
    await page.ready()
    frame = {"type": "choice", "id": str(uuid.uuid4()), "payload": PAPERS.choices[0].payload, "language": "en"}
    await page.socket.send_json(frame)
    await page.answer()
    received = house.talk.received[0]
    assert (received.pressed, received.text, received.language) == (True, PAPERS.choices[0].payload, "en")


async def test_what_was_missed_comes_in_order_and_nothing_comes_twice(open_house: OpenHouse) -> None:
    house = await open_house()
    page = await house.connect()
    token = (await page.ready())[0]["token"]
    await page.socket.send_json(message("một"))
    seen = [entry["seq"] for entry in await page.answer()]
    house.talk.open.clear()
    await page.socket.send_json(message("hai"))
    await page.until("typing")
    await page.socket.close()
    house.talk.open.set()
    page = await house.connect(after=seen[-1], token=token)
    missed: list[dict[str, Any]] = []
    while len(missed) < 2:
        missed.append((await page.until("entry"))[-1])
    house.talk.say(house.talk.received[0].address, PERSON)
    house.chat.announce(house.talk.received[0].address)
    missed.append((await page.until("entry"))[-1])
    assert [frame["author"] for frame in missed] == ["citizen", "bot", "person"]
    assert [frame["seq"] for frame in missed] == sorted(frame["seq"] for frame in missed)
    assert min(frame["seq"] for frame in missed) > seen[-1]


async def test_a_message_sent_again_is_not_answered_again_and_is_confirmed(open_house: OpenHouse) -> None:
    house = await open_house()
    page = await house.connect()
    await page.ready()
    asked = message("một")
    await page.socket.send_json(asked)
    first = await page.answer()
    await page.socket.send_json(asked)
    again = await page.answer()
    assert [entry["id"] for entry in again] == [asked["id"]]
    assert again[0]["seq"] == first[0]["seq"]
    assert len(house.talk.received) == 1


async def test_all_pages_of_a_visitor_are_kept_up_to_date(open_house: OpenHouse) -> None:
    house = await open_house()
    first = await house.connect()
    token = (await first.ready())[0]["token"]
    second = await house.connect(token=token)
    await second.ready()
    stranger = await house.connect()
    await stranger.ready()
    await first.socket.send_json(message("một"))
    assert [entry["seq"] for entry in await first.answer()] == [entry["seq"] for entry in await second.answer()]
    await stranger.socket.send_json(message("riêng tôi"))
    assert [entry["say"] for entry in await stranger.answer()] == ["riêng tôi", "Ông/bà vừa viết: riêng tôi"]


async def test_what_an_official_writes_arrives_at_once(open_house: OpenHouse) -> None:
    house = await open_house()
    page = await house.connect()
    await page.ready()
    await page.socket.send_json(message("một"))
    await page.answer()
    address = house.talk.received[0].address
    house.talk.say(address, PERSON)
    house.chat.announce(address)
    assert (await page.until("entry"))[-1]["author"] == "person"


async def test_announcing_to_someone_who_is_away_does_no_harm(open_house: OpenHouse) -> None:
    house = await open_house()
    house.chat.announce(Address("webchat", "nobody"))
    page = await house.connect()
    assert [frame["type"] for frame in await page.ready()] == ["welcome", "ready"]


async def test_a_question_is_answered_although_its_page_left(open_house: OpenHouse) -> None:
    house = await open_house()
    page = await house.connect()
    token = (await page.ready())[0]["token"]
    house.talk.open.clear()
    await page.socket.send_json(message("một"))
    await page.until("typing")
    await page.socket.close()
    house.talk.open.set()
    page = await house.connect(token=token)
    frames = await page.ready()
    while sum(frame["type"] == "entry" for frame in frames) < 2:
        frames += await page.until("entry")
    assert [frame["say"] for frame in frames if frame["type"] == "entry"] == ["một", "Ông/bà vừa viết: một"]


async def test_what_a_citizen_types_is_text_and_never_markup(open_house: OpenHouse) -> None:
    house = await open_house()
    page = await house.connect()
    await page.ready()
    await page.socket.send_json(message('<script>alert("1")</script>'))
    question, answer = await page.answer()
    for entry in (question, answer):
        assert "<script" not in entry["html"]
        assert "&lt;script&gt;" in entry["html"]


async def test_a_visitor_known_by_cookie_is_not_told_the_token(open_house: OpenHouse) -> None:
    house = await open_house()
    await house.client.get("/")
    page = await house.connect()
    assert (await page.ready())[0] == {"type": "welcome", "token": None}
    await page.socket.send_json(message("một"))
    await page.answer()
    assert "Ông/bà vừa viết: một" in await (await house.client.get("/")).text()


async def test_a_broken_house_is_admitted_and_the_message_can_be_sent_again(
    open_house: OpenHouse, caplog: pytest.LogCaptureFixture
) -> None:
    house = await open_house()
    page = await house.connect()
    token = (await page.ready())[0]["token"]
    house.talk.broken = True
    asked = message("số của tôi 0900000001")
    await page.socket.send_json(asked)
    error = (await page.until("error"))[-1]
    assert (error["code"], error["id"], error["retry_after"]) == ("unavailable", asked["id"], 10)
    received = await page.socket.receive()
    while received.type is WSMsgType.TEXT:
        received = await page.socket.receive()
    assert (received.type, page.socket.close_code) == (WSMsgType.CLOSE, 1011)
    house.talk.broken = False
    assert "could not be answered" in caplog.text
    assert "0900000001" not in caplog.text
    page = await house.connect(token=token)
    await page.ready()
    await page.socket.send_json(asked)
    assert [entry["author"] for entry in await page.answer()] == ["citizen", "bot"]


async def test_the_server_says_goodbye_and_finishes_its_answers(open_house: OpenHouse) -> None:
    house = await open_house()
    page = await house.connect()
    await page.ready()
    house.talk.open.clear()
    await page.socket.send_json(message("một"))
    await page.until("typing")
    closing = asyncio.create_task(house.client.server.app.shutdown())
    received = await page.socket.receive()
    assert (received.type, page.socket.close_code) == (WSMsgType.CLOSE, 1001)
    assert not closing.done()
    house.talk.open.set()
    await closing
    history = await house.talk.history(house.talk.received[0].address)
    assert len(history) == 2


async def test_a_hanging_answer_does_not_keep_the_server_from_closing(
    open_house: OpenHouse, caplog: pytest.LogCaptureFixture
) -> None:
    house = await open_house(finish_seconds=0.05)
    page = await house.connect()
    await page.ready()
    house.talk.open.clear()
    await page.socket.send_json(message("một"))
    await page.until("typing")
    closing = asyncio.create_task(house.client.server.app.shutdown())
    assert (await page.socket.receive()).type is WSMsgType.CLOSE
    await closing
    assert "1 answers were not finished" in caplog.text


async def test_a_page_that_does_not_read_is_let_go(open_house: OpenHouse, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "connectors.webchat.sockets")
    house = await open_house(send_seconds=0.2)
    page = await house.connect()
    await page.ready()
    await page.socket.send_json(message("một"))
    await page.answer()
    address = house.talk.received[0].address
    for _ in range(60):
        house.talk.say(address, Reply(text="dài " * 100_000, author="person"))
    house.chat.announce(address)
    # Only the log tells: the page, which does not read, cannot see it.
    while "a web chat page is gone: TimeoutError" not in caplog.text:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    received = await page.socket.receive()
    while received.type is WSMsgType.TEXT:
        received = await page.socket.receive()
    assert received.type in (WSMsgType.CLOSED, WSMsgType.ERROR)
