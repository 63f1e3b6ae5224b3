"""A channel of paper: keeps what it is given, fails as it is told, and knows afterwards what it took."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from typing import Optional, Sequence, Union

from connectors.channel import Interrupted, Limits, Part, Purpose
from connectors.errors import ChannelError
from connectors.messages import Address, Attachment, IncomingMessage, Reply


class Killed(BaseException):
    """The process ends at this very moment."""


Trouble = Union[ChannelError, Killed, None]


class PaperChannel:
    """``sent``: what the platform has. ``before`` and ``after``: what goes wrong before, or after it has taken one."""

    name = "zalo"
    limits = Limits(text_characters=40, choices=0, choice_title=20)

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.before: deque[Trouble] = deque()
        self.after: deque[Trouble] = deque()
        self.acknowledged: list[str] = []
        self.looked_for: list[Interrupted] = []
        self.open = asyncio.Event()
        self.open.set()
        self._ids = itertools.count(1)

    def draw(self, reply: Reply, mark: str, quoted: Optional[str] = None) -> Sequence[Part]:
        return [{"text": line} for line in reply.text.split("\n")]

    async def turn(self, address: Address, purpose: Purpose) -> None: ...

    async def send(self, address: Address, part: Part) -> str:
        await self.open.wait()
        self._raise(self.before)
        self.sent.append((address.id, part["text"]))
        self._raise(self.after)
        return f"out-{next(self._ids)}"

    def bookmark(self) -> str:
        return str(len(self.sent))

    async def find_sent(self, interrupted: Interrupted) -> Optional[str]:
        self.looked_for.append(interrupted)
        since = self.sent[int(interrupted.bookmark) :]
        return "found" if (interrupted.address.id, interrupted.part["text"]) in since else None

    async def acknowledge(self, message: IncomingMessage) -> None:
        self.acknowledged.append(message.id)

    async def fetch(self, attachment: Attachment, most_bytes: int) -> bytes:
        raise NotImplementedError

    def texts_to(self, person: str) -> list[str]:
        return [text for to, text in self.sent if to == person]

    @staticmethod
    def _raise(troubles: deque[Trouble]) -> None:
        trouble = troubles.popleft() if troubles else None
        if trouble is not None:
            raise trouble
