"""The envelope of Zalo's API: what comes in, what goes out, and how a refusal looks (HTTP 200, a negative number)."""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from typing import Any, Mapping, Optional

from aiohttp import web


class Refusal(Exception):
    """What Zalo answers when it does not do what was asked."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message

    def response(self) -> web.Response:
        return web.json_response({"error": self.code, "message": self.message})


def invalid(field: str) -> Refusal:
    return Refusal(-201, f"{field} is invalid")


def too_long(field: str) -> Refusal:
    return Refusal(-210, f"{field} exceeds the limit")


def success(data: Any = None) -> web.Response:
    answer = {"error": 0, "message": "Success"}
    return web.json_response(answer if data is None else {"data": data, **answer})


async def read_body(request: web.Request) -> dict[str, Any]:
    """The JSON object that was posted. Raises Refusal."""
    if request.content_type != "application/json":
        raise invalid("content type")
    try:
        return object_of(json.loads(await request.text()), "body")
    except ValueError:
        raise invalid("body") from None


def read_data(request: web.Request) -> dict[str, Any]:
    """The JSON object in the one query parameter ``data``. Raises Refusal."""
    try:
        return object_of(json.loads(request.query.get("data", "")), "data")
    except ValueError:
        raise invalid("data") from None


def object_of(value: Any, field: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise invalid(field)
    return value


def list_of(value: Any, field: str, most: int) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise invalid(field)
    if len(value) > most:
        raise too_long(field)
    return value


def text_of(body: Mapping[str, Any], field: str, most: Optional[int] = None) -> str:
    """A text that is not empty, at most ``most`` characters long once composed (NFC)."""
    text = body.get(field)
    if not isinstance(text, str) or not text.strip():
        raise invalid(field)
    if most is not None and len(unicodedata.normalize("NFC", text)) > most:
        raise too_long(field)
    return text


def number_of(body: Mapping[str, Any], field: str, usual: int, most: Optional[int] = None) -> int:
    """A whole number from 0; query parameters write it as text."""
    try:
        number = int(body.get(field, usual))
    except (TypeError, ValueError):
        raise invalid(field) from None
    if number < 0 or (most is not None and number > most):
        raise invalid(field)
    return number


def address_of(body: Mapping[str, Any], field: str) -> str:
    url = text_of(body, field, 2000)
    if not url.startswith(("http://", "https://")):
        raise invalid(field)
    return url


def public_address_of(body: Mapping[str, Any], field: str) -> str:
    """An address that Zalo's servers can fetch a picture from."""
    url = address_of(body, field)
    host = url.partition("://")[2].partition("/")[0].partition(":")[0]
    if host in ("", "localhost") or host.startswith("127."):
        raise invalid(field)
    return url


def millis(moment: dt.datetime) -> str:
    return str(round(moment.timestamp() * 1000))
