"""Forms as browsers send them, read within limits, and whether they were sent from our own pages."""

from __future__ import annotations

import unicodedata
from typing import Mapping, Optional
from urllib.parse import parse_qs

from aiohttp import web

from connectors.limits import BodyTooLarge, BodyTooSlow, DoorLimits, can_be_stored, read_body

LIMITS = DoorLimits(body_bytes=256 * 1024)
MOST_FIELDS = 2_000
TOKEN_FIELD = "token"  # noqa: S105 - the name of a field

Fields = Mapping[str, list[str]]


class Forged(Exception):
    """Refuse: this form did not come from a page that we drew for this session."""


async def read_fields(request: web.Request) -> Fields:
    """Every value of every field, without blanks around it. Raises aiohttp's errors for what is no such form."""
    try:
        text = (await read_body(request, LIMITS)).decode("ascii")
        found = parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except BodyTooLarge as error:
        raise web.HTTPRequestEntityTooLarge(LIMITS.body_bytes, LIMITS.body_bytes) from error
    except (BodyTooSlow, ValueError) as error:
        raise web.HTTPBadRequest from error
    if not all(map(can_be_stored, found)) or not all(can_be_stored(one) for all_ in found.values() for one in all_):
        raise web.HTTPBadRequest
    return {name: [_plain(value) for value in values] for name, values in found.items()}


def _plain(value: str) -> str:
    """Browsers end lines with CR LF, whatever the page said; some keyboards send letters and their marks apart, and a
    password or the name of a ward would be another one then.
    """
    return unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()


def is_from_us(request: web.Request, public_origin: Optional[str]) -> bool:
    """Whether the browser says that a page of ours sent this; a browser that says nothing is not believed."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None and site != "same-origin":
        return False
    if origin is None:
        return site is not None
    if public_origin is not None and origin == public_origin:
        return True
    return origin.partition("://")[2] == request.host  # a proxy in front may speak https where we hear http
