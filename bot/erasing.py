"""Erases everything that is kept about a person who withdraws consent (Decree 13/2023/NĐ-CP, article 16)."""

from __future__ import annotations

import sqlalchemy as sa

from bot import tables
from bot.broadcasts.campaign import DeliveryState
from bot.broadcasts.ledger_rows import not_begun
from bot.broadcasts.tables import audience_files, audience_rows, deliveries
from bot.records import now, of
from bot.storage import Database
from bot.subscriptions import forget_subscriber
from connectors.errors import RefusedReason
from connectors.messages import Address


async def erase(database: Database, address: Address, event_id: str) -> None:
    """One transaction. What other channels of the same citizen hold stays: they withdrew on this one.

    ``event_id`` names the withdrawal in the inbox: what came after it is a new beginning.
    """
    await database.run(lambda connection: _erase(connection, address, event_id))


def _erase(connection: sa.engine.Connection, address: Address, event_id: str) -> None:
    addresses = tables.addresses
    citizen_id = connection.execute(sa.select(addresses.c.citizen_id).where(of(addresses, address))).scalar()
    for table in (tables.transcript, tables.outbox, tables.contacts, addresses):
        connection.execute(table.delete().where(of(table, address)))
    # Their ids stay until the platform can no longer repeat them: a repeat would be answered, or erase once more.
    emptied = {"person": "", "document": "", "state": "done", "line": None, "error": None, "finished_at": now()}
    inbox = tables.inbox
    own = sa.select(inbox.c.seq).where(inbox.c.channel == address.channel, inbox.c.message_id == event_id)
    until = connection.execute(own).scalar() or 0
    connection.execute(inbox.update().where(of(inbox, address), inbox.c.seq <= until).values(**emptied))
    _erase_deliveries(connection, address)
    # File by file: the rows' index begins with the file, and there may be a million of them.
    files = list(connection.execute(sa.select(audience_files.c.id)).scalars())
    connection.execute(audience_rows.delete().where(audience_rows.c.file.in_(files), of(audience_rows, address)))
    # The dialogue holds what was said on this channel too.
    for table in (tables.conversations, tables.link_codes):
        connection.execute(table.delete().where(table.c.citizen_id == citizen_id))
    others = sa.select(addresses.c.person).where(addresses.c.citizen_id == citizen_id)
    if connection.execute(others).first():
        return
    for table in (tables.feedback, tables.watches):
        connection.execute(table.delete().where(table.c.citizen_id == citizen_id))
    if citizen_id is not None:
        forget_subscriber(connection, citizen_id)


def _erase_deliveries(connection: sa.engine.Connection, address: Address) -> None:
    """What went out stays counted, as nobody's; what has not been begun is not sent any more."""
    rows = of(deliveries, address)
    unbegun = not_begun(deliveries)
    unsent = {"state": DeliveryState.FAILED.value, "why": RefusedReason.LEFT.value, "finished_at": now()}
    connection.execute(deliveries.update().where(rows, unbegun).values(**unsent))
    nobody = "erased:" + sa.cast(deliveries.c.id, sa.String(20))
    connection.execute(deliveries.update().where(rows).values(person=nobody, text="", citizen_id=None))
