"""What a door needs from the house: someone to talk to. Given by constructor, implemented in ``bot``."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Optional, Protocol, Sequence

from connectors.messages import Address, IncomingMessage, Reply


@dataclass(frozen=True)
class Entry:
    """One stored line of a conversation, in the order of ``seq`` (increasing, unique in the whole store).

    A citizen's line has ``message_id`` and ``text``; ours has ``reply``. Identity and phone numbers in ``text`` are
    already masked.
    """

    seq: int
    at: dt.datetime
    text: str = ""
    message_id: Optional[str] = None
    reply: Optional[Reply] = None


class Talk(Protocol):
    async def handle(self, message: IncomingMessage) -> Sequence[Entry]:
        """Store the message, answer it, store the answer; give the message's own entry and the answer's entries.

        A message id seen before is not answered again: its stored entries are given. Messages of one address are
        handled one after another. Never raises for what a citizen can cause.
        """

    async def history(self, address: Address, after: int = 0) -> Sequence[Entry]:
        """The entries of this address with ``seq > after``, oldest first (at most the newest 200)."""
