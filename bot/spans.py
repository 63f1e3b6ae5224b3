"""Parts of the transcript since a moment, small enough to be read while citizens write.

Lines are numbered as they come, and moments have no index: where a day begins is found by halving.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import AsyncIterator

import sqlalchemy as sa

from bot.records import with_zone
from bot.storage import Database
from bot.tables import transcript

AT_ONCE = 2_000  # lines
_LINES = transcript.c
_NEWEST = sa.select(sa.func.max(_LINES.seq))
_FROM = sa.select(_LINES.seq, _LINES.at).where(_LINES.seq >= sa.bindparam("seq")).order_by(_LINES.seq).limit(1)


@dataclass(frozen=True)
class Span:
    """Numbers of lines, both included; some may be lacking."""

    first: int
    last: int


async def spans(database: Database, since: dt.datetime, at_once: int = AT_ONCE) -> AsyncIterator[Span]:
    """The oldest first; what is written meanwhile is not in them."""
    whole = await database.run(lambda connection: _since(connection, since))
    for first in range(whole.first, whole.last + 1, at_once):
        yield Span(first, min(first + at_once - 1, whole.last))


def _since(connection: sa.engine.Connection, since: dt.datetime) -> Span:
    last = connection.execute(_NEWEST).scalar() or 0
    low, high = 1, last + 1  # the first line is one of these; high: there is none
    while low < high:
        middle = (low + high) // 2
        row = connection.execute(_FROM, {"seq": middle}).first()
        if row is None or with_zone(row.at) >= since:
            high = middle
        else:
            low = row.seq + 1
    return Span(low, last)
