"""Remembers which citizen asked about which procedure: for audiences and for reports."""

from __future__ import annotations

import datetime as dt
from typing import Sequence

import sqlalchemy as sa

from bot.broadcasts.tables import asked
from bot.tables import addresses
from connectors.messages import Address, Reply

# The citizen is read from the database: in this very turn they may have been joined with another.
_CITIZEN = sa.select(
    addresses.c.citizen_id,
    sa.bindparam("procedure", type_=asked.c.procedure.type),
    sa.bindparam("at", type_=asked.c.at.type),
).where(addresses.c.channel == sa.bindparam("channel"), addresses.c.person == sa.bindparam("person"))
_NOTE = asked.insert().from_select(["citizen_id", "procedure", "at"], _CITIZEN)


def note_asked(connection: sa.engine.Connection, address: Address, replies: Sequence[Reply], at: dt.datetime) -> None:
    """Within the database work that stores these answers; ``at`` is a moment in UTC."""
    said = [reply.custom for reply in replies if reply.custom.get("utterance") == "procedure"]
    for code in {facts["procedure"] for facts in said if "procedure" in facts}:
        connection.execute(_NOTE, {"channel": address.channel, "person": address.id, "procedure": code[:20], "at": at})
