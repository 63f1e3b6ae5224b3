"""What the platforms say became of notices; also of those whose sending is not yet written down."""

from __future__ import annotations

import datetime as dt
from typing import Any, Mapping, Sequence

import sqlalchemy as sa

from bot.broadcasts.tables import deliveries, early_receipts
from connectors.messages import Receipt

_IDS = sa.bindparam("ids", expanding=True)
_DELIVERY = sa.and_(deliveries.c.channel == sa.bindparam("on"), deliveries.c.message_id.in_(_IDS))
_EARLY = sa.and_(early_receipts.c.channel == sa.bindparam("on"), early_receipts.c.message_id.in_(_IDS))
_KNOWN = sa.select(deliveries.c.message_id).where(_DELIVERY)
_FIND_EARLY = sa.select(early_receipts.c.message_id, early_receipts.c.seen).where(_EARLY)
_DROP_EARLY = early_receipts.delete().where(_EARLY)
_KEEP = sa.text(
    "INSERT INTO early_receipts (channel, message_id, seen, at) VALUES (:channel, :message_id, :seen, :at) "
    "ON CONFLICT (channel, message_id) DO UPDATE SET seen = early_receipts.seen OR excluded.seen"
).bindparams(sa.bindparam("at", type_=sa.DateTime(timezone=True)))
# "Delivered" after "seen" says nothing new.
_SEEN = deliveries.update().where(_DELIVERY, deliveries.c.state.in_(("sent", "delivered"))).values(state="seen")
_DELIVERED = deliveries.update().where(_DELIVERY, deliveries.c.state == "sent").values(state="delivered")
# Where two transactions wrote down the sending and the receipt at the same moment, neither saw the other.
# CROSS keeps SQLite from walking through all deliveries.
_APPLY = sa.text(
    "UPDATE deliveries SET state = "
    "(SELECT CASE WHEN seen THEN 'seen' ELSE 'delivered' END FROM early_receipts AS early "
    "WHERE early.channel = deliveries.channel AND early.message_id = deliveries.message_id) "
    "WHERE id IN (SELECT its.id FROM early_receipts AS early CROSS JOIN deliveries AS its "
    "WHERE its.channel = early.channel AND its.message_id = early.message_id AND its.state = 'sent')"
)
_DROP_APPLIED = early_receipts.delete().where(
    sa.exists().where(
        deliveries.c.channel == early_receipts.c.channel, deliveries.c.message_id == early_receipts.c.message_id
    )
)


def note(connection: sa.engine.Connection, receipt: Receipt) -> int:
    """Within a database work: how many deliveries it changed. What matches none is kept: the platform's answer to the
    sending may not be written down yet.
    """
    wanted: dict[str, Any] = {"on": receipt.channel, "ids": list(receipt.message_ids)}
    known = {id for (id,) in connection.execute(_KNOWN, wanted)}
    changed: int = connection.execute(_SEEN if receipt.seen else _DELIVERED, wanted).rowcount if known else 0
    at = receipt.at.astimezone(dt.timezone.utc)
    early = [
        {"channel": receipt.channel, "message_id": id, "seen": receipt.seen, "at": at}
        for id in sorted(set(receipt.message_ids) - known)
    ]
    if early:
        connection.execute(_KEEP, early)
    return changed


def overtaken(connection: sa.engine.Connection, channel: str, message_ids: Sequence[str]) -> Mapping[str, str]:
    """Within the database work that writes down that these were sent: which of them are "delivered" or "seen"
    already. They are not kept any longer.
    """
    wanted: dict[str, Any] = {"on": channel, "ids": list(message_ids)}
    found = {row.message_id: "seen" if row.seen else "delivered" for row in connection.execute(_FIND_EARLY, wanted)}
    if found:
        connection.execute(_DROP_EARLY, {"on": channel, "ids": list(found)})
    return found


def apply_early(connection: sa.engine.Connection) -> None:
    """Within a database work, now and then: what was kept counts for the deliveries that are written down by now."""
    connection.execute(_APPLY)
    connection.execute(_DROP_APPLIED)


def drop_early(connection: sa.engine.Connection, before: dt.datetime) -> int:
    """Within a database work, now and then: forget what belonged to no message of ours; how many."""
    apply_early(connection)
    old = early_receipts.delete().where(early_receipts.c.at < before.astimezone(dt.timezone.utc))
    return int(connection.execute(old).rowcount)
