"""What the tests of Telegram's door and channel share: an inbox that keeps what it got, a clock, the texts."""

from __future__ import annotations

import asyncio
from typing import Any, Callable, Mapping, Optional

from connectors.channel import InboxFull, Incoming
from connectors.messages import Address, IncomingMessage, Receipt
from connectors.telegram_commands import MENU
from connectors.telegram_updates import Identity

BOT = Identity(110000001, "motcua_demo_bot")
TEXTS: Mapping[str, Mapping[str, str]] = {
    "vi": {"answer_by_number": "Trả lời bằng số:", **{f"command_{name}": f"Lệnh {name}" for name in MENU}},
    "en": {"answer_by_number": "Answer with a number:", **{f"command_{name}": f"Command {name}" for name in MENU}},
}


class KeptInbox:
    """connectors.channel.Inbox: repeats change nothing. ``refuse``: so many puts are refused first."""

    def __init__(self) -> None:
        self.kept: dict[str, Incoming] = {}
        self.refuse = 0
        self._news = asyncio.Event()

    async def put(self, incoming: Incoming) -> None:
        await asyncio.sleep(0)
        if self.refuse:
            self.refuse -= 1
            raise InboxFull("too much waits already")
        self.kept.setdefault(incoming.id, incoming)
        self._news.set()

    async def note(self, receipt: Receipt) -> None:
        raise AssertionError(f"Telegram gives no receipts: {receipt}")

    async def has(self, count: int) -> list[Incoming]:
        """Waits until so many have come."""

        async def wait() -> None:
            while len(self.kept) < count:
                self._news.clear()
                await self._news.wait()

        await asyncio.wait_for(wait(), 10)
        return list(self.kept.values())

    async def message(self, count: int = 1) -> IncomingMessage:
        incoming = (await self.has(count))[-1]
        assert isinstance(incoming, IncomingMessage)
        return incoming


class QuickTime:
    """A clock that is where it should be as soon as somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 1_000.0
        self.naps: list[float] = []

    def __call__(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.seconds += seconds
        await asyncio.sleep(0)


async def until(condition: Callable[[], bool]) -> None:
    """Waits a while for what happens beside the work."""
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to pass")


def private(user: int) -> Address:
    return Address("telegram", str(user))


def message_update(text: Optional[str] = None, number: int = 1, **fields: Any) -> dict[str, Any]:
    """An update as Telegram sends it; ``fields`` change the message."""
    person = {"id": 501, "is_bot": False, "first_name": "An", "language_code": "vi"}
    message: dict[str, Any] = {
        "message_id": 7,
        "date": 1_790_000_000,
        "chat": {"id": 501, "type": "private", "first_name": "An"},
        "from": person,
        **({} if text is None else {"text": text}),
        **fields,
    }
    return {"update_id": number, "message": message}
