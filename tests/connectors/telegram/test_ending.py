"""A door that asks for updates ends when it is told to, whatever it is doing at that moment."""

from __future__ import annotations

import asyncio

import pytest

from bot.tasks import end
from connectors.telegram import TelegramChannel
from connectors.telegram_door import TelegramDoor
from connectors.telegram_settings import TelegramSettings
from emulators.telegram import TOKEN, TelegramEmulator
from tests.connectors.telegram.kept_inbox import KeptInbox


@pytest.mark.parametrize("steps", range(0, 40, 2))
async def test_it_ends_also_while_a_connection_is_being_opened(
    telegram: TelegramEmulator, channel: TelegramChannel, inbox: KeptInbox, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    async def hear(*_: str) -> None:
        pass

    monkeypatch.setattr("bot.tasks.CANCEL_AGAIN_SECONDS", 0.05)
    settings = TelegramSettings(TOKEN, api_url=telegram.url)
    running = asyncio.create_task(TelegramDoor(inbox, channel, settings, hear, hear).run())
    for _ in range(steps):
        await asyncio.sleep(0)
    await end([running])
    assert running.done()
