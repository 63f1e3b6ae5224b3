"""Exports that officials send up: kept in pieces in the database, and taken into the catalogue by a job."""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import itertools
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Optional, Sequence, Union

import msgspec
import sqlalchemy as sa

from bot.audit import Actor, Audit
from bot.import_report import FileReport, file_report
from bot.importing import ImportedMeanwhile, compare, drafting, held, write
from bot.jobs.protocol import Facts
from bot.records import now, with_zone
from bot.storage import Database
from bot.tables import import_chunks, import_files
from knowledge.calendar import VIETNAM_TIME
from knowledge.curated import read_curated_procedures
from knowledge.importing import MAX_BYTES, Export, ImportRefused, read_exports
from knowledge.importing_differences import Difference, differences
from knowledge.procedures import Procedure

SENDING_UP, WAITING, DONE, REFUSED = "sending_up", "waiting", "done", "refused"
FORGOTTEN = dt.timedelta(days=1)  # after which a file is no longer being sent up
LONGEST_PROBLEM = 600
LONGEST_NAME = 180  # bytes: a file system takes 255
_FILES, _CHUNKS = import_files.c, import_chunks.c
_LISTED = [column for column in import_files.c if column.name != "report"]
_NEXT = sa.select(import_files).where(_FILES.state == WAITING).order_by(_FILES.id).limit(1)
_PIECE = sa.select(_CHUNKS.data).where(
    _CHUNKS.file == sa.bindparam("file"), _CHUNKS.number == sa.bindparam("number")
)


class TooLarge(Exception):
    """More than an export may have: refuse it."""


@dataclass(frozen=True)
class ImportFile:
    """``state``: one of the four above; ``report`` once it is done, ``problem`` where it was refused."""

    id: int
    name: str
    state: str
    problem: Optional[str]
    created_at: dt.datetime
    report: Optional[FileReport] = None


class Imports:
    """``read_curated`` gives the shipped procedures, with which an export is compared."""

    def __init__(
        self,
        database: Database,
        audit: Audit,
        clock: Callable[[], dt.datetime] = now,
        read_curated: Callable[[], Sequence[Procedure]] = read_curated_procedures,
    ) -> None:
        self._database, self._audit, self._clock, self._read_curated = database, audit, clock, read_curated
        self._draft = drafting(database, audit, clock)

    async def begin(self, name: str, by: Actor) -> int:
        """A file that is being sent up: its number. Those that somebody began and forgot go."""
        row = {"name": _plain(name), "official_id": by.id or 0, "state": SENDING_UP, "created_at": self._now()}
        forgotten = sa.and_(_FILES.state == SENDING_UP, _FILES.created_at < self._now() - FORGOTTEN)

        def work(connection: sa.engine.Connection) -> int:
            for id in connection.execute(sa.select(_FILES.id).where(forgotten)).scalars().all():
                _drop(connection, id)
            return int(connection.execute(import_files.insert(), row).inserted_primary_key[0])

        return await self._database.run(work)

    async def add(self, id: int, number: int, piece: bytes, size: int) -> None:
        """``size``: of the file with this piece. Raises TooLarge."""
        if size > MAX_BYTES:
            raise TooLarge
        row = {"file": id, "number": number, "data": piece}
        await self._database.run(lambda connection: connection.execute(import_chunks.insert(), row))

    async def complete(self, id: int, by: Actor) -> None:
        """It waits for the job from now on."""

        def work(connection: sa.engine.Connection) -> None:
            self._audit.record(connection, by, "procedures.import", f"file {id}", {})
            connection.execute(import_files.update().where(_FILES.id == id).values(state=WAITING))

        await self._database.run(work)

    async def drop(self, id: int) -> None:
        await self._database.run(functools.partial(_drop, id=id))

    async def newest(self, limit: int) -> list[ImportFile]:
        """Without their reports."""
        query = sa.select(*_LISTED).where(_FILES.state != SENDING_UP).order_by(_FILES.id.desc()).limit(limit)
        rows = await self._database.run(lambda connection: connection.execute(query).all())
        return [_import_file(row) for row in rows]

    async def get(self, id: int) -> Optional[ImportFile]:
        query = sa.select(import_files).where(_FILES.id == id, _FILES.state != SENDING_UP)
        row = await self._database.run(lambda connection: connection.execute(query).first())
        return row and _import_file(row, row.report)

    async def work_off(self, _: Facts) -> None:
        """The job: every file that waits, one after another."""
        while True:
            row = await self._database.run(lambda connection: connection.execute(_NEXT).first())
            if row is None:
                return
            await self._take(row.id, row.name)

    async def _take(self, id: int, name: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            await self._fetch(id, path)
            try:
                exports = await asyncio.to_thread(read_exports, [path], self._today(), lambda size: None)
            except ImportRefused as refused:
                problem = "".join(filter(str.isprintable, f"{refused.vi} / {refused.en}"))[:LONGEST_PROBLEM]
                return await self._database.run(functools.partial(self._end, id=id, state=REFUSED, problem=problem))
        found = await asyncio.to_thread(self._differences, exports)
        while True:
            try:
                return await self._store(id, exports, found)
            except ImportedMeanwhile:
                continue

    async def _fetch(self, id: int, path: Path) -> None:
        with path.open("wb") as file:
            for number in itertools.count():
                piece = await self._database.run(functools.partial(_piece, id=id, number=number))
                if piece is None:
                    return
                file.write(piece)

    def _differences(self, exports: Sequence[Export]) -> list[Difference]:
        return differences(self._read_curated(), [procedure for export in exports for procedure in export.procedures])

    async def _store(self, id: int, exports: Sequence[Export], found: Sequence[Difference]) -> None:
        """Comparing takes seconds: it must not keep citizens from the database."""
        at, before = self._now(), await self._database.run(held)
        compared = await asyncio.to_thread(compare, before, exports, at, self._today())

        def work(connection: sa.engine.Connection) -> None:
            done = write(connection, compared, at, self._draft)
            report = file_report(exports[0], done.outcomes[0], found, done.drafts)
            self._end(connection, id, DONE, report=msgspec.json.encode(report).decode())

        await self._database.run(work)

    def _end(self, connection: sa.engine.Connection, id: int, state: str, **values: Union[str, None]) -> None:
        connection.execute(import_chunks.delete().where(_CHUNKS.file == id))
        ended = import_files.update().where(_FILES.id == id, _FILES.state == WAITING)
        connection.execute(ended.values(state=state, finished_at=self._now(), **values))

    def _now(self) -> dt.datetime:
        return self._clock().astimezone(dt.timezone.utc)

    def _today(self) -> dt.date:
        return self._clock().astimezone(VIETNAM_TIME).date()


def _piece(connection: sa.engine.Connection, id: int, number: int) -> Optional[bytes]:
    piece: Optional[bytes] = connection.execute(_PIECE, {"file": id, "number": number}).scalar()
    return piece


def _drop(connection: sa.engine.Connection, id: int) -> None:
    connection.execute(import_chunks.delete().where(_CHUNKS.file == id))
    connection.execute(import_files.delete().where(_FILES.id == id))


def _plain(name: str) -> str:
    """The name without folders, as a file system takes it: it may say the month of the export."""
    last = name.replace("\\", "/").rpartition("/")[2].lstrip(".")
    return last.encode()[:LONGEST_NAME].decode(errors="ignore") or "export.jsonl"


def _import_file(row: Any, report: Optional[str] = None) -> ImportFile:
    read = msgspec.json.decode(report, type=FileReport) if report else None
    return ImportFile(row.id, row.name, row.state, row.problem, with_zone(row.created_at), read)
