"""A campaign on its way over a channel of paper, for the tests of ledger and sender."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any, Callable, Optional

import msgspec
import sqlalchemy as sa

from bot.audit import Audit
from bot.broadcasts.attempts import Attempts
from bot.broadcasts.campaign import Content
from bot.broadcasts.campaigns import Campaigns
from bot.broadcasts.delivery import Delivery, Detour
from bot.broadcasts.drawing import Drawing
from bot.broadcasts.ledger import Ledger
from bot.broadcasts.sender import Sender
from bot.broadcasts.tables import campaigns, deliveries
from bot.house_rules import Rules
from bot.storage import Database
from connectors.channel import Part
from connectors.messages import Picture
from tests.bot.paper_channel import PaperChannel

NOW = dt.datetime(2026, 11, 22, 3, 0, tzinfo=dt.timezone.utc)  # 10:00 in Vietnam
CONTENT = Content(title="Lịch tiếp dân", body={"vi": "Thứ Bảy nghỉ."})


class Broadcast:
    """One campaign that is being sent, planned to the end, and what works on it."""

    id = 1

    def __init__(self, database: Database, at_once: int = 4) -> None:
        self.database, self.channel, self.at_once = database, PaperChannel(), at_once
        self.at, self.rules = NOW, Rules()
        self.detours: dict[str, Detour] = {}
        self.pages: list[tuple[str, str]] = []
        self.over_again: list[str] = []
        self.audit = Audit(database, "a secret", self.clock)
        self.campaigns = Campaigns(database, self.audit, self.clock, lambda connection, content: [])
        self.renew()

    def renew(self) -> None:
        """As after a restart: nothing is known but what the database knows."""
        self.ledger = self.new_ledger()
        attempts = Attempts(self.ledger, {"zalo": self.channel}, Drawing(_picture, _article), self.clock)
        self.sender = Sender(
            self.ledger, attempts, self.campaigns, lambda: self.rules, self, self.clock, _nap, self.at_once
        )

    def new_ledger(self) -> Ledger:
        """That of another process."""
        return Ledger(self.database, self.campaigns, self.audit, self._detour, self.clock)

    def clock(self) -> dt.datetime:
        return self.at

    async def page(self, name: str, sentence: str) -> None:
        self.pages.append((name, sentence))

    async def over(self, name: str) -> None:
        self.over_again.append(name)

    async def plan(self, *persons: str, **campaign: Any) -> None:
        """The campaign, and one delivery to each."""
        content = msgspec.json.encode(CONTENT).decode()
        values = {
            "id": self.id, "state": "sending", "version": 4, "content": content, "author_id": 1, "alarm": False,
            "origin": "", "created_at": NOW, "changed_at": NOW, "started_at": NOW, "planned_at": NOW, **campaign,
        }  # fmt: skip
        await self.run(lambda connection: connection.execute(campaigns.insert(), values))
        await self.add(*persons)

    async def add(self, *persons: str, **delivery: Any) -> None:
        rows = [
            {
                "campaign": self.id, "channel": "zalo", "person": person, "citizen_id": f"citizen of {person}",
                "language": "vi", "vehicle": "message", "text": f"tin cho {person}", "state": "waiting",
                "attempts": 0, **delivery,
            }
            for person in persons
        ]  # fmt: skip
        if rows:
            await self.run(lambda connection: connection.execute(deliveries.insert(), rows))

    async def send(self) -> None:
        await asyncio.wait_for(self.sender.send(self.id), 10)

    async def run(self, work: Any) -> Any:
        return await self.database.run(work)

    async def rows(self) -> list[Any]:
        query = sa.select(deliveries).order_by(deliveries.c.id)
        return list(await self.run(lambda connection: connection.execute(query).all()))

    async def states(self) -> list[str]:
        return [row.state for row in await self.rows()]

    async def state(self) -> str:
        return (await self.campaigns.get(self.id)).state.value

    async def until_sent(self, count: int) -> None:
        await self.until(lambda rows: len(self.channel.sent) >= count)

    async def until(self, holds: Callable[[list[Any]], bool]) -> None:
        for _ in range(400):
            rows = await self.rows()
            if holds(rows):
                return
            await asyncio.sleep(0.01)
        raise AssertionError((rows, self.channel.sent))

    def _detour(self, connection: sa.engine.Connection, delivery: Delivery) -> Optional[Detour]:
        return self.detours.get(delivery.address.id)


async def _nap(seconds: float) -> None:
    await asyncio.sleep(min(seconds, 0.01))


async def _picture(id: int) -> Picture:
    return Picture(id, "anh.png", "image/png")


async def _article(delivery: Delivery, content: Content) -> Part:
    return {"article": content.title}
