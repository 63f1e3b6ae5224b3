"""Counts what citizens wrote between two moments and whether it was answered, in short works of the database.

The transcript has no index by time; its numbers grow with time, so the first number of a moment is found by halving.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Iterable, Mapping, Optional

import msgspec
import sqlalchemy as sa

from bot.records import with_zone
from bot.storage import Database
from bot.tables import addresses, transcript
from bot.unanswered import MISSES

AT_ONCE = 1_000  # messages
LATE = dt.timedelta(days=1)  # a platform may deliver a message so long after it was written
_T = transcript.c
_REPLIES = transcript.alias("replies")
_SOME = (
    sa.select(_T.seq, _T.channel, _T.person, _T.at)
    .where(_T.seq > sa.bindparam("after"), _T.seq < sa.bindparam("until"), _T.message_id.is_not(None))
    .order_by(_T.seq)
    .limit(AT_ONCE)
    .subquery()
)
_CITIZEN = sa.and_(addresses.c.channel == _SOME.c.channel, addresses.c.person == _SOME.c.person)
_MESSAGES = (
    sa.select(_SOME.c.seq, _SOME.c.channel, _SOME.c.at, addresses.c.citizen_id, _REPLIES.c.reply)
    .select_from(_SOME.outerjoin(addresses, _CITIZEN).outerjoin(_REPLIES, _REPLIES.c.answer_to == _SOME.c.seq))
    .order_by(_SOME.c.seq)
)


@dataclass
class Talked:
    """``citizens``: our ids of them; ``dossiers``: codes that an answer was about. Neither leaves this process."""

    messages: int = 0
    answered: int = 0
    unanswered: int = 0
    by_channel: Counter[str] = field(default_factory=Counter)
    citizens: set[str] = field(default_factory=set)
    dossiers: set[str] = field(default_factory=set)

    def take(self, channel: str, citizen_id: Optional[str], said: Iterable[Mapping[str, object]]) -> None:
        """One message; ``said``: the facts of each reply to it."""
        utterances = set()
        for facts in said:
            utterances.add(facts.get("utterance"))
            if facts.get("utterance") == "dossier":
                self.dossiers.add(str(facts.get("code")))
        missed = bool(utterances.intersection(MISSES))
        self.messages += 1
        self.by_channel[channel] += 1
        if citizen_id is not None:
            self.citizens.add(citizen_id)
        self.unanswered += missed
        self.answered += bool(utterances) and not missed


class _Reply(msgspec.Struct):
    custom: Mapping[str, object] = {}


_DECODER = msgspec.json.Decoder(_Reply)


async def count_talk(database: Database, begin: dt.datetime, end: dt.datetime) -> Talked:
    """Messages written from ``begin`` until before ``end``, both in UTC."""
    after = await database.run(functools.partial(first_seq, table=transcript, at=begin - LATE)) - 1
    until = await database.run(functools.partial(first_seq, table=transcript, at=end + LATE))
    talked = Talked()
    while rows := await database.run(functools.partial(_messages, after=after, until=until)):
        for _, own in itertools.groupby(rows, key=lambda row: row.seq):
            message, *_others = replies = list(own)
            if begin <= with_zone(message.at) < end:
                said = [_DECODER.decode(row.reply).custom for row in replies if row.reply]
                talked.take(message.channel, message.citizen_id, said)
        after = rows[-1].seq
    return talked


def first_seq(connection: sa.engine.Connection, table: sa.Table, at: dt.datetime) -> int:
    """Within a database work: where the rows begin whose time is ``at`` (in UTC) or later. Where some are stored late,
    by an hour at most, it lies between the first row stored at ``at`` and the first one stored an hour after it.
    """
    lowest, highest = connection.execute(sa.select(sa.func.min(table.c.seq), sa.func.max(table.c.seq))).one()
    if lowest is None:
        return 0
    low, high = lowest, highest + 1
    while low < high:
        middle = (low + high) // 2
        row = connection.execute(_next_of(table), {"number": middle}).first()
        if row is None or with_zone(row.at) >= at:
            high = middle
        else:
            low = row.seq + 1
    return int(low)


@functools.cache
def _next_of(table: sa.Table) -> Any:
    its = table.c
    return sa.select(its.seq, its.at).where(its.seq >= sa.bindparam("number")).order_by(its.seq).limit(1)


def _messages(connection: sa.engine.Connection, after: int, until: int) -> list[Any]:
    rows: list[Any] = connection.execute(_MESSAGES, {"after": after, "until": until}).all()
    return rows
