"""Sends one request to a portal and decodes its JSON, with a time-out, a size limit and errors to act on."""

from __future__ import annotations

import asyncio
from typing import Any, Mapping, Optional

import aiohttp

from knowledge.dossiers import PortalMisconfigured, PortalUnreachable
from knowledge.portals.reading import decode

_LARGEST_ANSWER = 2 * 1024 * 1024
_CHUNK = 64 * 1024


class SessionExpired(PortalUnreachable):
    """Log in again, once, and repeat the request."""


class PortalClient:
    """One portal's HTTP. Its errors name the path only: queries and bodies hold codes, names and secrets."""

    def __init__(self, http: aiohttp.ClientSession, url: str, timeout_seconds: float) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)

    async def get(self, path: str, query: Mapping[str, str], headers: Optional[Mapping[str, str]] = None) -> Any:
        return await self._send("GET", path, params=query, headers=headers)

    async def post(
        self,
        path: str,
        json: Optional[Mapping[str, Any]] = None,
        form: Optional[Mapping[str, str]] = None,
        headers: Optional[Mapping[str, str]] = None,
    ) -> Any:
        return await self._send("POST", path, json=json, data=form, headers=headers)

    async def _send(self, method: str, path: str, **parts: Any) -> Any:
        url = f"{self._url}/{path.lstrip('/')}"
        try:
            # Redirects would carry the session to wherever the answer points.
            async with self._http.request(
                method, url, timeout=self._timeout, allow_redirects=False, **parts
            ) as response:
                _refuse_by_status(response.status, path)
                body = await _read(response, path)
        except asyncio.TimeoutError:
            raise PortalUnreachable(f"{path}: no answer in time") from None
        except aiohttp.InvalidURL:
            raise PortalMisconfigured(f"{path}: the portal's address is not one") from None
        except aiohttp.ClientError as error:
            raise PortalUnreachable(f"{path}: {type(error).__name__}") from None
        return decode(body)


def _refuse_by_status(status: int, path: str) -> None:
    if status in (401, 403):
        raise SessionExpired(f"{path}: status {status}")
    if 300 <= status < 400 or status in (404, 405):
        raise PortalMisconfigured(f"{path}: status {status}, there is no such service at this address")
    if status != 200:
        raise PortalUnreachable(f"{path}: status {status}")


async def _read(response: aiohttp.ClientResponse, path: str) -> str:
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > _LARGEST_ANSWER:
            raise PortalUnreachable(f"{path}: the answer is too large")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PortalUnreachable(f"{path}: the answer is not UTF-8") from None
