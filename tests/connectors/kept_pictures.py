"""A connectors.pictures.PictureStore in memory, with one picture in it."""

from __future__ import annotations

import datetime as dt
import io
from typing import Optional

from PIL import Image

from connectors.messages import Picture
from connectors.pictures import NoSuchPicture

MAP = Picture(7, "so-do.png", "image/png")


def png(colour: str = "red") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (4, 3), colour).save(file, "PNG")
    return file.getvalue()


class KeptPictures:
    def __init__(self) -> None:
        self.contents = {MAP.id: png()}
        self.assets: dict[tuple[int, str], str] = {}
        self.until: Optional[dt.datetime] = None

    async def content(self, id: int) -> bytes:
        if id not in self.contents:
            raise NoSuchPicture
        return self.contents[id]

    async def asset(self, id: int, channel: str) -> Optional[str]:
        return self.assets.get((id, channel))

    async def remember(self, id: int, channel: str, asset: str, expires_at: Optional[dt.datetime]) -> None:
        self.assets[id, channel], self.until = asset, expires_at
