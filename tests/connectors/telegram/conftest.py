"""Telegram in miniature, and our channel and door in front of it."""

from __future__ import annotations

from typing import AsyncIterator

import pytest

from connectors.pacing import Pace
from connectors.telegram import TelegramChannel
from connectors.telegram_settings import TelegramSettings
from emulators.telegram import TOKEN, TelegramEmulator
from tests.connectors.telegram.kept_inbox import TEXTS, KeptInbox, QuickTime


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramEmulator]:
    emulator = TelegramEmulator()
    await emulator.start()
    yield emulator
    await emulator.stop()


@pytest.fixture
def time() -> QuickTime:
    return QuickTime()


@pytest.fixture
async def channel(telegram: TelegramEmulator, time: QuickTime) -> AsyncIterator[TelegramChannel]:
    settings = TelegramSettings(TOKEN, api_url=telegram.url)
    channel = TelegramChannel(settings, TEXTS, Pace(clock=time, sleep=time.sleep))
    yield channel
    await channel.close()


@pytest.fixture
def inbox() -> KeptInbox:
    return KeptInbox()
