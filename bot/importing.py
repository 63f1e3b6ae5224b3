"""Takes official exports into the catalogue: what is new or changed is written, and what changed is noticed."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Sequence

import msgspec
import sqlalchemy as sa

from bot.broadcasts.radar import MOST_DRAFTS, Draft, note_changes
from bot.import_report import Outcome
from bot.records import upsert
from bot.tables import procedures as table
from knowledge.importing import Export, series_of
from knowledge.procedures import Procedure

AT_ONCE = 500  # codes in one statement
_read = msgspec.json.Decoder(Procedure).decode


@dataclass(frozen=True)
class Imported:
    """``drafts``: how many notices of what changed were drafted."""

    outcomes: tuple[Outcome, ...]
    drafts: int


def store(
    connection: sa.engine.Connection, exports: Sequence[Export], at: dt.datetime, today: dt.date, draft: Draft
) -> Imported:
    """Write what is new or changed. What a later issue of an export lacks is kept and told as gone."""
    rows = connection.execute(sa.select(table.c.code, table.c.fingerprint, table.c.source_file)).all()
    known = {row.code: row for row in rows}
    present = {procedure.code for export in exports for procedure in export.procedures}
    outcomes: list[Outcome] = []
    drafts = 0
    for export in exports:
        new = [procedure for procedure in export.procedures if procedure.code not in known]
        old = [procedure for procedure in export.procedures if procedure.code in known]
        changed = [procedure for procedure in old if known[procedure.code].fingerprint != fingerprint(procedure)]
        # The same facts in a newer issue: only the date moves.
        moved = [procedure for procedure in old if known[procedure.code].source_file != export.file[:200]]
        pairs = _with_what_was(connection, changed)
        drafts += note_changes(connection, pairs, export.file, at, today, draft, MOST_DRAFTS - drafts)
        written = {procedure.code: _row(procedure, export.file, at) for procedure in (*new, *changed, *moved)}
        if written:
            upsert(connection, table, list(written.values()))
        series = series_of(export.file)
        gone = [row.code for row in rows if row.code not in present and series_of(row.source_file) == series]
        counts = len(export.procedures), len(new), len(changed), len(old) - len(changed)
        outcomes.append(Outcome(export.file, export.checked, *counts, tuple(gone)))
    return Imported(tuple(outcomes), drafts)


def _with_what_was(
    connection: sa.engine.Connection, changed: Sequence[Procedure]
) -> list[tuple[Procedure, Procedure]]:
    """Each with the record that it replaces. One that cannot be read any more cannot be compared."""
    documents: dict[str, str] = {}
    for first in range(0, len(changed), AT_ONCE):
        codes = [procedure.code for procedure in changed[first : first + AT_ONCE]]
        rows = connection.execute(sa.select(table.c.code, table.c.document).where(table.c.code.in_(codes)))
        documents.update(tuple(row) for row in rows)
    pairs = []
    for procedure in changed:
        try:
            pairs.append((_read(documents[procedure.code]), procedure))
        except msgspec.ValidationError:  # written by an older version
            continue
    return pairs


def _row(procedure: Procedure, file: str, at: dt.datetime) -> dict[str, object]:
    return {
        "code": procedure.code,
        "document": msgspec.json.encode(procedure).decode(),
        "fingerprint": fingerprint(procedure),
        "source_file": file[:200],
        "imported_at": at,
    }


def fingerprint(procedure: Procedure) -> str:
    """Of the facts alone: the day on which they were checked is no change."""
    facts = msgspec.structs.replace(procedure, checked=dt.date.min)
    return hashlib.sha256(msgspec.json.encode(facts)).hexdigest()
