"""Phone numbers to which nothing is sent: kept as keyed digests, so that the list itself tells nobody's number."""

from __future__ import annotations

import datetime as dt
from typing import Callable

import sqlalchemy as sa

from bot.audit import Actor, Audit
from bot.broadcasts.campaign import DeliveryState
from bot.broadcasts.ledger_rows import not_begun
from bot.broadcasts.tables import deliveries, refused_phones
from bot.records import now, upsert
from bot.storage import Database
from connectors.errors import Refused, RefusedReason
from connectors.zalo.templates import international
from connectors.zalo.vehicles import PHONE


class PhoneWrong(Exception):
    """No Vietnamese mobile number: have it typed again."""


class RefusedPhones:
    """``digest`` of a number as 84 and nine digits."""

    def __init__(
        self,
        database: Database,
        audit: Audit,
        digest: Callable[[str], str],
        clock: Callable[[], dt.datetime] = now,
    ) -> None:
        self._database, self._audit, self._digest, self._clock = database, audit, digest, clock

    async def refuse(self, phone: str, by: Actor) -> None:
        """Nothing is sent to it any more, nor what is planned already. Raises PhoneWrong."""
        number, at = _international(phone), self._clock().astimezone(dt.timezone.utc)
        planned = sa.and_(deliveries.c.channel == "zalo", deliveries.c.person == f"{PHONE}{number}")
        dropped = {
            "state": DeliveryState.FAILED.value, "why": RefusedReason.RESTRICTED.value, "finished_at": at,
        }  # fmt: skip

        def work(connection: sa.engine.Connection) -> None:
            upsert(connection, refused_phones, {"digest": self._digest(number), "at": at})
            connection.execute(deliveries.update().where(planned, not_begun(deliveries)).values(**dropped))
            self._audit.record(connection, by, "phone.refuse", "phone", {})

        await self._database.run(work)

    async def allow(self, phone: str, by: Actor) -> bool:
        """Whether it was refused until now. Raises PhoneWrong."""
        its = refused_phones.c.digest == self._digest(_international(phone))

        def work(connection: sa.engine.Connection) -> bool:
            was: bool = connection.execute(refused_phones.delete().where(its)).rowcount > 0
            if was:
                self._audit.record(connection, by, "phone.allow", "phone", {})
            return was

        return await self._database.run(work)


def _international(phone: str) -> str:
    try:
        return international(phone)
    except Refused as error:
        raise PhoneWrong from error
