"""A campaign's notice sent to the official who writes it, so that they see it as a citizen will."""

from __future__ import annotations

import dataclasses
from typing import Optional, Sequence

import sqlalchemy as sa

from bot.console.tables import officials
from bot.outbox import Outbox
from bot.records import add_replies
from bot.storage import Database
from bot.wording.speaker import speaker
from connectors.channel import Purpose
from connectors.messages import Address, Reply


class Trials:
    def __init__(self, database: Database, outbox: Outbox) -> None:
        self._database, self._outbox = database, outbox

    async def address(self, official_id: int) -> Optional[Address]:
        """The address that the official joined, if any."""
        return await self._database.run(lambda connection: _address(connection, official_id))

    async def send(self, official_id: int, replies: Sequence[Reply]) -> Optional[Address]:
        """Where it was sent, each reply as one notice marked as a trial; None when the official joined no address."""

        def work(connection: sa.engine.Connection) -> Optional[Address]:
            address = _address(connection, official_id)
            if address is not None:
                entries = add_replies(connection, address, None, [_as_trial(reply) for reply in replies])
                self._outbox.enqueue(connection, address, entries, Purpose.NOTICE)
            return address

        address = await self._database.run(work)
        if address is not None:
            self._outbox.ready(address)
        return address


def _as_trial(reply: Reply) -> Reply:
    mark = speaker(reply.language)("[Gửi thử]")
    return dataclasses.replace(reply, text=f"{mark} {reply.text}")


def _address(connection: sa.engine.Connection, official_id: int) -> Optional[Address]:
    query = sa.select(officials.c.channel, officials.c.person).where(officials.c.id == official_id)
    row = connection.execute(query).first()
    return Address(row.channel, row.person) if row and row.channel and row.person else None
