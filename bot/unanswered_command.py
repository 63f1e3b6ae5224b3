"""``python -m bot unanswered``: what citizens asked and were not answered, for officials who teach it then."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from typing import Any, Sequence

from bot.library import open_catalogue, taught_names
from bot.settings import Settings
from bot.storage import migrate, open_engine
from bot.unanswered import Group, grouped, missed_since
from knowledge.calendar import VIETNAM_TIME

SAID_SHORT = {
    "not_understood": "chưa hiểu / not understood",
    "not_understood_again": "chưa hiểu / not understood",
    "not_in_catalogue": "không có trong kho / not in the catalogue",
    "procedure_code_unknown": "mã lạ / unknown code",
    "out_of_scope": "ngoài phạm vi / out of scope",
    "say_it_differently": "xin nói lại / asked to say it differently",
    "say_it_by_example": "xin nói lại / asked to say it differently",
    "none_left": "xin nói lại / asked to say it differently",
    "person_after_misses": "chuyển cán bộ / given a person",
}


def add_unanswered_command(commands: Any) -> None:
    """Add ``unanswered`` to the command line; its ``run(options, settings)`` gives the exit code."""
    parser = commands.add_parser(
        "unanswered",
        help="list what citizens asked and were not answered, grouped by meaning (DATABASE_URL)",
        description="Lists what was not understood, not held or refused, grouped by meaning, persons' numbers masked.",
    )
    parser.add_argument("--since", type=_number, default=30, metavar="DAYS", help="default: %(default)s days")
    parser.add_argument("--limit", type=_number, default=50, metavar="N", help="most groups, default: %(default)s")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.set_defaults(run=unanswered)


def _number(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:9]) <= 10_000:
        raise argparse.ArgumentTypeError("a whole number from 1 to 10000")
    return int(text)


def unanswered(options: argparse.Namespace, settings: Settings) -> int:
    migrate(settings.database_url)
    catalogue = open_catalogue(settings.database_url, taught_names(settings.models_folder), settings.models_folder)
    since = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=options.since)
    engine = open_engine(settings.database_url)
    try:
        with engine.connect() as connection:
            missed = list(missed_since(connection, since))
    finally:
        engine.dispose()
    groups = grouped(missed, catalogue)
    shown = groups[: options.limit]
    sys.stdout.write(_as_json(shown) if options.json else _as_text(shown, len(missed), len(groups), options.since))
    return 0


def _as_json(groups: Sequence[Group]) -> str:
    rows = [
        {
            "count": group.count,
            "example": group.example,
            "newest": group.newest.astimezone(VIETNAM_TIME).date().isoformat(),
            "procedure": group.procedure.code if group.procedure else None,
            "said": dict(group.said),
        }
        for group in groups
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def _as_text(groups: Sequence[Group], messages: int, of: int, days: int) -> str:
    lines = [
        f"{messages} tin nhắn chưa trả lời được trong {days} ngày, {of} nhóm.",
        f"{messages} messages were not answered within {days} days, {of} groups.",
    ]
    for group in groups:
        newest = group.newest.astimezone(VIETNAM_TIME).strftime("%d/%m/%Y")
        reasons = ", ".join(dict.fromkeys(SAID_SHORT[said] for said, _ in group.said.most_common()))
        lines.append(f"{group.count:5} ×  {newest}  “{group.example}”   [{reasons}]")
        if group.procedure:
            lines.append(f"{'':20}gần nhất / nearest: {group.procedure.code} {group.procedure.title.vi}")
    if groups:
        lines += ["Dạy / To teach: python -m bot teach --help"]
    return "\n".join(lines) + "\n"
