"""A campaign's notice sent to the official who writes it, so that they see it as a citizen will."""

from __future__ import annotations

import dataclasses
from typing import Sequence

import sqlalchemy as sa

from bot.outbox import Outbox
from bot.records import add_replies
from bot.storage import Database
from bot.wording.speaker import speaker
from connectors.channel import Purpose
from connectors.messages import Address, Reply


class Trials:
    def __init__(self, database: Database, outbox: Outbox) -> None:
        self._database, self._outbox = database, outbox

    async def send(self, address: Address, replies: Sequence[Reply]) -> None:
        """Each reply as one notice that says that it is a trial; its choices work."""

        def work(connection: sa.engine.Connection) -> None:
            entries = add_replies(connection, address, None, [_as_trial(reply) for reply in replies])
            self._outbox.enqueue(connection, address, entries, Purpose.NOTICE)

        await self._database.run(work)
        self._outbox.ready(address)


def _as_trial(reply: Reply) -> Reply:
    mark = speaker(reply.language).gettext("[Gửi thử]")
    return dataclasses.replace(reply, text=f"{mark} {reply.text}")
