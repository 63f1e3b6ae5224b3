"""What is forgotten at night: what nobody needs any more, and personal data when its purpose is fulfilled."""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any, Callable, Iterator

import sqlalchemy as sa

from bot.broadcasts import receipts
from bot.broadcasts.campaign import CampaignState, Vehicle
from bot.broadcasts.tables import asked, campaigns, deliveries
from bot.console.tables import invitations, sessions
from bot.jobs.protocol import Facts
from bot.records import now
from bot.storage import Database

EARLY_RECEIPTS = dt.timedelta(days=1)
ASKED = dt.timedelta(days=400)  # a year can be compared with the one before
SIGNED_IN = dt.timedelta(days=1)  # longer than any session lasts
AFTER_A_CAMPAIGN = dt.timedelta(days=30)  # until then numbers of recipients can be held against complaints
AT_ONCE = 1_000  # rows: the thread of the database serves citizens too
_OVER = [CampaignState.FINISHED.value, CampaignState.CANCELLED.value]


class Cleaning:
    def __init__(self, database: Database, clock: Callable[[], dt.datetime] = now) -> None:
        self._database, self._clock = database, clock

    async def clean(self, facts: Facts) -> None:
        """A job, to be done every night."""
        at = self._clock().astimezone(dt.timezone.utc)
        await self._database.run(lambda connection: receipts.drop_early(connection, at - EARLY_RECEIPTS))
        for statement in _statements(at):
            while await self._database.run(functools.partial(_change, statement=statement)):
                pass


def _statements(at: dt.datetime) -> Iterator[Any]:
    """Each changes some rows, and nothing when there are no more."""
    yield asked.delete().where(_some(asked.c.seq, asked.c.at < at - ASKED))
    yield invitations.delete().where(_some(invitations.c.digest, invitations.c.expires_at < at))
    yield sessions.delete().where(_some(sessions.c.digest, sessions.c.created_at < at - SIGNED_IN))
    long_over = sa.select(campaigns.c.id).where(
        campaigns.c.state.in_(_OVER),
        campaigns.c.changed_at < at - AFTER_A_CAMPAIGN,
        campaigns.c.reach.contains(f'"{Vehicle.PHONE.value}"'),  # all deliveries of the others need not be looked at
    )
    phones = sa.and_(
        deliveries.c.campaign.in_(long_over),
        deliveries.c.vehicle == Vehicle.PHONE.value,
        deliveries.c.person.not_like("erased:%"),
    )
    erased = {"person": sa.literal("erased:") + sa.cast(deliveries.c.id, sa.String), "text": ""}
    yield deliveries.update().where(_some(deliveries.c.id, phones)).values(erased)


def _some(key: Any, condition: Any) -> Any:
    return key.in_(sa.select(key).where(condition).limit(AT_ONCE))


def _change(connection: sa.engine.Connection, statement: Any) -> int:
    changed: int = connection.execute(statement).rowcount
    return changed
