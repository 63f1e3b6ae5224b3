"""What a campaign says, to whom, and in which order it lives."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Step:
    """What can be done to a campaign in some states, and the state it is in afterwards."""

    allowed_in: frozenset[CampaignState]
    to: CampaignState


def _step(to: CampaignState, *allowed_in: CampaignState) -> Step:
    return Step(frozenset(allowed_in), to)


_S = CampaignState
# By the name of the method of Campaigns that takes it; the audit log says "campaign.<name>". A change of the content
# leads back to DRAFT and needs a new approval.
STEPS: Mapping[str, Step] = {
    "change": _step(_S.DRAFT, _S.DRAFT, _S.SUBMITTED, _S.APPROVED, _S.SCHEDULED),
    "submit": _step(_S.SUBMITTED, _S.DRAFT),
    "give_back": _step(_S.DRAFT, _S.SUBMITTED),
    "approve": _step(_S.APPROVED, _S.SUBMITTED),
    "schedule": _step(_S.SCHEDULED, _S.APPROVED),
    "unschedule": _step(_S.APPROVED, _S.SCHEDULED),
    "start": _step(_S.SENDING, _S.APPROVED, _S.SCHEDULED),
    "pause": _step(_S.PAUSED, _S.SENDING, _S.SCHEDULED),
    "resume": _step(_S.SENDING, _S.PAUSED),
    "finish": _step(_S.FINISHED, _S.SENDING),
    "reopen": _step(_S.SENDING, _S.FINISHED),  # a person has what may not have arrived sent again
    "cancel": _step(_S.CANCELLED, _S.DRAFT, _S.SUBMITTED, _S.APPROVED, _S.SCHEDULED, _S.SENDING, _S.PAUSED),
}
# From where it may go where.
MOVES: Mapping[CampaignState, frozenset[CampaignState]] = {
    state: frozenset(step.to for step in STEPS.values() if state in step.allowed_in) - {state}
    for state in CampaignState
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

    def leaves_out_nobody_on(self, channel: str) -> bool:
        """Nothing but channels is chosen, and this one at most."""
        return self in (Audience(days=self.days), Audience(days=self.days, channels=(channel,)))


class Content(Document, frozen=True):
    """What an official writes. Texts by language ("vi" always, "en" where somebody wrote it).

    ``title`` is Vietnamese and stands above the Vietnamese body; a body in another language begins with its own.
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
