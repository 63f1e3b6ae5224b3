"""The web chat: open pages, each with its socket."""

from __future__ import annotations

import asyncio
import html
import json
import re
import uuid
from dataclasses import dataclass, field
from typing import Any, Coroutine, Optional, Sequence

import aiohttp
from aiohttp import WSMsgType, web

from bot.wording.webchat import webchat_texts
from connectors.channel import Channel
from connectors.messages import Address
from connectors.webchat import Today, WebChat, WebChatSettings
from emulators.movable_clock import MovableClock
from tests.connectors.contract.office import PATIENT, Office

ASKED: dict[str, Any] = {"type": "message", "id": "6b1f7a52-0000-4000-8000-000000000001", "text": "làm khai sinh"}
_STATUS = {"wrong_frame": 400}
_CLOSED = {1009: 413, 1007: 400, 1008: 403}
_TEXTS = dict.fromkeys(("vi", "en"), webchat_texts(lambda text: text))


@dataclass
class _Page:
    """What one person's page knows; it survives the socket, as in a browser."""

    token: Optional[str] = None
    entries: dict[int, dict[str, Any]] = field(default_factory=dict)
    asked: dict[str, dict[str, Any]] = field(default_factory=dict)
    socket: Optional[aiohttp.ClientWebSocketResponse] = None
    reading: Optional[asyncio.Task[None]] = None
    troubles: list[str] = field(default_factory=list)
    typing: bool = False

    @property
    def unanswered(self) -> list[dict[str, Any]]:
        known = {entry["id"] for entry in self.entries.values()}
        return [frame for message_id, frame in self.asked.items() if message_id not in known]


