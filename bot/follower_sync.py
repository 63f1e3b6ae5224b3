"""Keeps the list of who follows the Zalo account true: events tell most of it, the platform's own list the rest."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Optional, Sequence

import sqlalchemy as sa

from bot import contacts
from bot.storage import Database
from bot.tables import contacts as table
from connectors.errors import ChannelError, Refused
from connectors.messages import Address
from connectors.zalo.followers import Followers

CHANNEL = "zalo"
TOGETHER = 200  # in one transaction
EVERY_SECONDS = 24 * 3600.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Synced:
    """``gone`` were thought to follow and do not; None when Zalo did not list everybody, so that nobody can tell."""

    following: int
    gone: Optional[int]


async def sync_followers(database: Database, followers: Followers) -> Synced:
    """Raises ChannelError."""
    thought = await database.run(_following)  # whoever comes while we read is told by an event
    seen: list[str] = []
    try:
        async for user_id in followers.ids():
            seen.append(user_id)
            if len(seen) % TOGETHER == 0:
                await _note(database, seen[-TOGETHER:])
    except Refused as error:  # more than Zalo lists
        logger.warning("not all followers are known: %s", error)
        await _note(database, seen[-TOGETHER:])
        return Synced(len(seen), None)
    await _note(database, seen[-TOGETHER:])
    return Synced(len(seen), await _note_gone(database, thought - frozenset(seen)))


async def keep_synced(database: Database, followers: Followers) -> None:
    """Every day, until cancelled."""
    while True:
        try:
            synced = await sync_followers(database, followers)
            logger.info("%d people follow the Zalo account", synced.following)
        except ChannelError as error:
            logger.warning("the followers of the Zalo account could not be read: %s", error)
        await asyncio.sleep(EVERY_SECONDS)


async def _note(database: Database, user_ids: Sequence[str]) -> None:
    def work(connection: sa.engine.Connection) -> None:
        for user_id in user_ids:
            contacts.change(connection, Address(CHANNEL, user_id), follows=True)

    await database.run(work)


def _following(connection: sa.engine.Connection) -> frozenset[str]:
    query = sa.select(table.c.person).where(table.c.channel == CHANNEL, table.c.follows.is_(True))
    return frozenset(connection.execute(query).scalars())


async def _note_gone(database: Database, gone: frozenset[str]) -> int:
    def work(connection: sa.engine.Connection) -> int:
        for person in gone:
            contacts.change(connection, Address(CHANNEL, person), follows=False)
        return len(gone)

    return await database.run(work)
