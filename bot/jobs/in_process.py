"""The queue of jobs of an installation that is one process: a table of its own database."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, Callable, Mapping, Optional, Sequence

import sqlalchemy as sa

from bot.jobs.protocol import Facts, Job
from bot.jobs.tables import jobs
from bot.records import now
from bot.storage import Database

_SAME = sa.and_(jobs.c.name == sa.bindparam("job_name"), jobs.c.key == sa.bindparam("job_key"))
_WAITING = sa.select(jobs.c.id).where(_SAME, jobs.c.state == "waiting")
_PUT_FOR = sa.select(jobs.c.id).where(
    _SAME, sa.or_(jobs.c.state == "waiting", jobs.c.run_at >= sa.bindparam("due", type_=jobs.c.run_at.type))
)
_twin = jobs.alias()
_WORKED_AT = sa.exists().where(_twin.c.name == jobs.c.name, _twin.c.key == jobs.c.key, _twin.c.state == "working")
_DUE = (
    sa.select(jobs.c.id, jobs.c.name, jobs.c.key, jobs.c.facts, jobs.c.attempts)
    .where(jobs.c.state == "waiting", jobs.c.run_at <= sa.bindparam("moment", type_=jobs.c.run_at.type), ~_WORKED_AT)
    .order_by(jobs.c.run_at, jobs.c.id)
)
_TAKE_UP = jobs.update().where(jobs.c.state == "working").values(state="waiting")
_CLAIM = jobs.update().where(jobs.c.id == sa.bindparam("job_id")).values(state="working", attempts=jobs.c.attempts + 1)
_THIS = sa.and_(jobs.c.id == sa.bindparam("job_id"), jobs.c.state == "working")
_END = jobs.update().where(_THIS)
# One finished row of each name and key is enough: it tells what came of it, and when it was due.
_FORGET = jobs.delete().where(_SAME, jobs.c.state.in_(("done", "failed")), jobs.c.id < sa.bindparam("job_id"))
_MERGE = jobs.delete().where(_SAME, jobs.c.state == "waiting")


class TableQueue:
    """For one process: what was being worked at when it starts belonged to its predecessor, which was killed."""

    def __init__(self, database: Database, clock: Callable[[], dt.datetime] = now) -> None:
        self._database, self._clock = database, clock
        self._taken_up = False

    async def put(self, name: str, key: str, facts: Facts, at: Optional[dt.datetime] = None) -> None:
        row = _row(name, key, facts, at or self._clock())

        def work(connection: sa.engine.Connection) -> None:
            if connection.execute(_WAITING, {"job_name": name, "job_key": key}).first() is None:
                connection.execute(jobs.insert(), row)

        await self._database.run(work)

    async def put_due(self, name: str, key: str, due: dt.datetime) -> None:
        row = _row(name, key, {}, due)

        def work(connection: sa.engine.Connection) -> None:
            if connection.execute(_PUT_FOR, {"job_name": name, "job_key": key, "due": _utc(due)}).first() is None:
                connection.execute(jobs.insert(), row)

        await self._database.run(work)

    async def tend(self) -> None:
        if not self._taken_up:
            await self._database.run(lambda connection: connection.execute(_TAKE_UP))
            self._taken_up = True

    async def claim(self, places: Mapping[str, int]) -> Sequence[Job]:
        moment = {"moment": _utc(self._clock())}

        def work(connection: sa.engine.Connection) -> list[Job]:
            left, claimed = dict(places), []
            for row in connection.execute(_DUE, moment).all():
                if left.get(row.name, 0) > 0:
                    left[row.name] -= 1
                    connection.execute(_CLAIM, {"job_id": row.id})
                    claimed.append(Job(row.id, row.name, row.key, json.loads(row.facts), row.attempts + 1))
            return claimed

        return await self._database.run(work)

    async def done(self, job: Job) -> None:
        await self._end(job, state="done", error=None, finished_at=_utc(self._clock()))

    async def set_aside(self, job: Job, error: str) -> None:
        await self._end(job, state="failed", error=error, finished_at=_utc(self._clock()))

    async def again(self, job: Job, at: Optional[dt.datetime], error: str) -> None:
        values = {"state": "waiting", "run_at": _utc(at or self._clock()), "attempts": job.attempts, "error": error}

        def work(connection: sa.engine.Connection) -> None:
            connection.execute(_MERGE, {"job_name": job.name, "job_key": job.key})
            connection.execute(_END, {"job_id": job.id, **values})

        await self._database.run(work)

    async def close(self) -> None:
        """The database belongs to who opened it."""

    async def _end(self, job: Job, **values: Any) -> None:
        def work(connection: sa.engine.Connection) -> None:
            connection.execute(_END, {"job_id": job.id, **values})
            connection.execute(_FORGET, {"job_id": job.id, "job_name": job.name, "job_key": job.key})

        await self._database.run(work)


def _row(name: str, key: str, facts: Facts, at: dt.datetime) -> Mapping[str, Any]:
    text = json.dumps(dict(facts), ensure_ascii=False)
    return {"name": name, "key": key, "facts": text, "state": "waiting", "run_at": _utc(at), "attempts": 0}


def _utc(at: dt.datetime) -> dt.datetime:
    return at.astimezone(dt.timezone.utc)
