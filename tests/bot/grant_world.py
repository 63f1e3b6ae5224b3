"""Zalo, a database and processes over both, for the tests of the grant that lives between them."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from dataclasses import dataclass, replace
from typing import AsyncIterator

import aiohttp

from bot.grants import SqlGrantStore
from bot.storage import Database, open_engine
from connectors.zalo.grants import Grants, Sleep
from connectors.zalo.oauth import Grant, ZaloOAuth
from connectors.zalo.settings import ZaloSettings
from tests.connectors.zalo.scripted_zalo import NOON, OA_ID, MovedClock, ScriptedZalo

SECRET = "a secret key of an installation, long enough"
FRESH = Grant("AT-0", "RT-0", NOON + dt.timedelta(hours=25), NOON, NOON)
ENDING = replace(FRESH, expires_at=NOON + dt.timedelta(hours=4))
OVER = replace(FRESH, expires_at=NOON)


class Alarm:
    """Writes down what it is told (connectors.zalo.grants.Alarm)."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def page(self, name: str, sentence: str) -> None:
        self.told.append(name)

    async def over(self, name: str) -> None:
        self.told.append(f"over: {name}")


@dataclass
class World:
    """Zalo, the database, and any number of processes over both."""

    zalo: ScriptedZalo
    settings: ZaloSettings
    http: aiohttp.ClientSession
    database: Database
    url: str
    clock: MovedClock
    alarm: Alarm

    def store(self, secret: str = SECRET, account: str = OA_ID) -> SqlGrantStore:
        return SqlGrantStore(self.database, secret, account, self.clock)

    def process(self, sleep: Sleep | None = None) -> Grants:
        oauth = ZaloOAuth(self.settings, self.http, self.clock)
        return Grants(oauth, self.store(), self.alarm, self.clock, sleep or self.clock.sleep)

    @contextlib.asynccontextmanager
    async def another_database(self) -> AsyncIterator[World]:
        """As another process sees the world: with a connection and a thread of its own."""
        database = Database(self.url)
        yield replace(self, database=database)
        await database.close()

    async def take_table_away(self) -> None:
        await self.change("ALTER TABLE grants RENAME TO away")

    async def bring_table_back(self) -> None:
        await self.change("ALTER TABLE away RENAME TO grants")

    async def change(self, statement: str) -> None:
        def work() -> None:
            engine = open_engine(self.url)
            with engine.begin() as connection:
                connection.exec_driver_sql(statement)
            engine.dispose()

        await asyncio.to_thread(work)


async def briefly(_: float) -> None:
    await asyncio.sleep(0.01)
