"""Pictures on the emulated Zalo: uploaded once, again when they were forgotten, shown with the text and its choices."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace
from typing import AsyncIterator

import aiohttp
import pytest

from connectors.channel import Interrupted
from connectors.errors import Unknowable, Unreachable
from connectors.messages import Address, Choice, Reply
from emulators.zalo import Fault
from tests.connectors.kept_pictures import MAP, png
from tests.connectors.zalo.street import AN, CS, Street, open_street

NOTICE = Reply("Từ ngày 01/12, phường làm việc cả sáng thứ bảy.", picture=MAP)
UPLOAD = "/v2.0/oa/upload/image"
BINH = Address("zalo", "8123450000000000002")


@pytest.fixture
async def street() -> AsyncIterator[Street]:
    async with open_street() as street:
        for person in (AN, BINH):
            await street.zalo.citizen_says(person.id, "Xin chào")
        yield street


async def test_the_picture_comes_with_the_text_and_numbers_for_the_choices(street: Street) -> None:
    reply = replace(NOTICE, choices=(Choice("Xem thủ tục", "/see"), Choice("Ngừng nhận tin", "/stop")))
    message_id = await street.send(reply)
    (sent,) = street.zalo.messages_to(AN.id)
    assert (sent.message_id, sent.kind, sent.buttons) == (message_id, "image", ())
    assert sent.text == f"{NOTICE.text}\n\nTrả lời bằng số:\n1. Xem thủ tục\n2. Ngừng nhận tin"
    async with aiohttp.ClientSession() as http, http.get(sent.content.url) as shown:
        assert await shown.read() == png()
    assert [one.message_ids for one in await street.receipts()] == [(message_id,)]


async def test_however_many_are_sent_it_it_is_uploaded_once(street: Street) -> None:
    people = [Address("zalo", f"81234500000000001{number:02d}") for number in range(20)]
    for person in people:
        await street.zalo.citizen_says(person.id, "Xin chào")
    await asyncio.gather(*(street.send(NOTICE, person) for person in people))
    assert street.zalo.calls[UPLOAD] == 1
    assert len(street.zalo.ledger) == 20
    assert street.pictures.until is not None
    assert street.pictures.until - street.zalo.now() > dt.timedelta(days=6)


async def test_what_was_uploaded_before_a_restart_is_not_uploaded_again(street: Street) -> None:
    await street.send(NOTICE)
    later = street.reopened()
    (part,) = later.draw(NOTICE, "7")
    await later.send(BINH, part)
    assert street.zalo.calls[UPLOAD] == 1
    assert [one.kind for one in street.zalo.ledger] == ["image"] * 2


async def test_what_zalo_has_forgotten_is_uploaded_again_once(street: Street) -> None:
    await street.send(NOTICE)
    street.zalo.advance(8 * 24 * 3600)
    for person in (AN, BINH):
        await street.zalo.citizen_says(person.id, "Còn đó không?")
    await asyncio.gather(street.send(NOTICE), street.send(NOTICE, BINH))
    assert street.zalo.calls[UPLOAD] == 2
    assert [one.kind for one in street.zalo.ledger] == ["image"] * 3


async def test_a_picture_that_zalo_does_not_take_leaves_the_text(street: Street) -> None:
    street.pictures.contents[MAP.id] = b"GIF89a"
    await street.send(NOTICE)
    del street.pictures.contents[MAP.id]
    await street.send(NOTICE, BINH)
    assert [(one.kind, one.text) for one in street.zalo.ledger] == [("text", NOTICE.text)] * 2


async def test_an_upload_that_failed_has_sent_nothing(street: Street) -> None:
    street.zalo.faults.switch_on(Fault.LOST_ANSWER, 1, UPLOAD)
    with pytest.raises(Unreachable) as error:
        await street.send(NOTICE)
    assert not error.value.maybe_sent
    await street.send(NOTICE)
    assert len(street.zalo.messages_to(AN.id)) == 1


async def test_a_picture_whose_answer_was_lost_is_found(street: Street) -> None:
    (part,) = street.channel.draw(NOTICE, "7")
    lost = Interrupted(AN, part, street.zalo.now(), "", frozenset())
    assert await street.channel.find_sent(lost) is None
    street.zalo.faults.switch_on(Fault.LOST_ANSWER, 1, CS)
    with pytest.raises(Unreachable) as error:
        await street.channel.send(AN, part)
    assert error.value.maybe_sent
    assert await street.channel.find_sent(lost) == street.zalo.messages_to(AN.id)[0].message_id


async def test_a_picture_that_is_shown_without_its_words_may_be_any(street: Street) -> None:
    (part,) = street.channel.draw(NOTICE, "7")
    await street.channel.send(AN, {"picture": MAP.id})
    with pytest.raises(Unknowable):
        await street.channel.find_sent(Interrupted(AN, part, street.zalo.now(), "", frozenset()))


async def test_only_the_first_piece_of_a_long_answer_has_the_picture(street: Street) -> None:
    long = Reply("Một câu. " * 300, choices=(Choice("Có", "/yes"),), picture=MAP)
    first, second = street.channel.draw(long, "7")
    assert (first["picture"], "attachment" in first) == (MAP.id, False)
    assert ("picture" in second, "attachment" in second) == (False, True)


async def test_the_phones_page_shows_it(street: Street) -> None:
    await street.send(NOTICE)
    async with aiohttp.ClientSession(street.zalo.url) as http:
        async with http.get(f"/_chat/{AN.id}/messages") as response:
            shown = (await response.json())["messages"][-1]
        assert shown["text"] == NOTICE.text
        async with http.get(shown["image"]) as response:
            assert await response.read() == png()
