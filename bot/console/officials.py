"""The officials: added, changed, reset, disabled. There is always an administrator who can sign in."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any, Callable, Mapping, Optional

import sqlalchemy as sa

from bot.audit import SYSTEM, Actor, Audit
from bot.console.invitations import invite
from bot.console.pages import Official
from bot.console.roles import Role
from bot.console.sessions import new_token, official_of
from bot.console.tables import invitations, officials, sessions
from bot.records import now, with_zone
from bot.storage import Database
from connectors.messages import Address

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,49}")
FIRST_LOGIN, FIRST_NAME = "quantri", "Quản trị viên"
_ALL = sa.select(officials).order_by(officials.c.login)


class LoginTaken(Exception):
    """Choose another login."""


class LoginWrong(Exception):
    """Choose a login of 2 to 50 small letters, digits, dots, hyphens and underscores."""


class NoSuchOfficial(Exception):
    """Nobody has this id or login."""


class LastAdministrator(Exception):
    """Make somebody else an administrator first: nobody could manage officials any more."""


@dataclass(frozen=True)
class Member:
    """An official as administrators see them. ``joined``: has a password and a second factor."""

    official: Official
    joined: bool
    disabled: bool
    locked_until: Optional[dt.datetime]
    address: Optional[Address]


class Officials:
    """Every change is in the audit log, in the same transaction."""

    def __init__(self, database: Database, audit: Audit, clock: Callable[[], dt.datetime] = now) -> None:
        self._database, self._audit, self._clock = database, audit, clock

    async def all(self) -> list[Member]:
        rows = await self._database.run(lambda connection: connection.execute(_ALL).all())
        return [_member(row) for row in rows]

    async def get(self, official_id: int) -> Member:
        """Raises NoSuchOfficial."""
        return await self._one(officials.c.id == official_id)

    async def named(self, login: str) -> Member:
        """Raises NoSuchOfficial."""
        return await self._one(officials.c.login == login)

    async def add(self, by: Actor, login: str, name: str, roles: frozenset[Role], language: str = "vi") -> str:
        """The secret of their one-time link. Raises LoginWrong and LoginTaken."""
        if not LOGIN.fullmatch(login):
            raise LoginWrong
        token = new_token()

        def work(connection: sa.engine.Connection) -> None:
            self._add(connection, by, login, name, roles, language, token)

        try:
            await self._database.run(work)
        except sa.exc.IntegrityError as error:
            raise LoginTaken from error
        return token

    async def add_first(self) -> Optional[str]:
        """When there are no officials at all: an administrator, by the secret of the one-time link."""
        token, roles = new_token(), frozenset({Role.ADMINISTRATOR})

        def work(connection: sa.engine.Connection) -> Optional[str]:
            if connection.execute(sa.select(officials.c.id).limit(1)).first():
                return None
            self._add(connection, SYSTEM, FIRST_LOGIN, FIRST_NAME, roles, "vi", token)
            return token

        return await self._database.run(work)

    async def invite(self, by: Actor, official_id: int) -> str:
        """A link to choose password and phone anew; until it is used the old ones stay. Raises NoSuchOfficial."""
        token = new_token()

        def work(connection: sa.engine.Connection, member: Member) -> None:
            invite(connection, official_id, token, self._now())

        await self._change(by, official_id, "official.invite", {}, work)
        return token

    async def reset(self, by: Actor, official_id: int) -> str:
        """As ``invite``, but password, phone, lock and sessions are gone at once. Raises NoSuchOfficial."""
        token = new_token()

        def work(connection: sa.engine.Connection, member: Member) -> None:
            gone = {"password": None, "totp_secret": None, "totp_step": None, "failures": 0, "locked_until": None}
            _set(connection, official_id, **gone)
            _sign_out(connection, official_id)
            invite(connection, official_id, token, self._now())

        await self._change(by, official_id, "official.reset", {}, work)
        return token

    async def change(self, by: Actor, official_id: int, name: str, roles: frozenset[Role]) -> None:
        """Raises NoSuchOfficial and LastAdministrator."""

        def work(connection: sa.engine.Connection, member: Member) -> None:
            if Role.ADMINISTRATOR not in roles:
                _keep_an_administrator(connection, member)
            _set(connection, official_id, name=name, roles=_text(roles))

        await self._change(by, official_id, "official.change", {"roles": _text(roles)}, work)

    async def disable(self, by: Actor, official_id: int) -> None:
        """Signed out everywhere, let in no more, by no link either. Raises NoSuchOfficial and LastAdministrator."""

        def work(connection: sa.engine.Connection, member: Member) -> None:
            _keep_an_administrator(connection, member)
            _set(connection, official_id, disabled_at=self._now())
            connection.execute(invitations.delete().where(invitations.c.official_id == official_id))
            _sign_out(connection, official_id)

        await self._change(by, official_id, "official.disable", {}, work)

    async def enable(self, by: Actor, official_id: int) -> None:
        """Raises NoSuchOfficial."""

        def work(connection: sa.engine.Connection, member: Member) -> None:
            _set(connection, official_id, disabled_at=None)

        await self._change(by, official_id, "official.enable", {}, work)

    async def speak(self, official: Official, language: str) -> None:
        """The language of their pages."""

        def work(connection: sa.engine.Connection, member: Member) -> None:
            _set(connection, official.id, language=language)

        await self._change(official.actor, official.id, "official.language", {"language": language}, work)

    async def join(self, official: Official, address: Optional[Address]) -> None:
        """Where their trial notices go; None: nowhere any more."""

        def work(connection: sa.engine.Connection, member: Member) -> None:
            channel, person = (address.channel, address.id) if address else (None, None)
            _set(connection, official.id, channel=channel, person=person)

        facts = {"channel": address.channel if address else None}
        await self._change(official.actor, official.id, "official.address", facts, work)

    async def _one(self, condition: Any) -> Member:
        query = sa.select(officials).where(condition)
        row = await self._database.run(lambda connection: connection.execute(query).first())
        if row is None:
            raise NoSuchOfficial
        return _member(row)

    async def _change(
        self,
        by: Actor,
        official_id: int,
        action: str,
        facts: Mapping[str, Any],
        work: Callable[[sa.engine.Connection, Member], None],
    ) -> None:
        """One transaction: find them, do it, write it down. Raises NoSuchOfficial, and what the work raises."""

        def all_of_it(connection: sa.engine.Connection) -> None:
            row = connection.execute(sa.select(officials).where(officials.c.id == official_id)).first()
            if row is None:
                raise NoSuchOfficial
            work(connection, _member(row))
            self._audit.record(connection, by, action, f"official {row.login}", facts)

        await self._database.run(all_of_it)

    def _add(
        self,
        connection: sa.engine.Connection,
        by: Actor,
        login: str,
        name: str,
        roles: frozenset[Role],
        language: str,
        token: str,
    ) -> None:
        row = {"login": login, "name": name[:100], "roles": _text(roles), "language": language, "failures": 0}
        added = connection.execute(officials.insert(), {**row, "created_at": self._now()})
        invite(connection, added.inserted_primary_key[0], token, self._now())
        self._audit.record(connection, by, "official.add", f"official {login}", {"roles": _text(roles)})

    def _now(self) -> dt.datetime:
        return self._clock().astimezone(dt.timezone.utc)


def _keep_an_administrator(connection: sa.engine.Connection, leaving: Member) -> None:
    # Locked on PostgreSQL: two administrators must not each remove the other at the same moment.
    rows = connection.execute(_ALL.where(officials.c.disabled_at.is_(None)).with_for_update()).all()
    staying = [one for one in map(_member, rows) if one.official.id != leaving.official.id and one.joined]
    is_one = Role.ADMINISTRATOR in leaving.official.roles and not leaving.disabled
    if is_one and not any(Role.ADMINISTRATOR in one.official.roles for one in staying):
        raise LastAdministrator


def _set(connection: sa.engine.Connection, official_id: int, **values: Any) -> None:
    connection.execute(officials.update().where(officials.c.id == official_id).values(**values))


def _sign_out(connection: sa.engine.Connection, official_id: int) -> None:
    connection.execute(sessions.delete().where(sessions.c.official_id == official_id))


def _text(roles: frozenset[Role]) -> str:
    return " ".join(role.value for role in Role if role in roles)


def _member(row: Any) -> Member:
    return Member(
        official_of(row),
        joined=row.password is not None,
        disabled=row.disabled_at is not None,
        locked_until=with_zone(row.locked_until) if row.locked_until else None,
        address=Address(row.channel, row.person) if row.channel else None,
    )
