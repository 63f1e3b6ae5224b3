"""The queue of jobs that several processes share: procrastinate on PostgreSQL, in a schema of its own."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from typing import Any, Mapping, Optional, Sequence, cast

import psycopg
import sqlalchemy as sa
from procrastinate import PsycopgConnector
from procrastinate import jobs as theirs
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.manager import JobManager
from procrastinate.schema import SchemaManager

from bot.jobs.protocol import Facts, Job
from bot.storage import DatabaseBusy, reason

SCHEMA = "procrastinate"
CONNECTIONS = 4
ANSWER_SECONDS = 5.0
HEARTBEAT_SECONDS = 10.0
MISSED_HEARTBEATS = 3  # after so many a process counts as dead
DEAD_FOR_GOOD = 7 * 24 * 3600  # seconds
KEPT_HOURS = 30 * 24  # what was set aside
NOBODY = 0  # their numbers begin with 1
_EXISTS = sa.text(f"SELECT to_regclass('{SCHEMA}.procrastinate_jobs')")
_CONNECTING = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    "options": f"-c search_path={SCHEMA} -c lock_timeout=5000",
}

logger = logging.getLogger(__name__)


def prepare(connection: sa.engine.Connection) -> None:
    """Make procrastinate's tables, within the transaction that makes ours."""
    if connection.execute(_EXISTS).scalar() is None:
        connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        connection.exec_driver_sql(f"SET LOCAL search_path TO {SCHEMA}")
        # Without parameters, for the driver would take its per cent signs as their places.
        connection.execution_options(no_parameters=True).exec_driver_sql(SchemaManager.get_schema())
        connection.exec_driver_sql("SET LOCAL search_path TO DEFAULT")


class ProcrastinateQueue:
    """Each name is a queue. A process that worked at a job is known by its heartbeat.

    An attempt ends its row and the next one is put as a new row: a row that is only tried again could find that another
    one of its name and key waits already, which procrastinate refuses.
    """

    def __init__(self, url: str, heartbeat_seconds: float = HEARTBEAT_SECONDS) -> None:
        logging.getLogger("procrastinate").setLevel(logging.CRITICAL)  # its lines hold the facts of the jobs
        address = sa.engine.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._connector = PsycopgConnector(
            conninfo=address, kwargs=_CONNECTING, min_size=0, max_size=CONNECTIONS, timeout=ANSWER_SECONDS
        )
        self._jobs = JobManager(self._connector)
        self._heartbeat_seconds = heartbeat_seconds
        self._opening = asyncio.Lock()
        self._worker = NOBODY
        self._beat_at = 0.0

    async def put(self, name: str, key: str, facts: Facts, at: Optional[dt.datetime] = None) -> None:
        try:
            await self._open()
            await self._put(_job(name, key, facts, at, attempts=0))
        except (ConnectorException, psycopg.Error) as error:
            raise DatabaseBusy(f"the queue of jobs does not answer: {reason(error)}") from error

    async def put_due(self, name: str, key: str, due: dt.datetime) -> None:
        moment = int(due.timestamp())
        job = _job(name, key, {}, None, attempts=0, timestamp=moment)
        try:
            await self._jobs.defer_periodic_job(job, periodic_id=key, defer_timestamp=moment)
        except AlreadyEnqueued:
            return  # the one before it still waits

    async def tend(self) -> None:
        beat_at = asyncio.get_running_loop().time()
        if self._worker == NOBODY:
            await self._open()
            await self._jobs.prune_stalled_workers(DEAD_FOR_GOOD)
            await self._jobs.delete_old_jobs(nb_hours=KEPT_HOURS, include_failed=True)
            self._worker = await self._jobs.register_worker()
        elif beat_at - self._beat_at < self._heartbeat_seconds:
            return
        else:
            await self._jobs.update_heartbeat(self._worker)
        self._beat_at = beat_at
        silent = self._heartbeat_seconds * MISSED_HEARTBEATS
        for job in await self._jobs.get_stalled_jobs(seconds_since_heartbeat=silent):
            try:
                await self.again(_claimed(job), None, "")
            except ConnectorException as error:
                logger.info("a job of a dead process was not taken up, perhaps another was faster: %s", reason(error))

    async def claim(self, places: Mapping[str, int]) -> Sequence[Job]:
        left, claimed = dict(places), list[Job]()
        while queues := [name for name, places_left in left.items() if places_left > 0]:
            try:
                job = await self._jobs.fetch_job(queues, self._worker)
            except ConnectorException:
                if not claimed:
                    raise
                break  # those that are ours already must be worked at
            if job is None:
                break
            left[job.queue] -= 1
            claimed.append(_claimed(job))
        return claimed

    async def done(self, job: Job) -> None:
        await self._end(job, theirs.Status.SUCCEEDED)

    async def set_aside(self, job: Job, error: str) -> None:
        await self._end(job, theirs.Status.FAILED)

    async def again(self, job: Job, at: Optional[dt.datetime], error: str) -> None:
        lock = _lock(job.name, job.key)
        for twin in await self._jobs.list_jobs_async(queueing_lock=lock, status="todo"):
            await self._jobs.cancel_job_by_id_async(_id(twin), delete_job=True)
        await self._put(_job(job.name, job.key, job.facts, at, job.attempts))  # waits for this one's lock
        await self._end(job, theirs.Status.SUCCEEDED)

    async def close(self) -> None:
        """What this process was still working at is taken up by the others at once."""
        try:
            if self._worker != NOBODY:
                await self._jobs.unregister_worker(self._worker)
        finally:
            await self._connector.close_async()

    async def _end(self, job: Job, status: theirs.Status) -> None:
        try:
            await self._jobs.finish_job_by_id_async(job.id, status, delete_job=status is theirs.Status.SUCCEEDED)
        except ConnectorException as error:
            if not isinstance(error.__cause__, psycopg.errors.RaiseException):
                raise
            # Who seemed to be dead and was not: it is another's now.
            logger.info("job %s %s was taken up by another process: %s", job.name, job.key, reason(error))

    async def _open(self) -> None:
        async with self._opening:
            await self._connector.open_async()

    async def _put(self, job: theirs.Job) -> None:
        try:
            await self._jobs.defer_job_async(job)
        except AlreadyEnqueued:
            return  # one waits already, that is what was asked for


def _job(name: str, key: str, facts: Facts, at: Optional[dt.datetime], attempts: int, **more: Any) -> theirs.Job:
    lock = _lock(name, key)
    said = {"key": key, "facts": dict(facts), "attempts": attempts, **more}
    return theirs.Job(queue=name, task_name=name, lock=lock, queueing_lock=lock, task_kwargs=said, scheduled_at=at)


def _claimed(job: theirs.Job) -> Job:
    said: Any = job.task_kwargs
    return Job(_id(job), job.task_name, said["key"], said["facts"], said["attempts"] + 1)


def _id(job: theirs.Job) -> int:
    return cast(int, job.id)  # None only before it is put


def _lock(name: str, key: str) -> str:
    return f"{name}:{key}"
