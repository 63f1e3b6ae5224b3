"""The emulated platforms, each as a burst needs it: citizens who write, what reached them, what the door took."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Callable, Mapping, Optional, Protocol, Sequence

from benchmarks.baseline.project import HOUSE
from emulators.telegram import TelegramEmulator
from emulators.zalo import ZaloEmulator

# Zalo tries again after half a minute, 5 minutes, 15 minutes ...: nobody waits that long for a measurement.
ZALO_LADDER_SCALE = 0.03


@dataclass(frozen=True)
class Sent:
    """What reached a person."""

    message_id: str
    person: str
    text: str


class Delivery(Protocol):
    """One attempt to deliver to the webhook."""

    @property
    def status(self) -> Optional[int]: ...

    @property
    def seconds(self) -> float: ...


class Emulator(Protocol):
    @property
    def ledger(self) -> Sequence[object]:
        """What was sent, in order."""

    @property
    def deliveries(self) -> Sequence[Delivery]: ...

    async def settle(self, timeout: float) -> None:
        """Until nothing is left to deliver. Raises asyncio.TimeoutError."""

    async def stop(self) -> None: ...


class Platform(Protocol):
    """``channel`` is the name in the tables, ``conditions`` what a reader of the figures should know; ``limits_on``:
    it refuses what comes too fast.
    """

    channel: str
    conditions: str

    @property
    def emulator(self) -> Emulator: ...

    async def start(self, port: int, limits_on: bool) -> Mapping[str, str]:
        """The settings of a server that listens on this port."""

    async def let_in(self, environment: Mapping[str, str]) -> None:
        """What must be done once before the server can speak, with its settings."""

    async def say(self, person: int, text: str) -> str:
        """Gives the id of the message, as it stands in the tables."""

    def taken(self, said: frozenset[str]) -> int:
        """How many of these messages the server has taken in."""

    def sent(self) -> Sequence[Sent]:
        """The ledger, for comparing."""


class Zalo:
    channel = "zalo"
    conditions = f"the pauses between two attempts of the webhook are {ZALO_LADDER_SCALE:.0%} of Zalo's"

    def __init__(self) -> None:
        self.emulator = ZaloEmulator(ladder_scale=ZALO_LADDER_SCALE)

    async def start(self, port: int, limits_on: bool) -> Mapping[str, str]:
        url, app = await self.emulator.start(), self.emulator.identity
        self.emulator.switches.rate_limits = limits_on
        self.emulator.webhook_url = f"http://127.0.0.1:{port}/webhooks/zalo"
        return {
            "ZALO_APP_ID": app.app_id,
            "ZALO_OA_ID": app.oa_id,
            "ZALO_APP_SECRET": app.app_secret,
            "ZALO_OA_SECRET_KEY": app.oa_secret_key,
            **dict.fromkeys(("ZALO_OAUTH_URL", "ZALO_API_URL", "ZALO_BUSINESS_URL"), url),
        }

    async def let_in(self, environment: Mapping[str, str]) -> None:
        command = [sys.executable, "-m", "bot", "zalo", "authorise", "--code", self.emulator.authorise()]
        whole = {**os.environ, **environment}
        # In a thread: the emulator that answers it lives in this one.
        await asyncio.to_thread(
            subprocess.run, command, cwd=HOUSE, env=whole, check=True, capture_output=True, timeout=120
        )

    async def say(self, person: int, text: str) -> str:
        return await self.emulator.citizen_says(str(person), text)

    def taken(self, said: frozenset[str]) -> int:
        return len(said.intersection(one.msg_id for one in self.emulator.deliveries if one.status == 200))

    def sent(self) -> Sequence[Sent]:
        return [Sent(one.message_id, one.user_id, one.text) for one in self.emulator.ledger]


class Telegram:
    channel = "telegram"
    conditions = "30 messages a second, one to each person; the pauses of the webhook as they are"

    def __init__(self, mode: str) -> None:
        self._mode = mode
        self.emulator = TelegramEmulator()

    async def start(self, port: int, limits_on: bool) -> Mapping[str, str]:
        url = await self.emulator.start()
        self.emulator.switches.flood_limits = limits_on
        return {
            "TELEGRAM_TOKEN": self.emulator.token,
            "TELEGRAM_MODE": self._mode,
            "TELEGRAM_API_URL": url,
            "TELEGRAM_MESSAGES_PER_SECOND": "30" if limits_on else "1000",
            "PUBLIC_ORIGIN": f"http://127.0.0.1:{port}",
        }

    async def let_in(self, environment: Mapping[str, str]) -> None:
        """The token is enough."""

    async def say(self, person: int, text: str) -> str:
        return _id(person, await self.emulator.citizen_says(person, text))

    def taken(self, said: frozenset[str]) -> int:
        return len(said) - len(self.emulator.updates.pending)

    def sent(self) -> Sequence[Sent]:
        return [Sent(_id(one.chat_id, one.message_id), str(one.chat_id), one.text) for one in self.emulator.ledger]


def _id(chat: int, number: int) -> str:
    return f"m{chat}.{number}"


WAYS: Mapping[str, Callable[[], Platform]] = {
    "zalo": Zalo,
    "telegram": lambda: Telegram("webhook"),
    "telegram-polling": lambda: Telegram("polling"),
}


def platform_of(way: str) -> Platform:
    return WAYS[way]()
