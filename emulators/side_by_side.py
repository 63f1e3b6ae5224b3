"""The page of the demonstration: every channel in a frame of its own, and a receipt slip to photograph."""

from __future__ import annotations

import html
import io
from pathlib import Path
from string import Template
from typing import Any, Mapping, Optional

import zxingcpp
from aiohttp import web
from PIL import Image, ImageDraw, ImageFont

_FOLDER = Path(__file__).parent / "static"
_COLUMN = '<section><h2>{name}</h2><iframe src="{url}" title="{name}"></iframe></section>'
_MARGIN = 40


class SideBySide:
    """``frames`` maps the name of a channel to the address that is shown in its frame; ``code`` is a dossier's."""

    def __init__(self, frames: Mapping[str, str], code: str) -> None:
        page = Template((_FOLDER / "side_by_side.html").read_text(encoding="utf-8"))
        columns = (_COLUMN.format(name=html.escape(name), url=html.escape(url)) for name, url in frames.items())
        self._html = page.substitute(columns="".join(columns), code=html.escape(code))
        self._slip = receipt_slip(code)
        origins = " ".join(frames.values())
        self._policy = f"default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src {origins}"
        self._runner: Optional[web.AppRunner] = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Serves until ``stop``; gives the address. Port 0 lets the machine choose."""
        application = web.Application()
        application.router.add_get("/", self._page)
        application.router.add_get("/side_by_side.css", self._style)
        application.router.add_get("/phieu-hen.png", self._picture)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        return f"http://{host}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _page(self, _: web.Request) -> web.Response:
        headers = {"Content-Security-Policy": self._policy}
        return web.Response(text=self._html, content_type="text/html", headers=headers)

    async def _style(self, _: web.Request) -> web.Response:
        style = (_FOLDER / "side_by_side.css").read_text(encoding="utf-8")
        return web.Response(text=style, content_type="text/css", headers={"Cache-Control": "no-cache"})

    async def _picture(self, _: web.Request) -> web.Response:
        return web.Response(body=self._slip, content_type="image/png")


def receipt_slip(code: str) -> bytes:
    """A picture (PNG) of what an office hands out: the dossier's code as a QR code and as text."""
    barcode = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.QRCode)
    pixels: Any = zxingcpp.write_barcode_to_image(barcode, scale=8)  # an array, as its type does not say
    square = Image.fromarray(pixels).convert("L")
    slip = Image.new("L", (square.width + 2 * _MARGIN, square.height + 3 * _MARGIN), 255)
    slip.paste(square, (_MARGIN, _MARGIN))
    middle = (slip.width // 2, slip.height - _MARGIN)
    ImageDraw.Draw(slip).text(middle, code, fill=0, font=ImageFont.load_default(20), anchor="mm")
    file = io.BytesIO()
    slip.save(file, "PNG")
    return file.getvalue()
