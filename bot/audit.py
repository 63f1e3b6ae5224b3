"""Who did what: rows that can be added and never changed, each chained to the one before it by a keyed digest."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any, Callable, Mapping, Optional

import msgspec
import sqlalchemy as sa

from bot.console.tables import audit
from bot.records import now, with_zone
from bot.storage import Database

FIRST = "0" * 64
AT_ONCE = 1_000  # rows that are read together
_NEWEST = sa.select(audit.c.seq, audit.c.digest).order_by(audit.c.seq.desc()).limit(1)


@dataclass(frozen=True)
class Actor:
    """An official; without ``id``: the system itself, or somebody whom nobody knows."""

    id: Optional[int]
    name: str


SYSTEM = Actor(None, "hệ thống")


class Audit:
    def __init__(self, database: Database, secret: str, clock: Callable[[], dt.datetime] = now) -> None:
        self._database, self._key, self._clock = database, f"audit:{secret}".encode(), clock

    def record(
        self, connection: sa.engine.Connection, by: Actor, action: str, subject: str, facts: Mapping[str, Any]
    ) -> None:
        """Within the database work that does it. ``action`` is a verb in English ("campaign.approve"), ``subject`` what
        it was done to ("campaign 3"); ``facts`` hold no personal data.
        """
        if connection.dialect.name == "postgresql":  # two processes must not both continue the same row
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(4207)"))
        newest = connection.execute(_NEWEST).first()
        row = {
            "seq": newest.seq + 1 if newest else 1,
            "at": self._clock().astimezone(dt.timezone.utc),
            "official_id": by.id,
            "official": by.name[:100],
            "action": action,
            "subject": subject[:100],
            "facts": msgspec.json.encode(facts, order="sorted").decode(),
        }
        before = newest.digest if newest else FIRST
        connection.execute(audit.insert(), {**row, "digest": self._digest(row, before)})

    async def first_broken(self) -> Optional[int]:
        """The number of the first row that is not as it was written, None when all are."""
        after, before = 0, FIRST
        while True:
            rows = await self._database.run(functools.partial(_rows, after=after))
            if not rows:
                return None
            for row in rows:
                is_next = row.seq == after + 1
                if not is_next or not hmac.compare_digest(row.digest, self._digest(row._mapping, before)):
                    return after + 1
                after, before = row.seq, row.digest

    def _digest(self, row: Mapping[str, Any], before: str) -> str:
        said = [row["seq"], with_zone(row["at"]).astimezone(dt.timezone.utc).isoformat(), row["official_id"]]
        said += [row["official"], row["action"], row["subject"], row["facts"], before]
        return hmac.new(self._key, msgspec.json.encode(said), hashlib.sha256).hexdigest()


def _rows(connection: sa.engine.Connection, after: int) -> list[Any]:
    query = sa.select(audit).where(audit.c.seq > after).order_by(audit.c.seq).limit(AT_ONCE)
    found: list[Any] = connection.execute(query).all()
    return found
