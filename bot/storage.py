"""The database: one thread runs all SQL, and works that wait at the same time share one transaction.

Committing costs a disk write; sharing it keeps a hundred conversations a second durable on SQLite. The same code speaks
to PostgreSQL; which one is chosen by the URL.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Callable, Optional, TypeVar

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

Result = TypeVar("Result")
Work = Callable[[sa.engine.Connection], Result]

MAX_SHARED = 200  # works in one transaction
logger = logging.getLogger(__name__)


class DatabaseUnusable(RuntimeError):
    """The database cannot be opened: check DATABASE_URL, the folder's rights, or run ``python -m bot migrate``."""


def open_engine(url: str) -> sa.engine.Engine:
    """An engine for ``sqlite:///file`` or ``postgresql://...``. Raises DatabaseUnusable for a URL that is neither."""
    try:
        parsed = sa.engine.make_url(url)
    except sa.exc.ArgumentError as error:
        raise DatabaseUnusable("DATABASE_URL is not a database address such as sqlite:///var/mot-cua.db") from error
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise DatabaseUnusable(f"DATABASE_URL names {parsed.get_backend_name()}: only sqlite and postgresql are known")
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        try:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DatabaseUnusable(f"the folder of DATABASE_URL cannot be made: {error.strerror}") from error
    if parsed.get_backend_name() == "postgresql":
        return sa.create_engine(parsed, pool_pre_ping=True, future=True)
    # SQLAlchemy would open the file anew for every transaction, and closing it syncs it to disk: 2 ms each.
    is_file = parsed.database not in (None, "", ":memory:")
    kept_open = {"poolclass": sa.pool.QueuePool, "connect_args": {"check_same_thread": False}} if is_file else {}
    engine = sa.create_engine(parsed, future=True, **kept_open)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    return engine


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
            command.upgrade(config, "head")
    except sa.exc.SQLAlchemyError as error:
        raise DatabaseUnusable(f"the database of DATABASE_URL cannot be opened: {_reason(error)}") from error
    finally:
        engine.dispose()


class Database:
    """Runs works (functions of a connection) in the order given. A work may run twice, so it must only speak SQL."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        self._queue: queue.SimpleQueue[Optional[tuple[Work[Any], Future[Any]]]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="database", daemon=True)
        self._thread.start()

    async def run(self, work: Work[Result]) -> Result:
        """Run one work and give its result once it is committed."""
        return await asyncio.wrap_future(self._put(work))

    def post(self, work: Work[Any]) -> None:
        """Run one work later, before any work given after it; a failure is logged."""
        self._put(work).add_done_callback(_log_failure)

    def _put(self, work: Work[Result]) -> Future[Result]:
        future: Future[Result] = Future()
        self._queue.put((work, future))
        return future

    async def check(self) -> None:
        """Raises when the database does not answer."""
        await self.run(lambda connection: connection.execute(sa.text("SELECT 1")))

    async def close(self) -> None:
        """Finish what was given, then close."""
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        self._engine.dispose()

    def _serve(self) -> None:
        closing = False
        while not closing:
            batch: list[tuple[Work[Any], Future[Any]]] = []
            item = self._queue.get()
            while item is not None:
                batch.append(item)
                if len(batch) >= MAX_SHARED or self._queue.empty():
                    break
                item = self._queue.get()
            closing = item is None
            self._commit(batch)

    def _commit(self, batch: list[tuple[Work[Any], Future[Any]]]) -> None:
        if not batch:
            return
        try:
            with self._engine.begin() as connection:
                results = [work(connection) for work, _ in batch]
        except Exception as error:
            if len(batch) == 1:
                batch[0][1].set_exception(error)
                return
            for item in batch:  # one of them failed: the others must not fail with it
                self._commit([item])
            return
        for (_, future), result in zip(batch, results):
            future.set_result(result)


def _log_failure(future: Future[Any]) -> None:
    error = future.exception()
    if error is not None:
        logger.error("a write to the database failed: %s", _reason(error))


def _reason(error: BaseException) -> str:
    """The driver's words without the statement's parameters, which may be personal."""
    original = getattr(error, "orig", None)
    return f"{type(error).__name__}: {original}" if original else type(error).__name__
