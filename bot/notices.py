"""Tells a citizen what they asked to be told: once, on the messenger that they used last and that lets us."""

from __future__ import annotations

import datetime as dt
from typing import Any, Callable, Collection, Optional

import sqlalchemy as sa

from bot.outbox import Outbox
from bot.records import add_replies, now, with_zone
from bot.storage import Database
from bot.tables import addresses, contacts
from connectors.channel import Purpose
from connectors.messages import Address, Reply
from connectors.zalo.windows import Openness, Standing, window
from nlu.assistant import Utterance

Word = Callable[[Utterance, str], Reply]


class Notices:
    """``word`` makes a reply of an utterance in a language."""

    def __init__(
        self, database: Database, outbox: Outbox, channels: Collection[str], word: Word,
        clock: Callable[[], dt.datetime] = now,
    ) -> None:  # fmt: skip
        self._database, self._outbox, self._channels = database, outbox, channels
        self._word, self._clock = word, clock

    async def reach(self, citizen_id: str) -> bool:
        """Whether this citizen could be told something now."""
        return await self._database.run(lambda connection: self._find(connection, citizen_id)) is not None

    def enqueue(self, connection: sa.engine.Connection, citizen_id: str, utterance: Utterance) -> Optional[Address]:
        """Within a database work: put a notice on its way. None when nothing reaches this citizen at present.

        When the work is committed, ``Outbox.ready`` of the address makes it go at once.
        """
        row = self._find(connection, citizen_id)
        if row is None:
            return None
        address = Address(row.channel, row.person)
        entries = add_replies(connection, address, None, [self._word(utterance, row.language)])
        self._outbox.enqueue(connection, address, entries, Purpose.NOTICE)
        return address

    def _find(self, connection: sa.engine.Connection, citizen_id: str) -> Any:
        """The row of the address to write to."""
        joined = addresses.outerjoin(
            contacts, sa.and_(contacts.c.channel == addresses.c.channel, contacts.c.person == addresses.c.person)
        )
        query = (
            sa.select(addresses, contacts.c.last_interaction_at)
            .select_from(joined)
            .where(
                addresses.c.citizen_id == citizen_id,
                addresses.c.channel.in_(list(self._channels)),
                contacts.c.refused.is_(None),
                contacts.c.last_interaction_at.is_not(None),
            )
            .order_by(contacts.c.last_interaction_at.desc())
        )
        return next((row for row in connection.execute(query) if self._is_open(row)), None)

    def _is_open(self, row: Any) -> bool:
        if is_shared(Address(row.channel, row.person)):
            return False
        standing = Standing(last_interaction_at=with_zone(row.last_interaction_at))
        return row.channel != "zalo" or window(standing, self._clock()).openness is not Openness.CLOSED


def is_shared(address: Address) -> bool:
    """Not one known person's own: somebody in a group, or a visitor who has not said who they are."""
    return "/" in address.id or ":" in address.id
