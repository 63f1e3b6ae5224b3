"""The naive ways to send a broadcast, over the same channel and database: what a careful ledger costs against them."""

from __future__ import annotations

import asyncio
import time
from typing import Sequence

import sqlalchemy as sa

from bot.broadcasts.campaign import Content
from bot.broadcasts.notice import frozen_reply
from bot.broadcasts.tables import campaigns, deliveries
from bot.storage import Database
from connectors.channel import Channel
from connectors.messages import Address

BATCH = 1_000
SIDE_BY_SIDE = 10
_NEXT = (
    sa.select(deliveries.c.id, deliveries.c.person, deliveries.c.text)
    .where(deliveries.c.id > sa.bindparam("after"))
    .order_by(deliveries.c.id)
    .limit(sa.bindparam("most"))
)
_DONE = deliveries.update().where(deliveries.c.id == sa.bindparam("row")).values(message_id=sa.bindparam("sent"))
_CHECKPOINT = campaigns.update().values(planned_until=sa.bindparam("place"))


async def one_by_one(database: Database, channel: Channel, content: Content, count: int) -> float:
    """A loop: send, write down, next. After a kill one message may go twice. Seconds."""
    began, rows = time.monotonic(), await _rows(database, 0, count)
    for row in rows:
        found = {"row": row.id, "sent": await _send(channel, content, row)}
        await database.run(lambda connection: connection.execute(_DONE, found))  # noqa: B023
    return time.monotonic() - began


async def by_batches(database: Database, channel: Channel, content: Content, count: int) -> float:
    """Batches side by side, and how far it came after each: after a kill a batch goes twice, and nobody knows what
    became of whom. Seconds.
    """
    began, after, left = time.monotonic(), 0, count
    while left:
        rows = await _rows(database, after, min(BATCH, left))
        waiting = iter(rows)

        async def work() -> None:
            for row in waiting:  # noqa: B023
                await _send(channel, content, row)

        await asyncio.gather(*(work() for _ in range(SIDE_BY_SIDE)))
        after, left = rows[-1].id, left - len(rows)
        place = {"place": str(after)}
        await database.run(lambda connection: connection.execute(_CHECKPOINT, place))  # noqa: B023
    return time.monotonic() - began


async def _rows(database: Database, after: int, most: int) -> Sequence[sa.engine.Row]:
    find = {"after": after, "most": most}
    return await database.run(lambda connection: connection.execute(_NEXT, find).all())


async def _send(channel: Channel, content: Content, row: sa.engine.Row) -> str:
    (part,) = channel.draw(frozen_reply(content, "vi", row.text), "b0")
    return await channel.send(Address(channel.name, row.person), part)
