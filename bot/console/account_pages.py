"""One's own account: password, phone, language, sessions, and where trial notices go."""

from __future__ import annotations

from typing import Awaitable, Callable, Optional

from aiohttp import web

from bot.console.cookies import Cookies
from bot.console.officials import Officials
from bot.console.pages import Page, Visit
from bot.console.passwords import problem
from bot.console.roles import Permission
from bot.console.sessions import Session, Sessions, digest
from bot.console.signing_in import SigningIn
from bot.wording.speaker import LANGUAGES
from connectors.messages import Address

# The owner of a code that the assistant gave in the chat; the second argument names who types it.
FindOwner = Callable[[str, str], Awaitable[Optional[Address]]]


class AccountPages:
    def __init__(
        self, officials: Officials, sessions: Sessions, signing_in: SigningIn, cookies: Cookies, find_owner: FindOwner
    ) -> None:
        self._officials, self._sessions, self._signing_in = officials, sessions, signing_in
        self._cookies, self._find_owner = cookies, find_owner

    def pages(self) -> list[Page]:
        own = Permission.SIGNED_IN
        return [
            Page("GET", "/account", own, self._show),
            Page("POST", "/account/password", own, self._change_password),
            Page("POST", "/account/phone", own, self._renew_phone),
            Page("POST", "/account/language", own, self._speak),
            Page("POST", "/account/sessions", own, self._close_sessions),
            Page("POST", "/account/address", own, self._join),
            Page("POST", "/account/address/leave", own, self._leave),
            Page("POST", "/sign-out", own, self._sign_out),
        ]

    async def _show(self, visit: Visit) -> web.Response:
        member = await self._officials.get(visit.official.id)
        sessions = await self._sessions.of(self._session(visit))
        return visit.page("account.html", member=member, sessions=sessions)

    async def _change_password(self, visit: Visit) -> web.Response:
        form = await visit.form()
        password = form.get("new", "")
        if (wrong := problem(password, visit.official.login)) is not None:
            return visit.refuse(visit.say(wrong), 400)
        if password != form.get("again", ""):
            return visit.refuse(visit.say("Hai lần nhập mật khẩu không giống nhau."), 400)
        if not await self._signing_in.is_own(visit.official, form.get("old", "")):
            return self._refuse_password(visit)
        await self._signing_in.change_password(self._session(visit), password)
        return visit.go("/account", visit.say("Đã đổi mật khẩu và đăng xuất ở mọi nơi khác."))

    async def _renew_phone(self, visit: Visit) -> web.Response:
        if not await self._signing_in.is_own(visit.official, (await visit.form()).get("old", "")):
            return self._refuse_password(visit)
        token = await self._officials.invite(visit.official.actor, visit.official.id)
        return visit.go(f"/welcome/{token}")

    async def _speak(self, visit: Visit) -> web.Response:
        language = (await visit.form()).get("language", "")
        if language not in LANGUAGES:
            return visit.refuse(visit.say("Chưa có ngôn ngữ này."), 400)
        await self._officials.speak(visit.official, language)
        return visit.go("/account")

    async def _close_sessions(self, visit: Visit) -> web.Response:
        """Of one browser by its key, or everywhere."""
        await self._signing_in.sign_out(self._session(visit), (await visit.form()).get("key"))
        return visit.go("/account", visit.say("Đã đăng xuất."))

    async def _join(self, visit: Visit) -> web.Response:
        code = (await visit.form()).get("code", "")
        address = await self._find_owner(code, f"official {visit.official.id}")
        if address is None:
            return visit.refuse(visit.say("Mã không đúng hoặc đã hết hạn. Xin nhắn cho trợ lý để lấy mã mới."), 400)
        await self._officials.join(visit.official, address)
        return visit.go("/account", visit.say("Đã nối. Tin gửi thử sẽ đến đó."))

    async def _leave(self, visit: Visit) -> web.Response:
        await self._officials.join(visit.official, None)
        return visit.go("/account", visit.say("Đã ngắt. Tin gửi thử không đến đó nữa."))

    async def _sign_out(self, visit: Visit) -> web.Response:
        session = self._session(visit)
        await self._signing_in.sign_out(session, digest(session.token))
        response = visit.go("/sign-in", visit.say("Đã đăng xuất."))
        self._cookies.sign_out(response)
        return response

    def _session(self, visit: Visit) -> Session:
        return Session(self._cookies.token(visit.request), visit.official)

    @staticmethod
    def _refuse_password(visit: Visit) -> web.Response:
        return visit.refuse(visit.say("Mật khẩu hiện tại không đúng, hoặc tài khoản đang tạm khóa."), 403)
