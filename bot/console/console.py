"""The officials' pages, joined."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Callable, Mapping, Optional, Sequence

from aiohttp import web
from argon2 import PasswordHasher

from bot.audit import Audit
from bot.console.account_pages import AccountPages, FindOwner
from bot.console.audit_pages import AuditPages
from bot.console.cookies import Cookies
from bot.console.door import Door, Doorway
from bot.console.drawing import ROOT, Drawing, address
from bot.console.frame import Frame, Surroundings, complete_headers
from bot.console.invitations import Invitations
from bot.console.navigation import Menu
from bot.console.officials import Officials
from bot.console.officials_pages import OfficialsPages
from bot.console.pages import Page
from bot.console.passwords import Passwords
from bot.console.sessions import Sessions
from bot.console.settings_pages import SettingsPages
from bot.console.signing_in import SigningIn
from bot.console.totp import Factors
from bot.house_rules import HouseRules
from bot.records import now
from bot.storage import Database
from bot.wording.speaker import SOURCE_LANGUAGE


@dataclass(frozen=True)
class ConsoleSettings:
    """``agency``: its name by language. ``secret``: the installation's key. ``proxies``: our own before the server."""

    agency: Mapping[str, str]
    secret: str
    public_origin: Optional[str] = None
    proxies: int = 0


class Console:
    """``pages`` are those of other parts; account, officials, audit and settings are the console's own."""

    def __init__(
        self,
        settings: ConsoleSettings,
        database: Database,
        audit: Audit,
        rules: HouseRules,
        find_owner: FindOwner,
        hasher: PasswordHasher,
        pages: Sequence[Page],
        clock: Callable[[], dt.datetime] = now,
    ) -> None:
        origin = settings.public_origin
        officials, sessions = Officials(database, audit, clock), Sessions(database, clock)
        passwords, factors = Passwords(hasher), Factors(settings.secret, settings.agency[SOURCE_LANGUAGE])
        signing_in = SigningIn(database, audit, sessions, passwords, factors, clock)
        invitations = Invitations(database, audit, sessions, clock)
        cookies = Cookies(secure=bool(origin and origin.startswith("https://")))
        self.pages = (
            *pages,
            *SettingsPages(database, audit, rules).pages(),
            *OfficialsPages(officials, origin).pages(),
            *AuditPages(database, audit, officials).pages(),
            *AccountPages(officials, sessions, signing_in, cookies, find_owner).pages(),
        )
        self._drawing = Drawing(settings.agency)
        around = Surroundings(self._drawing, cookies, Menu(self.pages), lambda: rules.rules)
        self._frame = Frame(around, sessions, origin)
        way = Doorway(
            self._drawing, cookies, signing_in, invitations, passwords, factors, origin, settings.proxies, clock
        )
        self._door = Door(way, self._frame)

    def add_routes(self, app: web.Application) -> None:
        self._drawing.add_routes(app)
        self._door.add_routes(app)
        app.router.add_get(f"{ROOT}/", _without_slash)
        for page in self.pages:
            self._frame.add_route(app, page)
        app.on_response_prepare.append(complete_headers)


async def _without_slash(_: web.Request) -> web.Response:
    """As many type it."""
    raise web.HTTPPermanentRedirect(ROOT)


async def first_link(
    database: Database, audit: Audit, origin: str, clock: Callable[[], dt.datetime] = now
) -> Optional[str]:
    """When there are no officials at all, an administrator is made: the address with which they sign in first."""
    token = await Officials(database, audit, clock).add_first()
    return token and origin + address(f"/welcome/{token}")
