"""What a door needs from the house, and what the house needs from a channel that carries messages out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import Enum
from typing import Any, Mapping, Optional, Protocol, Sequence, Union

from connectors.messages import Address, Attachment, Event, IncomingMessage, Receipt, Reply

Incoming = Union[IncomingMessage, Event]
# A channel's own drawing of one message, as plain JSON values: kept until it is sent, read by nobody else.
Part = Mapping[str, Any]


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
    """For doors that carry the answer back on the same line: the web chat and REST."""

    async def handle(self, message: IncomingMessage) -> Sequence[Entry]:
        """Store the message, answer it, store the answer; give the message's own entry and the answer's entries.

        A message id seen before is not answered again: its stored entries are given. Messages of one address are
        handled one after another. Never raises for what a citizen can cause.
        """

    async def history(self, address: Address, after: int = 0) -> Sequence[Entry]:
        """The entries of this address with ``seq > after``, oldest first (at most the newest 200)."""


class InboxFull(Exception):
    """Too much waits already, or the database is away: answer 503, the platform sends it again."""


class Inbox(Protocol):
    """For doors of messaging platforms: what was taken in is answered later, over the channel."""

    async def put(self, incoming: Incoming) -> None:
        """Stored when this returns; acknowledge it then. A repeat changes nothing. Raises InboxFull."""

    async def note(self, receipt: Receipt) -> None:
        """Stored when this returns. Raises InboxFull."""


class Purpose(Enum):
    """Why something is sent; the lower number goes first."""

    REPLY = 0
    NOTICE = 1  # about a citizen's own dossier, which they asked to be told
    BROADCAST = 2


@dataclass(frozen=True)
class Limits:
    """What a channel can draw. ``text_characters`` of one message, ``choices`` as buttons under it (0: none),
    ``caption_characters`` of a message with a picture (0: it carries none).
    """

    text_characters: int
    choices: int
    choice_title: int
    caption_characters: int = 0


@dataclass(frozen=True)
class Interrupted:
    """A sending that was begun and of which nobody knows whether the platform got it.

    ``bookmark`` is what ``Channel.bookmark`` gave before it was begun, ``known`` the ids of the channel's messages,
    ours and citizens', that are known to have come since.
    """

    address: Address
    part: Part
    began_at: dt.datetime
    bookmark: str
    known: frozenset[str]


class Channel(Protocol):
    """A way out. Everything may raise ChannelError unless it says otherwise."""

    @property
    def name(self) -> str:
        """As in ``Address.channel``."""

    @property
    def limits(self) -> Limits: ...

    def draw(self, reply: Reply, mark: str, quoted: Optional[str] = None) -> Sequence[Part]:
        """Fit a reply to the limits: one or more parts, to be sent in this order. Never raises.

        ``mark`` is short and names the reply: a pressed choice comes back as ``IncomingMessage.choice``
        "<mark>.<number>". ``quoted`` as in IncomingMessage.
        """

    async def turn(self, address: Address, purpose: Purpose) -> None:
        """Returns when one part may be sent to this person; then send it at once."""

    async def send(self, address: Address, part: Part) -> str:
        """Send one part, whose turn it is; the channel's id of the message."""

    def bookmark(self) -> str:
        """What ``find_sent`` will need to know about the present moment; at most 40 characters. Never raises."""

    async def find_sent(self, interrupted: Interrupted) -> Optional[str]:
        """The id of the message if the platform has it, None if it does not.

        Raises Unreachable when it cannot tell yet, Unknowable when it never can.
        """

    async def acknowledge(self, message: IncomingMessage) -> None:
        """Show that somebody is at work ("typing"). Never raises: it is only a courtesy."""

    async def fetch(self, attachment: Attachment, most_bytes: int) -> bytes:
        """What is behind ``attachment.source``. Raises Refused (WRONG_MESSAGE) when it is too large or not allowed."""
