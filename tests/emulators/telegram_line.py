"""A bot's line to the emulated Telegram, for the tests: raw calls, a webhook that can fail, a clock that stands."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from dataclasses import dataclass, field
from typing import Any, AsyncIterator, Callable

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from emulators.telegram import TelegramEmulator

NOW = dt.datetime(2026, 11, 20, 3, 30, tzinfo=dt.timezone.utc)
TOKEN = "110000001:demo-token-of-the-emulator"
AN = 700_000_001
# One pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@dataclass
class Line:
    emulator: TelegramEmulator
    http: aiohttp.ClientSession

    async def call(self, method: str, **fields: Any) -> Any:
        """The result."""
        answer = await self.answer(method, **fields)
        assert answer["ok"], answer
        return answer["result"]

    async def refusal(self, method: str, **fields: Any) -> tuple[int, str]:
        answer = await self.answer(method, **fields)
        assert not answer["ok"], answer
        return answer["error_code"], answer["description"]

    async def answer(self, method: str, **fields: Any) -> dict[str, Any]:
        async with self.http.post(f"/bot{TOKEN}/{method}", json=fields) as response:
            body: dict[str, Any] = await response.json()
            assert response.status == (200 if body["ok"] else body["error_code"])
            return body

    async def updates(self, **fields: Any) -> list[dict[str, Any]]:
        result: list[dict[str, Any]] = await self.call("getUpdates", **fields)
        return result


async def until(condition: Callable[[], Any]) -> None:
    """Raises AssertionError when it has not come true within ten seconds."""
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")


@contextlib.asynccontextmanager
async def open_line() -> AsyncIterator[Line]:
    emulator = TelegramEmulator(now=lambda: NOW)
    async with aiohttp.ClientSession(await emulator.start()) as http:
        yield Line(emulator, http)
    await emulator.stop()


@dataclass
class Webhook:
    """What came, in order, with the secret; ``status`` decides how an update is answered."""

    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    status: Callable[[dict[str, Any]], int] = lambda _: 200
    answers: asyncio.Event = field(default_factory=asyncio.Event)
    """While it is not set, nothing is answered."""

    async def take(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.bodies.append(body)
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token", ""))
        await self.answers.wait()
        return web.Response(status=self.status(body))

    @property
    def texts(self) -> list[str]:
        return [body["message"]["text"] for body in self.bodies]


@contextlib.asynccontextmanager
async def open_webhook() -> AsyncIterator[Webhook]:
    webhook = Webhook()
    webhook.answers.set()
    application = web.Application()
    application.router.add_post("/hook", webhook.take)
    async with TestServer(application, host="127.0.0.1") as server:
        webhook.url = str(server.make_url("/hook"))
        yield webhook
