"""A console on a test server, with invented officials of each role who are signed in already."""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import dataclass, field
from typing import AsyncIterator, Mapping, Optional, Sequence, Union

import aiohttp
import sqlalchemy as sa
from aiohttp import web
from aiohttp.test_utils import TestServer
from argon2 import PasswordHasher
from yarl import URL

from bot.audit import Audit
from bot.console.console import Console, ConsoleSettings
from bot.console.officials import Officials
from bot.console.pages import Official, Page
from bot.console.roles import Role
from bot.console.sessions import Session, Sessions, form_token_of, new_token
from bot.console.tables import audit, officials
from bot.house_rules import HouseRules
from bot.storage import Database
from connectors.guard import add_guard
from connectors.messages import Address

SECRET = "a secret of these tests, long enough"
LINK_CODE = "LK-2345-6789"  # what the assistant gave in the chat; leads to PHONE
PHONE = Address("zalo", "an-invented-person")
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
# Login: name and roles.
STAFF: Mapping[str, tuple[str, str]] = {
    "author": ("Trần Thị Mai", "author"),
    "author2": ("Lý Văn Sơn", "author"),
    "approver": ("Lê Văn Bình", "approver"),
    "approver2": ("Ngô Thị Hạnh", "approver"),
    "both": ("Đỗ Minh Khôi", "author approver"),
    "agent": ("Phạm Thị Thu", "agent"),
    "analyst": ("Vũ Quốc Huy", "analyst"),
    "administrator": ("Hoàng Thị Lan", "administrator"),
}
Form = Mapping[str, Union[str, Sequence[str]]]


class Clock:
    """Stands still until it is moved."""

    def __init__(self, at: dt.datetime = dt.datetime(2026, 11, 23, 2, tzinfo=dt.timezone.utc)) -> None:
        self.at = at

    def __call__(self) -> dt.datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += dt.timedelta(**by)


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def location(self) -> str:
        """Where a redirect leads, as a path of the console ("/campaigns/3")."""
        return self.headers.get("Location", "").removeprefix("/console")


class Browser:
    """One browser: cookies, and the headers that browsers send."""

    def __init__(self, url: str, session: Optional[Session] = None) -> None:
        self.client = aiohttp.ClientSession(url, cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.headers = {"Origin": url.rstrip("/"), "Sec-Fetch-Site": "same-origin"}
        if session:
            self.client.cookie_jar.update_cookies({"console": session.token}, URL(url))

    @property
    def token(self) -> str:
        """What its forms carry, "" when nobody is signed in."""
        return next((form_token_of(one.value) for one in self.client.cookie_jar if one.key == "console"), "")

    async def get(self, path: str, **headers: str) -> Answer:
        address = f"/console{path}" if path != "/" else "/console"
        async with self.client.get(address, headers=headers, allow_redirects=False) as answer:
            return Answer(answer.status, await answer.text(), answer.headers)

    async def post(self, path: str, form: Optional[Form] = None, **headers: str) -> Answer:
        """With the token, unless the form brings one; redirects are not followed (see Answer.location)."""
        pairs = [("token", self.token)] if "token" not in (form or {}) else []
        for name, given in (form or {}).items():
            pairs += [(name, given)] if isinstance(given, str) else [(name, one) for one in given]
        body = aiohttp.FormData(pairs)
        headers = {**self.headers, **headers}
        async with self.client.post(f"/console{path}", data=body, headers=headers, allow_redirects=False) as answer:
            return Answer(answer.status, await answer.text(), answer.headers)


@dataclass
class Desk:
    """``officials`` and ``browser`` by login, see STAFF; ``pages`` are all that the console has."""

    database: Database
    audit: Audit
    clock: Clock
    house_rules: HouseRules
    pages: Sequence[Page]
    url: str
    officials: Mapping[str, Official]
    _open: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)
    _browsers: dict[str, Browser] = field(default_factory=dict)

    @property
    def member_desk(self) -> Officials:
        return Officials(self.database, self.audit, self.clock)

    async def deeds(self) -> list[tuple[str, str, str]]:
        """Who did what to what, as the audit log has it."""
        query = sa.select(audit.c.official, audit.c.action, audit.c.subject).order_by(audit.c.seq)
        return [tuple(row) for row in await self.database.run(lambda connection: connection.execute(query).all())]

    def browser(self, login: str) -> Browser:
        return self._browsers[login]

    def stranger(self) -> Browser:
        """A browser in which nobody is signed in."""
        return self._keep(Browser(self.url))

    async def sign_in(self, login: str) -> Browser:
        """One more browser of an official."""
        session, sessions = Session(new_token(), self.officials[login]), Sessions(self.database, self.clock)
        await self.database.run(lambda c: sessions.open(c, session.official.id, session.token, "Firefox"))
        return self._keep(Browser(self.url, session))

    def _keep(self, browser: Browser) -> Browser:
        self._open.push_async_callback(browser.client.close)
        return browser


@contextlib.asynccontextmanager
async def console(database: Database, pages: Sequence[Page] = (), clock: Optional[Clock] = None) -> AsyncIterator[Desk]:
    clock = clock or Clock()
    log = Audit(database, SECRET, clock)
    rules = HouseRules(database, log, clock)
    staff = {login: await database.run(lambda c, one=login: _add(c, one, clock())) for login in STAFF}
    settings = ConsoleSettings({"vi": "Trung tâm mẫu", "en": "Sample centre"}, SECRET)
    desk_console = Console(settings, database, log, rules, _owner, QUICK, pages, clock)
    app = web.Application()
    add_guard(app)
    desk_console.add_routes(app)
    desk = Desk(database, log, clock, rules, desk_console.pages, "", staff)
    async with TestServer(app) as server, desk._open:
        desk.url = str(server.make_url("/"))
        for login in STAFF:
            desk._browsers[login] = await desk.sign_in(login)
        yield desk


def _add(connection: sa.engine.Connection, login: str, at: dt.datetime) -> Official:
    name, roles = STAFF[login]
    row = {"login": login, "name": name, "roles": roles, "language": "vi", "failures": 0, "created_at": at}
    number = connection.execute(officials.insert(), row).inserted_primary_key[0]
    return Official(number, login, name, frozenset(Role(role) for role in roles.split()), "vi")


async def _owner(code: str, asking: str) -> Optional[Address]:
    return PHONE if code == LINK_CODE and asking.startswith("official ") else None
