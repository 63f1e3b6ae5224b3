"""The jobs that send nothing: files, imports, the night. The same in the server and in worker processes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Callable, Mapping, Sequence

from bot.audit import Audit
from bot.broadcasts.files import AudienceFiles
from bot.broadcasts.weekly import Weekly
from bot.cleaning import Cleaning
from bot.import_jobs import Imports
from bot.jobs.protocol import JobFunction
from bot.jobs.schedules import EVERY_MINUTE, Every, every_day, every_monday
from bot.records import now
from bot.storage import Database

NIGHT, MORNING = dt.time(2, 30), dt.time(7)


@dataclass(frozen=True)
class Background:
    files: AudienceFiles
    imports: Imports
    weekly: Weekly
    functions: Mapping[str, JobFunction]
    every: Sequence[Every]


def open_background(database: Database, audit: Audit, clock: Callable[[], dt.datetime] = now) -> Background:
    files, imports = AudienceFiles(database, audit, clock), Imports(database, audit, clock)
    cleaning = Cleaning(database, clock)
    weekly = Weekly(database, clock)
    functions = {
        "read_file": files.read,
        "import": imports.work_off,
        "weekly": weekly.make,
        "clean": cleaning.clean,
        "clean_files": files.clean,
    }
    # A file whose job was lost is found again by the minute.
    every = [
        Every("import", "", EVERY_MINUTE),
        Every("clean", "", every_day(NIGHT)),
        Every("clean_files", "", every_day(NIGHT)),
        Every("weekly", "", every_monday(MORNING)),
    ]
    return Background(files, imports, weekly, functions, every)
