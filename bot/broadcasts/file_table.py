"""The statements about files of recipients; each is a short work of the database, however large the file is."""

from __future__ import annotations

from typing import Any, Mapping, Optional, Sequence

import msgspec
import sqlalchemy as sa

from bot.broadcasts.file_faults import RowFault
from bot.broadcasts.file_rows import Row
from bot.broadcasts.tables import audience_chunks, audience_files, audience_rows

PIECE = 5_000  # numbers of rows that are looked through, or deleted, at once
CHUNKS = 4
_F, _C, _R = audience_files.c, audience_chunks.c, audience_rows.c
_FILE = sa.bindparam("its_file")

_GROW = audience_files.update().where(
    _F.id == _FILE, _F.state == "sending_up", _F.bytes <= sa.bindparam("room")
).values(bytes=_F.bytes + sa.bindparam("more"))  # fmt: skip
_CHUNK = sa.select(_C.data).where(_C.file == _FILE, _C.number == sa.bindparam("chunk"))
_LAST_ROW = sa.select(sa.func.coalesce(sa.func.max(_R.row), 0)).where(_R.file == _FILE)
_SOME_BAD = (
    sa.select(_R.row, _R.problem, _R.shown)
    .where(_R.file == _FILE, _R.row > sa.bindparam("after"), _R.row <= sa.bindparam("until"), _R.problem.is_not(None))
    .order_by(_R.row)
    .limit(sa.bindparam("most"))
)
_KNOWN = sa.select(_R.person, _R.row).where(
    _R.file == _FILE, _R.channel == sa.bindparam("on"), _R.person.in_(sa.bindparam("persons", expanding=True))
)
_COUNT = audience_files.update().where(
    _F.id == _FILE, _F.state == "reading", _F.rows_read == sa.bindparam("before")
).values(
    rows_read=_F.rows_read + sa.bindparam("new_good") + sa.bindparam("new_bad"),
    good=_F.good + sa.bindparam("new_good"),
    bad=_F.bad + sa.bindparam("new_bad"),
    progress=sa.bindparam("per_cent"),
)  # fmt: skip
_ADD_ROWS = audience_rows.insert()
_FIRST_CHUNKS = sa.select(_C.number).where(_C.file == _FILE).order_by(_C.number).limit(CHUNKS)
_FORGET_CHUNKS = audience_chunks.delete().where(_C.file == _FILE, _C.number.in_(_FIRST_CHUNKS))
_FIRST_ROW = sa.select(sa.func.min(_R.row)).where(_R.file == _FILE).scalar_subquery()
_FORGET_ROWS = audience_rows.delete().where(_R.file == _FILE, _R.row < _FIRST_ROW + PIECE)


def add_chunk(connection: sa.engine.Connection, file: int, number: int, data: bytes, most: int) -> bool:
    """False when the whole file gets larger than ``most`` bytes, or is not being sent up any more."""
    if not connection.execute(_GROW, {"its_file": file, "room": most - len(data), "more": len(data)}).rowcount:
        return False
    connection.execute(audience_chunks.insert(), {"file": file, "number": number, "data": data})
    return True


def chunk(connection: sa.engine.Connection, file: int, number: int) -> Optional[bytes]:
    data = connection.execute(_CHUNK, {"its_file": file, "chunk": number}).scalar()
    return None if data is None else bytes(data)


def last_row(connection: sa.engine.Connection, file: int) -> int:
    """Its number, 0 when there is none."""
    row: int = connection.execute(_LAST_ROW, {"its_file": file}).scalar()
    return row


def some_bad(connection: sa.engine.Connection, file: int, after: int, most: int) -> list[Any]:
    """The first ``most`` bad ones of the PIECE rows after ``after``."""
    page = {"its_file": file, "after": after, "until": after + PIECE, "most": most}
    rows: list[Any] = connection.execute(_SOME_BAD, page).all()
    return rows


def add_rows(
    connection: sa.engine.Connection, file: int, rows: Sequence[Row], before: int, progress: int
) -> bool:
    """``before``: how many rows it had. False when that is not so, or it is not being read any more.

    Whoever stands further up in the file already is not told twice.
    """
    first = _first_rows(connection, file, rows)
    values = [_values(file, row, first) for row in rows]
    bad = sum(value["problem"] is not None for value in values)
    counts = {"its_file": file, "before": before, "new_good": len(values) - bad, "new_bad": bad, "per_cent": progress}
    if not connection.execute(_COUNT, counts).rowcount:
        return False
    connection.execute(_ADD_ROWS, values)
    return True


def forget_chunks(connection: sa.engine.Connection, file: int) -> int:
    """Some of them; 0 when there were none."""
    return int(connection.execute(_FORGET_CHUNKS, {"its_file": file}).rowcount)


def forget_rows(connection: sa.engine.Connection, file: int) -> int:
    """Some of them; 0 when there were none."""
    return int(connection.execute(_FORGET_ROWS, {"its_file": file}).rowcount)


def _first_rows(
    connection: sa.engine.Connection, file: int, rows: Sequence[Row]
) -> Mapping[tuple[Optional[str], Optional[str]], int]:
    """In which row each address stands first."""
    first: dict[tuple[Optional[str], Optional[str]], int] = {}
    for row in reversed(rows):
        first[row.channel, row.person] = row.number
    for channel in {row.channel for row in rows if row.channel is not None}:
        persons = [person for its, person in first if its == channel]
        for person, number in connection.execute(_KNOWN, {"its_file": file, "on": channel, "persons": persons}):
            first[channel, person] = number
    return first


def _values(file: int, row: Row, first: Mapping[tuple[Optional[str], Optional[str]], int]) -> dict[str, Any]:
    values = {"file": file, "row": row.number, "channel": None, "person": None, "facts": None, "shown": row.shown[:100]}
    if row.fault is not None:
        return {**values, "problem": row.fault.value}
    earliest = first[row.channel, row.person]
    if earliest != row.number:
        return {**values, "problem": f"{RowFault.REPEATED.value}:{earliest}"}
    facts = msgspec.json.encode(row.facts).decode()
    return {**values, "channel": row.channel, "person": row.person, "facts": facts, "problem": None}
