"""Zalo's servers in miniature for tests: answers that were laid ready, tokens that rotate, requests remembered."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any, AsyncIterator, Awaitable, Callable, Deque, Mapping, Optional, Union

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from connectors.zalo.settings import ZaloSettings

APP_SECRET = "demo-app-secret"
OA_ID = "7001112223334445556"
NOON = dt.datetime(2026, 3, 2, 5, 0, tzinfo=dt.timezone.utc)  # 12:00 in Vietnam
Answer = Union[Mapping[str, Any], web.Response, None]
INVALID_REFRESH_TOKEN = {"error": -14014, "error_name": "Invalid refresh token.", "error_reason": "", "message": ""}


class MovedClock:
    """Stands still until it is moved; ``sleep`` moves it."""

    def __init__(self, at: dt.datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> dt.datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += dt.timedelta(**by)

    async def sleep(self, seconds: float) -> None:
        self.move(seconds=seconds)


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class ScriptedZalo:
    """``answers`` are given one after another by the API; None closes the connection without an answer."""

    answers: Deque[Answer] = field(default_factory=deque)
    asked: list[Asked] = field(default_factory=list)
    refresh_token: str = "RT-0"
    minted: int = 0
    refreshes: int = 0
    oauth_answer: Optional[Mapping[str, Any]] = None  # instead of tokens
    loses_answers: bool = False  # renews the tokens and tells nobody
    rotates: bool = True
    before_answer: Optional[Callable[[], Awaitable[None]]] = None

    def success(self, data: Any = None) -> None:
        self.answers.append({"error": 0, "message": "Success", "data": {} if data is None else data})

    def failure(self, code: int, message: str = "no") -> None:
        self.answers.append({"error": code, "message": message})

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.asked.append(Asked(request.method, request.path, dict(request.query), dict(request.headers), body))
        answer = self.answers.popleft()
        return answer if isinstance(answer, web.Response) else self._sent(request, answer)

    async def give_tokens(self, request: web.Request) -> web.StreamResponse:
        form = {**await request.post()}
        self.asked.append(Asked("POST", request.path, {}, dict(request.headers), json.dumps(form).encode()))
        if form["grant_type"] == "refresh_token":
            self.refreshes += 1
            if form["refresh_token"] != self.refresh_token:
                return web.json_response(INVALID_REFRESH_TOKEN)
        if self.oauth_answer is not None:
            return web.json_response(self.oauth_answer)
        self.minted += 1
        tokens = {"access_token": f"AT-{self.minted}", "expires_in": "90000"}
        if self.rotates:
            self.refresh_token = tokens["refresh_token"] = f"RT-{self.minted}"
        if self.before_answer is not None:
            await self.before_answer()
        return self._sent(request, None if self.loses_answers else tokens)

    @staticmethod
    def _sent(request: web.Request, answer: Optional[Mapping[str, Any]]) -> web.StreamResponse:
        if answer is None:
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        return web.json_response(answer, headers={"X-RateLimit-Remain": "3999"})

    @property
    def calls(self) -> list[tuple[str, str]]:
        return [(asked.path, asked.headers.get("access_token", "")) for asked in self.asked]


@contextlib.asynccontextmanager
async def scripted_zalo() -> AsyncIterator[tuple[ScriptedZalo, ZaloSettings, aiohttp.ClientSession]]:
    """The server, settings that lead to it, and a session to ask it with."""
    zalo = ScriptedZalo()
    app = web.Application(client_max_size=10 * 1024 * 1024)
    app.router.add_post("/oauth/v4/oa/access_token", zalo.give_tokens)
    app.router.add_route("*", "/{rest:.*}", zalo.answer)
    server = TestServer(app)
    await server.start_server()
    try:
        async with aiohttp.ClientSession() as http:
            yield zalo, settings_for(str(server.make_url("")).rstrip("/")), http
    finally:
        await server.close()


def settings_for(url: str, **changes: Any) -> ZaloSettings:
    return ZaloSettings(
        app_id="1002003004005006007",
        oa_id=OA_ID,
        app_secret=APP_SECRET,
        oa_secret_key="demo-oa-secret-key",
        oauth_url=f"{url}/oauth",
        api_url=f"{url}/api",
        business_url=f"{url}/business",
        **changes,
    )


class Tokens:
    """Access tokens without a grant (connectors.zalo.client.Access): each rejected one gives way to the next."""

    def __init__(self) -> None:
        self.number = 1

    async def access_token(self) -> str:
        return f"AT-{self.number}"

    async def renewed(self, rejected: str) -> str:
        if rejected == await self.access_token():
            self.number += 1
        return await self.access_token()
