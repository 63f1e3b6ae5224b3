"""Joins the channels of one citizen by a short-lived code (actions.services.LinkDesk)."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import secrets
from typing import Any, Callable, Optional, Sequence, Union

import sqlalchemy as sa

from actions.services import LinkCode, LinkOutcome
from bot.broadcasts.ledger_rows import drop_twins
from bot.broadcasts.tables import deliveries
from bot.contacts import is_shared
from bot.records import of
from bot.settings import MESSENGERS
from bot.storage import Database
from bot.subscriptions import move_subscriber
from bot.tables import addresses, contacts, conversations, feedback, link_codes, watches
from bot.watcher import Tell
from connectors.messages import Address
from knowledge.dossiers import Clock
from knowledge.guesses import GuessLimiter, GuessLimits
from nlu.assistant import Utterance

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that looks like something else
PREFIX, LENGTH, MINUTES = "LK", 8, 10
_HOUR = dt.timedelta(hours=1)
WRONG_TRIES = GuessLimits(allowed=5, window=_HOUR, first_wait=_HOUR, longest_wait=_HOUR)


class SqlLinks:
    """Keeps only a keyed digest of a code. ``moved`` is told which addresses belong to another citizen now.

    ``tell`` is set when there is a way out: it is opened after this desk. Until then the owner of a code hears nothing.
    """

    def __init__(
        self, database: Database, secret: str, moved: Callable[[Sequence[Address]], None], clock: Clock
    ) -> None:
        self._database, self._secret, self._moved, self._clock = database, secret.encode(), moved, clock
        self.tell: Tell = lambda *_: None
        self._wrong_tries = GuessLimiter(clock, WRONG_TRIES)

    async def make(self, citizen_id: str) -> Optional[LinkCode]:
        code = _random_code()
        row = {
            "digest": self._digest(code),
            "citizen_id": citizen_id,
            "expires_at": self._now() + dt.timedelta(minutes=MINUTES),
        }
        if not await self._database.run(lambda connection: self._store(connection, row)):
            return None
        return LinkCode("-".join([PREFIX, code[:4], code[4:]]), MINUTES)

    async def redeem(self, citizen_id: str, code: str) -> LinkOutcome:
        if self._wrong_tries.wait_seconds(citizen_id) > 0:
            return LinkOutcome.TOO_MANY
        digest = self._digest(_plain(code))
        result = await self._database.run(lambda connection: self._join(connection, citizen_id, digest))
        if isinstance(result, LinkOutcome):
            if result is LinkOutcome.UNKNOWN:
                self._wrong_tries.record_failure(citizen_id)
            return result
        self._moved(result)
        return LinkOutcome.LINKED

    async def owner(self, code: str, asking: str) -> Optional[Address]:
        """The messenger on which the owner of this code wrote last; the code is used up. None for a wrong code, and
        after too many of them by ``asking``, an official of the console.
        """
        if self._wrong_tries.wait_seconds(asking) > 0:
            return None
        digest = self._digest(_plain(code))
        address = await self._database.run(lambda connection: self._owner(connection, digest))
        if address is None:
            self._wrong_tries.record_failure(asking)
        return address

    def _now(self) -> dt.datetime:
        return self._clock().astimezone(dt.timezone.utc)  # SQLite compares moments without their zones

    def _digest(self, code: str) -> str:
        return hmac.new(self._secret, f"link:{code}".encode(), hashlib.sha256).hexdigest()

    def _store(self, connection: sa.engine.Connection, row: dict[str, Any]) -> bool:
        if any(map(is_shared, _addresses(connection, row["citizen_id"]))):
            return False
        self._drop(connection, row["citizen_id"])
        connection.execute(link_codes.insert(), row)
        return True

    def _drop(self, connection: sa.engine.Connection, citizen_id: str) -> None:
        """What has expired, and what this citizen was given before."""
        own = link_codes.c.citizen_id == citizen_id
        connection.execute(link_codes.delete().where(sa.or_(own, link_codes.c.expires_at <= self._now())))

    def _owner(self, connection: sa.engine.Connection, digest: str) -> Optional[Address]:
        is_it = sa.and_(link_codes.c.digest == digest, link_codes.c.expires_at > self._now())
        is_theirs = sa.and_(contacts.c.channel == addresses.c.channel, contacts.c.person == addresses.c.person)
        query = (
            sa.select(addresses.c.channel, addresses.c.person)
            .join(link_codes, link_codes.c.citizen_id == addresses.c.citizen_id)
            .join(contacts, is_theirs)
            .where(is_it, addresses.c.channel.in_(MESSENGERS))
            .order_by(contacts.c.last_interaction_at.desc())
        )
        row = connection.execute(query).first()
        # As in _join: whoever deletes the code has it.
        if row is None or not connection.execute(link_codes.delete().where(is_it)).rowcount:
            return None
        return Address(*row)

    def _join(
        self, connection: sa.engine.Connection, citizen_id: str, digest: str
    ) -> Union[LinkOutcome, list[Address]]:
        """One transaction: the addresses that were moved to the citizen of the code, or why none were."""
        moving = _addresses(connection, citizen_id)
        if any(map(is_shared, moving)):
            return LinkOutcome.SHARED
        is_it = sa.and_(link_codes.c.digest == digest, link_codes.c.expires_at > self._now())
        owner = connection.execute(sa.select(link_codes.c.citizen_id).where(is_it)).scalar()
        if owner == citizen_id:
            return LinkOutcome.OWN
        # Another process may have taken it since it was read: whoever deletes it has it.
        if owner is None or not connection.execute(link_codes.delete().where(is_it)).rowcount:
            return LinkOutcome.UNKNOWN
        language = sa.select(addresses.c.language).where(addresses.c.citizen_id == owner)
        spoken = connection.execute(language.order_by(addresses.c.created_at)).scalar()
        if spoken is None:  # erased meanwhile
            return LinkOutcome.UNKNOWN
        self._drop(connection, citizen_id)
        self.tell(connection, owner, Utterance("link_notice"))  # where the owner alone reads it: a code may be stolen
        _move(connection, citizen_id, owner, spoken)
        for address in moving:
            connection.execute(deliveries.update().where(of(deliveries, address)).values(citizen_id=owner))
        drop_twins(connection, owner)
        return moving


def _move(connection: sa.engine.Connection, citizen_id: str, owner: str, language: str) -> None:
    """Everything of one citizen to another; what was talked about is forgotten, and so is what was proved there: who
    holds the one phone need not be who proved something on the other.
    """
    theirs = addresses.c.citizen_id == citizen_id
    connection.execute(addresses.update().where(theirs).values(citizen_id=owner, language=language))
    known = sa.select(watches.c.dossier).where(watches.c.citizen_id == owner)
    watched = watches.c.citizen_id == citizen_id
    connection.execute(watches.delete().where(watched, watches.c.dossier.in_(known.scalar_subquery())))
    connection.execute(watches.update().where(watched).values(citizen_id=owner))
    connection.execute(feedback.update().where(feedback.c.citizen_id == citizen_id).values(citizen_id=owner))
    move_subscriber(connection, citizen_id, owner)
    connection.execute(conversations.delete().where(conversations.c.citizen_id.in_([citizen_id, owner])))


def _addresses(connection: sa.engine.Connection, citizen_id: str) -> list[Address]:
    query = sa.select(addresses.c.channel, addresses.c.person).where(addresses.c.citizen_id == citizen_id)
    return [Address(*row) for row in connection.execute(query)]


def _random_code() -> str:
    """Always with a digit: by it the code is told from words (nlu.vietnamese.codes)."""
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        if any(character.isdigit() for character in code):
            return code


def _plain(code: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", code.upper()).removeprefix(PREFIX)
