"""Files of recipients that nobody would think of: reading ends well or with a sentence, what was written comes back."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from typing import Any, Sequence

import openpyxl
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.broadcasts import files
from bot.broadcasts.file_faults import FileFault, FileRefused, RowFault
from bot.broadcasts.file_reading import open_rows
from bot.broadcasts.file_rows import RECIPIENTS, Row
from bot.broadcasts.files import FileState
from bot.broadcasts.notice import LONGEST_VALUE, plain
from bot.broadcasts.tables import audience_rows
from bot.storage import Database, migrate
from connectors.fitting import utf16_length
from tests.bot.broadcasts.office_of_campaigns import MAI, Clock
from tests.bot.broadcasts.test_files import files_of

SHAPES = {"phone": r"84[35789][0-9]{8}", "zalo": r"[1-9][0-9]{4,24}", "telegram": r"[1-9][0-9]{4,24}"}
TITLES = [title for known in RECIPIENTS.values() for title in known]
CELLS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["", "0901000001", "84902000002", "9.1E+10", "8.4901000001E+10", "02838000001", "77000000001"]),
)
LINES = st.lists(st.lists(CELLS, max_size=5), max_size=8)
KNOWN = [b"phone", b",", b";", b"\t", b'"', b"\n", b"\r\n", b"\0", b"0901000001", "Tên".encode(), b"\xef\xbb\xbf"]
SCRAPS = st.lists(st.one_of(st.binary(max_size=20), st.sampled_from(KNOWN)), max_size=40).map(b"".join)
TEXTS = LINES.map(lambda lines: "\n".join(",".join(line) for line in [["phone", "ten"], *lines]).encode())


def check(content: bytes) -> tuple[list[Row], tuple[str, ...]]:
    """Reads it, whatever it is; nothing but a refusal may be raised."""
    try:
        opened = open_rows(io.BytesIO(content))
        rows = list(opened.rows)
    except FileRefused:
        return [], ()
    numbers = [row.number for row in rows]
    assert numbers == sorted(set(numbers))
    assert len(rows) > 0
    for row in rows:
        if row.fault is not None:
            assert (row.channel, row.person, row.facts) == (None, None, {})
            continue
        assert row.channel is not None
        assert row.person is not None
        assert re.fullmatch(SHAPES[row.channel], row.person)
        assert set(row.facts) == set(opened.columns)
        assert all(0 < utf16_length(value) <= LONGEST_VALUE for value in row.facts.values())
    return rows, opened.columns


@given(SCRAPS)
def test_any_bytes_end_with_rows_or_a_refusal(content: bytes) -> None:
    check(content)


ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"])


@given(LINES, st.sampled_from(TITLES), st.sampled_from(",;\t"), ENCODINGS)
def test_any_cells_under_a_title_are_rows(
    lines: Sequence[Sequence[str]], title: str, separator: str, encoding: str
) -> None:
    text = "\r\n".join(separator.join(line) for line in [["Tên", title], *lines])
    rows, columns = check(text.encode(encoding, "replace"))
    assert not rows or columns == ("ten",) or encoding == "cp1252"


def packed(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return file.getvalue()


def workbook(lines: Sequence[Sequence[Any]]) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    for line in lines:
        book.active.append(list(line))
    book.save(file)
    return file.getvalue()


@given(st.data())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_a_spoilt_workbook_is_read_or_refused(data: st.DataObject) -> None:
    whole = workbook([["Tên", "SĐT"], ["An", "0901000001"], ["Bình", 902000002]])  # its size is not always the same
    if data.draw(st.booleans()):  # a part is spoilt, in a whole archive
        with zipfile.ZipFile(io.BytesIO(whole)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        name = data.draw(st.sampled_from(sorted(parts)))
        parts[name] = spoilt(parts[name], data)
        check(packed(parts))
    else:
        check(spoilt(whole, data))


def spoilt(content: bytes, data: st.DataObject) -> bytes:
    begin = data.draw(st.integers(0, 10_000)) % (len(content) + 1)
    end = begin + data.draw(st.integers(0, 40))
    scrap = data.draw(st.one_of(st.binary(max_size=10), st.sampled_from([b"<row/>", b"<c/>", b'"', b"-1", b"9" * 30])))
    return content[:begin] + scrap + content[end:]


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"]), min_size=1, max_size=40)
GOOD = st.lists(
    st.tuples(NAMES.filter(plain).filter(lambda name: "_x" not in name and "\ufffd" not in name),
              st.integers(300_000_000, 999_999_999).filter(lambda number: str(number)[0] in "35789")),
    min_size=1, max_size=30, unique_by=lambda row: row[1],
)  # fmt: skip


@given(GOOD, st.sampled_from(",;\t"), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_what_the_csv_module_wrote_comes_back(rows: list[tuple[str, int]], separator: str, encoding: str) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator, quoting=csv.QUOTE_ALL).writerows([["ten", "phone"], *rows])
    read, _ = check(file.getvalue().encode(encoding))
    assert [(row.facts["ten"], row.person) for row in read] == [(plain(name), f"84{phone}") for name, phone in rows]


@given(GOOD)
def test_what_openpyxl_wrote_comes_back(rows: list[tuple[str, int]]) -> None:
    rows = [(f"a{name}", phone) for name, phone in rows]  # openpyxl would take "=" for a formula
    read, _ = check(workbook([["ten", "phone"], *rows]))
    assert [(row.facts["ten"], row.person) for row in read] == [(plain(name), f"84{phone}") for name, phone in rows]


async def test_whatever_is_sent_up_good_and_bad_are_all_rows(tmp_path: Any) -> None:
    """The same through the database, with repeats; a new database for each would be slow."""
    url = f"sqlite:///{tmp_path}/fuzz.db"
    migrate(url)
    database = Database(url)
    kept = files_of(database, Clock())
    examples: list[bytes] = []
    few = settings(max_examples=40, database=None)
    given(st.one_of(SCRAPS, TEXTS))(few(lambda content: examples.append(content)))()
    for content in examples:
        id = await kept.begin("tệp", MAI)
        await kept.add_chunk(id, 0, content)
        await kept.sent_up(id)
        await kept.read({"file": id})
        file = await kept.get(id)
        query = sa.select(audience_rows).where(audience_rows.c.file == id)
        rows = await database.run(lambda connection, query=query: connection.execute(query).all())
        assert file.state in (FileState.READY, FileState.REFUSED)
        assert (file.sentence != "") or file.state is FileState.READY
        assert file.good + file.bad == file.rows_read == len(rows)
        good = [(row.channel, row.person) for row in rows if row.problem is None]
        assert len(good) == len(set(good)) == file.good
        bad = [one async for one in kept.problem_rows(id)]
        assert len(bad) == file.bad
        assert all(one.sentence.format(**one.facts) for one in bad)
    await database.close()


def test_faults_are_kept_by_names_that_fit() -> None:
    assert all(len(f"{fault.value}:{10**7}") <= 40 for fault in RowFault)
    assert all(len(fault.value) <= files.LONGEST_NAME for fault in FileFault)
