"""Style sheets, scripts and pictures: read once, named by their content, kept by browsers for ever."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Awaitable, Callable, Mapping

from aiohttp import web

_FOLDER = Path(__file__).parent / "static"
_KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_FOR_EVER = "public, max-age=31536000, immutable"
_FOR_AN_HOUR = "public, max-age=3600"
# The one file without a hash in its name: other sites hold its address in their pages.
_WIDGET = "widget.js"
_WIDGET_TEXTS = "/*texts*/ {}"


@dataclass(frozen=True)
class Asset:
    address: str
    body: bytes
    kind: str
    etag: str
    kept: str


class Assets:
    """``widget_texts`` maps a language to the strings of the button on other sites."""

    def __init__(self, widget_texts: Mapping[str, Mapping[str, str]]) -> None:
        self._by_name: dict[str, Asset] = {}
        for path in sorted(_FOLDER.iterdir()):
            body = path.read_bytes()
            if path.name == _WIDGET:
                body = body.replace(_WIDGET_TEXTS.encode(), json.dumps(widget_texts, ensure_ascii=False).encode())
            etag = hashlib.sha256(body).hexdigest()[:16]
            if path.name == _WIDGET:
                address, kept = f"/{_WIDGET}", _FOR_AN_HOUR
            else:
                address, kept = f"/static/webchat/{path.stem}.{etag}{path.suffix}", _FOR_EVER
            self._by_name[path.name] = Asset(address, body, _KINDS[path.suffix], etag, kept)

    def address(self, name: str) -> str:
        return self._by_name[name].address

    def add_routes(self, app: web.Application) -> None:
        for asset in self._by_name.values():
            app.router.add_get(asset.address, _handler(asset))


def _handler(asset: Asset) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def serve(request: web.Request) -> web.Response:
        # The widget is loaded by other sites, some of which demand this header; the rest stays ours.
        reach = "cross-origin" if asset.address.endswith(_WIDGET) else "same-origin"
        headers = {
            "ETag": f'"{asset.etag}"',
            "Cache-Control": asset.kept,
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": reach,
        }
        if any(tag.value in (asset.etag, "*") for tag in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        response = web.Response(body=asset.body, content_type=asset.kind, charset="utf-8", headers=headers)
        response.enable_compression()
        return response

    return serve
