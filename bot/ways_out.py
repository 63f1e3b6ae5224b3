"""The messaging channels that are set up, opened: what a process needs to send, whether it has doors or not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Mapping, Optional

import aiohttp

from bot.alerts import Alerts
from bot.broadcasts.pictures import Pictures
from bot.grants import SqlGrantStore
from bot.records import now
from bot.settings import Settings
from bot.shared_pace import SharedPaces
from bot.storage import Database
from bot.wording.channels import channel_texts
from bot.wording.speaker import LANGUAGES, speaker
from connectors.channel import Channel
from connectors.pacing import Pace, Turns
from connectors.telegram import TelegramChannel
from connectors.zalo.channel import ZaloChannel
from connectors.zalo.client import ZaloClient
from connectors.zalo.grants import Grants
from connectors.zalo.oauth import ZaloOAuth
from connectors.zalo.settings import ZaloSettings

ZALO_PER_SECOND = 60.0  # 4,000 calls a minute for each app
Texts = Mapping[str, Mapping[str, str]]


@dataclass
class OpenChannels:
    """The ways out, and what belongs to them. A worker process has these and no doors."""

    http: aiohttp.ClientSession
    channels: dict[str, Channel] = field(default_factory=dict)
    grants: Optional[Grants] = None
    zalo: Optional[ZaloClient] = None
    telegram: Optional[TelegramChannel] = None
    paces: Optional[SharedPaces] = None

    async def close(self) -> None:
        if self.grants is not None:
            await self.grants.close()
        if self.telegram is not None:
            await self.telegram.close()
        if self.paces is not None:
            await self.paces.close()
        await self.http.close()


def open_channels(settings: Settings, secret: str, database: Database, alerts: Alerts) -> OpenChannels:
    """The messaging channels that are set up. To be called within the event loop."""
    opened = OpenChannels(aiohttp.ClientSession())
    opened.paces = SharedPaces(settings.redis_url, alerts) if settings.redis_url else None
    shared = opened.paces.share if opened.paces else _alone
    pictures = Pictures(database)
    texts: Texts = {language: channel_texts(speaker(language).gettext) for language in LANGUAGES}
    if settings.zalo is not None:
        opened.grants = open_grants(settings.zalo, secret, database, alerts, opened.http)
        opened.zalo = ZaloClient(settings.zalo, opened.grants, opened.http)
        pace = shared(Pace(ZALO_PER_SECOND, person_seconds=0.2), "zalo", ZALO_PER_SECOND)
        opened.channels["zalo"] = ZaloChannel(opened.zalo, settings.zalo, pace, texts, pictures)
    if settings.telegram is not None:
        per_second = float(settings.telegram.messages_per_second)
        pace = shared(Pace(per_second), "telegram", per_second)
        opened.telegram = TelegramChannel(settings.telegram, texts, pace, pictures)
        opened.channels["telegram"] = opened.telegram
    return opened


def _alone(pace: Pace, name: str, per_second: float) -> Turns:
    return pace


def open_grants(
    settings: ZaloSettings, secret: str, database: Database, alerts: Alerts, http: aiohttp.ClientSession
) -> Grants:
    store = SqlGrantStore(database, secret, settings.oa_id, now)
    return Grants(ZaloOAuth(settings, http, now), store, alerts, now)
