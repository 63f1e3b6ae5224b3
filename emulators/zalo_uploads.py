"""Zalo's uploads: pictures, moving pictures and files, each with its kind and size, forgotten after seven days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from emulators.zalo_wire import Refusal, invalid, success, too_long
from emulators.zalo_world import World

_LIFE = dt.timedelta(days=7)
_PER_MONTH = 5000
_MB = 1024 * 1024


@dataclass(frozen=True)
class _Kind:
    most_bytes: int
    beginnings: tuple[bytes, ...]
    suffixes: tuple[str, ...]
    prefix: str
    answer: str


_KINDS = {
    "image": _Kind(_MB, (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"), ("jpg", "jpeg", "png"), "img_", "attachment_id"),
    "gif": _Kind(5 * _MB, (b"GIF87a", b"GIF89a"), ("gif",), "gif_", "attachment_id"),
    # Old Word files are OLE containers, new ones are archives; a table of commas begins with anything.
    "file": _Kind(
        5 * _MB, (b"%PDF", b"\xd0\xcf\x11\xe0", b"PK\x03\x04"), ("pdf", "doc", "docx", "csv"), "ft_", "token"
    ),
}


@dataclass(frozen=True)
class _Asset:
    kind: str
    name: str
    url: str
    until: dt.datetime


class Uploads:
    """Answers /v2.0/oa/upload/{image,gif,file} and tells what was uploaded."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._assets: dict[str, _Asset] = {}
        self._in_month: dict[tuple[str, int, int], int] = {}

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/v2.0/oa/upload/{kind:image|gif|file}", self._upload)

    def image(self, attachment_id: Any) -> str:
        return self._asset(attachment_id, ("image", "gif")).url

    def file(self, token: Any) -> str:
        return self._asset(token, ("file",)).name

    def _asset(self, key: Any, kinds: tuple[str, ...]) -> _Asset:
        asset = self._assets.get(key) if isinstance(key, str) else None
        if asset is None or asset.kind not in kinds:
            raise invalid("token" if "file" in kinds else "attachment_id")
        if asset.until <= self._world.clock.now():
            raise Refusal(-100, "Attachment has expired")
        return asset

    async def _upload(self, request: web.Request) -> web.Response:
        name, content, content_type = await read_upload(request)
        kind_name = request.match_info["kind"]
        kind = _KINDS[kind_name]
        if len(content) > kind.most_bytes:
            raise too_long("file")
        suffix = name.rpartition(".")[2].lower()
        if suffix not in kind.suffixes or not (content.startswith(kind.beginnings) or suffix == "csv"):
            raise invalid("file")
        self._count(kind_name)
        key = self._world.new_id(kind.prefix)
        payload = self._world.keep_media(content, content_type, name)
        self._assets[key] = _Asset(kind_name, name, payload["url"], self._world.clock.now() + _LIFE)
        return success({kind.answer: key})

    def _count(self, kind: str) -> None:
        now = self._world.clock.now()
        month = (kind, now.year, now.month)
        self._in_month[month] = self._in_month.get(month, 0) + 1
        if self._world.switches.quotas_enforced and self._in_month[month] > _PER_MONTH:
            raise Refusal(-211, "Out of quota for this feature")


async def read_upload(request: web.Request) -> tuple[str, bytes, str]:
    """Name, content and type of the part ``file``. Raises Refusal."""
    if request.content_type != "multipart/form-data":
        raise invalid("content type")
    part = (await request.post()).get("file")
    if not isinstance(part, web.FileField):
        raise invalid("file")
    return part.filename, part.file.read(), part.content_type
