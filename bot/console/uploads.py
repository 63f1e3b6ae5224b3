"""A file that an official sends up, as a stream: the form's token first, then the file."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import AsyncIterator, Optional

from aiohttp import BodyPartReader, MultipartReader, web
from async_timeout import timeout

from bot.console.pages import Visit

PIECE = 256 * 1024  # bytes
PIECE_SECONDS = 60.0  # for one piece over a slow line
LONGEST_NAME = 200
_TOKEN_BYTES = 8 * 1024


@dataclass(frozen=True)
class Upload:
    """``pieces`` of PIECE bytes, the last one shorter; they can be read once, and raise HTTPBadRequest."""

    name: str
    pieces: AsyncIterator[bytes]


async def open_upload(visit: Visit) -> Optional[Upload]:
    """None when no file was chosen. Raises Forged, and aiohttp's errors for what is no such form."""
    try:
        form = await visit.request.multipart()
        token = await _next(form)
        visit.check_upload((await token.read_chunk(_TOKEN_BYTES)).decode("ascii"))
        file = await _next(form)
    except (ValueError, AssertionError) as error:  # aiohttp's way to refuse what is not multipart
        raise web.HTTPBadRequest from error
    name = "".join(filter(str.isprintable, file.filename or ""))[-LONGEST_NAME:]
    return Upload(name, _pieces(file)) if name else None


async def _next(form: MultipartReader) -> BodyPartReader:
    part = await form.next()
    if not isinstance(part, BodyPartReader):
        raise web.HTTPBadRequest
    return part


async def _pieces(file: BodyPartReader) -> AsyncIterator[bytes]:
    gathered = bytearray()
    while not file.at_eof():
        try:
            async with timeout(PIECE_SECONDS):
                gathered += await file.read_chunk(PIECE)
        except (ValueError, asyncio.TimeoutError) as error:  # it breaks off, or has stopped coming
            raise web.HTTPBadRequest from error
        while len(gathered) >= PIECE:
            yield bytes(gathered[:PIECE])
            del gathered[:PIECE]
    if gathered:
        yield bytes(gathered)
