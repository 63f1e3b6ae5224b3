"""The types that pass through every door, whatever the channel."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Mapping, Optional


@dataclass(frozen=True)
class Address:
    """Where a person can be reached: a channel ("webchat", "zalo", ...) and the person's id on it."""

    channel: str
    id: str


class AttachmentKind(Enum):
    IMAGE = "image"
    STICKER = "sticker"  # moving pictures too: they say no more
    LOCATION = "location"
    FILE = "file"
    AUDIO = "audio"
    VIDEO = "video"
    CONTACT = "contact"  # somebody's business card
    LINK = "link"


@dataclass(frozen=True)
class Attachment:
    """Something that came with a message and is no text.

    ``source`` is what the channel fetches it by (an address, or the platform's own id of the file), "" when there is
    nothing to fetch; ``text`` is what can be read without fetching: a file's name, a link's address. Neither holds
    anybody's phone number or place.
    """

    kind: AttachmentKind
    source: str = ""
    text: str = ""


@dataclass(frozen=True)
class IncomingMessage:
    """One message of a citizen.

    ``id`` is the channel's own id of the message, unique on the channel, at most 64 characters (the door makes a digest
    of a longer one), used to drop repeats. ``pressed``: ``text`` is
    said to be the payload of a choice rather than something typed. ``choice`` names a pressed choice that was drawn
    with a short id instead of its payload ("<mark>.<number from 0>", see Channel.draw); ``text`` stands if it is none.
    ``language`` is what the citizen chose in the channel's own switch, if any. ``public``: others read the answer too
    (a group). ``by_menu``: the text stands for an entry of a menu and says nothing of the person's language.
    ``quoted`` is the platform's id of the message, where the answer should point at it.
    """

    id: str
    address: Address
    text: str
    received_at: dt.datetime
    pressed: bool = False
    language: Optional[str] = None
    attachments: tuple[Attachment, ...] = ()
    choice: Optional[str] = None
    public: bool = False
    by_menu: bool = False
    quoted: Optional[str] = None


class EventKind(Enum):
    """What can happen between a citizen and a channel besides a message."""

    FOLLOWED = "followed"  # is to be greeted
    LEFT = "left"  # unfollowed, blocked or stopped us: nothing more is sent
    CAME_BACK = "came_back"  # unblocked us
    WITHDRAWN = "withdrawn"  # wants everything about them erased
    SHARED_DETAILS = "shared_details"  # answered a request for name and phone; the details themselves are not kept
    OFFICIAL_WROTE = "official_wrote"  # a person of the agency answered by hand, with ``text``
    INTERACTED = "interacted"  # pressed a menu, called, reacted: opens the channel's window, is not answered
    GRANT_REVOKED = "grant_revoked"  # the agency's account no longer lets us in: a person must look


@dataclass(frozen=True)
class Event:
    """``id`` and ``language`` as in IncomingMessage. An event about the agency's account itself has an address with the
    account's id.
    """

    kind: EventKind
    id: str
    address: Address
    at: dt.datetime
    text: str = ""
    language: Optional[str] = None


@dataclass(frozen=True)
class Receipt:
    """The platform says what became of messages that we sent: their ids on the channel."""

    channel: str
    message_ids: tuple[str, ...]
    seen: bool  # else delivered
    at: dt.datetime


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
    """A titled block of facts. ``lines`` are short label/value rows, ``items`` a list, ``link`` the source.

    The items are numbered unless their numbers might be taken for those of choices.
    """

    title: str
    subtitle: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    items: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    link: Optional[Link] = None
    numbered: bool = True


@dataclass(frozen=True)
class Picture:
    """One of our own pictures, by its number in the connectors.pictures.PictureStore; ``name`` is its file's."""

    id: int
    name: str
    content_type: str


@dataclass(frozen=True)
class Reply:
    """One message to a citizen.

    ``text`` alone says everything (plain lines): channels that cannot draw cards send only the text. ``cards`` repeat
    its facts for channels that can. ``custom`` is the machine-readable form for REST clients. ``author`` is "bot" or
    "person". ``asks_contact``: a person of the agency might call back, so a channel that can asks for name and phone.
    ``picture`` goes with the text where the channel can carry one, and says nothing that the text does not.
    """

    text: str
    language: str = "vi"
    cards: tuple[Card, ...] = ()
    choices: tuple[Choice, ...] = ()
    custom: Mapping[str, Any] = field(default_factory=dict)
    author: str = "bot"
    asks_contact: bool = False
    picture: Optional[Picture] = None
