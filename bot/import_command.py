"""``python -m bot import procedures FILE…``: takes official exports into the database, all of them or nothing."""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import sys
from pathlib import Path
from typing import Callable, Optional, Sequence

import msgspec
import sqlalchemy as sa
from tqdm import tqdm

from bot import tables
from bot.import_report import Outcome, as_json, as_text
from bot.settings import Settings
from bot.storage import DatabaseUnusable, migrate, open_engine
from knowledge.curated import CatalogueFileInvalid, read_curated_procedures
from knowledge.importing import Export, ImportRefused, read_exports, series_of
from knowledge.importing_differences import differences
from knowledge.procedures import Procedure

SHOW_PROGRESS_AFTER = 2.0  # seconds
_UNCHANGED_VI = "Danh mục thủ tục được giữ nguyên như cũ."
_UNCHANGED_EN = "The catalogue is as it was."


def add_import_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``import procedures`` to the command line; its ``run(options, settings)`` gives the exit code."""
    importing = commands.add_parser("import", help="take official exports into the catalogue (DATABASE_URL)")
    what = importing.add_subparsers(title="what", required=True, metavar="WHAT")
    parser = what.add_parser(
        "procedures",
        help="procedures as the national portal or a ministry exports them",
        description="Takes exports of procedures (JSON lines, gzip or plain) into the database, in one transaction.",
        epilog="Exit codes: 0 imported, 1 a file was refused and the catalogue is as it was, 2 wrong usage.",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="an export, e.g. dvcqg-2026-07.jsonl.gz")
    parser.add_argument("--report", type=_writable, metavar="FILE.json", help="write every single finding to this file")
    parser.set_defaults(run=run)


def _writable(text: str) -> Path:
    path = Path(text)
    if path.is_dir() or not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text}: no such folder, or a folder itself")
    return path


def run(options: argparse.Namespace, settings: Settings) -> int:
    """The command: 0 imported, 1 refused."""
    return import_procedures(options.files, settings.database_url, options.report, dt.date.today())


def import_procedures(
    files: Sequence[Path],
    database_url: str,
    report: Optional[Path],
    today: dt.date,
    read_curated: Callable[[], Sequence[Procedure]] = read_curated_procedures,
) -> int:
    """Read, compare, store and report. Whatever fails, the catalogue stays as it was and a sentence says why."""
    try:
        exports = _read_with_progress(files, today)
        imported = [procedure for export in exports for procedure in export.procedures]
        found = differences(read_curated(), imported)
        migrate(database_url)
        engine = open_engine(database_url)
        try:
            with engine.begin() as connection:
                outcomes = store(connection, exports, dt.datetime.now(dt.timezone.utc))
                if report is not None:  # before the commit: a report that cannot be written undoes the import
                    report.write_bytes(as_json(exports, outcomes, found))
        finally:
            engine.dispose()
    except ImportRefused as error:
        return _refuse(error.vi, error.en)
    except (DatabaseUnusable, CatalogueFileInvalid) as error:
        return _refuse(str(error), str(error))
    except sa.exc.SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or type(error).__name__)
        return _refuse(f"cơ sở dữ liệu không nhận ({reason})", f"the database refused ({reason})")
    except OSError as error:
        return _refuse(f"không ghi được báo cáo ({error.strerror})", f"cannot write the report ({error.strerror})")
    sys.stdout.write(as_text(exports, outcomes, found))
    return 0


def _refuse(vi: str, en: str) -> int:
    sys.stderr.write(f"Không nhập được: {vi}. {_UNCHANGED_VI}\nNot imported: {en}. {_UNCHANGED_EN}\n")
    return 1


def _read_with_progress(files: Sequence[Path], today: dt.date) -> list[Export]:
    size = sum(file.stat().st_size for file in files if file.is_file())
    with tqdm(
        total=size,
        desc="Đọc bản xuất / Reading",
        unit="B",
        unit_scale=True,
        delay=SHOW_PROGRESS_AFTER,
        disable=None,  # shown on a terminal only
        leave=False,
        file=sys.stderr,
    ) as bar:

        def advance(size: int) -> None:
            bar.update(size)

        return read_exports(files, today, advance)


def store(connection: sa.engine.Connection, exports: Sequence[Export], at: dt.datetime) -> list[Outcome]:
    """Write what is new or changed. What a later issue of an export lacks is kept and told as gone."""
    table = tables.procedures
    rows = connection.execute(sa.select(table.c.code, table.c.fingerprint, table.c.source_file)).all()
    known = {row.code: row for row in rows}
    present = {procedure.code for export in exports for procedure in export.procedures}
    outcomes, added, updated = [], [], []
    for export in exports:
        new = changed = 0
        for procedure in export.procedures:
            mark, old = fingerprint(procedure), known.get(procedure.code)
            row = {
                "code": procedure.code,
                "document": msgspec.json.encode(procedure).decode(),
                "fingerprint": mark,
                "source_file": export.file[:200],
                "imported_at": at,
            }
            if old is None:
                new += 1
                added.append(row)
            elif old.fingerprint != mark:
                changed += 1
                updated.append(row)
            elif old.source_file != export.file[:200]:  # the same facts in a newer issue: only the date moves
                updated.append(row)
        gone = [
            row.code
            for row in rows
            if row.code not in present and series_of(row.source_file) == series_of(export.file)
        ]
        read = len(export.procedures)
        outcomes.append(Outcome(export.file, export.checked, read, new, changed, read - new - changed, tuple(gone)))
    if updated:
        change = table.update().where(table.c.code == sa.bindparam("changed_code"))
        columns = [column.name for column in table.columns if column.name != "code"]
        connection.execute(
            change.values({name: sa.bindparam(name) for name in columns}),
            [{"changed_code": row.pop("code"), **row} for row in updated],
        )
    if added:
        connection.execute(table.insert(), added)
    return outcomes


def fingerprint(procedure: Procedure) -> str:
    """Of the facts alone: the day on which they were checked is no change."""
    facts = msgspec.structs.replace(procedure, checked=dt.date.min)
    return hashlib.sha256(msgspec.json.encode(facts)).hexdigest()
