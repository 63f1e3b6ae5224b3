"""Who is signed in: random tokens of which only a digest is kept, gone after half an hour of quiet or twelve hours."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any, Callable, Optional

import sqlalchemy as sa

from bot.console.pages import Official
from bot.console.roles import Role
from bot.console.tables import officials, sessions
from bot.records import now, with_zone
from bot.storage import Database

IDLE = dt.timedelta(minutes=30)
LONGEST = dt.timedelta(hours=12)
_NOTED_EVERY = dt.timedelta(minutes=1)  # a page must not cost a write each time

_FIND = (
    sa.select(officials, sessions.c.created_at.label("since"), sessions.c.seen_at)
    .join(sessions, sessions.c.official_id == officials.c.id)
    .where(sessions.c.digest == sa.bindparam("digest"), officials.c.disabled_at.is_(None))
)


@dataclass(frozen=True)
class Session:
    """One browser of one official."""

    token: str
    official: Official

    @property
    def form_token(self) -> str:
        """What every form of this session carries."""
        return form_token_of(self.token)

    def is_forged(self, form_token: str) -> bool:
        return not hmac.compare_digest(form_token.encode(), self.form_token.encode())


@dataclass(frozen=True)
class Listed:
    """One's own session in the list: ``key`` closes it, ``about`` names the browser."""

    key: str
    about: str
    since: dt.datetime
    seen_at: dt.datetime
    is_this: bool


class Sessions:
    def __init__(self, database: Database, clock: Callable[[], dt.datetime] = now) -> None:
        self._database, self._clock = database, clock

    def open(self, connection: sa.engine.Connection, official_id: int, token: str, about: str) -> None:
        """Within the database work that signs somebody in; what has ended is swept away."""
        at = self._now()
        is_over = sa.or_(sessions.c.seen_at <= at - IDLE, sessions.c.created_at <= at - LONGEST)
        connection.execute(sessions.delete().where(is_over))
        row = {"digest": digest(token), "official_id": official_id, "created_at": at, "seen_at": at}
        connection.execute(sessions.insert(), {**row, "about": about.encode(errors="replace").decode()[:200]})

    async def find(self, token: str, active: bool = True) -> Optional[Session]:
        """``active``: a person did something; what a script of an open page asks for keeps nobody signed in."""

        def work(connection: sa.engine.Connection) -> Optional[Session]:
            row = connection.execute(_FIND, {"digest": digest(token)}).first()
            at = self._now()
            if row is None or at >= with_zone(row.since) + LONGEST or at >= with_zone(row.seen_at) + IDLE:
                return None
            if active and at >= with_zone(row.seen_at) + _NOTED_EVERY:
                note = sessions.update().where(sessions.c.digest == digest(token))
                connection.execute(note.values(seen_at=at))
            return Session(token, official_of(row))

        return await self._database.run(work)

    async def of(self, session: Session) -> list[Listed]:
        """All sessions of the same official, the newest first."""
        at = self._now()
        query = (
            sa.select(sessions)
            .where(sessions.c.official_id == session.official.id)
            .where(sessions.c.seen_at > at - IDLE, sessions.c.created_at > at - LONGEST)
            .order_by(sessions.c.seen_at.desc())
        )
        rows = await self._database.run(lambda connection: connection.execute(query).all())
        own = digest(session.token)
        return [
            Listed(row.digest, row.about, with_zone(row.created_at), with_zone(row.seen_at), row.digest == own)
            for row in rows
        ]

    def close(
        self,
        connection: sa.engine.Connection,
        official_id: int,
        *,
        key: Optional[str] = None,
        except_token: Optional[str] = None,
    ) -> None:
        """Within a database work: all sessions of an official, the one with ``key``, or all but one."""
        delete = sessions.delete().where(sessions.c.official_id == official_id)
        if key is not None:
            delete = delete.where(sessions.c.digest == key)
        if except_token is not None:
            delete = delete.where(sessions.c.digest != digest(except_token))
        connection.execute(delete)

    def _now(self) -> dt.datetime:
        return self._clock().astimezone(dt.timezone.utc)  # SQLite compares moments without their zones


def new_token() -> str:
    return secrets.token_urlsafe(32)


def form_token_of(token: str) -> str:
    """Nobody can know it who cannot read the session's pages or cookie."""
    return hmac.new(token.encode(), b"form", hashlib.sha256).hexdigest()


def digest(token: str) -> str:
    """A token has 256 random bits: nobody finds it from a plain digest."""
    return hashlib.sha256(token.encode()).hexdigest()


def official_of(row: Any) -> Official:
    roles = frozenset(Role(name) for name in row.roles.split())
    return Official(row.id, row.login, row.name, roles, row.language)
