"""A web chat on a test server, with a clock that can be moved."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from dataclasses import dataclass, field
from typing import Any, Awaitable, Callable

import pytest
from aiohttp import ClientResponse, ClientWebSocketResponse, web
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient

from bot.wording.webchat import webchat_texts
from connectors.webchat import Today, WebChat, WebChatSettings
from tests.connectors.scripted_talk import ScriptedTalk

TODAY = Today("0900 000 123", {"vi": "Thứ Hai – Thứ Sáu, 7:30 – 17:00", "en": "Monday – Friday, 7:30 – 17:00"})
SECRET = "a secret for the tests, not for a server"
TEXTS = {"vi": webchat_texts(lambda text: text), "en": webchat_texts(lambda text: f"en: {text}")}


class MovableClock:
    def __init__(self) -> None:
        self.moment = dt.datetime(2026, 11, 20, 3, 0, tzinfo=dt.timezone.utc)

    def __call__(self) -> dt.datetime:
        return self.moment


@dataclass
class House:
    client: TestClient
    chat: WebChat
    talk: ScriptedTalk
    clock: MovableClock
    sockets: list[ClientWebSocketResponse] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"http://{self.client.host}:{self.client.port}"

    async def connect(self, after: int = 0, token: str | None = None, language: str = "vi") -> Page:
        socket = await self.client.ws_connect("/chat/socket", headers={"Origin": self.origin})
        self.sockets.append(socket)
        await socket.send_json({"type": "hello", "token": token, "after": after, "language": language})
        return Page(socket)


@dataclass
class Page:
    socket: ClientWebSocketResponse

    async def until(self, kind: str) -> list[dict[str, Any]]:
        """The frames up to and with the first of this kind."""
        frames = []
        while True:
            frames.append(await self.socket.receive_json(timeout=5))
            if frames[-1]["type"] == kind:
                return frames

    async def ready(self) -> list[dict[str, Any]]:
        return await self.until("ready")

    async def answer(self) -> list[dict[str, Any]]:
        """The entries up to the moment when nobody is typing any more."""
        entries = []
        while True:
            frame = await self.socket.receive_json(timeout=5)
            if frame["type"] == "entry":
                entries.append(frame)
            if frame == {"type": "typing", "on": False}:
                return entries


OpenHouse = Callable[..., Awaitable[House]]


def settings(**changes: Any) -> WebChatSettings:
    defaults: dict[str, Any] = {
        "secret": SECRET,
        "agency": {"vi": "UBND phường Hoa Sen", "en": "Hoa Sen Ward People's Committee"},
        "today": lambda: TODAY,
    }
    return WebChatSettings(**{**defaults, **changes})


@pytest.fixture
def open_house(aiohttp_client: AiohttpClient) -> OpenHouse:
    async def open_house(**changes: Any) -> House:
        talk, clock = ScriptedTalk(), MovableClock()
        chat = WebChat(talk, TEXTS, settings(**changes), now=clock)
        app = web.Application()
        chat.add_routes(app)
        return House(await aiohttp_client(app), chat, talk, clock)

    return open_house


def message(text: str, message_id: str | None = None) -> dict[str, str]:
    return {"type": "message", "id": message_id or str(uuid.uuid4()), "text": text}


async def send_form(house: House, follow: bool = True, **fields: str) -> ClientResponse:
    """As a browser without scripts: load the page, fill the form in, send it with its hidden fields."""
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', await (await house.client.get("/")).text()))
    data = {**hidden, **fields}
    return await house.client.post("/chat", data=data, allow_redirects=follow)
