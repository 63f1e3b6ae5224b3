"""Which messages of a channel are known to have come lately: what was cut off in the sending is looked for among the
others.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Iterator

import sqlalchemy as sa

from bot.broadcasts.tables import campaigns, deliveries
from bot.tables import inbox, outbox

CLOCKS_APART = dt.timedelta(minutes=2)
# Deliveries begin in the order of their ids, so what began lately stands near the last one that went out. A single one
# that was put off, and stands further back, only costs the channel one more look.
NEAR = 20_000
NEWEST = 500


def known_ids(connection: sa.engine.Connection, channel: str, began_at: dt.datetime) -> frozenset[str]:
    """Within a database work: the channel's ids of all that is known to have come since then, ours and citizens'."""
    since = began_at.astimezone(dt.timezone.utc) - CLOCKS_APART
    queries = [
        _ids(outbox, channel, outbox.c.began_at >= since),
        _ids(inbox, channel, inbox.c.received_at >= since),
        *(
            _ids(deliveries, channel, deliveries.c.began_at >= since, deliveries.c.id > last - NEAR,
                 deliveries.c.campaign == campaign, deliveries.c.state == state)
            for campaign, state, last in _fronts(connection, since)
        ),
    ]  # fmt: skip
    return frozenset(id for query in queries for (id,) in connection.execute(query))


def newest_ids(connection: sa.engine.Connection, channel: str) -> list[str]:
    """Within a database work: the channel's ids of the newest messages, ours and citizens'."""
    orders = ((outbox, outbox.c.seq), (inbox, inbox.c.seq), (deliveries, deliveries.c.id))
    queries = [_ids(table, channel).order_by(order.desc()).limit(NEWEST) for table, order in orders]
    return [id for query in queries for (id,) in connection.execute(query)]


def _ids(table: sa.Table, channel: str, *conditions: Any) -> sa.sql.Select:
    return sa.select(table.c.message_id).where(table.c.channel == channel, table.c.message_id.is_not(None), *conditions)


def _fronts(connection: sa.engine.Connection, since: dt.datetime) -> Iterator[tuple[int, str, int]]:
    """The highest delivery in each state that says "sent", of every campaign that was at it."""
    lately = sa.or_(campaigns.c.finished_at.is_(None), campaigns.c.finished_at >= since)
    at_it = sa.select(campaigns.c.id).where(campaigns.c.started_at.is_not(None), lately)
    for (campaign,) in connection.execute(at_it).all():
        for state in ("sent", "delivered", "seen"):
            own = sa.and_(deliveries.c.campaign == campaign, deliveries.c.state == state)
            last = connection.execute(sa.select(sa.func.max(deliveries.c.id)).where(own)).scalar()
            if last is not None:
                yield campaign, state, last
