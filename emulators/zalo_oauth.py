"""Zalo's OAuth v4: the permission page, single-use codes and refresh tokens, access tokens that die."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import html
import secrets
from dataclasses import dataclass
from typing import Optional

from aiohttp import web
from yarl import URL

from emulators.movable_clock import MovableClock
from emulators.zalo_faults import Switches
from emulators.zalo_wire import Refusal
from emulators.zalo_world import OA_NAME, Identity

_CODE_LIFE = dt.timedelta(minutes=10)
_REFRESH_LIFE = dt.timedelta(days=90)
_PAGE = """<!doctype html><html lang="vi"><meta charset="utf-8"><title>Cấp quyền – máy giả lập</title>
<body style="font:16px system-ui;max-width:30rem;margin:3rem auto">
<h1>Cấp quyền cho ứng dụng</h1><p>Ứng dụng {app} xin gửi tin nhắn và nhận sự kiện của trang <b>{name}</b>.</p>
<form method="post"><button style="font:inherit;padding:.6rem 1.5rem">Cho phép</button></form></body></html>"""


def challenge_of(verifier: str) -> str:
    """PKCE: the digest of the verifier, base64url without padding."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


@dataclass(frozen=True)
class _Code:
    until: dt.datetime
    challenge: str


class Grants:
    """The tokens that were given out. Tests may look into and change ``access`` and ``refresh``: token to its end."""

    def __init__(self, identity: Identity, clock: MovableClock, switches: Switches) -> None:
        self._identity = identity
        self._clock = clock
        self._switches = switches
        self._codes: dict[str, _Code] = {}
        self.access: dict[str, dt.datetime] = {}
        self.refresh: dict[str, dt.datetime] = {}
        self.callback: Optional[str] = None
        self.console_challenge = ""

    def authorise(self, challenge: str = "") -> str:
        """An administrator of the account presses "Allow"; gives the code."""
        code = secrets.token_urlsafe(24)
        self._codes[code] = _Code(self._clock.now() + _CODE_LIFE, self.console_challenge or challenge)
        return code

    def revoke(self) -> None:
        self._codes.clear()
        self.access.clear()
        self.refresh.clear()

    def check(self, token: str) -> None:
        """Raises Refusal for an access token that is not valid now."""
        until = self.access.get(token)
        if until is None:
            raise Refusal(-216, "Access token is invalid")
        if until <= self._clock.now():
            raise Refusal(-220, "Access token has expired")

    def redeem(self, code: str, verifier: str) -> dict[str, str]:
        known = self._codes.pop(code, None)
        if known is None or known.until <= self._clock.now():
            raise Refusal(-14005, "Invalid authorization code.")
        if known.challenge and not hmac.compare_digest(known.challenge, challenge_of(verifier)):
            raise Refusal(-14005, "Invalid code verifier.")
        return self._mint(secrets.token_urlsafe(32))

    def renew(self, refresh_token: str) -> dict[str, str]:
        until = self.refresh.pop(refresh_token, None)
        if until is None or until <= self._clock.now():
            raise Refusal(-14014, "Invalid refresh token.")
        return self._mint(secrets.token_urlsafe(32) if self._switches.refresh_token_rotates else refresh_token)

    def _mint(self, refresh_token: str) -> dict[str, str]:
        if self._switches.old_token_dies:
            self.access.clear()
        access_token = secrets.token_urlsafe(32)
        self.access[access_token] = self._clock.now() + dt.timedelta(seconds=self._switches.token_seconds)
        self.refresh[refresh_token] = self._clock.now() + _REFRESH_LIFE
        answer = {"access_token": access_token, "expires_in": str(self._switches.token_seconds)}
        if self._switches.refresh_token_rotates:
            answer["refresh_token"] = refresh_token
        return answer


class OAuth:
    """Answers /v4/oa/permission and /v4/oa/access_token. Errors come with HTTP 200 and a shape of their own."""

    def __init__(self, grants: Grants, identity: Identity) -> None:
        self._grants = grants
        self._identity = identity

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/v4/oa/permission", self._ask)
        router.add_post("/v4/oa/permission", self._allow)
        router.add_post("/v4/oa/access_token", self._token)

    async def _ask(self, request: web.Request) -> web.Response:
        refused = self._refused(request)
        if refused is not None:
            return _refusal(refused)
        page = _PAGE.format(app=html.escape(request.query["app_id"]), name=html.escape(OA_NAME))
        return web.Response(text=page, content_type="text/html")

    async def _allow(self, request: web.Request) -> web.Response:
        refused = self._refused(request)
        if refused is not None:
            return _refusal(refused)
        code = self._grants.authorise(request.query.get("code_challenge", ""))
        given = {"code": code, "oa_id": self._identity.oa_id}
        if "state" in request.query:
            given["state"] = request.query["state"]
        raise web.HTTPFound(URL(request.query["redirect_uri"]).update_query(given))

    def _refused(self, request: web.Request) -> Optional[Refusal]:
        if request.query.get("app_id") != self._identity.app_id:
            return Refusal(-14002, "Invalid app id.")
        redirect = request.query.get("redirect_uri", "")
        if not redirect.startswith(("http://", "https://")) or redirect != (self._grants.callback or redirect):
            return Refusal(-14003, "Invalid redirect uri.")
        return None

    async def _token(self, request: web.Request) -> web.Response:
        if request.content_type != "application/x-www-form-urlencoded":
            return _refusal(Refusal(-14018, "Invalid grant type."))
        form = {name: str(value) for name, value in (await request.post()).items()}
        try:
            return web.json_response(self._exchange(form, request.headers.get("secret_key", "")))
        except Refusal as refused:
            return _refusal(refused)

    def _exchange(self, form: dict[str, str], secret: str) -> dict[str, str]:
        if form.get("app_id") != self._identity.app_id:
            raise Refusal(-14002, "Invalid app id.")
        if not hmac.compare_digest(secret.encode(), self._identity.app_secret.encode()):
            raise Refusal(-14004, "Invalid secret key.")
        if form.get("grant_type") == "authorization_code":
            return self._grants.redeem(form.get("code", ""), form.get("code_verifier", ""))
        if form.get("grant_type") == "refresh_token":
            return self._grants.renew(form.get("refresh_token", ""))
        raise Refusal(-14018, "Invalid grant type.")


def _refusal(refused: Refusal) -> web.Response:
    empty = {"error_description": "", "error_reason": "", "message": ""}
    address = "https://developers.zalo.me/docs/official-account/phu-luc/ma-loi"
    return web.json_response({"error": refused.code, "error_name": refused.message, "ref_doc": address, **empty})
