"""Exports that officials send up: kept in pieces, taken in by a job that may be done twice, everything or nothing."""

from __future__ import annotations

import gzip
import json
from typing import Any, Sequence

import pytest
import sqlalchemy as sa

from bot.audit import Actor, Audit
from bot.broadcasts.campaigns import Campaigns
from bot.broadcasts.tables import procedure_changes
from bot.import_jobs import DONE, FORGOTTEN, REFUSED, ImportFile, Imports, TooLarge
from bot.importing import ImportedMeanwhile, compare, held, write
from bot.records import imported_documents, imported_procedures
from bot.storage import Database
from bot.tables import import_chunks, import_files
from knowledge.importing import MAX_BYTES, Export
from knowledge.importing_findings import Kind
from knowledge.procedures import Procedure
from tests.bot.console.office import SECRET, Clock
from tests.knowledge.exports import channel, portal_record

LAN = Actor(8, "Hoàng Thị Lan")
DEARER = portal_record("9.000001", cach_thuc=[channel(fee="50000 Đồng")])


class Desk:
    def __init__(self, database: Database) -> None:
        self.database, self.clock = database, Clock()
        audit = Audit(database, SECRET, self.clock)
        self.campaigns = Campaigns(database, audit, self.clock, check=lambda connection, content: ())
        self.imports = Imports(database, audit, self.clock, list)

    async def send_up(self, name: str, content: bytes, pieces: int = 3) -> int:
        id = await self.imports.begin(name, LAN)
        size = -(-len(content) // pieces)
        for number in range(pieces):
            await self.imports.add(id, number, content[number * size : (number + 1) * size], len(content))
        await self.imports.complete(id, LAN)
        return id

    async def take(self, name: str, *records: Any) -> ImportFile:
        lines = "\n".join(json.dumps(record) for record in records).encode()
        id = await self.send_up(name, gzip.compress(lines) if name.endswith(".gz") else lines)
        await self.imports.work_off({})
        file = await self.imports.get(id)
        assert file is not None
        return file

    async def rows(self, table: sa.Table) -> Sequence[Any]:
        return await self.database.run(lambda connection: connection.execute(sa.select(table)).all())

    async def catalogue(self) -> dict[str, Procedure]:
        documents = await self.database.run(imported_documents)
        return {procedure.code: procedure for procedure in imported_procedures(documents)}


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


async def test_a_file_in_pieces_is_taken_in_and_told(desk: Desk) -> None:
    file = await desk.take("C:\\tải về\\dvcqg-2026-07.jsonl.gz", portal_record(), portal_record("9.000002", cap=[]))
    assert (file.name, file.state, file.problem) == ("dvcqg-2026-07.jsonl.gz", DONE, None)
    assert file.report is not None
    assert (file.report.outcome.read, file.report.outcome.new, file.report.drafts) == (2, 2, 0)
    unknown = next(found for found in file.report.found if found.kind is Kind.LEVEL_UNKNOWN)
    assert (unknown.count, unknown.examples) == (1, ("9.000002",))
    assert list(await desk.catalogue()) == ["9.000001", "9.000002"]
    assert await desk.rows(import_chunks) == []
    assert [one.id for one in await desk.imports.newest(10)] == [file.id]


async def test_what_changed_is_drafted_by_the_system_once(desk: Desk) -> None:
    await desk.take("x-2026-06.jsonl", portal_record("9.000001"), portal_record("9.000002"))
    file = await desk.take("x-2026-07.jsonl", DEARER)
    assert file.report is not None
    assert (file.report.outcome.changed, file.report.outcome.gone, file.report.drafts) == (1, ("9.000002",), 1)
    (draft,) = await desk.campaigns.newest(10)
    assert (draft.state.value, draft.author_id, draft.origin) == ("draft", 0, "radar:9.000001")
    assert "50.000 đồng" in draft.content.body["vi"]
    await desk.imports.work_off({})  # once more, as after a crash that forgot that it was done
    await desk.take("x-2026-07.jsonl", DEARER)
    assert len(await desk.campaigns.newest(10)) == len(await desk.rows(procedure_changes)) == 1


async def test_a_refused_file_leaves_the_catalogue_and_says_which_line(desk: Desk) -> None:
    await desk.take("good.jsonl", portal_record())
    bad = await desk.take("bad.jsonl", portal_record("9.000002"), {"ma": 7})
    assert bad.state == REFUSED
    assert bad.problem is not None
    assert bad.problem.startswith("bad.jsonl, dòng 2: ")
    assert "bad.jsonl, line 2: " in bad.problem
    assert list(await desk.catalogue()) == ["9.000001"]
    assert await desk.rows(import_chunks) == []


async def test_whatever_a_bad_file_says_can_be_stored(desk: Desk) -> None:
    bad = await desk.take(f"{'x' * 170}.jsonl", portal_record("\0" * 10), portal_record())
    assert bad.state == REFUSED
    assert bad.problem is not None
    assert "mã thủ tục thiếu hoặc sai" in bad.problem


async def test_all_files_that_wait_are_worked_off_in_their_order(desk: Desk) -> None:
    for month, record in (("06", portal_record()), ("07", DEARER)):
        await desk.send_up(f"x-2026-{month}.jsonl", json.dumps(record).encode())
    assert await desk.catalogue() == {}
    await desk.imports.work_off({})
    assert [file.state for file in await desk.imports.newest(10)] == [DONE, DONE]
    assert (await desk.catalogue())["9.000001"].checked.month == 7
    assert len(await desk.campaigns.newest(10)) == 1


async def test_a_file_whose_sending_was_given_up_is_never_read_and_forgotten(desk: Desk) -> None:
    given_up = await desk.imports.begin("a.jsonl", LAN)
    await desk.imports.add(given_up, 0, b"{", 1)
    await desk.imports.work_off({})
    assert await desk.imports.newest(10) == []
    assert await desk.imports.get(given_up) is None
    desk.clock.move(seconds=FORGOTTEN.total_seconds() + 1)
    await desk.imports.begin("b.jsonl", LAN)
    assert [row.name for row in await desk.rows(import_files)] == ["b.jsonl"]
    assert await desk.rows(import_chunks) == []


async def test_a_file_is_no_larger_than_an_export(desk: Desk) -> None:
    id = await desk.imports.begin("a.jsonl", LAN)
    with pytest.raises(TooLarge):
        await desk.imports.add(id, 0, b"x", MAX_BYTES + 1)


@pytest.mark.parametrize("name", ["../../etc/passwd", "..", "/", "con\\..\\x.jsonl", "ế" * 300, ".jsonl"])
async def test_no_name_leads_elsewhere(desk: Desk, name: str) -> None:
    file = await desk.take(name, portal_record())
    assert file.state == DONE
    assert "/" not in file.name
    assert not file.name.startswith(".")


async def test_an_import_that_was_overtaken_is_compared_anew(desk: Desk) -> None:
    await desk.take("x-2026-06.jsonl", portal_record())
    before = await desk.database.run(held)
    await desk.take("x-2026-07.jsonl", DEARER)
    at, nobody = desk.clock(), lambda connection, content, origin: 1
    compared = compare(before, [Export("y.jsonl", at.date(), (), ())], at, at.date())
    with pytest.raises(ImportedMeanwhile):
        await desk.database.run(lambda connection: write(connection, compared, at, nobody))
