"""What a campaign says, to whom, and in which order it lives."""

from __future__ import annotations

from enum import Enum
from typing import Mapping

import msgspec


class CampaignState(Enum):
    DRAFT = "draft"
    SUBMITTED = "submitted"  # waits for a second official
    APPROVED = "approved"
    SCHEDULED = "scheduled"  # approved, and a moment was set
    SENDING = "sending"  # planned first; what is planned is sent at the same time
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"


# From where it may go where. A change of the content leads back to DRAFT and needs a new approval.
MOVES: Mapping[CampaignState, frozenset[CampaignState]] = {
    CampaignState.DRAFT: frozenset({CampaignState.SUBMITTED, CampaignState.CANCELLED}),
    CampaignState.SUBMITTED: frozenset({CampaignState.DRAFT, CampaignState.APPROVED, CampaignState.CANCELLED}),
    CampaignState.APPROVED: frozenset(
        {CampaignState.DRAFT, CampaignState.SCHEDULED, CampaignState.SENDING, CampaignState.CANCELLED}
    ),
    CampaignState.SCHEDULED: frozenset(
        {CampaignState.DRAFT, CampaignState.APPROVED, CampaignState.SENDING, CampaignState.PAUSED,
         CampaignState.CANCELLED}
    ),
    CampaignState.SENDING: frozenset({CampaignState.PAUSED, CampaignState.FINISHED, CampaignState.CANCELLED}),
    CampaignState.PAUSED: frozenset({CampaignState.SENDING, CampaignState.CANCELLED}),
    CampaignState.FINISHED: frozenset(),
    CampaignState.CANCELLED: frozenset(),
}  # fmt: skip


class DeliveryState(Enum):
    WAITING = "waiting"
    SENDING = "sending"  # claimed; begun when ``began_at`` is set
    SENT = "sent"
    DELIVERED = "delivered"
    SEEN = "seen"
    FAILED = "failed"
    UNKNOWN = "unknown"  # may have arrived or not: a person decides


class Vehicle(Enum):
    """How a notice travels."""

    MESSAGE = "message"
    TEMPLATE = "template"  # one of Zalo's approved templates, to a user id
    PHONE = "phone"  # the same, to a phone number
    ARTICLE = "article"  # one article to all followers of the official account


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Shared strictness of what is kept as JSON."""


class Audience(Document, frozen=True):
    """Whom a campaign is for. Empty: everybody who may be told.

    Each criterion that is given must be met; within one, any of its values. ``asked`` and ``open_dossier`` (codes of
    procedures) are one criterion together: who asked about it in the last ``days``, or follows an open dossier of it.
    With ``file``, its rows are the audience and the other criteria narrow it where they can be known.
    """

    topics: tuple[str, ...] = ()
    wards: tuple[str, ...] = ()
    provinces: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    asked: str = ""
    days: int = 90
    open_dossier: str = ""
    file: int = 0


class Content(Document, frozen=True):
    """What an official writes. Texts by language ("vi" always, "en" where somebody wrote it).

    ``body`` may have {placeholders}: "{danh_xung}"-like names of the file's columns, and {co_quan}, {duong_day_nong}.
    ``procedure`` is the code of the procedure it is about, whose answer a choice opens when ``see_procedure``.
    ``picture`` is an id of the pictures, 0 for none. ``template``: id of the Zalo template for those whose window is
    closed, "" for none; ``template_facts`` fills its names from the same placeholders. ``article``: tell all followers
    of the Zalo account by one article; only for an audience that is everybody on Zalo.
    """

    title: str
    body: Mapping[str, str]
    link_title: Mapping[str, str] = msgspec.field(default_factory=dict)
    link: str = ""
    picture: int = 0
    procedure: str = ""
    see_procedure: bool = False
    template: str = ""
    template_facts: Mapping[str, str] = msgspec.field(default_factory=dict)
    article: bool = False
    audience: Audience = Audience()
