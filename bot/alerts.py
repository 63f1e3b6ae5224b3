"""Pages a person of the agency: what must be looked at is logged, shown by ``/readyz`` and sent to those who watch."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from typing import Any, Callable, Sequence

import sqlalchemy as sa

from bot.records import now, with_zone
from bot.storage import Database
from bot.tables import alerts
from connectors.messages import Address

# Alerts that tell of something that has happened, not of how it stands: told again when it happens on another day.
PASSING = ("message-", "inbox-aside", "job-aside-", "campaign-late-", "zalo-event-unreadable", "zalo-signature-wrong")
A_DAY = dt.timedelta(days=1)
REVOKED = "grant-revoked"  # ended when a person authorises again

# Puts a sentence on its way to an address, within a database work.
Enqueue = Callable[[sa.engine.Connection, Address, str], None]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Alert:
    """What a person must look at, since when; the sentence holds no personal data."""

    name: str
    sentence: str
    since: dt.datetime


class Alerts:
    """An alert has a name and is told once, until it is over and comes again."""

    def __init__(self, database: Database, to: Sequence[Address], enqueue: Enqueue) -> None:
        self._database, self._to, self._enqueue = database, to, enqueue

    async def page(self, name: str, sentence: str) -> None:
        """Tell a person, unless this alert is open already. The sentence holds no personal data."""
        told = await self._database.run(lambda connection: self._open(connection, name, sentence))
        logger.log(logging.ERROR if told else logging.WARNING, "alert %s: %s", name, sentence)

    async def over(self, name: str) -> None:
        """It works again."""
        end = alerts.update().where(alerts.c.name == name, alerts.c.ended_at.is_(None)).values(ended_at=now())
        await self._database.run(lambda connection: connection.execute(end))

    async def open(self) -> list[str]:
        """The names of the open alerts."""
        return [alert.name for alert in await self.standing()]

    async def standing(self) -> list[Alert]:
        """The open alerts, in the order of their names."""
        query = sa.select(alerts).where(alerts.c.ended_at.is_(None)).order_by(alerts.c.name)
        rows = await self._database.run(lambda connection: connection.execute(query).all())
        return [Alert(row.name, row.sentence, with_zone(row.since)) for row in rows if not _is_past(row)]

    def _open(self, connection: sa.engine.Connection, name: str, sentence: str) -> bool:
        row = connection.execute(sa.select(alerts).where(alerts.c.name == name)).first()
        if row is not None and row.ended_at is None and not _is_past(row):
            return False
        connection.execute(alerts.delete().where(alerts.c.name == name))
        connection.execute(alerts.insert().values(name=name, sentence=sentence, since=now()))
        for address in self._to:
            self._enqueue(connection, address, sentence)
        return True


def _is_past(row: Any) -> bool:
    return row.name.startswith(PASSING) and now() - with_zone(row.since) > A_DAY
