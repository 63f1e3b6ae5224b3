"""Files of recipients, from the piece that is sent up to the row that is explained."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import msgspec
import openpyxl
import pytest
import sqlalchemy as sa

from bot.audit import Audit
from bot.broadcasts import file_rows, files
from bot.broadcasts.campaign import Audience, Content
from bot.broadcasts.file_faults import FileFault, FileRefused, Remark
from bot.broadcasts.files import AudienceFile, AudienceFiles, FileInUse, FileState, NoSuchFile
from bot.broadcasts.tables import audience_chunks, audience_files, audience_rows
from bot.storage import Database
from tests.bot.broadcasts.office_of_campaigns import MAI, Clock
from tests.bot.broadcasts.town import Office

PIECE = 64


def files_of(database: Database, clock: Clock) -> AudienceFiles:
    return AudienceFiles(database, Audit(database, "a secret of this test", clock), clock)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept(database: Database, clock: Clock) -> AudienceFiles:
    return files_of(database, clock)


async def send_up(kept: AudienceFiles, content: bytes, name: str = "danh sách.csv") -> int:
    id = await kept.begin(name, MAI)
    for number, start in enumerate(range(0, len(content), PIECE)):
        await kept.add_chunk(id, number, content[start : start + PIECE])
    await kept.sent_up(id)
    return id


async def taken(kept: AudienceFiles, content: bytes) -> AudienceFile:
    id = await send_up(kept, content)
    await kept.read({"file": id})
    return await kept.get(id)


async def rows_of(database: Database) -> list[Any]:
    query = sa.select(audience_rows).order_by(audience_rows.c.row)
    return list(await database.run(lambda connection: connection.execute(query).all()))


async def count(database: Database, table: sa.Table) -> int:
    query = sa.select(sa.func.count()).select_from(table)
    return int(await database.run(lambda connection: connection.execute(query).scalar()))


LIST = """Họ tên,Số điện thoại,Ngày hẹn
Nguyễn Văn An,0901000001,23/11/2026
Trần Thị Bình,+84 902 000 002,24/11/2026
Lê Văn Cường,0283 800 0003,24/11/2026
,0904000004,25/11/2026
Phạm Thị Dung,84901000001,25/11/2026
Hoàng Văn Em,chưa có,26/11/2026
"""


async def test_file_becomes_rows_and_each_bad_one_is_explained(kept: AudienceFiles, database: Database) -> None:
    file = await taken(kept, LIST.encode())
    assert (file.state, file.progress, file.rows_read, file.good, file.bad) == (FileState.READY, 100, 6, 2, 4)
    assert (file.columns, file.sentence, file.bytes) == (("ho_ten", "ngay_hen"), "", len(LIST.encode()))
    good = [row for row in await rows_of(database) if row.problem is None]
    assert [(row.row, row.channel, row.person) for row in good] == [
        (2, "phone", "84901000001"),
        (3, "phone", "84902000002"),
    ]
    assert msgspec.json.decode(good[1].facts) == {"ho_ten": "Trần Thị Bình", "ngay_hen": "24/11/2026"}
    told = [(bad.row, bad.sentence.format(**bad.facts)) for bad in await kept.problems(file.id, 0, 10)]
    assert told == [
        (4, "“•••• ••• •003” là số điện thoại cố định, không nhận được tin Zalo."),
        (5, "Cột “Họ tên” để trống."),
        (6, "Người nhận này đã có ở dòng 2."),
        (7, "“chưa có” không phải số điện thoại di động Việt Nam."),
    ]
    assert all((row.channel, row.person, row.facts) == (None, None, None) for row in await rows_of(database)
               if row.problem)  # fmt: skip


async def test_bad_rows_come_in_pages(kept: AudienceFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files.table, "PIECE", 3)
    file = await taken(kept, LIST.encode())
    assert [bad.row for bad in await kept.problems(file.id, 0, 2)] == [4, 5]
    assert [bad.row for bad in await kept.problems(file.id, 5, 2)] == [6, 7]
    assert await kept.problems(file.id, 7, 2) == []
    monkeypatch.setattr(files, "AT_ONCE", 3)
    assert [bad.row async for bad in kept.problem_rows(file.id)] == [4, 5, 6, 7]


async def test_what_was_read_needs_its_pieces_no_more(kept: AudienceFiles, database: Database) -> None:
    id = await send_up(kept, LIST.encode())
    assert await count(database, audience_chunks) > 4
    await kept.read({"file": id})
    assert await count(database, audience_chunks) == 0
    before = await kept.get(id)
    await kept.read({"file": id})  # a job may be done twice
    assert await kept.get(id) == before


async def test_killed_reading_goes_on_where_it_was(
    kept: AudienceFiles, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "AT_ONCE", 1)
    whole = await taken(kept, LIST.encode())
    expected = [row[1:] for row in await rows_of(database)]
    add_rows, left = files.table.add_rows, 0

    def add_some(*given: Any, **facts: Any) -> bool:
        nonlocal left
        if not left:
            raise ConnectionError("the process is no more")
        left -= 1
        return add_rows(*given, **facts)

    for stops_after in range(6):
        await kept.remove(whole.id, MAI)
        id, left = await send_up(kept, LIST.encode()), stops_after
        with monkeypatch.context() as patched:
            patched.setattr(files.table, "add_rows", add_some)
            with pytest.raises(ConnectionError):
                await files_of(database, clock).read({"file": id})
        assert len(await rows_of(database)) == stops_after
        await kept.read({"file": id})
        whole = await kept.get(id)
        assert (whole.rows_read, whole.good, whole.bad) == (6, 2, 4)
        assert [row[1:] for row in await rows_of(database)] == expected


async def test_two_who_read_the_same_file_write_each_row_once(
    kept: AudienceFiles, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "AT_ONCE", 1)
    id = await send_up(kept, LIST.encode())
    await asyncio.gather(kept.read({"file": id}), files_of(database, clock).read({"file": id}))
    assert len(await rows_of(database)) == (await kept.get(id)).rows_read
    await kept.read({"file": id})
    assert [row.row for row in await rows_of(database)] == [2, 3, 4, 5, 6, 7]


async def test_progress_is_told_while_it_is_read(
    kept: AudienceFiles, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "AT_ONCE", 2_000)
    text = "SĐT\n" + "".join(f"09{number:08}\n" for number in range(36_000))
    id = await send_up(kept, text.encode())
    told = []
    add_rows = files.table.add_rows
    monkeypatch.setattr(
        files.table, "add_rows", lambda *given, **facts: told.append(facts["progress"]) or add_rows(*given, **facts)
    )
    await kept.read({"file": id})
    assert told == sorted(told)
    assert len(set(told)) > 2
    assert told[-1] == 99


async def test_too_large_a_file_is_refused_and_nothing_of_it_is_kept(
    kept: AudienceFiles, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 20)
    id = await kept.begin("lớn.csv", MAI)
    await kept.add_chunk(id, 0, b"x" * 20)
    with pytest.raises(FileRefused) as refused:
        await kept.add_chunk(id, 1, b"x")
    assert refused.value.fault is FileFault.TOO_LARGE
    file = await kept.get(id)
    assert (file.state, file.sentence) == (FileState.REFUSED, FileFault.TOO_LARGE.value)
    assert await count(database, audience_chunks) == 0
    await kept.sent_up(id)
    assert (await kept.get(id)).state is FileState.REFUSED


async def test_file_that_goes_on_too_long_leaves_no_rows(
    kept: AudienceFiles, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_rows, "MOST_ROWS", 5)
    monkeypatch.setattr(files, "AT_ONCE", 2)
    file = await taken(kept, LIST.encode())
    assert (file.state, file.sentence) == (FileState.REFUSED, FileFault.TOO_MANY_ROWS.value)
    assert (file.rows_read, file.good, await count(database, audience_rows)) == (0, 0, 0)


async def test_upload_that_ended_early_is_forgotten(kept: AudienceFiles, database: Database, clock: Clock) -> None:
    left, going = await kept.begin("bỏ dở.csv", MAI), await kept.begin("ngắt.csv", MAI)
    await kept.add_chunk(left, 0, b"x")
    await kept.abandon(going)
    clock.forward(hours=23)
    await kept.clean({})
    assert (await kept.get(left)).state is FileState.SENDING_UP
    clock.forward(hours=2)
    await kept.clean({})
    assert [(file.state, file.sentence) for file in await kept.newest(2)] == [
        (FileState.REFUSED, FileFault.STOPPED.value),
        (FileState.REFUSED, FileFault.STOPPED.value),
    ]
    assert await count(database, audience_chunks) == 0


async def test_lists_of_files(kept: AudienceFiles) -> None:
    first, second, third = [await send_up(kept, LIST.encode(), f"tệp {number}.csv") for number in range(3)]
    await kept.read({"file": second})
    assert [file.id for file in await kept.newest(2)] == [third, second]
    assert await kept.unread() == [third, first]
    with pytest.raises(NoSuchFile):
        await kept.get(99)
    await kept.read({"file": 99})  # removed before it was read


async def test_file_is_removed_unless_a_campaign_needs_it(kept: AudienceFiles, database: Database) -> None:
    file, office = await taken(kept, LIST.encode()), Office(database)
    content = Content(title="Mời họp", body={"vi": "Mời {ho_ten} họp."}, audience=Audience(file=file.id))
    campaign = await office.begin(content)
    with pytest.raises(FileInUse) as in_use:
        await kept.remove(file.id, MAI)
    assert in_use.value.campaign == campaign
    assert (await kept.get(file.id)).state is FileState.READY
    other = await taken(kept, LIST.encode())
    await kept.remove(other.id, MAI)
    with pytest.raises(NoSuchFile):
        await kept.remove(other.id, MAI)
    assert await count(database, audience_files) == 1
    assert {row.file for row in await rows_of(database)} == {file.id}


async def test_phone_numbers_do_not_lie_there_for_ever(
    kept: AudienceFiles, database: Database, clock: Clock
) -> None:
    needed, old = await taken(kept, LIST.encode()), await taken(kept, LIST.encode())
    content = Content(title="Mời họp", body={"vi": "Mời {ho_ten} họp."}, audience=Audience(file=needed.id))
    await Office(database).begin(content)
    clock.forward(hours=24 * 91)
    new = await taken(kept, LIST.encode())
    await kept.clean({})
    assert [file.id for file in await kept.newest(9)] == [new.id, needed.id]
    assert {row.file for row in await rows_of(database)} == {new.id, needed.id}
    assert old.id not in {new.id, needed.id}


@pytest.mark.parametrize(
    ("content", "fault", "detail"),
    [
        (b"", FileFault.NOTHING, ""),
        ("Tên,Địa chỉ\nAn,Hẻm 3\n".encode(), FileFault.NO_RECIPIENT_COLUMN, ""),
        (("x\n" * 10 + "SĐT\n0901000001\n").encode(), FileFault.NO_RECIPIENT_COLUMN, ""),
        ("SĐT\n\n".encode(), FileFault.NO_ROWS, ""),
        ("SĐT,Tên,TÊN\n0901000001,a,b\n".encode(), FileFault.REPEATED_COLUMN, "TÊN"),
        (("SĐT," + ",".join(f"c{n}" for n in range(31)) + "\n").encode(), FileFault.TOO_MANY_COLUMNS, ""),
        (b"\xd0\xcf\x11\xe0 an old workbook", FileFault.OLD_EXCEL, ""),
        (b"PK\x03\x04 no workbook", FileFault.BROKEN_EXCEL, ""),
    ],
    ids=["nothing", "no column", "too far down", "no rows", "repeated", "columns", "old", "broken"],
)
async def test_whole_file_is_refused_with_a_sentence(
    kept: AudienceFiles, content: bytes, fault: FileFault, detail: str
) -> None:
    file = await taken(kept, content)
    assert (file.state, file.sentence, file.facts) == (FileState.REFUSED, fault.value, {"detail": detail})
    assert file.finished_at is not None


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        ("Đă\u0323ng Nguyê\u0303n", "cp1258", "Windows-1258"),
        ("Niccolò Ñuñez", "cp1252", "Windows-1252"),
    ],
    ids=["Vietnamese", "Western"],
)
async def test_guessed_encoding_is_told(
    kept: AudienceFiles, database: Database, text: str, encoding: str, name: str
) -> None:
    file = await taken(kept, f"name,phone\n{text},0901000001\n".encode(encoding))
    assert (file.state, file.sentence, file.facts) == (
        FileState.READY, Remark.GUESSED_ENCODING.value, {"detail": name}
    )  # fmt: skip
    (row,) = await rows_of(database)
    assert msgspec.json.decode(row.facts)["name"] in ("Đặng Nguyễn", "Niccolò Ñuñez")


@pytest.mark.filterwarnings("ignore:Title is more than 31 characters")
async def test_name_of_a_sheet_may_be_of_any_length(kept: AudienceFiles) -> None:
    book, made = openpyxl.Workbook(), io.BytesIO()
    book.active.title = "Ế" * 400
    book.create_sheet()
    book.active.append(["phone"])
    book.active.append(["0901000001"])
    book.save(made)
    file = await taken(kept, made.getvalue())
    assert (file.state, file.facts) == (FileState.READY, {"detail": "Ế" * 100})


async def test_file_that_is_removed_while_it_is_read_leaves_nothing(
    kept: AudienceFiles, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "AT_ONCE", 1)
    id = await send_up(kept, LIST.encode())
    last_row = files.table.last_row

    def removed_meanwhile(connection: sa.engine.Connection, file: int) -> int:
        connection.execute(audience_files.update().values(state="refused"))
        return last_row(connection, file)

    with monkeypatch.context() as patched:
        patched.setattr(files.table, "last_row", removed_meanwhile)
        await kept.read({"file": id})
    assert (await rows_of(database), (await kept.get(id)).state) == ([], FileState.REFUSED)
    await kept.remove(id, MAI)
    assert [await count(database, table) for table in (audience_files, audience_chunks, audience_rows)] == [0, 0, 0]
