"""From the wish to the notice, on emulated phones: a citizen on two messengers is told of a move once."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from pathlib import Path
from typing import AsyncIterator, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.app import House, open_house, open_watcher
from bot.correspondence import Correspondence, open_correspondence
from bot.grants import SqlGrantStore
from bot.settings import Settings
from bot.storage import migrate
from bot.watcher import Watcher
from connectors.telegram_settings import TelegramSettings
from connectors.zalo.oauth import ZaloOAuth, challenge_of, new_verifier
from connectors.zalo.settings import ZaloSettings
from emulators.telegram import TelegramEmulator
from emulators.zalo import ZaloEmulator
from knowledge.calendar import VIETNAM_TIME

CODE = "H57.132-260801-0001"  # submitted; accepted after a day
MORNING = dt.datetime(2026, 11, 20, 8, 0, tzinfo=VIETNAM_TIME)
ON_TELEGRAM, ON_ZALO = 91000001, "8123450000000000001"
SECRET = "a secret key of an installation, long enough"


class Town:
    """The house, both messengers in miniature, and a clock."""

    def __init__(self) -> None:
        self.at = MORNING
        self.telegram = TelegramEmulator(now=self.now)
        self.zalo = ZaloEmulator(now=self.now)
        self.house: House
        self.post: Correspondence
        self.watcher: Watcher

    def now(self) -> dt.datetime:
        return self.at

    def told_on_telegram(self) -> list[str]:
        return [sent.text for sent in self.telegram.ledger]

    def told_on_zalo(self) -> list[str]:
        return [sent.text for sent in self.zalo.ledger]

    async def until(self, holds: Callable[[], bool]) -> None:
        for _ in range(600):
            if holds():
                return
            await asyncio.sleep(0.02)
        raise AssertionError((self.told_on_telegram(), self.told_on_zalo()))


@pytest.fixture
async def town(model: Path, tmp_path: Path) -> AsyncIterator[Town]:
    town = Town()
    telegram_url, zalo_url = await town.telegram.start(), await town.zalo.start()
    identity = town.zalo.identity
    zalo = ZaloSettings(
        identity.app_id,
        identity.oa_id,
        identity.app_secret,
        identity.oa_secret_key,
        oauth_url=zalo_url,
        api_url=zalo_url,
        business_url=zalo_url,
    )
    telegram = TelegramSettings(town.telegram.token, api_url=telegram_url)
    url = f"sqlite:///{tmp_path}/x.db"
    settings = Settings(database_url=url, secret_key=SECRET, zalo=zalo, telegram=telegram)
    migrate(url)
    town.house = await open_house(settings, model, town.now)
    town.post = open_correspondence(settings, SECRET, town.house.database, town.house.conversation)
    town.watcher = open_watcher(settings, town.house, town.post.outbox, town.now)
    await _authorise(town, zalo)
    app = web.Application()
    town.post.add_routes(app)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    town.zalo.webhook_url = str(server.make_url("/webhooks/zalo"))
    await town.post.start()
    yield town
    await town.zalo.stop()
    await server.close()
    await town.post.close()
    await town.telegram.stop()
    await town.house.close()


async def _authorise(town: Town, zalo: ZaloSettings) -> None:
    def at() -> dt.datetime:
        return dt.datetime.now(dt.timezone.utc)

    verifier = new_verifier()
    code = town.zalo.authorise(challenge_of(verifier))
    grant = await ZaloOAuth(zalo, town.post.opened.http, at).exchange(code, verifier, zalo.oa_id)
    await SqlGrantStore(town.house.database, SECRET, zalo.oa_id, at).save(grant)


async def test_a_citizen_on_two_messengers_is_told_of_a_move_once(town: Town) -> None:
    await town.telegram.citizen_says(ON_TELEGRAM, f"theo dõi hồ sơ {CODE}")
    await town.until(lambda: len(town.told_on_telegram()) == 1)
    assert CODE in town.told_on_telegram()[0]
    await town.telegram.citizen_says(ON_TELEGRAM, "liên kết Telegram với Zalo")
    await town.until(lambda: len(town.told_on_telegram()) == 2)
    code = re.search(r"LK-\w{4}-\w{4}", town.told_on_telegram()[1])
    assert code is not None
    town.at += dt.timedelta(minutes=2)
    await town.zalo.citizen_says(ON_ZALO, code[0].lower())
    await town.until(lambda: len(town.told_on_zalo()) == 1)
    assert "đã nối" in town.told_on_zalo()[0]
    await town.until(lambda: len(town.told_on_telegram()) == 3)
    assert "Nếu không phải ông/bà nối" in town.told_on_telegram()[2]

    await town.watcher.check_due()
    town.at += dt.timedelta(hours=30)
    assert await town.watcher.check_due() == 1
    await town.until(lambda: len(town.told_on_zalo()) == 2)  # where they wrote last
    assert CODE in town.told_on_zalo()[1]
    town.at += dt.timedelta(hours=3)
    await town.watcher.check_due()
    await asyncio.sleep(0.2)  # nothing more comes
    assert (len(town.told_on_telegram()), len(town.told_on_zalo())) == (3, 2)
