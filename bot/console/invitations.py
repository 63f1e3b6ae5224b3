"""One-time links with which an official chooses a password and joins a phone."""

from __future__ import annotations

import datetime as dt
from typing import Callable, Optional

import sqlalchemy as sa

from bot.audit import Audit
from bot.console.pages import Official
from bot.console.sessions import Sessions, digest, new_token, official_of
from bot.console.tables import invitations, officials
from bot.records import now
from bot.storage import Database

LASTING = dt.timedelta(hours=24)


def invite(connection: sa.engine.Connection, official_id: int, token: str, at: dt.datetime) -> None:
    """Within a database work. A link that was given before leads nowhere any more, nor does any that has expired."""
    is_over = sa.or_(invitations.c.official_id == official_id, invitations.c.expires_at <= at)
    connection.execute(invitations.delete().where(is_over))
    row = {"digest": digest(token), "official_id": official_id, "expires_at": at + LASTING}
    connection.execute(invitations.insert(), row)


class Invitations:
    def __init__(
        self, database: Database, audit: Audit, sessions: Sessions, clock: Callable[[], dt.datetime] = now
    ) -> None:
        self._database, self._audit, self._sessions, self._clock = database, audit, sessions, clock

    async def whose(self, token: str) -> Optional[Official]:
        """None when the link was used, has expired or never was."""
        return await self._database.run(lambda connection: self._whose(connection, token))

    async def accept(self, token: str, password: str, totp_secret: str, step: int, about: str) -> Optional[str]:
        """Take the hash of a password and the sealed secret whose code of ``step`` was shown; sign in here, and out
        everywhere else. The token of the new session; None when the link leads nowhere any more.
        """
        session = new_token()

        def work(connection: sa.engine.Connection) -> Optional[str]:
            official = self._whose(connection, token)
            used = invitations.delete().where(invitations.c.digest == digest(token))
            # Another process may have taken it since it was read: whoever deletes it has it.
            if official is None or not connection.execute(used).rowcount:
                return None
            own = officials.update().where(officials.c.id == official.id)
            values = {"password": password, "totp_secret": totp_secret, "totp_step": step}
            connection.execute(own.values(**values, failures=0, locked_until=None))
            self._sessions.close(connection, official.id)
            self._sessions.open(connection, official.id, session, about)
            self._audit.record(connection, official.actor, "official.join", f"official {official.login}", {})
            return session

        return await self._database.run(work)

    def _whose(self, connection: sa.engine.Connection, token: str) -> Optional[Official]:
        query = (
            sa.select(officials)
            .join(invitations, invitations.c.official_id == officials.c.id)
            .where(invitations.c.digest == digest(token), officials.c.disabled_at.is_(None))
            .where(invitations.c.expires_at > self._clock().astimezone(dt.timezone.utc))
        )
        row = connection.execute(query).first()
        return official_of(row) if row else None
