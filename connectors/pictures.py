"""Pictures that we send: where their content is kept, and what a platform calls those that it has already."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import OrderedDict
from dataclasses import dataclass
from typing import Awaitable, Callable, Optional, Protocol

from connectors.errors import Refused, RefusedReason

PNG_BEGINS = b"\x89PNG\r\n\x1a\n"
_REMEMBERED = 1_000


class NoSuchPicture(Refused):
    """The store has no picture of this number."""

    def __init__(self) -> None:
        super().__init__(RefusedReason.WRONG_MESSAGE, "the picture is gone")


class PictureStore(Protocol):
    async def content(self, id: int) -> bytes:
        """A JPEG or PNG of at most one megabyte. Raises NoSuchPicture, and Unreachable while the store is away."""

    async def asset(self, id: int, channel: str) -> Optional[str]:
        """What the platform calls it, None when it was never told or has forgotten it since. Raises Unreachable."""

    async def remember(self, id: int, channel: str, asset: str, expires_at: Optional[dt.datetime]) -> None:
        """In place of what was remembered before; ``expires_at`` None: for ever. Never raises: it may be forgotten."""


@dataclass(frozen=True)
class Handed:
    """What the platform calls a picture that it was just handed, and until when."""

    asset: str
    expires_at: Optional[dt.datetime] = None


Hand = Callable[[bytes], Awaitable[Handed]]


class Assets:
    """A platform's names of our pictures: each picture is handed over once, however many are waiting to send it."""

    def __init__(self, store: PictureStore, channel: str) -> None:
        self._store, self._channel = store, channel
        self._known: OrderedDict[int, str] = OrderedDict()
        self._handing_over = asyncio.Lock()

    async def of(self, id: int, hand: Hand, refused: Optional[str] = None) -> str:
        """The platform's name, another one than ``refused``, which it has just forgotten.

        ``hand`` gives the content to the platform when it has no such name. Raises what the store and ``hand`` raise.
        """
        forgotten = (None, refused)
        async with self._handing_over:
            asset = self._known.get(id)
            if asset in forgotten:
                asset = await self._store.asset(id, self._channel)
            if asset is None or asset in forgotten:
                asset = await self._handed(id, hand)
            self._known[id] = asset
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
            return asset

    async def _handed(self, id: int, hand: Hand) -> str:
        handed = await hand(await self._store.content(id))
        await self._store.remember(id, self._channel, handed.asset, handed.expires_at)
        return handed.asset


def file_name(content: bytes) -> str:
    """A name whose ending fits the content: platforms look at it."""
    return "picture.png" if content.startswith(PNG_BEGINS) else "picture.jpg"
