"""``python -m bot import procedures FILE…``: takes official exports into the database, all of them or nothing."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import sys
from pathlib import Path
from typing import Callable, Optional, Sequence

import sqlalchemy as sa
from tqdm import tqdm

from bot.audit import Audit
from bot.broadcasts.radar import Draft
from bot.import_report import as_json, as_text
from bot.importing import Imported, compare, drafting, held, write
from bot.records import now
from bot.secret_key import secret_of
from bot.settings import Settings
from bot.storage import Database, DatabaseUnusable, migrate
from knowledge.curated import CatalogueFileInvalid, read_curated_procedures
from knowledge.importing import Export, ImportRefused, read_exports
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
    return import_procedures(
        options.files, settings.database_url, options.report, dt.date.today(), secret=secret_of(settings)
    )


def import_procedures(
    files: Sequence[Path],
    database_url: str,
    report: Optional[Path],
    today: dt.date,
    read_curated: Callable[[], Sequence[Procedure]] = read_curated_procedures,
    *,
    secret: str,
) -> int:
    """Read, compare, store and report. Whatever fails, the catalogue stays as it was and a sentence says why.

    ``secret`` is the key of the audit log, which keeps who drafted the notices of what has changed.
    """
    try:
        exports = _read_with_progress(files, today)
        imported = [procedure for export in exports for procedure in export.procedures]
        found = differences(read_curated(), imported)
        migrate(database_url)

        def work(connection: sa.engine.Connection, draft: Draft) -> Imported:
            at = now()
            done = write(connection, compare(held(connection), exports, at, today), at, draft)
            if report is not None:  # before the commit: a report that cannot be written undoes the import
                report.write_bytes(as_json(exports, done.outcomes, found))
            return done

        done = asyncio.run(_store(database_url, secret, work))
    except ImportRefused as error:
        return _refuse(error.vi, error.en)
    except (DatabaseUnusable, CatalogueFileInvalid) as error:
        return _refuse(str(error), str(error))
    except sa.exc.SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or type(error).__name__)
        return _refuse(f"cơ sở dữ liệu không nhận ({reason})", f"the database refused ({reason})")
    except OSError as error:
        return _refuse(f"không ghi được báo cáo ({error.strerror})", f"cannot write the report ({error.strerror})")
    sys.stdout.write(as_text(exports, done.outcomes, found, done.drafts))
    return 0


async def _store(
    database_url: str, secret: str, work: Callable[[sa.engine.Connection, Draft], Imported]
) -> Imported:
    database = Database(database_url)
    try:
        draft = drafting(database, Audit(database, secret), now)
        return await database.run(lambda connection: work(connection, draft))
    finally:
        await database.close()


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
