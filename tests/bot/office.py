"""Inbox and outbox at work over a parrot and a channel of paper, for the tests of what comes in."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from dataclasses import dataclass, field
from typing import Any, AsyncIterator, Callable

import sqlalchemy as sa

from bot.contacts import Contacts
from bot.conversation import Conversation
from bot.inbox import Inbox
from bot.outbox import Outbox
from bot.reception import Reception
from bot.records import Citizens, Transcript
from bot.storage import Database
from bot.tables import inbox as table
from connectors.messages import Address, IncomingMessage, Reply
from nlu.assistant import Answer, Utterance
from tests.bot.paper_channel import PaperChannel

LAN = Address("zalo", "8123450000000000001")
NOW = dt.datetime(2026, 11, 22, 3, 0, tzinfo=dt.timezone.utc)


@dataclass
class Parrot:
    """An assistant that says what it heard, slowly or not at all when it is told to."""

    heard: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.open.set()

    async def answer(self, citizen_id: str, text: str, *, pressed: bool = False) -> Answer:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.open.wait()
        finally:
            self.at_once -= 1
        self.heard.append(text)
        return Answer((Utterance("echo", {"text": text}),), "echo", 1.0)

    async def forget(self, citizen_id: str) -> None:
        self.heard.clear()


class Words:
    def word(self, utterance: Utterance, language: str) -> Reply:
        return Reply(f"{utterance.name}:{utterance.facts.get('text', '')}", custom={"utterance": utterance.name})


class Office:
    """Inbox and outbox at work over one database, a parrot and a channel of paper."""

    def __init__(self, database: Database) -> None:
        self.database, self.channel, self.parrot, self.at = database, PaperChannel(), Parrot(), NOW
        self.pages: list[str] = []
        self.renew()

    def renew(self) -> None:
        """As after a restart."""
        channels = {"zalo": self.channel}
        talk = Conversation(
            Citizens(self.database), Transcript(self.database), self.parrot, Words(), lambda _: None,
            messengers=("zalo",),
        )  # fmt: skip
        self.outbox = Outbox(
            self.database, channels, self._page, self._over, lambda a: self.inbox.ready(a), lambda: self.at
        )
        contacts = Contacts(self.database)
        reception = Reception(talk, contacts, channels, self.database, self._page, lambda: self.at)
        self.inbox = Inbox(self.database, talk, reception, channels, self.outbox, self._page, lambda: self.at)

    async def _page(self, name: str, _: str) -> None:
        self.pages.append(name)

    async def _over(self, name: str) -> None:
        pass

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(self.inbox.run()), asyncio.create_task(self.outbox.run())]
        yield
        await self.inbox.close(1)
        await self.outbox.close(1)
        await asyncio.gather(*tasks)
        self.renew()

    async def until(self, holds: Callable[[], Any]) -> None:
        for _ in range(400):
            if holds():
                return
            await asyncio.sleep(0.01)
        raise AssertionError((self.parrot.heard, self.channel.sent, await self.states()))

    async def until_states(self, *expected: str) -> None:
        for _ in range(400):
            if await self.states() == list(expected):
                return
            await asyncio.sleep(0.01)
        raise AssertionError(await self.states())

    async def states(self) -> list[str]:
        query = sa.select(table.c.state).order_by(table.c.seq)
        return list(await self.database.run(lambda connection: connection.execute(query).scalars().all()))

    async def run_until_sent(self, count: int) -> None:
        async with self.working():
            await self.until(lambda: len(self.channel.sent) >= count)


def said(text: str, id: str, address: Address = LAN, **more: Any) -> IncomingMessage:
    return IncomingMessage(id, address, text, NOW, **more)
