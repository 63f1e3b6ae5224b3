"""Signing in by password and second factor: every attempt is counted before it is looked at, and written down."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any, Callable, Mapping, Optional

import sqlalchemy as sa

from bot.audit import Actor, Audit
from bot.console.pages import Official
from bot.console.passwords import Passwords
from bot.console.sessions import Session, Sessions, new_token
from bot.console.tables import officials
from bot.console.totp import Factors, FactorUnreadable, step_of
from bot.records import now, with_zone
from bot.storage import Database

FAILURES = 5
FIRST_LOCK, LONGEST_LOCK = dt.timedelta(minutes=15), dt.timedelta(hours=24)
NOBODY = Actor(None, "?")  # what was typed as a login may be a password
logger = logging.getLogger(__name__)


class SigningIn:
    def __init__(
        self,
        database: Database,
        audit: Audit,
        sessions: Sessions,
        passwords: Passwords,
        factors: Factors,
        clock: Callable[[], dt.datetime] = now,
    ) -> None:
        self._database, self._audit, self._sessions, self._clock = database, audit, sessions, clock
        self._passwords, self._factors = passwords, factors

    async def sign_in(self, login: str, password: str, code: str, about: str) -> Optional[str]:
        """The token of a new session. None for a wrong login, password or code, a used code and a locked login."""
        row = await self._database.run(lambda connection: self._count(connection, login))
        fits = await self._passwords.fits(row.password if row else None, password)
        step = self._step(row, code)
        if row is None or not fits or step is None or _is_locked(row, self._now()):
            await self._database.run(lambda connection: self._write_failure(connection, row))
            return None
        renewed = await self._passwords.hash(password) if self._passwords.is_outdated(row.password) else row.password
        return await self._database.run(lambda connection: self._open(connection, row, step, renewed, about))

    async def is_own(self, official: Official, password: str) -> bool:
        """Whether this is their password; a wrong one counts as a failure to sign in."""
        row = await self._database.run(lambda connection: self._count(connection, official.login))
        if row is None or not await self._passwords.fits(row.password, password) or _is_locked(row, self._now()):
            await self._database.run(lambda connection: self._write_failure(connection, row))
            return False
        return await self._database.run(lambda connection: _admit(connection, row))

    async def change_password(self, session: Session, password: str) -> None:
        """And sign out everywhere else."""
        kept, official = await self._passwords.hash(password), session.official

        def work(connection: sa.engine.Connection) -> None:
            connection.execute(officials.update().where(officials.c.id == official.id).values(password=kept))
            self._sessions.close(connection, official.id, except_token=session.token)
            self._audit.record(connection, official.actor, "official.password", f"official {official.login}", {})

        await self._database.run(work)

    async def sign_out(self, session: Session, key: Optional[str] = None) -> None:
        """In the browser that ``key`` names (see Sessions), or everywhere."""
        official = session.official

        def work(connection: sa.engine.Connection) -> None:
            self._sessions.close(connection, official.id, key=key)
            facts = {"everywhere": key is None}
            self._audit.record(connection, official.actor, "session.close", f"official {official.login}", facts)

        await self._database.run(work)

    def _count(self, connection: sa.engine.Connection, login: str) -> Optional[Any]:
        """Their row as it was before this attempt, which is counted as failed until it has succeeded: many attempts at
        the same moment are not more than as many one after another.
        """
        is_it = sa.and_(officials.c.login == login, officials.c.disabled_at.is_(None))
        row = connection.execute(sa.select(officials).where(is_it).with_for_update()).first()
        if row is not None and not _is_locked(row, self._now()):
            failures = row.failures + 1
            values: dict[str, Any] = {"failures": failures}
            if failures % FAILURES == 0:
                values["locked_until"] = self._now() + lock_after(failures)
            connection.execute(officials.update().where(officials.c.id == row.id).values(**values))
        return row

    def _step(self, row: Optional[Any], code: str) -> Optional[int]:
        if row is None or row.totp_secret is None:
            return None
        try:
            return step_of(self._factors.open(row.totp_secret), code, self._clock())
        except FactorUnreadable:
            logger.error("an official's second factor cannot be read with this SECRET_KEY: reset the official")
            return None

    def _open(
        self, connection: sa.engine.Connection, row: Any, step: int, password: str, about: str
    ) -> Optional[str]:
        is_unused = sa.or_(officials.c.totp_step.is_(None), officials.c.totp_step < step)
        if not _admit(connection, row, is_unused, totp_step=step, password=password):
            self._write_failure(connection, row)
            return None
        token = new_token()
        self._sessions.open(connection, row.id, token, about)
        self._write(connection, row, "session.open", {})
        return token

    def _write_failure(self, connection: sa.engine.Connection, row: Optional[Any]) -> None:
        self._write(connection, row, "official.refused", {})
        if row is not None and not _is_locked(row, self._now()) and (row.failures + 1) % FAILURES == 0:
            minutes = lock_after(row.failures + 1) // dt.timedelta(minutes=1)
            self._write(connection, row, "official.lock", {"minutes": minutes})

    def _write(
        self, connection: sa.engine.Connection, row: Optional[Any], action: str, facts: Mapping[str, Any]
    ) -> None:
        by = Actor(row.id, row.name) if row else NOBODY
        self._audit.record(connection, by, action, f"official {row.login}" if row else "official", facts)

    def _now(self) -> dt.datetime:
        return self._clock().astimezone(dt.timezone.utc)


def lock_after(failures: int) -> dt.timedelta:
    """A quarter of an hour after the first five, twice as long after each five more, at most a day."""
    return min(FIRST_LOCK * (1 << min(failures // FAILURES - 1, 20)), LONGEST_LOCK)


def _is_locked(row: Any, at: dt.datetime) -> bool:
    return row.locked_until is not None and with_zone(row.locked_until) > at


def _admit(connection: sa.engine.Connection, row: Any, *conditions: Any, **values: Any) -> bool:
    """Forgive the failures and set the values, unless the password was changed since ``row`` was read."""
    is_same = sa.and_(officials.c.id == row.id, officials.c.password == row.password, officials.c.disabled_at.is_(None))
    change = officials.update().where(is_same, *conditions)
    changed: int = connection.execute(change.values(failures=0, locked_until=None, **values)).rowcount
    return changed == 1
