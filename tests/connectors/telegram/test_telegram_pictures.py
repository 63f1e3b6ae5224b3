"""Pictures on the emulated Telegram: handed over with the first message, afterwards named by Telegram's own id."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import AsyncIterator

import aiohttp
import pytest

from connectors.channel import Interrupted
from connectors.errors import Refused, RefusedReason, Unreachable
from connectors.fitting import utf16_length
from connectors.messages import Address, Choice, Reply
from connectors.pacing import Pace
from connectors.telegram import TelegramChannel
from connectors.telegram_settings import TelegramSettings
from emulators.telegram import TOKEN, Fault, TelegramEmulator
from tests.connectors.kept_pictures import MAP, KeptPictures, png
from tests.connectors.telegram.kept_inbox import TEXTS, QuickTime

CHOICES = (Choice("Xem thủ tục", "/see"), Choice("Ngừng nhận tin", "/stop"))
NOTICE = Reply("Lệ phí <mới> từ 01/12.", choices=CHOICES, picture=MAP)


def private(person: int) -> Address:
    return Address("telegram", str(person))


@pytest.fixture
def pictures() -> KeptPictures:
    return KeptPictures()


@pytest.fixture
async def channel(
    telegram: TelegramEmulator, time: QuickTime, pictures: KeptPictures
) -> AsyncIterator[TelegramChannel]:
    telegram.flood_limits = False
    for person in range(501, 511):
        await telegram.citizen_says(person, "/start")
    telegram.updates.pending.clear()
    settings = TelegramSettings(TOKEN, api_url=telegram.url)
    channel = TelegramChannel(settings, TEXTS, Pace(clock=time, sleep=time.sleep), pictures)
    yield channel
    await channel.close()


async def send(channel: TelegramChannel, person: int, reply: Reply = NOTICE) -> str:
    (part,) = channel.draw(reply, "42")
    return await channel.send(private(person), part)


async def test_the_picture_has_the_text_as_caption_and_the_buttons(
    telegram: TelegramEmulator, channel: TelegramChannel
) -> None:
    await send(channel, 501)
    (sent,) = telegram.messages_to(501)
    assert sent.text == NOTICE.text
    assert [button.data for row in sent.keyboard for button in row] == ["42.0", "42.1"]
    assert telegram.world.files[sent.content["photo"][-1]["file_id"]].content == png()


async def test_however_many_are_sent_it_it_is_handed_over_once(
    telegram: TelegramEmulator, channel: TelegramChannel, pictures: KeptPictures
) -> None:
    await asyncio.gather(*(send(channel, person) for person in range(501, 511)))
    assert [len(telegram.messages_to(person)) for person in range(501, 511)] == [1] * 10
    assert [*telegram.world.files] == [pictures.assets[MAP.id, "telegram"]]
    assert pictures.until is None


async def test_a_name_that_telegram_does_not_know_is_replaced(
    telegram: TelegramEmulator, channel: TelegramChannel, pictures: KeptPictures
) -> None:
    pictures.assets[MAP.id, "telegram"] = "AgAC-of-another-bot"
    await asyncio.gather(send(channel, 501), send(channel, 502))
    assert [*telegram.world.files] == [pictures.assets[MAP.id, "telegram"]]
    assert [one.chat_id for one in telegram.ledger] == [501, 502]


async def test_the_first_who_cannot_be_sent_it_keeps_nobody_from_it(
    telegram: TelegramEmulator, channel: TelegramChannel
) -> None:
    telegram.block(501)
    outcomes = await asyncio.gather(send(channel, 501), send(channel, 502), return_exceptions=True)
    assert isinstance(outcomes[0], Refused)
    assert outcomes[0].why is RefusedReason.LEFT
    assert [one.chat_id for one in telegram.ledger] == [502]


async def test_a_picture_that_is_gone_is_our_fault(channel: TelegramChannel, pictures: KeptPictures) -> None:
    pictures.contents.clear()
    with pytest.raises(Refused) as error:
        await send(channel, 501)
    assert error.value.why is RefusedReason.WRONG_MESSAGE


@pytest.mark.parametrize("handed_before", [True, False])
async def test_a_picture_whose_answer_was_lost_is_found(
    telegram: TelegramEmulator, channel: TelegramChannel, handed_before: bool
) -> None:
    if handed_before:
        await send(channel, 502)
    bookmark = channel.bookmark()
    (part,) = channel.draw(NOTICE, "43")
    telegram.faults.switch_on(Fault.LOST_RESPONSE, times=1)
    with pytest.raises(Unreachable) as error:
        await channel.send(private(501), part)
    assert error.value.maybe_sent
    lost = Interrupted(private(501), part, telegram.now(), bookmark or "0", frozenset())
    assert await channel.find_sent(lost) == f"m501.{telegram.ledger[-1].message_id}"


async def test_a_caption_is_shorter_than_a_text(channel: TelegramChannel) -> None:
    first, second = channel.draw(replace(NOTICE, text="Một câu. " * 200), "42")
    assert utf16_length(first["text"]) <= 1024
    assert (first["picture"], "buttons" in first, "picture" in second, len(second["buttons"])) == (7, False, False, 2)
    assert " ".join((first["text"], second["text"])) == ("Một câu. " * 200).strip()


async def test_without_a_store_only_the_text_goes(telegram: TelegramEmulator, time: QuickTime) -> None:
    await telegram.citizen_says(501, "/start")
    bare = TelegramChannel(TelegramSettings(TOKEN, api_url=telegram.url), TEXTS, Pace(clock=time, sleep=time.sleep))
    await send(bare, 501)
    await bare.close()
    assert telegram.ledger[0].content.keys() == {"link_preview_options"}


async def test_the_phones_page_shows_it(telegram: TelegramEmulator, channel: TelegramChannel) -> None:
    await telegram.citizen_says(700_000_001, "/start")
    await send(channel, 700_000_001)
    async with aiohttp.ClientSession(telegram.url) as http:
        async with http.get("/_chat/700000001/messages") as response:
            shown = (await response.json())["messages"][-1]
        assert (shown["text"], len(shown["rows"])) == (NOTICE.text, 2)
        async with http.get(shown["image"]) as response:
            assert await response.read() == png()
