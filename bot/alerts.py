"""Pages a person of the agency: what must be looked at is logged, shown by ``/readyz`` and sent to those who watch."""

from __future__ import annotations

import logging
from typing import Callable, Sequence

import sqlalchemy as sa

from bot.records import now
from bot.storage import Database
from bot.tables import alerts
from connectors.messages import Address

# Puts a sentence on its way to an address, within a database work.
Enqueue = Callable[[sa.engine.Connection, Address, str], None]

logger = logging.getLogger(__name__)


class Alerts:
    """An alert has a name and is told once, until it is over and comes again."""

    def __init__(self, database: Database, to: Sequence[Address], enqueue: Enqueue) -> None:
        self._database, self._to, self._enqueue = database, to, enqueue

    async def page(self, name: str, sentence: str) -> None:
        """Tell a person, unless this alert is open already. The sentence holds no personal data."""
        if await self._database.run(lambda connection: self._open(connection, name, sentence)):
            logger.error("alert %s: %s", name, sentence)

    async def over(self, name: str) -> None:
        """It works again."""
        end = alerts.update().where(alerts.c.name == name, alerts.c.ended_at.is_(None)).values(ended_at=now())
        await self._database.run(lambda connection: connection.execute(end))

    async def open(self) -> list[str]:
        """The names of the open alerts."""
        query = sa.select(alerts.c.name).where(alerts.c.ended_at.is_(None)).order_by(alerts.c.name)
        return list(await self._database.run(lambda connection: connection.execute(query).scalars().all()))

    def _open(self, connection: sa.engine.Connection, name: str, sentence: str) -> bool:
        row = connection.execute(sa.select(alerts.c.ended_at).where(alerts.c.name == name)).first()
        if row is not None and row.ended_at is None:
            return False
        connection.execute(alerts.delete().where(alerts.c.name == name))
        connection.execute(alerts.insert().values(name=name, sentence=sentence, since=now()))
        for address in self._to:
            self._enqueue(connection, address, sentence)
        return True
