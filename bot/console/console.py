"""The officials' pages, joined."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Callable, Mapping, Optional, Sequence

from aiohttp import web

from bot.console.cookies import Cookies
from bot.console.drawing import Drawing
from bot.console.frame import Frame, Surroundings, complete_headers
from bot.console.navigation import Menu
from bot.console.pages import Page
from bot.console.sessions import Sessions
from bot.house_rules import Rules
from bot.records import now
from bot.storage import Database


@dataclass(frozen=True)
class ConsoleSettings:
    """``agency``: its name by language. ``proxies``: our own in front of the server."""

    agency: Mapping[str, str]
    public_origin: Optional[str] = None
    proxies: int = 0


class Console:
    """``rules`` gives the house rules of the moment, for the stops that every page shows."""

    def __init__(
        self,
        settings: ConsoleSettings,
        database: Database,
        rules: Callable[[], Rules],
        pages: Sequence[Page],
        clock: Callable[[], dt.datetime] = now,
    ) -> None:
        self._pages = pages
        self._drawing = Drawing(settings.agency)
        cookies = Cookies(secure=bool(settings.public_origin and settings.public_origin.startswith("https://")))
        around = Surroundings(self._drawing, cookies, Menu(pages), rules)
        self._frame = Frame(around, Sessions(database, clock), settings.public_origin)

    def add_routes(self, app: web.Application) -> None:
        self._drawing.add_routes(app)
        for page in self._pages:
            self._frame.add_route(app, page)
        app.on_response_prepare.append(complete_headers)
