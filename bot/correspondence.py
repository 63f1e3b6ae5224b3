"""Everything about messaging platforms, joined: channels, doors, inbox, outbox, alerts."""

from __future__ import annotations

import asyncio
import functools
import logging
from dataclasses import dataclass, field
from typing import Awaitable, Callable, Optional

from aiohttp import web

from bot.alerts import Alerts
from bot.contacts import Contacts
from bot.conversation import Conversation
from bot.follower_sync import keep_synced
from bot.inbox import Inbox
from bot.outbox import Outbox
from bot.reception import Reception
from bot.records import now
from bot.settings import Settings
from bot.storage import Database
from bot.tasks import end
from bot.watches import forget_untold
from bot.ways_out import OpenChannels, open_channels
from connectors.telegram_door import TelegramDoor
from connectors.zalo.door import ZaloDoor
from connectors.zalo.followers import Followers

FINISH_SECONDS = 10.0
RETRY_SECONDS = 5.0
Work = Callable[[], Awaitable[None]]

logger = logging.getLogger(__name__)


@dataclass
class Correspondence:
    """The tasks run for as long as the application does; closing takes no more and finishes what is under way."""

    inbox: Inbox
    outbox: Outbox
    alerts: Alerts
    opened: OpenChannels
    database: Database
    followers: Optional[Followers] = None
    zalo: Optional[ZaloDoor] = None
    telegram: Optional[TelegramDoor] = None
    _posts: list[asyncio.Task[None]] = field(default_factory=list)  # inbox and outbox, which end by themselves
    _others: list[asyncio.Task[None]] = field(default_factory=list)

    def add_routes(self, app: web.Application) -> None:
        for door in (self.zalo, self.telegram):
            if door is not None:
                door.add_routes(app)

    async def start(self) -> None:
        if self.opened.telegram is not None:
            for message_id in await self.outbox.newest_ids(self.opened.telegram.name):
                self.opened.telegram.learn(message_id)
        works: list[Work] = []
        if self.telegram is not None:
            works.append(self.telegram.run)
        if self.opened.grants is not None:
            works.append(self.opened.grants.keep_fresh)
        if self.followers is not None:
            works.append(functools.partial(keep_synced, self.database, self.followers))
        self._posts = [asyncio.create_task(_kept_going(work)) for work in (self.inbox.run, self.outbox.run)]
        self._others = [asyncio.create_task(_kept_going(work)) for work in works]

    async def state(self) -> dict[str, object]:
        """For whoever watches (bot.health.Post)."""
        return {"inbox": await self.inbox.state(), "alerts": await self.alerts.open()}

    async def close(self) -> None:
        """In the order in which messages go: doors first, what is on its way last."""
        await end(self._others)
        if self.telegram is not None:
            await self.telegram.close()
        await self.inbox.close(FINISH_SECONDS)
        await self.outbox.close(FINISH_SECONDS)
        await asyncio.gather(*self._posts)
        await self.opened.close()


def open_correspondence(
    settings: Settings, secret: str, database: Database, conversation: Conversation
) -> Correspondence:
    """Choose and join the parts; nothing runs before ``start``."""
    alerts = Alerts(database, settings.alert_to, lambda *what: outbox.enqueue_text(*what))
    opened = open_channels(settings, secret, database, alerts)
    channels = opened.channels
    outbox = Outbox(
        database, channels, alerts.page, alerts.over, lambda address: inbox.ready(address), untold=forget_untold
    )
    reception = Reception(conversation, Contacts(database), channels, database, alerts.page, now)
    inbox = Inbox(database, conversation, reception, channels, outbox, alerts.page)
    joined = Correspondence(inbox, outbox, alerts, opened, database)
    if settings.zalo is not None and opened.zalo is not None:
        joined.followers = Followers(opened.zalo)
        joined.zalo = ZaloDoor(inbox, settings.zalo, alerts.page)
    if settings.telegram is not None and opened.telegram is not None:
        joined.telegram = TelegramDoor(inbox, opened.telegram, settings.telegram, alerts.page, alerts.over)
    return joined


async def _kept_going(work: Work) -> None:
    """Until it ends by itself; what fails is begun again, for messages wait for it."""
    while True:
        try:
            return await work()
        except Exception:
            logger.exception("a task of the correspondence failed")
            await asyncio.sleep(RETRY_SECONDS)
