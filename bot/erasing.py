"""Erases everything that is kept about a person who withdraws consent (Decree 13/2023/NĐ-CP, article 16)."""

from __future__ import annotations

import sqlalchemy as sa

from bot import tables
from bot.storage import Database
from connectors.messages import Address


async def erase(database: Database, address: Address) -> None:
    """One transaction. What other channels of the same citizen hold stays: they withdrew on this one."""
    await database.run(lambda connection: _erase(connection, address))


def _erase(connection: sa.engine.Connection, address: Address) -> None:
    addresses = tables.addresses
    own = sa.and_(addresses.c.channel == address.channel, addresses.c.person == address.id)
    citizen_id = connection.execute(sa.select(addresses.c.citizen_id).where(own)).scalar()
    for table in (tables.transcript, tables.inbox, tables.outbox, tables.contacts, addresses):
        theirs = sa.and_(table.c.channel == address.channel, table.c.person == address.id)
        connection.execute(table.delete().where(theirs))
    others = sa.select(addresses.c.person).where(addresses.c.citizen_id == citizen_id)
    if citizen_id is None or connection.execute(others).first():
        return
    for table in (tables.conversations, tables.feedback, tables.watches, tables.link_codes):
        connection.execute(table.delete().where(table.c.citizen_id == citizen_id))
