"""Who wants no more notices is heard while the assistant is stopped, and while an official answers."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
import sqlalchemy as sa

from actions.choices import Payload
from bot.app import House
from bot.audit import Actor
from bot.broadcasts.tables import opt_outs
from bot.house_rules import Rules
from connectors.messages import Address, Choice, IncomingMessage, Reply

LAN = Address("telegram", "100")
NOTICE = Reply("Tin mới", choices=(Choice("Ngừng nhận tin", str(Payload("unsubscribe"))),), custom={"campaign": 7})


async def say(house: House, text: str, silent: bool = False) -> list[str]:
    message = IncomingMessage(uuid.uuid4().hex, LAN, text, dt.datetime.now(dt.timezone.utc))
    entries = await house.conversation.handle(message, silent=silent)
    return [entry.reply.custom["utterance"] for entry in entries if entry.reply]


async def left(house: House) -> int:
    count = sa.select(sa.func.count()).select_from(opt_outs)
    found: int = await house.database.run(lambda connection: connection.execute(count).scalar())
    return found


@pytest.mark.parametrize("text", ["ngừng nhận tin", "dung gui tin cho toi nua", "1"])
async def test_while_the_assistant_is_stopped(house: House, text: str) -> None:
    await house.rules.change(Actor(7, "Trần Thị Mai"), 0, Rules(assistant_stopped=True))
    await house.conversation.note(LAN, NOTICE)
    assert await say(house, text) == ["opted_out"]
    assert await left(house) == 1
    assert await say(house, "đăng ký tạm trú") == ["assistant_stopped"]


@pytest.mark.parametrize("text", ["ngừng nhận tin", "1"])
async def test_while_an_official_answers(house: House, text: str) -> None:
    await house.conversation.note(LAN, NOTICE)
    assert await say(house, text, silent=True) == ["opted_out"]
    assert await left(house) == 1
    assert await say(house, "cảm ơn chị", silent=True) == []
