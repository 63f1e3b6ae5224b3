"""Draws the console's pages; style sheets and scripts are served under names that change with their content."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Awaitable, Callable, Mapping

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.wording.speaker import LANGUAGES, Speaker

ROOT = "/console"
_FOLDER = Path(__file__).parent
TEMPLATES = _FOLDER / "templates"
_KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


def address(path: str) -> str:
    """The address of a path of the console: "/campaigns/3" gives "/console/campaigns/3", "/" gives "/console"."""
    return ROOT + (path if path != "/" else "")


class Drawing:
    """``agency``: its name by language."""

    def __init__(self, agency: Mapping[str, str]) -> None:
        self._agency = agency
        self._assets = {path.name: path.read_bytes() for path in sorted((_FOLDER / "static").iterdir())}
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(to=address, asset=self._asset, languages=LANGUAGES)

    def draw(self, template: str, say: Speaker, facts: Mapping[str, Any], status: int = 200) -> web.Response:
        """``_`` and ``say`` in the template speak the reader's language."""
        agency = self._agency.get(say.language, "")
        text = self._templates.get_template(template).render(facts, _=say, say=say, agency=agency)
        return web.Response(text=text, content_type="text/html", status=status)

    def add_routes(self, app: web.Application) -> None:
        for name, body in self._assets.items():
            app.router.add_get(self._asset(name), _serving(body, _KINDS[Path(name).suffix]))

    def _asset(self, name: str) -> str:
        stem, _, suffix = name.rpartition(".")
        return f"{ROOT}/static/{stem}.{hashlib.sha256(self._assets[name]).hexdigest()[:16]}.{suffix}"


def _serving(body: bytes, kind: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def serve(_: web.Request) -> web.Response:
        headers = {"Cache-Control": "public, max-age=31536000, immutable"}
        response = web.Response(body=body, content_type=kind, charset="utf-8", headers=headers)
        response.enable_compression()
        return response

    return serve
