"""Opens what a worker process needs: the jobs of the house and the ways out, no doors and no assistant."""

from __future__ import annotations

import asyncio
import contextlib
from typing import AsyncIterator

from bot.agency import agency_of
from bot.alerts import Alerts
from bot.audit import Audit
from bot.background import open_background
from bot.broadcasting import open_broadcasting
from bot.house_rules import HouseRules
from bot.jobs.crew import Crew
from bot.outbox import Outbox
from bot.secret_key import secret_of
from bot.settings import Settings
from bot.storage import Database
from bot.tasks import end
from bot.ways_out import open_channels


@contextlib.asynccontextmanager
async def open_work(settings: Settings) -> AsyncIterator[Crew]:
    """bot.work_command.OpenWork. The server beside it sends what alerts tell."""
    secret, database = secret_of(settings), Database(settings.database_url)
    async with contextlib.AsyncExitStack() as opened:
        opened.push_async_callback(database.close)
        audit = Audit(database, secret)
        rules = HouseRules(database, audit)
        await rules.read()
        alerts = Alerts(database, settings.alert_to, lambda *what: outbox.enqueue_text(*what))
        channels = open_channels(settings, secret, database, alerts)
        opened.push_async_callback(channels.close)
        outbox = Outbox(database, channels.channels, alerts.page, alerts.over, lambda address: None)
        background = open_background(database, audit)
        broadcasting = open_broadcasting(
            settings, secret, database, audit, lambda: rules.rules, agency_of(settings), channels, alerts, background
        )
        reading = asyncio.create_task(rules.run())
        opened.push_async_callback(end, [reading])
        yield broadcasting.crew
