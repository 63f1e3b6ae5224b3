"""An inbox for the tests of the door: keeps what it is given, in memory."""

from __future__ import annotations

from typing import Union

from connectors.channel import InboxFull, Incoming
from connectors.messages import Receipt


class KeptInbox:
    """Keeps what is put into it; is full for the next ``refusals`` times."""

    def __init__(self) -> None:
        self.kept: list[Union[Incoming, Receipt]] = []
        self.refusals = 0
        self.pages: list[tuple[str, str]] = []

    async def put(self, incoming: Incoming) -> None:
        self._keep(incoming)

    async def note(self, receipt: Receipt) -> None:
        self._keep(receipt)

    async def page(self, name: str, sentence: str) -> None:
        """Tells nobody, and remembers it."""
        self.pages.append((name, sentence))

    def _keep(self, told: Union[Incoming, Receipt]) -> None:
        if self.refusals:
            self.refusals -= 1
            raise InboxFull
        self.kept.append(told)
