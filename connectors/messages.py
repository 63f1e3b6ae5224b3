"""The types that pass through every door, whatever the channel."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Mapping, Optional


@dataclass(frozen=True)
class Address:
    """Where a person can be reached: a channel ("webchat", "rest", ...) and the person's id on it."""

    channel: str
    id: str


@dataclass(frozen=True)
class IncomingMessage:
    """One message of a citizen.

    ``id`` is the channel's own id of the message, used to drop repeats. ``pressed``: ``text`` is said to be the payload
    of a choice rather than something typed. ``language`` is what the citizen chose in the channel's own switch, if any.
    """

    id: str
    address: Address
    text: str
    received_at: dt.datetime
    pressed: bool = False
    language: Optional[str] = None


@dataclass(frozen=True)
class Choice:
    """A button: what it says and what pressing it sends back."""

    title: str
    payload: str


@dataclass(frozen=True)
class Link:
    title: str
    url: str


@dataclass(frozen=True)
class Card:
    """A titled block of facts. ``lines`` are short label/value rows, ``items`` a numbered list, ``link`` the source."""

    title: str
    subtitle: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    items: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    link: Optional[Link] = None


@dataclass(frozen=True)
class Reply:
    """One message to a citizen.

    ``text`` alone says everything (plain lines): channels that cannot draw cards send only the text. ``cards`` repeat
    its facts for channels that can. ``custom`` is the machine-readable form for REST clients.
    ``author`` is "bot" or "person".
    """

    text: str
    language: str = "vi"
    cards: tuple[Card, ...] = ()
    choices: tuple[Choice, ...] = ()
    custom: Mapping[str, Any] = field(default_factory=dict)
    author: str = "bot"
