"""What citizens want to be told of the agency's news, and where they live (actions.services.SubscriptionDesk)."""

from __future__ import annotations

import datetime as dt
from typing import Callable, Optional, Sequence

import msgspec
import sqlalchemy as sa

from actions.services import Subscriptions
from bot.broadcasts.campaign import CampaignState, Content
from bot.broadcasts.ledger_rows import not_begun
from bot.broadcasts.tables import asked, campaigns, deliveries, opt_outs, residences, subscriptions
from bot.storage import Database
from connectors.errors import RefusedReason
from knowledge.dossiers import Clock
from knowledge.wards import Ward

LONGEST_NAME = 100
# As text, which both databases read alike. Who began before, or left because of an earlier notice, did so then.
_BEGIN = sa.text(
    "INSERT INTO subscriptions (citizen_id, topic, created_at) VALUES (:citizen_id, :topic, :created_at) "
    "ON CONFLICT DO NOTHING"
).bindparams(sa.bindparam("created_at", type_=subscriptions.c.created_at.type))
_OPT_OUT = sa.text(
    "INSERT INTO opt_outs (citizen_id, campaign, at) VALUES (:citizen_id, :campaign, :at) ON CONFLICT DO NOTHING"
).bindparams(sa.bindparam("at", type_=opt_outs.c.at.type))
# Everything that belongs to a citizen and not to one of their addresses.
_OF_CITIZENS = (subscriptions, opt_outs, residences, asked)


class SqlSubscriptions:
    """``wards`` gives the only ones that are served at the moment, empty for any."""

    def __init__(self, database: Database, wards: Callable[[], Sequence[str]], clock: Clock) -> None:
        self._database, self._wards, self._clock = database, wards, clock

    @property
    def wards(self) -> Sequence[str]:
        return self._wards()

    async def get(self, citizen_id: str) -> Subscriptions:
        def work(connection: sa.engine.Connection) -> Subscriptions:
            out = sa.select(opt_outs.c.citizen_id).where(opt_outs.c.citizen_id == citizen_id)
            ward = sa.select(residences.c.ward).where(residences.c.citizen_id == citizen_id)
            return Subscriptions(
                tuple(_topics(connection, citizen_id)),
                connection.execute(out).first() is not None,
                connection.execute(ward).scalar() or "",
            )

        return await self._database.run(work)

    async def begin(self, citizen_id: str, topics: Sequence[str]) -> None:
        at = self._now()
        rows = [{"citizen_id": citizen_id, "topic": topic, "created_at": at} for topic in topics]

        def work(connection: sa.engine.Connection) -> None:
            connection.execute(opt_outs.delete().where(opt_outs.c.citizen_id == citizen_id))
            connection.execute(_BEGIN, rows)

        await self._database.run(work)

    async def end(self, citizen_id: str, topics: Sequence[str]) -> Sequence[str]:
        def work(connection: sa.engine.Connection) -> Sequence[str]:
            ended = [topic for topic in _topics(connection, citizen_id) if topic in topics]
            own = subscriptions.c.citizen_id == citizen_id
            connection.execute(subscriptions.delete().where(own, subscriptions.c.topic.in_(ended)))
            if ended:
                _drop_unsent(connection, citizen_id, self._now())
            return ended

        return await self._database.run(work)

    async def opt_out(self, citizen_id: str, campaign: Optional[int] = None) -> Sequence[str]:
        row = {"citizen_id": citizen_id, "campaign": campaign, "at": self._now()}

        def work(connection: sa.engine.Connection) -> Sequence[str]:
            ended = _topics(connection, citizen_id)
            connection.execute(subscriptions.delete().where(subscriptions.c.citizen_id == citizen_id))
            connection.execute(_OPT_OUT, row)
            return ended

        return await self._database.run(work)

    async def settle(self, citizen_id: str, ward: Ward) -> None:
        row = {
            "citizen_id": citizen_id,
            "ward": ward.name[:LONGEST_NAME],
            "ward_key": ward.key[:LONGEST_NAME],
            "province_key": ward.province_key[:LONGEST_NAME],
            "at": self._now(),
        }

        def work(connection: sa.engine.Connection) -> None:
            connection.execute(residences.delete().where(residences.c.citizen_id == citizen_id))
            connection.execute(residences.insert(), row)

        await self._database.run(work)

    def _now(self) -> dt.datetime:
        return self._clock().astimezone(dt.timezone.utc)  # SQLite compares moments without their zones


def _drop_unsent(connection: sa.engine.Connection, citizen_id: str, at: dt.datetime) -> None:
    """What was planned for topics of which the citizen has chosen none any more, and has not been begun."""
    left = set(_topics(connection, citizen_id))
    under_way = [CampaignState.SENDING.value, CampaignState.PAUSED.value]
    query = sa.select(campaigns.c.id, campaigns.c.content).where(campaigns.c.state.in_(under_way))
    for row in connection.execute(query).all():
        topics = msgspec.json.decode(row.content, type=Content).audience.topics
        if topics and not left.intersection(topics):
            own = sa.and_(deliveries.c.campaign == row.id, deliveries.c.citizen_id == citizen_id)
            dropped = {"state": "failed", "why": RefusedReason.RESTRICTED.value, "finished_at": at}
            connection.execute(deliveries.update().where(own, not_begun(deliveries)).values(**dropped))


def forget_subscriber(connection: sa.engine.Connection, citizen_id: str) -> None:
    """Within a database work: all of it goes."""
    for table in _OF_CITIZENS:
        connection.execute(table.delete().where(table.c.citizen_id == citizen_id))


def move_subscriber(connection: sa.engine.Connection, citizen_id: str, owner: str) -> None:
    """Within a database work: all of one citizen becomes another's. Where both said where they live, the owner is
    right; where one of them wants no notices at all, there are none.
    """
    topics = sa.select(subscriptions.c.topic).where(subscriptions.c.citizen_id == owner).scalar_subquery()
    theirs = subscriptions.c.citizen_id == citizen_id
    connection.execute(subscriptions.delete().where(theirs, subscriptions.c.topic.in_(topics)))
    for table in (opt_outs, residences):
        if connection.execute(sa.select(table.c.at).where(table.c.citizen_id == owner)).first():
            connection.execute(table.delete().where(table.c.citizen_id == citizen_id))
    for table in _OF_CITIZENS:
        connection.execute(table.update().where(table.c.citizen_id == citizen_id).values(citizen_id=owner))
    out = sa.select(opt_outs.c.citizen_id).where(opt_outs.c.citizen_id == owner).exists()
    connection.execute(subscriptions.delete().where(subscriptions.c.citizen_id == owner, out))


def _topics(connection: sa.engine.Connection, citizen_id: str) -> list[str]:
    own = subscriptions.c.citizen_id == citizen_id
    query = sa.select(subscriptions.c.topic).where(own).order_by(subscriptions.c.created_at, subscriptions.c.topic)
    return list(connection.execute(query).scalars())
