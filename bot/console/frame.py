"""What surrounds every page of the console: session, permission, forgery check, headers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Awaitable, Callable, Mapping, Optional
from urllib.parse import urlencode

from aiohttp import web

from bot.console.cookies import Cookies
from bot.console.drawing import ROOT, Drawing, address
from bot.console.forms import TOKEN_FIELD, Fields, Forged, is_from_us, read_fields
from bot.console.navigation import Menu
from bot.console.pages import Official, Page
from bot.console.roles import Permission, permissions
from bot.console.sessions import Session, Sessions
from bot.house_rules import Rules
from bot.wording.speaker import SOURCE_LANGUAGE, Speaker, speaker
from connectors.limits import can_be_stored

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {"Content-Security-Policy": POLICY, "X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin"}


@dataclass(frozen=True)
class Surroundings:
    """What all visits share. ``rules`` gives the house rules of the moment."""

    drawing: Drawing
    cookies: Cookies
    menu: Menu
    rules: Callable[[], Rules]


class OpenVisit:
    """bot.console.pages.Visit. ``fields`` are None where the handler reads the body itself."""

    def __init__(self, around: Surroundings, request: web.Request, session: Session, fields: Optional[Fields]) -> None:
        self.request, self.session = request, session
        self._around, self._fields = around, fields
        self._permissions = permissions(session.official.roles)
        self.is_checked = fields is not None

    @property
    def official(self) -> Official:
        return self.session.official

    @property
    def say(self) -> Speaker:
        return speaker(self.official.language)

    @property
    def token(self) -> str:
        return self.session.form_token

    def may(self, permission: Permission) -> bool:
        return permission in self._permissions

    async def form(self) -> Mapping[str, str]:
        return {name: values[0] for name, values in (self._fields or {}).items()}

    async def values(self, name: str) -> list[str]:
        return (self._fields or {}).get(name, [])

    def check_upload(self, token: str) -> None:
        if self.session.is_forged(token):
            raise Forged
        self.is_checked = True

    def page(self, template: str, /, **facts: Any) -> web.Response:
        return self._draw(template, facts, 200)

    def go(self, path: str, notice: str = "") -> web.Response:
        response = web.Response(status=303, headers={"Location": address(path)})
        if notice:
            self._around.cookies.put_notice(response, notice)
        return response

    def refuse(self, sentence: str, status: int = 409) -> web.Response:
        return self._draw("refused.html", {"sentence": sentence}, status)

    def _draw(self, template: str, facts: Mapping[str, Any], status: int) -> web.Response:
        notice = self._around.cookies.notice(self.request)
        here = self.request.path.removeprefix(ROOT) or "/"
        frame = {
            "official": self.official,
            "menu": self._around.menu.entries(self.may, here),
            "may": lambda name: self.may(Permission(name)),
            "token": self.token,
            "notice": notice,
            "rules_now": self._around.rules(),
        }
        response = self._around.drawing.draw(template, self.say, {**frame, **facts}, status)
        if notice:
            self._around.cookies.drop_notice(response)
        return response


class Frame:
    """Puts itself around the handlers of pages. ``public_origin``: where browsers reach us, if the settings say so."""

    def __init__(self, around: Surroundings, sessions: Sessions, public_origin: Optional[str]) -> None:
        self._around, self._sessions, self._origin = around, sessions, public_origin

    def add_route(self, app: web.Application, page: Page) -> None:
        app.router.add_route(page.method, address(page.path), self._guarded(page))

    async def session(self, request: web.Request) -> Optional[Session]:
        token = self._around.cookies.token(request)
        return await self._sessions.find(token, active=_is_by_a_person(request)) if token else None

    def _guarded(self, page: Page) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            if not all(map(can_be_stored, (request.path, *request.query.values()))):
                raise web.HTTPBadRequest
            session = await self.session(request)
            if session is None:
                return self._to_sign_in(request)
            visit = OpenVisit(self._around, request, session, {})
            if not visit.may(page.permission):
                return visit.refuse(visit.say("Tài khoản của quý vị không có quyền dùng trang này."), 403)
            try:
                if page.method != "GET":
                    visit = OpenVisit(self._around, request, session, await self._fields(page, request, session))
                response = await page.handler(visit)
            except Forged:
                forged = visit.say("Biểu mẫu này không còn hiệu lực. Xin mở lại trang và làm lại.")
                return visit.refuse(forged, 403)
            if not visit.is_checked:
                raise RuntimeError(f"the page {page.path} read a form without checking its token")
            return response

        return serve

    def _to_sign_in(self, request: web.Request) -> web.Response:
        if not _is_by_a_person(request):
            return web.Response(status=401)
        wanted = request.path_qs.removeprefix(ROOT) if request.method == "GET" else ""
        query = f"?{urlencode({'next': wanted})}" if wanted else ""
        response = web.Response(status=303, headers={"Location": f"{address('/sign-in')}{query}"})
        if request.method != "GET":
            say = speaker(SOURCE_LANGUAGE)
            lost = say("Phiên làm việc đã hết nên điều vừa gửi chưa được ghi. Xin đăng nhập rồi làm lại.")
            self._around.cookies.put_notice(response, lost)
        return response

    async def _fields(self, page: Page, request: web.Request, session: Session) -> Optional[Fields]:
        """Raises Forged."""
        if not is_from_us(request, self._origin):
            raise Forged
        if page.upload:
            return None
        fields = await read_fields(request)
        if session.is_forged("".join(fields.get(TOKEN_FIELD, [])[:1])):
            raise Forged
        return fields


async def complete_headers(request: web.Request, response: web.StreamResponse) -> None:
    """For every answer below /console, whoever gives it (aiohttp's on_response_prepare)."""
    if request.path == ROOT or request.path.startswith(f"{ROOT}/"):
        response.headers.update(_HEADERS)
        response.headers.setdefault("Cache-Control", "no-store")


def _is_by_a_person(request: web.Request) -> bool:
    return request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
