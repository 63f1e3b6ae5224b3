"""The pages before the console: signing in, and the one-time link."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Awaitable, Callable, Mapping, Optional

from aiohttp import web

from bot.console.cookies import Cookies
from bot.console.drawing import Drawing, address
from bot.console.forms import is_from_us, read_fields
from bot.console.frame import Frame
from bot.console.invitations import Invitations
from bot.console.pages import Official
from bot.console.passwords import Passwords, problem
from bot.console.signing_in import SigningIn
from bot.console.totp import Factors, step_of
from bot.wording.speaker import SOURCE_LANGUAGE, Speaker, speaker
from connectors.limits import DoorLimits, Gate, Rate, network_address

# Attempts from one network address, and in all: each costs a hash.
LIMITS = DoorLimits(sender=Rate(per_minute=10, burst=10), overall=Rate(per_minute=120, burst=60))


@dataclass(frozen=True)
class Doorway:
    """What these pages need besides the frame. ``proxies``: our own in front of the server."""

    drawing: Drawing
    cookies: Cookies
    signing_in: SigningIn
    invitations: Invitations
    passwords: Passwords
    factors: Factors
    public_origin: Optional[str]
    proxies: int
    clock: Callable[[], dt.datetime]


class Door:
    """Forms here have no session whose token they could carry: the browser must say that they are ours."""

    def __init__(self, way: Doorway, frame: Frame) -> None:
        self._way, self._frame, self._gate = way, frame, Gate(LIMITS)

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get(address("/sign-in"), self._show_sign_in)
        app.router.add_post(address("/sign-in"), self._limited(self._sign_in))
        app.router.add_get(address("/welcome/{token}"), self._show_welcome)
        app.router.add_post(address("/welcome/{token}"), self._limited(self._accept))

    async def _show_sign_in(self, request: web.Request) -> web.Response:
        if await self._frame.session(request):
            return _to("/")
        return self._draw_sign_in(request)

    async def _sign_in(self, request: web.Request, form: Mapping[str, str]) -> web.Response:
        about = request.headers.get("User-Agent", "")
        login, password, code = (form.get(name, "") for name in ("login", "password", "code"))
        token = await self._way.signing_in.sign_in(login.casefold(), password, code, about)
        if token is None:
            return self._draw_sign_in(request, 403, login)
        wanted = request.query.get("next", "")
        response = _to(wanted if wanted.startswith("/") and wanted.isprintable() else "/")
        self._way.cookies.sign_in(response, token)
        return response

    async def _show_welcome(self, request: web.Request) -> web.Response:
        official = await self._way.invitations.whose(request.match_info["token"])
        return self._draw_welcome(request, official) if official else self._draw_over(request)

    async def _accept(self, request: web.Request, form: Mapping[str, str]) -> web.Response:
        way, invitation = self._way, request.match_info["token"]
        official = await way.invitations.whose(invitation)
        if official is None:
            return self._draw_over(request)
        say, password = speaker(official.language), form.get("password", "")
        problems = {}
        if (wrong := problem(password, official.login)) is not None:
            problems["password"] = say(wrong)
        elif password != form.get("again", ""):
            problems["again"] = say("Hai lần nhập mật khẩu không giống nhau.")
        secret = way.factors.enrolment(invitation, official.login).secret
        step = step_of(secret, form.get("code", ""), way.clock())
        if step is None:
            problems["code"] = say("Mã xác thực không đúng. Xin nhập mã đang hiện trên điện thoại.")
        if problems or step is None:
            return self._draw_welcome(request, official, problems)
        kept, about = await way.passwords.hash(password), request.headers.get("User-Agent", "")
        token = await way.invitations.accept(invitation, kept, way.factors.seal(secret), step, about)
        if token is None:
            return self._draw_over(request)
        response = _to("/")
        way.cookies.sign_in(response, token)
        way.cookies.put_notice(response, say("Mật khẩu và điện thoại của quý vị đã được ghi nhận."))
        return response

    def _limited(
        self, handler: Callable[[web.Request, Mapping[str, str]], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def serve(request: web.Request) -> web.Response:
            say = _speaker(request)
            if not is_from_us(request, self._way.public_origin):
                sentence = say("Biểu mẫu này không còn hiệu lực. Xin mở lại trang và làm lại.")
                return self._draw("closed.html", say, {"sentence": sentence}, 403)
            wait = self._gate.admit(network_address(request, self._way.proxies))
            if wait:
                sentence = say("Quá nhiều lần thử. Xin đợi một phút rồi thử lại.")
                response = self._draw("closed.html", say, {"sentence": sentence}, 429)
                response.headers["Retry-After"] = str(wait)
                return response
            fields = await read_fields(request)
            return await handler(request, {name: values[0] for name, values in fields.items()})

        return serve

    def _draw_sign_in(self, request: web.Request, status: int = 200, login: str = "") -> web.Response:
        notice = self._way.cookies.notice(request)
        facts = {"login": login, "notice": notice, "refused": status != 200, "query": request.rel_url.raw_query_string}
        response = self._draw("sign_in.html", _speaker(request), facts, status)
        if notice:
            self._way.cookies.drop_notice(response)
        return response

    def _draw_welcome(
        self, request: web.Request, official: Official, problems: Optional[Mapping[str, str]] = None
    ) -> web.Response:
        enrolment = self._way.factors.enrolment(request.match_info["token"], official.login)
        facts = {"official": official, "enrolment": enrolment, "problems": problems or {}, "path": request.path}
        return self._draw("welcome.html", speaker(official.language), facts, 400 if problems else 200)

    def _draw_over(self, request: web.Request) -> web.Response:
        say = _speaker(request)
        sentence = say("Đường dẫn này đã được dùng hoặc đã hết hạn. Xin nhờ quản trị viên cấp đường dẫn mới.")
        return self._draw("closed.html", say, {"sentence": sentence}, 404)

    def _draw(self, template: str, say: Speaker, facts: Mapping[str, Any], status: int) -> web.Response:
        return self._way.drawing.draw(template, say, facts, status)


def _speaker(request: web.Request) -> Speaker:
    """Nobody knows yet who reads this: Vietnamese, or what the address asks for."""
    return speaker(request.query.get("language", SOURCE_LANGUAGE))


def _to(path: str) -> web.Response:
    return web.Response(status=303, headers={"Location": address(path)})
