"""The weekly report for the leadership: figures of one week beside those of the week before, and nobody's data."""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any, Callable, Mapping, Optional, Sequence

import msgspec
import sqlalchemy as sa

from bot.broadcasts.campaign import DeliveryState, Document
from bot.broadcasts.figures import Counting
from bot.broadcasts.tables import asked, campaigns, opt_outs, weekly_reports
from bot.broadcasts.week_of_talk import Talked, count_talk, first_seq
from bot.jobs.protocol import Facts
from bot.records import now, upsert
from bot.storage import Database
from bot.tables import dossier_states, feedback
from knowledge.calendar import VIETNAM_TIME

PIECE = 20_000  # numbers of rows that are looked through at once
CODES = 500
_WEEK = dt.timedelta(weeks=1)
_MOMENT = sa.DateTime(timezone=True)
_BEGIN, _END = sa.bindparam("begin", type_=_MOMENT), sa.bindparam("end", type_=_MOMENT)


def _within(column: Any) -> Any:
    return sa.and_(column >= _BEGIN, column < _END)


_ASKED = (
    sa.select(asked.c.procedure, sa.func.count().label("count"))
    .where(asked.c.seq >= sa.bindparam("first"), asked.c.seq < sa.bindparam("until"), _within(asked.c.at))
    .group_by(asked.c.procedure)
)
_FEEDBACK = sa.select(feedback.c.kind, sa.func.count().label("count")).where(_within(feedback.c.at))
_FEEDBACK = _FEEDBACK.group_by(feedback.c.kind)
_OVERDUE = sa.select(sa.func.count()).where(
    dossier_states.c.code.in_(sa.bindparam("codes", expanding=True)),
    dossier_states.c.is_open.is_(True),
    dossier_states.c.due_at < _END,
)
_CAMPAIGNS = sa.select(campaigns.c.id).where(_within(campaigns.c.started_at))
_LEFT = sa.select(sa.func.count()).where(_within(opt_outs.c.at))
_ONE = sa.select(weekly_reports).where(weekly_reports.c.week == sa.bindparam("its_week"))
_WEEKS = sa.select(weekly_reports.c.week).order_by(weekly_reports.c.week.desc())


class Figures(Document, frozen=True):
    """Of one week. ``messages`` of citizens, pressed choices too; ``answered``: with something else than that we do not
    know. ``procedures``: how often each was answered, the most asked first. ``dossiers`` asked about, and how many of
    them are ``overdue``. ``feedback`` by kind. ``sent`` and the following: of the ``campaigns`` that began.
    """

    messages: int
    answered: int
    unanswered: int
    citizens: int
    by_channel: Mapping[str, int]
    procedures: Mapping[str, int]
    dossiers: int
    overdue: int
    feedback: Mapping[str, int]
    campaigns: int
    sent: int
    delivered: int
    failed: int
    unknown: int
    opted_out: int


class Week(Document, frozen=True):
    """``monday`` to Sunday, in Vietnam. Made before its end, the week is not complete."""

    monday: dt.date
    this: Figures
    before: Figures
    made_at: dt.datetime

    @property
    def sunday(self) -> dt.date:
        return self.monday + dt.timedelta(days=6)

    @property
    def is_complete(self) -> bool:
        return self.made_at >= begin_of(self.monday + _WEEK)


class Weekly:
    def __init__(self, database: Database, clock: Callable[[], dt.datetime] = now) -> None:
        self._database, self._clock = database, clock

    async def make(self, facts: Facts) -> None:
        """A job; ``facts``: {} for the last week that is over, or {"week": "2026-11-16"}: any day of the week."""
        given = facts.get("week")
        day = dt.date.fromisoformat(given) if given else self._clock().astimezone(VIETNAM_TIME).date() - _WEEK
        monday = monday_of(day)
        week = Week(
            monday=monday,
            this=await self._figures(monday),
            before=await self._figures(monday - _WEEK),
            made_at=self._clock().astimezone(dt.timezone.utc),
        )
        row = {"week": monday, "document": msgspec.json.encode(week).decode(), "made_at": week.made_at}
        await self._database.run(lambda connection: upsert(connection, weekly_reports, row))

    async def get(self, monday: dt.date) -> Optional[Week]:
        """None when it has not been made."""
        rows = await self._all(_ONE, its_week=monday)
        return msgspec.json.decode(rows[0].document, type=Week) if rows else None

    async def weeks(self) -> Sequence[dt.date]:
        """The Mondays of the weeks that have a report, the newest first."""
        return [row.week for row in await self._all(_WEEKS)]

    async def _figures(self, monday: dt.date) -> Figures:
        begin, end = begin_of(monday), begin_of(monday + _WEEK)
        span = {"begin": begin, "end": end}
        talked = await count_talk(self._database, begin, end)
        (left,) = await self._all(_LEFT, **span)
        return Figures(
            messages=talked.messages,
            answered=talked.answered,
            unanswered=talked.unanswered,
            citizens=len(talked.citizens),
            by_channel=dict(talked.by_channel.most_common()),
            procedures=await self._procedures(begin, end),
            dossiers=len(talked.dossiers),
            overdue=await self._overdue(talked, end),
            feedback={row.kind: row.count for row in await self._all(_FEEDBACK, **span)},
            opted_out=left[0],
            **await self._broadcasts(span),
        )

    async def _procedures(self, begin: dt.datetime, end: dt.datetime) -> Mapping[str, int]:
        first, last = [
            await self._database.run(functools.partial(first_seq, table=asked, at=at)) for at in (begin, end)
        ]
        counts: dict[str, int] = {}
        for start in range(first, last, PIECE):
            piece = {"first": start, "until": min(start + PIECE, last), "begin": begin, "end": end}
            for row in await self._all(_ASKED, **piece):
                counts[row.procedure] = counts.get(row.procedure, 0) + row.count
        return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))

    async def _overdue(self, talked: Talked, end: dt.datetime) -> int:
        """At the end of the week, or now while it goes on; what has been closed since does not count."""
        codes, at = sorted(talked.dossiers), min(end, self._clock().astimezone(dt.timezone.utc))
        some = [codes[start : start + CODES] for start in range(0, len(codes), CODES)]
        return sum([(await self._all(_OVERDUE, codes=its, end=at))[0][0] for its in some])

    async def _broadcasts(self, span: Mapping[str, dt.datetime]) -> Mapping[str, int]:
        counting, ids = Counting(self._database), [row.id for row in await self._all(_CAMPAIGNS, **span)]
        figures = [await counting.figures(id) for id in ids]

        def of(*states: DeliveryState) -> int:
            return sum(one.of(*states) for one in figures)

        arrived = (DeliveryState.DELIVERED, DeliveryState.SEEN)
        return {
            "campaigns": len(ids),
            "sent": of(DeliveryState.SENT, *arrived),
            "delivered": of(*arrived),
            "failed": of(DeliveryState.FAILED),
            "unknown": of(DeliveryState.UNKNOWN),
        }

    async def _all(self, query: Any, **facts: Any) -> list[Any]:
        def work(connection: sa.engine.Connection) -> list[Any]:
            rows: list[Any] = connection.execute(query, facts).all()
            return rows

        return await self._database.run(work)


def monday_of(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def begin_of(day: dt.date) -> dt.datetime:
    """Midnight in Vietnam, in UTC."""
    return dt.datetime.combine(day, dt.time(), VIETNAM_TIME).astimezone(dt.timezone.utc)
