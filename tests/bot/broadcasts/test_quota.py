"""What Zalo still lets the account send, as the forecast shows it."""

from __future__ import annotations

import datetime as dt
from typing import AsyncIterator

import pytest

from bot.broadcasts.quota import ZaloQuotas
from bot.broadcasts.reach import QuotaLeft
from bot.broadcasts.tables import deliveries
from bot.storage import Database
from connectors.zalo.account import Account
from connectors.zalo.client import ZaloClient
from connectors.zalo.templates import Templates
from knowledge.calendar import VIETNAM_TIME
from tests.connectors.zalo.scripted_zalo import ScriptedZalo, Tokens, scripted_zalo

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=VIETNAM_TIME)


@pytest.fixture
async def served() -> AsyncIterator[tuple[ScriptedZalo, ZaloClient]]:
    async with scripted_zalo() as (zalo, settings, http):
        yield zalo, ZaloClient(settings, Tokens(), http)


async def left(database: Database, client: ZaloClient) -> QuotaLeft:
    return await ZaloQuotas(database, Account(client), Templates(client), lambda: NOON).left()


async def sent(database: Database, campaign: int, began_at: dt.datetime, **values: str) -> None:
    row = {
        "campaign": campaign, "channel": "zalo", "person": "followers:", "language": "vi", "vehicle": "article",
        "text": "", "state": "sent", "attempts": 1, "began_at": began_at.astimezone(dt.timezone.utc), **values,
    }  # fmt: skip
    await database.run(lambda connection: connection.execute(deliveries.insert(), row))


async def test_what_zalo_says_less_what_we_sent(database: Database, served: tuple[ScriptedZalo, ZaloClient]) -> None:
    zalo, client = served
    zalo.success({"oa_id": "7001", "package_name": "Premium"})
    zalo.success({"dailyQuota": "500", "remainingQuota": "499"})
    assert await left(database, client) == QuotaLeft(
        package="premium", articles_today=1, articles_this_month=6, phone_templates_today=499
    )
    await sent(database, 1, dt.datetime(2026, 11, 1, 6, tzinfo=VIETNAM_TIME), state="delivered")
    await sent(database, 2, dt.datetime(2026, 10, 31, 21, tzinfo=VIETNAM_TIME))
    await sent(database, 3, NOON, state="failed")
    await sent(database, 4, NOON, vehicle="message")
    await sent(database, 5, dt.datetime(2026, 11, 20, 6, tzinfo=VIETNAM_TIME), state="unknown")
    zalo.success({"package_name": "Premium"})
    zalo.success({})
    assert await left(database, client) == QuotaLeft(package="premium", articles_today=0, articles_this_month=4)


async def test_what_zalo_does_not_say_is_not_known(database: Database, served: tuple[ScriptedZalo, ZaloClient]) -> None:
    zalo, client = served
    zalo.success({"package_name": "Một gói khác"})
    zalo.failure(-224)
    assert await left(database, client) == QuotaLeft(package="một gói khác", articles_today=1)
