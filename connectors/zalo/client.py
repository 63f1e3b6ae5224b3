"""Calls to Zalo's servers with the account's access token, renewed once when it is not taken."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
from typing import Any, Mapping, Optional, Protocol

import aiohttp

from connectors.zalo.answers import ask, fields, whole_number
from connectors.zalo.reactions import Host, TokenRejected
from connectors.zalo.settings import ZaloSettings

CALL_SECONDS = 10.0
UPLOAD_SECONDS = 60.0  # five megabytes over an office's line


class Access(Protocol):
    """Who holds the access token (connectors.zalo.grants.Grants). Both may raise ChannelError."""

    async def access_token(self) -> str:
        """One that is valid as far as is known."""

    async def renewed(self, rejected: str) -> str:
        """Another one than this, which Zalo did not take."""


class ZaloClient:
    """Every method raises ChannelError; Unreachable has ``maybe_sent`` when a POST may have been carried out."""

    def __init__(self, settings: ZaloSettings, access: Access, http: aiohttp.ClientSession) -> None:
        self._settings, self._access, self._http = settings, access, http
        self._urls = {Host.API: settings.api_url, Host.BUSINESS: settings.business_url}
        self._calls_left: Optional[int] = None

    @property
    def calls_left(self) -> Optional[int]:
        """How many calls Zalo still takes in this minute, as its last answer said; None while it says nothing."""
        return self._calls_left

    async def get(self, path: str, data: Mapping[str, Any]) -> Any:
        """``data`` of the answer, which may be an object or a list."""
        return await self.read(path, {"data": json.dumps(data, ensure_ascii=False)})

    async def read(self, path: str, parameters: Mapping[str, str], host: Host = Host.API) -> Any:
        """As ``get``, for the articles and the business host, which take plain parameters."""
        return await self._call(host, "GET", path, CALL_SECONDS, params=parameters)

    async def post(self, path: str, body: Mapping[str, Any], host: Host = Host.API) -> dict[str, Any]:
        """``data`` of the answer, {} when it has none."""
        return fields(await self._call(host, "POST", path, CALL_SECONDS, json=body))

    async def upload(self, path: str, name: str, content: bytes, content_type: str) -> dict[str, Any]:
        form = aiohttp.FormData()
        # As a file: aiohttp warns of large bytes, which it would send in one piece.
        form.add_field("file", io.BytesIO(content), filename=name, content_type=content_type)
        return fields(await self._call(Host.API, "POST", path, UPLOAD_SECONDS, data=form))

    async def _call(self, host: Host, method: str, path: str, seconds: float, **request: Any) -> Any:
        token = await self._access.access_token()
        try:
            return await self._ask(token, host, method, path, seconds, **request)
        except TokenRejected:
            # Whoever renews the token ends the one before it, whatever date we have for it.
            token = await self._access.renewed(token)
        return await self._ask(token, host, method, path, seconds, **request)

    async def _ask(self, token: str, host: Host, method: str, path: str, seconds: float, **request: Any) -> Any:
        headers = {"access_token": token}  # "Authorization: Bearer" is not honoured
        if self._settings.use_proof:
            headers["appsecret_proof"] = proof(self._settings.app_secret, token)
        url = self._urls[host] + path
        answer, received = await ask(self._http, host, method, url, seconds, headers=headers, **request)
        self._calls_left = whole_number(received.get("X-RateLimit-Remain"))
        return answer.get("data")


def proof(app_secret: str, access_token: str) -> str:
    """Shows that who holds the token also holds the app secret."""
    return hmac.new(app_secret.encode(), access_token.encode(), hashlib.sha256).hexdigest()
