"""Files of recipients that officials send up: kept in pieces, read in the background, each bad row explained."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import functools
import itertools
import json
import tempfile
from dataclasses import dataclass
from enum import Enum
from typing import Any, AsyncIterator, BinaryIO, Callable, Iterator, Mapping, Optional

import msgspec
import sqlalchemy as sa

from bot.audit import SYSTEM, Actor, Audit
from bot.broadcasts import file_table as table
from bot.broadcasts.campaign import CampaignState, Content
from bot.broadcasts.file_faults import ROW_SENTENCES, FileFault, FileRefused, Remark, RowFault
from bot.broadcasts.file_reading import Opened, open_rows
from bot.broadcasts.file_rows import Row
from bot.broadcasts.tables import audience_files, campaigns
from bot.jobs.protocol import Facts
from bot.records import now, with_zone
from bot.storage import Database
from bot.wording.speaker import marked as _

MOST_BYTES = 100 * 1024 * 1024
AT_ONCE = 500  # rows that are written together
LONGEST_NAME = 200
LONGEST_DETAIL = 100
KEPT = dt.timedelta(days=90)  # phone numbers of people must not lie there for ever
FORGOTTEN_AFTER = dt.timedelta(days=1)
_CLOSED = (CampaignState.FINISHED.value, CampaignState.CANCELLED.value)


class FileState(Enum):
    SENDING_UP = "sending_up"
    READING = "reading"
    READY = "ready"
    REFUSED = "refused"


class NoSuchFile(Exception):
    """Look at the list. ``say(sentence)``."""

    sentence = _("Không có tệp này.")


class FileInUse(Exception):
    """Finish, cancel or change the campaign that it belongs to. ``say(sentence, campaign=...)``."""

    sentence = _("Tệp đang được dùng trong thông báo số {campaign} nên chưa xóa được.")

    def __init__(self, campaign: int) -> None:
        super().__init__(campaign)
        self.campaign = campaign


@dataclass(frozen=True)
class AudienceFile:
    """``progress`` of reading in per cent; ``columns``: the placeholders that every good row fills. ``sentence``: why
    it was refused or what to look at, "" for nothing: ``say(file.sentence, **file.facts)``.
    """

    id: int
    name: str
    official_id: int
    state: FileState
    bytes: int
    rows_read: int
    good: int
    bad: int
    progress: int
    columns: tuple[str, ...]
    sentence: str
    facts: Mapping[str, str]
    created_at: dt.datetime
    finished_at: Optional[dt.datetime]


@dataclass(frozen=True)
class BadRow:
    """``say(bad.sentence, **bad.facts)``; ``row``: its line in the file, from 1."""

    row: int
    sentence: str
    facts: Mapping[str, str]


class AudienceFiles:
    """What is not there raises NoSuchFile."""

    def __init__(self, database: Database, audit: Audit, clock: Callable[[], dt.datetime] = now) -> None:
        self._database, self._audit, self._clock = database, audit, clock

    async def begin(self, name: str, by: Actor) -> int:
        row = {
            "name": name[-LONGEST_NAME:], "official_id": by.id or 0, "state": FileState.SENDING_UP.value, "bytes": 0,
            "rows_read": 0, "good": 0, "bad": 0, "progress": 0, "columns": "[]", "created_at": self._now(),
        }  # fmt: skip

        def work(connection: sa.engine.Connection) -> int:
            id: int = connection.execute(audience_files.insert(), row).inserted_primary_key[0]
            self._audit.record(connection, by, "file.send_up", f"file {id}", {})
            return id

        return await self._database.run(work)

    async def add_chunk(self, file: int, number: int, data: bytes) -> None:
        """``number`` from 0. Raises FileRefused when the whole gets too large: nothing of it is kept then."""
        add = functools.partial(table.add_chunk, file=file, number=number, data=data, most=MOST_BYTES)
        if not await self._database.run(add):
            refused = FileRefused(FileFault.TOO_LARGE)
            await self._refuse(file, refused)
            raise refused

    async def sent_up(self, file: int) -> None:
        """It is whole: put the job "read_file" with {"file": id}."""
        await self._change(file, FileState.SENDING_UP, {"state": FileState.READING.value})

    async def abandon(self, file: int) -> None:
        """Sending it up ended before it was whole."""
        await self._refuse(file, FileRefused(FileFault.STOPPED))

    async def get(self, id: int) -> AudienceFile:
        rows = await self._read(audience_files.c.id == id)
        if not rows:
            raise NoSuchFile
        return rows[0]

    async def newest(self, limit: int) -> list[AudienceFile]:
        return await self._read(sa.true(), limit)

    async def unread(self) -> list[int]:
        """Those that must be read; a job may have been lost."""
        return [file.id for file in await self._read(audience_files.c.state == FileState.READING.value)]

    async def problems(self, file: int, after_row: int, limit: int) -> list[BadRow]:
        """The next bad rows after ``after_row``."""
        found: list[BadRow] = []
        last = await self._database.run(functools.partial(table.last_row, file=file))
        while after_row < last and len(found) < limit:
            some = functools.partial(table.some_bad, file=file, after=after_row, most=limit - len(found))
            found += [_bad_row(row) for row in await self._database.run(some)]
            after_row += table.PIECE
        return found

    async def problem_rows(self, file: int) -> AsyncIterator[BadRow]:
        """All bad rows, a page of them in memory."""
        after = 0
        while page := await self.problems(file, after, AT_ONCE):
            for bad in page:
                yield bad
            after = page[-1].row

    async def remove(self, id: int, by: Actor) -> None:
        """Raises FileInUse. What has been planned with it stays planned."""

        def work(connection: sa.engine.Connection) -> None:
            _refuse_in_use(connection, id)
            # Nobody reads or chooses it any more.
            values = {"state": FileState.REFUSED.value, "problem": _note(FileFault.STOPPED)}
            if not connection.execute(audience_files.update().where(audience_files.c.id == id), values).rowcount:
                raise NoSuchFile
            self._audit.record(connection, by, "file.remove", f"file {id}", {})

        await self._database.run(work)
        await self._forget(id, table.forget_chunks, table.forget_rows)
        delete = audience_files.delete().where(audience_files.c.id == id)
        await self._database.run(lambda connection: connection.execute(delete))

    async def clean(self, _: Facts) -> None:
        """A job: files whose sending up ended long ago without an end, and those that nobody needs any more."""
        now = self._now()
        is_left = sa.and_(
            audience_files.c.state == FileState.SENDING_UP.value, audience_files.c.created_at < now - FORGOTTEN_AFTER
        )
        for file in await self._read(is_left):
            await self.abandon(file.id)
        for file in await self._read(audience_files.c.created_at < now - KEPT):
            with contextlib.suppress(FileInUse):  # of a campaign that is not over
                await self.remove(file.id, SYSTEM)

    async def read(self, facts: Facts) -> None:
        """A job; ``facts``: {"file": id}. Killed anywhere and begun again it goes on after the last row written."""
        for file in await self._read(audience_files.c.id == facts["file"]):
            await self._read_file(file)

    async def _read_file(self, file: AudienceFile) -> None:
        if file.state is FileState.READING:
            with tempfile.TemporaryFile() as content:
                try:
                    await self._put_together(file.id, content)
                    await self._read_rows(file, await asyncio.to_thread(open_rows, content))
                except FileRefused as refused:
                    await self._refuse(file.id, refused)
                    return
        await self._forget(file.id, table.forget_chunks)

    async def _put_together(self, file: int, content: BinaryIO) -> None:
        for number in itertools.count():
            data = await self._database.run(functools.partial(table.chunk, file=file, number=number))
            if data is None:
                return
            await asyncio.to_thread(content.write, data)

    async def _read_rows(self, file: AudienceFile, opened: Opened) -> None:
        last = await self._database.run(functools.partial(table.last_row, file=file.id))
        rows = (row for row in opened.rows if row.number > last)
        before = file.rows_read
        while some := await asyncio.to_thread(_take, rows):
            progress = min(99, int(some[-1].share * 100))
            add = functools.partial(table.add_rows, file=file.id, rows=some, before=before, progress=progress)
            if not await self._database.run(add):
                return  # it was removed, or somebody else reads it
            before += len(some)
        remark = _note(opened.remark, opened.detail) if opened.remark else None
        ready = {
            "state": FileState.READY.value, "progress": 100, "columns": json.dumps(opened.columns), "problem": remark,
            "finished_at": self._now(),
        }  # fmt: skip
        await self._change(file.id, FileState.READING, ready)

    async def _refuse(self, file: int, refused: FileRefused) -> None:
        values = {
            "state": FileState.REFUSED.value, "problem": _note(refused.fault, refused.detail),
            "rows_read": 0, "good": 0, "bad": 0, "finished_at": self._now(),
        }  # fmt: skip
        is_open = audience_files.c.state.in_([FileState.SENDING_UP.value, FileState.READING.value])
        change = audience_files.update().where(audience_files.c.id == file, is_open).values(values)
        await self._database.run(lambda connection: connection.execute(change))
        await self._forget(file, table.forget_chunks, table.forget_rows)

    async def _forget(self, file: int, *ways: Callable[..., int]) -> None:
        for forget in ways:
            while await self._database.run(functools.partial(forget, file=file)):
                pass

    async def _change(self, file: int, state: FileState, values: Mapping[str, Any]) -> None:
        """Only while it is in this state."""
        is_so = sa.and_(audience_files.c.id == file, audience_files.c.state == state.value)
        change = audience_files.update().where(is_so).values(values)
        await self._database.run(lambda connection: connection.execute(change))

    async def _read(self, which: Any, limit: Optional[int] = None) -> list[AudienceFile]:
        query = sa.select(audience_files).where(which).order_by(audience_files.c.id.desc()).limit(limit)
        rows = await self._database.run(lambda connection: connection.execute(query).all())
        return [_file(row) for row in rows]

    def _now(self) -> dt.datetime:
        return self._clock().astimezone(dt.timezone.utc)  # SQLite compares moments without their zones


def _note(what: Enum, detail: str = "") -> str:
    return json.dumps([what.name, detail[:LONGEST_DETAIL]], ensure_ascii=False)


def _take(rows: Iterator[Row]) -> list[Row]:
    return list(itertools.islice(rows, AT_ONCE))


def _refuse_in_use(connection: sa.engine.Connection, file: int) -> None:
    query = sa.select(campaigns.c.id, campaigns.c.content).where(
        campaigns.c.state.not_in(_CLOSED), campaigns.c.content.like(f'%"file":{file}%')
    )
    for row in connection.execute(query):
        if msgspec.json.decode(row.content, type=Content).audience.file == file:
            raise FileInUse(row.id)


def _file(row: Any) -> AudienceFile:
    name, detail = json.loads(row.problem) if row.problem else ("", "")
    told: Mapping[str, Enum] = {**FileFault.__members__, **Remark.__members__}
    values = {**row._mapping, "state": FileState(row.state), "columns": tuple(json.loads(row.columns))}
    del values["problem"]
    values.update({its: at and with_zone(at) for its, at in values.items() if its.endswith("_at")})
    return AudienceFile(**values, sentence=told[name].value if name else "", facts={"detail": detail})


def _bad_row(row: Any) -> BadRow:
    code, _colon, first = row.problem.partition(":")
    return BadRow(row.row, ROW_SENTENCES[RowFault(code)], {"shown": row.shown or "", "first": first})
