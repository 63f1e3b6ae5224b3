"""The pictures that campaigns can carry: sent up, and looked at."""

from __future__ import annotations

from typing import Sequence

import sqlalchemy as sa
from aiohttp import web

from bot.broadcasts.pictures import MOST_BYTES, PictureFault, PictureRefused, Pictures
from bot.broadcasts.tables import pictures
from bot.console.pages import Page, Visit
from bot.console.roles import Permission
from bot.console.uploads import Upload, open_upload
from bot.storage import Database
from connectors.pictures import NoSuchPicture

SHOWN = 30
_NEWEST = sa.select(pictures.c.id, pictures.c.name).order_by(pictures.c.id.desc()).limit(SHOWN)


class PicturePages:
    def __init__(self, database: Database, kept: Pictures) -> None:
        self._database, self._pictures = database, kept

    def pages(self) -> Sequence[Page]:
        return [
            Page("GET", "/pictures", Permission.READ_CAMPAIGNS, self._list),
            Page("POST", "/pictures", Permission.WRITE_CAMPAIGNS, self._keep, upload=True),
            Page("GET", r"/pictures/{id:\d{1,9}}", Permission.READ_CAMPAIGNS, self._show),
        ]

    async def _list(self, visit: Visit) -> web.StreamResponse:
        rows = await self._database.run(lambda connection: connection.execute(_NEWEST).all())
        return visit.page("pictures.html", pictures=rows)

    async def _keep(self, visit: Visit) -> web.StreamResponse:
        upload = await open_upload(visit)
        if upload is None:
            return visit.refuse(visit.say("Xin chọn một tệp ảnh."), 422)
        try:
            picture = await self._pictures.keep(upload.name, await _whole(upload))
        except PictureRefused as refused:
            return visit.refuse(visit.say(refused.fault.value), 422)
        return visit.go("/pictures", visit.say("Đã nhận ảnh {name}.", name=picture.name))

    async def _show(self, visit: Visit) -> web.StreamResponse:
        try:
            id = int(visit.request.match_info["id"])
            picture, content = await self._pictures.get(id), await self._pictures.content(id)
        except NoSuchPicture:
            return visit.refuse(visit.say("Không có ảnh này."), 404)
        return web.Response(body=content, content_type=picture.content_type)


async def _whole(upload: Upload) -> bytes:
    content = bytearray()
    async for piece in upload.pieces:
        content += piece
        if len(content) > MOST_BYTES:
            raise PictureRefused(PictureFault.TOO_LARGE)
    return bytes(content)
