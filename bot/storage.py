"""The database: one thread runs all SQL, and works that wait at the same time share one transaction.

Committing costs a disk write; sharing it keeps a hundred conversations a second durable on SQLite. The same code speaks
to PostgreSQL; which one is chosen by the URL.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import queue
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Optional, TypeVar

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

Result = TypeVar("Result")
Work = Callable[[sa.engine.Connection], Result]

MAX_SHARED = 200  # works in one transaction
MAX_WAITING = 5_000  # works; a database this far behind answers nobody in time
DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg2")
# One thread waits for the database: a server that is gone or a lock that is held must not keep it for ever.
POSTGRESQL_LIMITS = {"connect_timeout": 5, "tcp_user_timeout": 10_000, "options": "-c lock_timeout=5000"}
# Changes nothing, but takes the lock that a write needs.
_TOUCH = "UPDATE conversations SET updated_at = updated_at WHERE citizen_id = ''"
_MIGRATING = sa.text("SELECT pg_advisory_xact_lock(4208)")
logger = logging.getLogger(__name__)


class DatabaseUnusable(RuntimeError):
    """The database cannot be opened: check DATABASE_URL, the folder's rights, or run ``python -m bot migrate``."""


class DatabaseBusy(RuntimeError):
    """The database is too far behind, or is being closed: say that there is trouble and let it be sent again."""


def open_engine(url: str) -> sa.engine.Engine:
    """An engine for ``sqlite:///file`` or ``postgresql://...``. Raises DatabaseUnusable for a URL that is neither."""
    try:
        parsed = sa.engine.make_url(url)
    except sa.exc.ArgumentError as error:
        raise DatabaseUnusable("DATABASE_URL is not a database address such as sqlite:///var/mot-cua.db") from error
    if parsed.drivername not in DRIVERS:
        raise DatabaseUnusable(f"DATABASE_URL names {parsed.drivername}: only sqlite and postgresql are known")
    # hide_parameters: what citizens wrote must not reach a log through the text of an error.
    if parsed.get_backend_name() == "postgresql":
        return sa.create_engine(
            parsed, pool_pre_ping=True, future=True, hide_parameters=True, connect_args=POSTGRESQL_LIMITS
        )
    is_file = parsed.database not in (None, "", ":memory:")
    if is_file:
        _make_private_file(Path(parsed.database))
    # SQLAlchemy would open the file anew for every transaction, and closing it syncs it to disk: 2 ms each.
    kept_open = {"poolclass": sa.pool.QueuePool, "connect_args": {"check_same_thread": False}} if is_file else {}
    engine = sa.create_engine(parsed, future=True, hide_parameters=True, **kept_open)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _make_private_file(path: Path) -> None:
    """Conversations are nobody else's business; SQLite's own extra files take over the rights of this one."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDONLY | os.O_CREAT, 0o600))
    except OSError as error:
        raise DatabaseUnusable(f"the file of DATABASE_URL cannot be opened: {error.strerror}") from error


def _prepare_sqlite(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")  # with WAL: safe against a killed process, fsync at checkpoints
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.close()


def migrate(url: str) -> None:
    """Bring the database to the newest shape, creating it when it is absent. Raises DatabaseUnusable."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            is_shared = connection.dialect.name == "postgresql"
            if is_shared:  # several processes may start at the same moment
                connection.execute(_MIGRATING)
            command.upgrade(config, "head")
            if is_shared:
                from bot.jobs.on_procrastinate import prepare  # slow to import

                prepare(connection)
    except sa.exc.SQLAlchemyError as error:
        raise DatabaseUnusable(f"the database of DATABASE_URL cannot be opened: {reason(error)}") from error
    finally:
        engine.dispose()


@dataclass(frozen=True)
class _Order:
    """A work and who waits for it; nobody waits for what was posted."""

    work: Work[Any]
    waiting: Optional[asyncio.Future[Any]] = None


@dataclass(frozen=True)
class _Outcome:
    order: _Order
    result: Any = None
    error: Optional[Exception] = None


class Database:
    """Runs works (functions of a connection) in the order given. A work may run twice, so it must only speak SQL."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        self._queue: queue.SimpleQueue[Optional[_Order]] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="database", daemon=True)
        self._thread.start()

    async def run(self, work: Work[Result]) -> Result:
        """Run one work and give its result once it is committed. Raises DatabaseBusy, and what the work raises."""
        if self._closed or self._queue.qsize() >= MAX_WAITING:
            raise DatabaseBusy("the database is being closed" if self._closed else "the database is too far behind")
        waiting: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._queue.put(_Order(work, waiting))
        return await waiting

    def post(self, work: Work[Any]) -> None:
        """Run one work later, before any work given after it; a failure is logged."""
        if self._closed:
            logger.error("a write came after the database was closed")
            return
        self._queue.put(_Order(work))

    async def check(self) -> None:
        """Raises when the database cannot be read, or not written to."""
        await self.run(lambda connection: connection.execute(sa.text(_TOUCH)))

    async def close(self) -> None:
        """Finish what was given, then close."""
        self._closed = True
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        self._engine.dispose()

    def _serve(self) -> None:
        closing = False
        while not closing:
            batch: list[_Order] = []
            order = self._queue.get()
            while order is not None:
                batch.append(order)
                if len(batch) >= MAX_SHARED or self._queue.empty():
                    break
                order = self._queue.get()
            closing = order is None
            if batch:
                _deliver(self._commit(batch))

    def _commit(self, batch: list[_Order]) -> list[_Outcome]:
        try:
            with self._engine.begin() as connection:
                results = [order.work(connection) for order in batch]
        except Exception as error:
            # When the database itself is away or locked, each of them alone would wait just as long.
            if len(batch) == 1 or isinstance(error, (sa.exc.OperationalError, sa.exc.InterfaceError)):
                return [_Outcome(order, error=error) for order in batch]
            # One of them failed: the others must not fail with it.
            return [outcome for order in batch for outcome in self._commit([order])]
        return [_Outcome(order, result) for order, result in zip(batch, results)]


def _deliver(outcomes: list[_Outcome]) -> None:
    """Wake each event loop once for the whole batch: waking it costs as much as a small work."""
    loops: dict[asyncio.AbstractEventLoop, list[_Outcome]] = {}
    for outcome in outcomes:
        if outcome.order.waiting is not None:
            loops.setdefault(outcome.order.waiting.get_loop(), []).append(outcome)
        elif outcome.error is not None:
            logger.error("a write to the database failed: %s", reason(outcome.error))
    for loop, theirs in loops.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_wake, theirs)


def _wake(outcomes: list[_Outcome]) -> None:
    for outcome in outcomes:
        waiting = outcome.order.waiting
        if waiting is None or waiting.done():  # who asked has left
            continue
        if outcome.error is not None:
            waiting.set_exception(outcome.error)
        else:
            waiting.set_result(outcome.result)


def reason(error: BaseException) -> str:
    """The driver's words without what may be personal: parameters of a statement, values of a row."""
    words = str(getattr(error, "orig", None) or "").splitlines()
    return f"{type(error).__name__}: {words[0]}" if words else type(error).__name__
