"""Takes official exports into the catalogue: what is new or changed is written, and what changed is noticed."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any, Callable, Iterable, Iterator, Mapping, Sequence

import msgspec
import sqlalchemy as sa

from bot.audit import SYSTEM, Audit
from bot.broadcasts.campaign import Content
from bot.broadcasts.campaigns import Campaigns
from bot.broadcasts.radar import Draft, Noticed, note, notice
from bot.import_report import Outcome
from bot.records import upsert
from bot.storage import Database
from bot.tables import procedures as table
from knowledge.importing import Export, series_of
from knowledge.procedures import Procedure

Held = Mapping[str, Any]  # rows of earlier imports, by code
_read = msgspec.json.Decoder(Procedure).decode
_FINGERPRINTS = sa.select(table.c.code, table.c.fingerprint)


@dataclass(frozen=True)
class Imported:
    """``drafts``: how many notices of what changed were drafted."""

    outcomes: tuple[Outcome, ...]
    drafts: int


@dataclass(frozen=True)
class Compared:
    """An import beside what was held before it: what is to be written. ``fingerprints`` are of what was held."""

    fingerprints: Mapping[str, str]
    rows: Sequence[Mapping[str, object]]
    noticed: Sequence[Noticed]
    outcomes: tuple[Outcome, ...]


class ImportedMeanwhile(Exception):
    """Another import was faster: compare again."""


def held(connection: sa.engine.Connection) -> Held:
    """Within a database work."""
    return {row.code: row for row in connection.execute(sa.select(table))}


def compare(before: Held, exports: Sequence[Export], at: dt.datetime, today: dt.date) -> Compared:
    """Takes seconds where much has changed. What a later issue of an export lacks is kept and told as gone."""
    present = {procedure.code for export in exports for procedure in export.procedures}
    rows: dict[str, Mapping[str, object]] = {}
    noticed: list[Noticed] = []
    outcomes: list[Outcome] = []
    for export in exports:
        written = {procedure.code: _row(procedure, export.file, at) for procedure in export.procedures}
        old = [procedure for procedure in export.procedures if procedure.code in before]
        changed = [one for one in old if before[one.code].fingerprint != written[one.code]["fingerprint"]]
        noticed += notice(_with_what_was(before, changed), export.file, today)
        # The same facts in a newer issue: only the date moves.
        same = {one.code for one in old if before[one.code].source_file == export.file[:200]}
        same -= {one.code for one in changed}
        rows.update((code, row) for code, row in written.items() if code not in same)
        series = series_of(export.file)
        gone = [code for code, row in before.items() if code not in present and series_of(row.source_file) == series]
        counts = len(export.procedures), len(export.procedures) - len(old), len(changed), len(old) - len(changed)
        outcomes.append(Outcome(export.file, export.checked, *counts, tuple(gone)))
    fingerprints = {code: row.fingerprint for code, row in before.items()}
    return Compared(fingerprints, list(rows.values()), noticed, tuple(outcomes))


def write(connection: sa.engine.Connection, compared: Compared, at: dt.datetime, draft: Draft) -> Imported:
    """Within a database work: everything, or nothing. Raises ImportedMeanwhile."""
    if {row.code: row.fingerprint for row in connection.execute(_FINGERPRINTS)} != compared.fingerprints:
        raise ImportedMeanwhile
    drafts = note(connection, compared.noticed, at, draft)
    if compared.rows:
        upsert(connection, table, compared.rows)
    return Imported(compared.outcomes, drafts)


def drafting(database: Database, audit: Audit, clock: Callable[[], dt.datetime]) -> Draft:
    """Drafts are the system's own; whether they can be sent is looked at when an official submits them."""
    campaigns = Campaigns(database, audit, clock, check=lambda connection, content: ())

    def draft(connection: sa.engine.Connection, content: Content, origin: str) -> int:
        return campaigns.draft(connection, SYSTEM, content, origin).id

    return draft


def _with_what_was(before: Held, changed: Iterable[Procedure]) -> Iterator[tuple[Procedure, Procedure]]:
    """Each with the record that it replaces. One that cannot be read any more cannot be compared."""
    for procedure in changed:
        try:
            yield _read(before[procedure.code].document), procedure
        except msgspec.ValidationError:  # written by an older version
            continue


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
