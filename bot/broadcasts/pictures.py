"""Pictures of campaigns: checked and cleaned when an official sends them up, and what each platform calls them."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import hmac
import io
import re
from enum import Enum
from typing import Callable, Iterator, Optional

import sqlalchemy as sa
from aiohttp import web
from PIL import Image, ImageOps, UnidentifiedImageError

from bot.broadcasts.tables import picture_assets, pictures
from bot.records import now, with_zone
from bot.storage import Database, DatabaseBusy, Result, Work
from bot.wording.speaker import marked as _
from connectors.errors import Unreachable
from connectors.messages import Picture
from connectors.pictures import NoSuchPicture

MOST_BYTES = 1024 * 1024  # Zalo's limit; Telegram's is higher
MOST_PIXELS = 4096  # of each side
_LONGEST_NAME = 100
_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png"}
# The colours that each format is written in; others become RGB.
_MODES = {"JPEG": ("L", "RGB"), "PNG": ("1", "L", "LA", "P", "RGB", "RGBA")}
_JPEG_QUALITIES = (92, 85, 75)  # the first that is small enough

_COLUMNS, _ASSETS = pictures.c, picture_assets.c
_ONE = sa.select(_COLUMNS.id, _COLUMNS.name, _COLUMNS.content_type).where(_COLUMNS.id == sa.bindparam("picture"))
_CONTENT = sa.select(_COLUMNS.data).where(_COLUMNS.id == sa.bindparam("picture"))
_ASSET = sa.select(_ASSETS.asset, _ASSETS.expires_at).where(
    _ASSETS.picture == sa.bindparam("picture"), _ASSETS.channel == sa.bindparam("channel")
)
_REMEMBER = sa.text(
    "INSERT INTO picture_assets (picture, channel, asset, expires_at) VALUES (:picture, :channel, :asset, :expires_at) "
    "ON CONFLICT (picture, channel) DO UPDATE SET asset = excluded.asset, expires_at = excluded.expires_at"
).bindparams(sa.bindparam("expires_at", type_=_ASSETS.expires_at.type))


class PictureFault(Enum):
    """What is wrong with a picture that was sent up, in the words that the official is told."""

    TOO_LARGE = _("Ảnh phải nhỏ hơn 1 MB.")
    TOO_MANY_PIXELS = _("Mỗi cạnh của ảnh không được quá 4096 điểm ảnh.")
    NOT_A_PICTURE = _("Không đọc được ảnh này. Chỉ nhận ảnh JPEG hoặc PNG.")


class PictureRefused(Exception):
    """Ask the official for another picture: ``say(fault.value)``."""

    def __init__(self, fault: PictureFault) -> None:
        super().__init__(fault.name)
        self.fault = fault


class Pictures:
    """connectors.pictures.PictureStore, and where the console keeps what officials send up."""

    def __init__(self, database: Database, clock: Callable[[], dt.datetime] = now) -> None:
        self._database, self._clock = database, clock
        self._known: dict[int, Picture] = {}  # small, and none is ever changed
        self._unpacking = asyncio.Semaphore(1)  # one picture may need 64 MB while it is looked at

    async def keep(self, name: str, content: bytes) -> Picture:
        """Nothing but the picture itself is kept of the file. Raises PictureRefused."""
        if len(content) > MOST_BYTES:
            raise PictureRefused(PictureFault.TOO_LARGE)
        async with self._unpacking:
            cleaned, content_type = await asyncio.to_thread(clean, content)
        shown, insert = _file_name(name), pictures.insert()
        values = {"name": shown, "content_type": content_type, "data": cleaned, "created_at": self._clock()}
        id = await self._database.run(lambda connection: connection.execute(insert, values).inserted_primary_key[0])
        return Picture(id, shown, content_type)

    async def get(self, id: int) -> Picture:
        """Asked for each delivery. Raises NoSuchPicture."""
        if id not in self._known:
            row = await self._run(lambda connection: connection.execute(_ONE, {"picture": id}).first())
            if row is None:
                raise NoSuchPicture
            self._known[id] = Picture(row.id, row.name, row.content_type)
        return self._known[id]

    async def content(self, id: int) -> bytes:
        data = await self._run(lambda connection: connection.execute(_CONTENT, {"picture": id}).scalar())
        if data is None:
            raise NoSuchPicture
        return bytes(data)

    async def asset(self, id: int, channel: str) -> Optional[str]:
        key = {"picture": id, "channel": channel}
        row = await self._run(lambda connection: connection.execute(_ASSET, key).first())
        if row is None or (row.expires_at is not None and with_zone(row.expires_at) <= self._clock()):
            return None
        return str(row.asset)

    async def remember(self, id: int, channel: str, asset: str, expires_at: Optional[dt.datetime]) -> None:
        until = expires_at and expires_at.astimezone(dt.timezone.utc)
        values = {"picture": id, "channel": channel, "asset": asset, "expires_at": until}
        self._database.post(lambda connection: connection.execute(_REMEMBER, values))

    async def _run(self, work: Work[Result]) -> Result:
        try:
            return await self._database.run(work)
        except DatabaseBusy as error:
            raise Unreachable("the pictures cannot be read now") from error


class PublicPictures:
    """Shows pictures to whoever knows their address: Zalo reads the cover of an article where everybody can."""

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/pictures/{id:[0-9]{1,9}}/{digest:[0-9a-f]{32}}", self._show)

    async def path(self, id: int) -> str:
        """Nobody guesses it who has not seen the picture. Raises NoSuchPicture."""
        return f"/pictures/{id}/{_digest(await self._pictures.content(id))}"

    async def _show(self, request: web.Request) -> web.Response:
        id = int(request.match_info["id"])
        try:
            picture, content = await self._pictures.get(id), await self._pictures.content(id)
        except NoSuchPicture:
            raise web.HTTPNotFound from None
        if not hmac.compare_digest(request.match_info["digest"], _digest(content)):
            raise web.HTTPNotFound
        headers = {"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"}
        return web.Response(body=content, content_type=picture.content_type, headers=headers)


def clean(content: bytes) -> tuple[bytes, str]:
    """The picture alone, without what a camera wrote into the file (places, times, names), and its content type.

    Raises PictureRefused.
    """
    try:
        with Image.open(io.BytesIO(content), formats=tuple(_TYPES)) as opened:
            form = "PNG" if opened.format == "PNG" else "JPEG"  # some cameras' JPEGs have a name of their own
            if max(opened.size) > MOST_PIXELS:
                raise PictureRefused(PictureFault.TOO_MANY_PIXELS)
            picture = ImageOps.exif_transpose(opened)  # the camera's way up goes with the rest
    except Image.DecompressionBombError as error:
        raise PictureRefused(PictureFault.TOO_MANY_PIXELS) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise PictureRefused(PictureFault.NOT_A_PICTURE) from error
    picture = picture if picture.mode in _MODES[form] else picture.convert("RGB")
    picture.info = {name: value for name, value in picture.info.items() if name == "transparency"}
    cleaned = next(filter(lambda one: len(one) <= MOST_BYTES, _written(picture, form)), None)
    if cleaned is None:
        raise PictureRefused(PictureFault.TOO_LARGE)
    return cleaned, _TYPES[form]


def _written(picture: Image.Image, form: str) -> Iterator[bytes]:
    """The file, in smaller and smaller ones where the format can."""
    for quality in _JPEG_QUALITIES if form == "JPEG" else (0,):
        file = io.BytesIO()
        picture.save(file, form, quality=quality, optimize=True)
        yield file.getvalue()


def _file_name(name: str) -> str:
    """For people to read: without folders and control characters."""
    shown = "".join(filter(str.isprintable, re.split(r"[/\\]", name)[-1])).strip()
    return shown[-_LONGEST_NAME:]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
