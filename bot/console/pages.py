"""What a page of the console is given, and what it gives: the frame around it does the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Awaitable, Callable, Mapping, Protocol

from aiohttp import web

from bot.audit import Actor
from bot.console.roles import Permission, Role
from bot.wording.speaker import Speaker


@dataclass(frozen=True)
class Official:
    id: int
    login: str
    name: str
    roles: frozenset[Role]
    language: str

    @property
    def actor(self) -> Actor:
        """As the audit log names them."""
        return Actor(self.id, self.name)


class Visit(Protocol):
    """One request of an official who may make it. Forms were checked for forgery before a handler sees them."""

    @property
    def request(self) -> web.Request: ...

    @property
    def official(self) -> Official: ...

    @property
    def say(self) -> Speaker:
        """Speaks the official's language: ``visit.say("Đã lưu")``."""

    @property
    def token(self) -> str:
        """What every form carries; parts.html puts it there."""

    def may(self, permission: Permission) -> bool: ...

    async def form(self) -> Mapping[str, str]:
        """The fields of a small form (at most 256 KB); the first value of each name, without blanks around it."""

    async def values(self, name: str) -> list[str]:
        """All values of one field of the form (checkboxes)."""

    def check_upload(self, token: str) -> None:
        """Raises Forged, which the frame answers, when this is not the form's token."""

    def page(self, template: str, /, **facts: Any) -> web.Response:
        """A whole page from ``templates/<template>``, which extends frame.html."""

    def go(self, path: str, notice: str = "") -> web.Response:
        """After a form: 303 to a path of the console ("/campaigns/3"); the notice is shown there once."""

    def refuse(self, sentence: str, status: int = 409) -> web.Response:
        """A page that says in one sentence why this was not done."""


Handler = Callable[[Visit], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Page:
    """``path`` is below /console and may have aiohttp's {names}. ``upload``: the handler reads the body itself, as a
    stream; its first multipart field must be the form's token, which it gives to ``Visit.check_upload`` at once.
    """

    method: str
    path: str
    permission: Permission
    handler: Handler
    upload: bool = False
