"""One question to one of Zalo's servers: sent within a time limit, read within a size limit, opened with its errors."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Mapping, Optional

import aiohttp

from connectors.errors import Unreachable
from connectors.zalo.reactions import Host, raise_for

LARGEST_ANSWER = 1024 * 1024
EXACT_DIGITS = 15  # longer numbers are ids, and other programs would round them
_NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
_LOST = (aiohttp.ClientError, asyncio.TimeoutError, OSError)


async def ask(
    http: aiohttp.ClientSession, host: Host, method: str, url: str, seconds: float, **request: Any
) -> tuple[dict[str, Any], Mapping[str, str]]:
    """The answer's object and headers.

    Raises Unreachable when there is none, with ``maybe_sent`` when a POST may have been carried out all the same, and
    what ``raise_for`` makes of an error inside it.
    """
    limit = aiohttp.ClientTimeout(total=seconds, connect=seconds / 2)
    changes = method == "POST"
    try:
        async with http.request(method, url, timeout=limit, allow_redirects=False, **request) as response:
            body = await _read(response)
            status, headers = response.status, response.headers
    except _NEVER_SENT as error:
        raise Unreachable(f"Zalo ({host.value}) cannot be reached: {type(error).__name__}") from error
    except _LOST as error:
        raise Unreachable(f"Zalo ({host.value}) did not answer: {type(error).__name__}", maybe_sent=changes) from error
    if status != 200:
        raise Unreachable(f"Zalo ({host.value}) answered with status {status}", maybe_sent=changes and status >= 500)
    document = _opened(body)
    if document is None:
        raise Unreachable(f"Zalo ({host.value}) answered with something else than JSON", maybe_sent=changes)
    code = whole_number(document.get("error", 0))
    if code != 0:
        raise_for(code or -1, str(document.get("message") or ""), host)
    return document, headers


async def _read(response: aiohttp.ClientResponse) -> Optional[bytes]:
    """The body, None when it is larger than any honest one."""
    try:
        await response.content.readexactly(LARGEST_ANSWER + 1)
    except asyncio.IncompleteReadError as whole:
        return whole.partial
    return None


def _opened(body: Optional[bytes]) -> Optional[dict[str, Any]]:
    try:
        document = json.loads(body or b"", parse_int=_number_or_id)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _number_or_id(digits: str) -> object:
    return int(digits) if len(digits.lstrip("-")) <= EXACT_DIGITS else digits


def whole_number(value: object) -> Optional[int]:
    """Zalo writes numbers with and without quotation marks; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    try:
        return int(value)
    except ValueError:
        return None


def text(value: object) -> str:
    """Also of a number, "" for anything else."""
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def fields(value: object) -> dict[str, Any]:
    """An object, empty when it is something else."""
    return value if isinstance(value, dict) else {}


def rows(value: object) -> list[dict[str, Any]]:
    """The objects of a list, [] when it is something else."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
