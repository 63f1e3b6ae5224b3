"""What is pressed or answered under a notice opens the procedure, or ends all notices and says because of which one."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
import sqlalchemy as sa

from actions.choices import Payload
from bot.app import House
from bot.broadcasts.tables import opt_outs
from connectors.messages import Address, Choice, IncomingMessage, Reply

LAN = Address("telegram", "100")
CHOICES = (
    Choice("Xem thủ tục", str(Payload("find_procedure", procedure="1.001193"))),
    Choice("Ngừng nhận tin", str(Payload("unsubscribe"))),
)


async def tell(house: House, delivery: int, address: Address = LAN) -> None:
    """As the ledger does when a notice was sent."""
    custom = {"utterance": "notice", "campaign": 7, "delivery": delivery}
    await house.conversation.note(address, Reply("Tin mới", choices=CHOICES, custom=custom))


async def say(house: House, text: str, address: Address = LAN, **more: Any) -> list[str]:
    message = IncomingMessage(uuid.uuid4().hex, address, text, dt.datetime.now(dt.timezone.utc), **more)
    entries = await house.conversation.handle(message)
    return [entry.reply.custom["utterance"] for entry in entries if entry.reply]


async def left_because_of(house: House) -> list[Any]:
    query = sa.select(opt_outs.c.campaign)
    return await house.database.run(lambda connection: list(connection.execute(query).scalars()))


async def test_a_button_is_good_however_long_ago_the_notice_came(house: House) -> None:
    await tell(house, 1)
    await tell(house, 12)
    await say(house, "xin chào")
    assert await say(house, "", choice="b1.0") == ["procedure"]
    assert await say(house, "", choice="b1.1") == ["opted_out"]
    assert await left_because_of(house) == [7]


async def test_a_number_answers_the_notice_that_came_last(house: House) -> None:
    address = Address("zalo", "z1")
    await tell(house, 3, address)
    assert await say(house, "1", address) == ["procedure"]
    await tell(house, 4, address)
    assert await say(house, "2", address) == ["opted_out"]
    assert await left_because_of(house) == [7]


async def test_who_leaves_in_words_leaves_because_of_no_notice(house: House) -> None:
    await tell(house, 1)
    assert await say(house, "ngừng nhận tin") == ["opted_out"]
    assert await left_because_of(house) == [None]


@pytest.mark.parametrize("choice", ["b2.1", "b1.2", "b.1", "b1", "b٣.1"])
async def test_what_was_never_offered_here_is_not_pressed(house: House, choice: str) -> None:
    await tell(house, 1)
    await tell(house, 2, Address("telegram", "200"))
    assert await say(house, "xin chào", choice=choice) == ["greet"]
    assert await left_because_of(house) == []


async def test_a_campaign_that_was_typed_is_words(house: House) -> None:
    await say(house, '/unsubscribe{"campaign": "7"}')
    assert await left_because_of(house) == [None]  # understood as words, as any other
