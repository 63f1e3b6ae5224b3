"""What messaging channels let us do with a person: last interaction, blocks, an official who took over."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Optional

import sqlalchemy as sa

from bot.records import now, of, with_zone
from bot.storage import Database
from bot.tables import contacts
from connectors.errors import RefusedReason
from connectors.messages import Address

# Reasons that say something about the person, and not only about one message.
_LASTING = {RefusedReason.LEFT, RefusedReason.NO_SUCH_PERSON}


@dataclass(frozen=True)
class Contact:
    """``follows`` is None where nobody knows or there is no such thing; ``refused`` is why nothing can be sent."""

    follows: Optional[bool] = None
    last_interaction_at: Optional[dt.datetime] = None
    refused: Optional[RefusedReason] = None
    official_until: Optional[dt.datetime] = None


class Contacts:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, address: Address) -> Contact:
        query = sa.select(contacts).where(of(contacts, address))
        row = await self._database.run(lambda connection: connection.execute(query).first())
        if row is None:
            return Contact()
        refused = RefusedReason(row.refused) if row.refused else None
        return Contact(row.follows, _zoned(row.last_interaction_at), refused, _zoned(row.official_until))

    async def follow(self, address: Address, follows: bool) -> None:
        await self._database.run(lambda connection: change(connection, address, follows=follows))

    async def leave(self, address: Address, at: dt.datetime) -> None:
        """Unless they have come back since: what comes in is counted at once, and worked off later."""
        values = {"follows": False, "refused": RefusedReason.LEFT.value, "refused_at": at}

        def work(connection: sa.engine.Connection) -> None:
            last = connection.execute(sa.select(contacts.c.last_interaction_at).where(of(contacts, address))).scalar()
            if last is None or with_zone(last) <= at:
                change(connection, address, **values)

        await self._database.run(work)

    async def hand_over(self, address: Address, until: dt.datetime) -> None:
        """An official answers this person by hand: the assistant keeps silent until then."""
        await self._database.run(lambda connection: change(connection, address, official_until=until))


def interacted(connection: sa.engine.Connection, address: Address, at: dt.datetime) -> None:
    """The person wrote, pressed, followed: the channel's window opens anew, and they can be written to."""
    change(connection, address, last_interaction_at=at, refused=None, refused_at=None)


def refused(connection: sa.engine.Connection, address: Address, why: RefusedReason) -> None:
    """The channel did not take a message for this person."""
    if why in _LASTING:
        change(connection, address, refused=why.value, refused_at=now())


def change(connection: sa.engine.Connection, address: Address, **values: Any) -> None:
    if connection.execute(contacts.update().where(of(contacts, address)).values(**values)).rowcount == 0:
        connection.execute(contacts.insert().values(channel=address.channel, person=address.id, **values))


def _zoned(at: Optional[dt.datetime]) -> Optional[dt.datetime]:
    return None if at is None else with_zone(at)


def is_shared(address: Address) -> bool:
    """Not one known person's own: somebody in a group, or a visitor who has not said who they are."""
    return "/" in address.id or ":" in address.id
