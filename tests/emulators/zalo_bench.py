"""A clock by hand, a caller with a token and a webhook that remembers: what tests of the emulated Zalo share."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import json
from dataclasses import dataclass, field
from typing import Any, Mapping, Union

import aiohttp
from aiohttp import web

from emulators.portal_world import VIETNAM_TIME
from emulators.zalo import ZaloEmulator

NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=VIETNAM_TIME)
AN, BINH, CHAU, DUNG = (f"812345000000000000{number}" for number in range(1, 5))
SECRET = {"secret_key": "demo-app-secret"}
DAY = 86_400
CS = "/v3.0/oa/message/cs"


def reply(text: str, user_id: str = AN, **message: Any) -> dict[str, Any]:
    return {"recipient": {"user_id": user_id}, "message": {"text": text, **message}}


def template(**payload: Any) -> dict[str, Any]:
    return {"type": "template", "payload": payload}


@dataclass
class Api:
    """Calls as the sheet says; gives the whole envelope."""

    http: aiohttp.ClientSession
    emulator: ZaloEmulator
    headers: dict[str, str] = field(default_factory=dict)

    async def authorise(self) -> dict[str, Any]:
        tokens = await self.token(grant_type="authorization_code", code=self.emulator.authorise())
        self.headers = {"access_token": tokens["access_token"]}
        return tokens

    async def later(self, seconds: float) -> None:
        """The clock is moved; tokens do not live so long."""
        self.emulator.advance(seconds)
        await self.authorise()

    async def token(self, headers: Mapping[str, str] = SECRET, **form: str) -> Any:
        form = {"app_id": self.emulator.identity.app_id, **form}
        async with self.http.post("/v4/oa/access_token", data=form, headers=headers) as answer:
            assert answer.status == 200
            return await answer.json()

    async def post(self, path: str, body: Any) -> Any:
        async with self.http.post(path, json=body, headers=self.headers) as answer:
            assert answer.status == 200
            return await answer.json()

    async def get(self, path: str, data: Union[str, Mapping[str, Any], None] = None, **params: str) -> Any:
        if data is not None:
            params["data"] = data if isinstance(data, str) else json.dumps(data)
        async with self.http.get(path, params=params, headers=self.headers) as answer:
            assert answer.status == 200
            return await answer.json()

    async def upload(self, path: str, name: str, content: bytes) -> Any:
        form = aiohttp.FormData()
        form.add_field("file", io.BytesIO(content), filename=name)
        async with self.http.post(path, data=form, headers=self.headers) as answer:
            assert answer.status == 200
            return await answer.json()

    async def code(self, path: str, body: Any) -> int:
        return int((await self.post(path, body))["error"])


@dataclass(frozen=True)
class Call:
    headers: Mapping[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.body)
        return value


@dataclass
class Hook:
    """Answers with the next of ``statuses``, 200 when there is none; 0 never answers."""

    calls: list[Call] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    url: str = ""
    pause: float = 0
    open_at_once: int = 0
    most_at_once: int = 0

    async def handle(self, request: web.Request) -> web.Response:
        self.open_at_once += 1
        self.most_at_once = max(self.most_at_once, self.open_at_once)
        try:
            self.calls.append(Call(request.headers.copy(), await request.read()))
            await asyncio.sleep(self.pause)
            status = self.statuses.pop(0) if self.statuses else 200
            if not status:
                await asyncio.Event().wait()
            return web.Response(status=status)
        finally:
            self.open_at_once -= 1

    def events(self, *names: str) -> list[dict[str, Any]]:
        return [call.event for call in self.calls if not names or call.event.get("event_name") in names]
