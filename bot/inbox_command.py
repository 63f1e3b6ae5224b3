"""``python -m bot inbox``: what was set aside because it could not be answered, and trying it again."""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import Any

import sqlalchemy as sa

from bot.records import now, with_zone
from bot.settings import Settings
from bot.storage import Database, Work, migrate
from bot.tables import inbox
from knowledge.calendar import VIETNAM_TIME

MOST_SHOWN = 200


def add_inbox_command(commands: Any) -> None:
    """Add ``inbox`` to the command line; its ``run(options, settings)`` gives the exit code."""
    parser = commands.add_parser("inbox", help="show messages that were set aside, or try them again")
    parser.add_argument("--retry", metavar="NUMBER", type=int, nargs="+", help="try these again (numbers as shown)")
    parser.add_argument("--drop", metavar="NUMBER", type=int, nargs="+", help="give these up: nobody will answer them")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, settings: Settings) -> int:
    migrate(settings.database_url)
    if options.retry:
        again = _changing(options.retry, state="waiting", attempts=0, not_before=None)
        return _told(_run(settings, again), "sẽ được thử lại / will be tried again")
    if options.drop:
        given_up = _changing(options.drop, state="done", finished_at=now())
        return _told(_run(settings, given_up), "đã bỏ / given up")
    rows = _run(settings, _aside)
    for row in rows:
        at = with_zone(row.received_at).astimezone(VIETNAM_TIME)
        sys.stdout.write(f"{row.seq:>8}  {at:%Y-%m-%d %H:%M}  {row.channel:<10} {row.message_id}  {row.error or ''}\n")
    sys.stderr.write(f"{len(rows)} tin bị gác lại / messages set aside\n")
    return 0


def _aside(connection: sa.engine.Connection) -> list[Any]:
    query = sa.select(inbox).where(inbox.c.state == "aside").order_by(inbox.c.seq).limit(MOST_SHOWN)
    return list(connection.execute(query))


def _changing(numbers: list[int], **values: Any) -> Work[int]:
    rows = sa.and_(inbox.c.state == "aside", inbox.c.seq.in_(numbers))
    return lambda connection: int(connection.execute(inbox.update().where(rows).values(**values)).rowcount)


def _run(settings: Settings, work: Work[Any]) -> Any:
    async def once() -> Any:
        database = Database(settings.database_url)
        try:
            return await database.run(work)
        finally:
            await database.close()

    return asyncio.run(once())


def _told(count: int, what: str) -> int:
    sys.stderr.write(f"{count} tin {what}\n")
    return 0 if count else 1
