"""The cookies of the console: which session a browser has, and a notice that is shown once."""

from __future__ import annotations

import base64
import binascii

from aiohttp import web

LONGEST_NOTICE = 500  # characters


class Cookies:
    """``secure``: the console is reached by https only. Then no other host may set these cookies either."""

    def __init__(self, secure: bool) -> None:
        self._secure = secure
        prefix = "__Host-" if secure else ""
        self._session, self._notice = f"{prefix}console", f"{prefix}notice"

    def token(self, request: web.Request) -> str:
        token = request.cookies.get(self._session, "")
        return token if token.isascii() else ""

    def sign_in(self, response: web.Response, token: str) -> None:
        self._set(response, self._session, token)

    def sign_out(self, response: web.Response) -> None:
        self._drop(response, self._session)

    def put_notice(self, response: web.Response, notice: str) -> None:
        self._set(response, self._notice, base64.urlsafe_b64encode(notice[:LONGEST_NOTICE].encode()).decode())

    def notice(self, request: web.Request) -> str:
        try:
            return base64.urlsafe_b64decode(request.cookies.get(self._notice, "")).decode()
        except (binascii.Error, ValueError):
            return ""

    def drop_notice(self, response: web.Response) -> None:
        self._drop(response, self._notice)

    def _set(self, response: web.Response, name: str, value: str) -> None:
        response.set_cookie(name, value, httponly=True, samesite="Strict", secure=self._secure, path="/")

    def _drop(self, response: web.Response, name: str) -> None:
        response.del_cookie(name, httponly=True, samesite="Strict", secure=self._secure, path="/")