class WebChatSide:
    name = "webchat"
    longest = None
    wrong = (
        {},
        [ASKED],
        {"type": "dance"},
        {**ASKED, "id": "1"},
        {**ASKED, "id": 7},
        {**ASKED, "text": None},
        {**ASKED, "text": "  "},
        {**ASKED, "text": {"text": "chào"}},
        {**ASKED, "type": "choice"},
    )
    too_large = json.dumps({**ASKED, "text": "a" * 17_000}).encode()

    async def open(self, clock: MovableClock) -> None:
        self._clock = clock
        self._http = aiohttp.ClientSession()
        self._pages: dict[int, _Page] = {}

    async def close(self) -> None:
        for person in self._pages:
            await self.hang_up(person)
        await self._http.close()

    async def join(self, office: Office, app: web.Application) -> Optional[Channel]:
        settings = WebChatSettings(
            secret="a secret for the tests, not for a server",
            agency={"vi": "UBND phường Hoa Sen", "en": "Hoa Sen Ward People's Committee"},
            today=lambda: Today("0900 000 123", {"vi": "giờ hành chính", "en": "office hours"}),
            limits=PATIENT,
            finish_seconds=0.05,
        )
        WebChat(office.inbox, _TEXTS, settings, now=self._clock.now).add_routes(app)
        self._origin = office.address
        return None

    def works(self) -> Sequence[Coroutine[Any, Any, None]]:
        return []

    async def leave(self) -> None:
        pass

    async def say(self, person: int, text: str) -> str:
        message_id = str(uuid.uuid4())
        await self._ask(person, {"type": "message", "id": message_id, "text": text})
        return message_id

    async def again(self, person: int, text: str, said: str) -> None:
        await self._ask(person, self._pages[person].asked[said])

    async def press(self, person: int, number: int) -> None:
        entries = [entry for _, entry in sorted(self._pages[person].entries.items())]
        offered = next(found for entry in reversed(entries) if (found := _payloads(entry)))
        await self._ask(person, {"type": "choice", "id": str(uuid.uuid4()), "payload": offered[number - 1]})

    async def show(self, document: Any) -> int:
        return await self.post(json.dumps(document).encode())

    def answers(self, person: int) -> list[str]:
        """What the page shows, which is what was said with its characters escaped."""
        entries = [entry for _, entry in sorted(self._pages[person].entries.items()) if entry["author"] != "citizen"]
        for entry in entries:
            assert str(html.escape(entry["say"], quote=False)) in entry["html"].replace("&#34;", '"').replace(
                "&#39;", "'"
            )
        return [entry["say"] for entry in entries]

    def address(self, person: int) -> Address:
        token = self._pages[person].token
        assert token is not None
        return Address("webchat", token.partition(".")[0])

    def was_refused(self, office: Office) -> bool:
        return any(page.troubles == ["unavailable"] for page in self._pages.values())

    async def settle(self) -> None:
        for person, page in self._pages.items():
            if page.reading is None or page.reading.done() or page.troubles:  # as our own script does, after a pause
                await self.call_again(person)
            for _ in range(1_000):
                if not page.unanswered and not page.typing:
                    break
                await asyncio.sleep(0.01)

    # What not every side can

    async def post(self, body: bytes) -> int:
        """A frame on a line of its own; the error's or the end's nearest HTTP status."""
        async with self._http.ws_connect(f"{self._origin}/chat/socket", headers={"Origin": self._origin}) as socket:
            await socket.send_json({"type": "hello"})
            await socket.send_str(body.decode("utf-8", "replace"))
            async for received in socket:
                frame = json.loads(received.data)
                if frame["type"] == "error":
                    return _STATUS[frame["code"]]
            assert socket.close_code is not None
            return _CLOSED[socket.close_code]

    async def forge(self) -> list[int]:
        """A page of another site, which a browser names."""
        statuses = []
        for headers in ({}, {"Origin": "https://elsewhere.example"}):
            try:
                await self._http.ws_connect(f"{self._origin}/chat/socket", headers=headers)
            except aiohttp.WSServerHandshakeError as refused:
                statuses.append(refused.status)
        return statuses

    async def hang_up(self, person: int) -> None:
        page = self._pages[person]
        if page.reading is not None and page.socket is not None:
            await page.socket.close()
            page.reading.cancel()
            await asyncio.gather(page.reading, return_exceptions=True)
            page.reading = None

    async def call_again(self, person: int) -> None:
        """As our own script does: what it missed, and what it does not know to have arrived."""
        await self.hang_up(person)
        page = self._pages[person]
        page.troubles.clear()
        page.typing = False
        await self._connect(page)
        for frame in page.unanswered:
            await self._send(page, frame)

    async def _ask(self, person: int, frame: dict[str, Any]) -> None:
        page = self._pages.setdefault(person, _Page())
        page.asked[frame["id"]] = frame
        if page.reading is None:
            await self._connect(page)
        await self._send(page, frame)

    async def _connect(self, page: _Page) -> None:
        headers = {"Origin": self._origin}
        page.socket = await self._http.ws_connect(f"{self._origin}/chat/socket", headers=headers)
        hello = {"type": "hello", "token": page.token, "after": max(page.entries, default=0)}
        await page.socket.send_json(hello)
        welcome = await page.socket.receive_json()
        page.token = welcome["token"] or page.token
        page.reading = asyncio.create_task(_read(page, page.socket))

    async def _send(self, page: _Page, frame: dict[str, Any]) -> None:
        assert page.socket is not None
        await page.socket.send_json(frame)


async def _read(page: _Page, socket: aiohttp.ClientWebSocketResponse) -> None:
    async for received in socket:
        assert received.type is WSMsgType.TEXT
        frame = json.loads(received.data)
        if frame["type"] == "entry":
            page.entries[frame["seq"]] = frame
        elif frame["type"] == "error":
            page.troubles.append(frame["code"])
        elif frame["type"] == "typing":
            page.typing = frame["on"]


def _payloads(entry: dict[str, Any]) -> list[str]:
    return [html.unescape(value) for value in re.findall(r'name="choice" value="([^"]*)"', entry["html"])]
