"""One application on its way: its status, what is missing, and the portal that answers about it.

A ``Dossier`` never holds a full name or number: the portal adapter masks them before it builds one.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Callable, Optional, Protocol

import msgspec

from knowledge.dossier_codes import CodeFamily, CodeProblem, DossierCode, DossierCodeInvalid, looks_like_code

__all__ = [
    "Clock",
    "CodeFamily",
    "CodeProblem",
    "Dossier",
    "DossierCode",
    "DossierCodeInvalid",
    "DossierPortal",
    "DossierStatus",
    "DossierUnknown",
    "FeeDue",
    "OwnerProof",
    "PortalError",
    "PortalMisconfigured",
    "PortalUnreachable",
    "Step",
    "looks_like_code",
]

Clock = Callable[[], dt.datetime]
"""Gives the present moment, always with a time zone."""


class DossierStatus(IntEnum):
    """The ten national values (1 Mới đăng ký … 10 Đã trả kết quả). Every vendor's own states are mapped to them."""

    REGISTERED = 1
    RECEIVED = 2
    NOT_ACCEPTED = 3
    PROCESSING = 4
    SUPPLEMENT_REQUIRED = 5
    FEE_DUE = 6
    WITHDRAWN = 7
    STOPPED = 8
    DONE = 9
    RETURNED = 10

    @property
    def is_running(self) -> bool:
        """Whether the office's time limit counts: not before acceptance, not while it waits for the citizen."""
        return self in (DossierStatus.RECEIVED, DossierStatus.PROCESSING)

    @property
    def is_finished(self) -> bool:
        """Whether the citizen has nothing more to wait for."""
        return self in (
            DossierStatus.NOT_ACCEPTED,
            DossierStatus.WITHDRAWN,
            DossierStatus.STOPPED,
            DossierStatus.DONE,
            DossierStatus.RETURNED,
        )


class PortalError(Exception):
    """The portal gave no dossier."""


class PortalUnreachable(PortalError):
    """Say so, and offer the last known state with its date: the portal is away, slow, or answers nonsense."""


class PortalMisconfigured(PortalUnreachable):
    """Our fault: trying again does not help, tell a person. The portal turned our login or address away."""


class DossierUnknown(PortalError):
    """The portal answered: there is no such dossier."""


@dataclass(frozen=True)
class FeeDue:
    """``amount`` in đồng."""

    name: str
    amount: int


@dataclass(frozen=True)
class Step:
    """What an office did. Officials' names are left out."""

    at: dt.datetime
    office: str
    text: str


@dataclass(frozen=True)
class OwnerProof:
    """Recognises the last four digits of the owner's phone or identity number without keeping them.

    Salt and digest keep them out of logs and out of sight. They do not withstand somebody who holds the store and tries
    all ten thousand answers: the store is guarded like the rest of the citizens' data.
    """

    salt: str
    digests: tuple[str, ...]

    @classmethod
    def of(cls, salt: str, *numbers: str) -> OwnerProof:
        """A proof for every number that has at least four digits. ``salt`` is random for each dossier."""
        endings = ("".join(filter(str.isdigit, number))[-4:] for number in numbers)
        return cls(salt, tuple(_digest(salt, ending) for ending in endings if len(ending) == 4))

    def accepts(self, answer: str) -> bool:
        given = _digest(self.salt, answer.strip())
        # A list, not a generator: every digest is compared, so the time taken does not tell which one fitted.
        return any([hmac.compare_digest(given, digest) for digest in self.digests])


def _digest(salt: str, digits: str) -> str:
    return hashlib.blake2b(digits.encode(), key=salt.encode()[:64], digest_size=16).hexdigest()


@dataclass(frozen=True)
class Dossier:
    """What a portal says about one dossier. Times carry their zone (Asia/Ho_Chi_Minh, +07:00).

    ``applicant`` and ``phone`` are masked ("N*** V*** A***", "091*******"). ``status_text`` is the portal's own
    wording. ``reason`` says why it was refused, stopped or sent back. ``fees`` are what is still to be paid.
    ``source`` names the portal, ``fetched_at`` the moment of its answer.
    """

    code: DossierCode
    status: DossierStatus
    status_text: str
    source: str
    fetched_at: dt.datetime
    national_code: Optional[str] = None
    procedure_code: Optional[str] = None
    procedure_name: str = ""
    applicant: str = ""
    phone: str = ""
    received_at: Optional[dt.datetime] = None
    due_at: Optional[dt.datetime] = None
    finished_at: Optional[dt.datetime] = None
    agency: str = ""
    agency_phone: Optional[str] = None
    reason: str = ""
    missing: tuple[str, ...] = ()
    fees: tuple[FeeDue, ...] = ()
    steps: tuple[Step, ...] = ()
    proof: OwnerProof = field(default=OwnerProof("", ()), repr=False)

    @property
    def can_be_proved(self) -> bool:
        """Whether the portal gave a phone or identity number to compare with."""
        return bool(self.proof.digests)

    def is_proved_by(self, last_four_digits: str) -> bool:
        """Whether these are the last four digits of the owner's phone or identity number. Constant time."""
        return self.proof.accepts(last_four_digits)

    def is_late(self, now: dt.datetime) -> bool:
        """Whether the office has passed its own date of return."""
        return self.status.is_running and self.due_at is not None and now > self.due_at

    def to_json(self) -> bytes:
        return msgspec.json.encode(self)

    @classmethod
    def from_json(cls, document: bytes) -> Dossier:
        """Raises msgspec.ValidationError when the document is not one that ``to_json`` wrote."""
        return msgspec.json.decode(document, type=cls)


class DossierPortal(Protocol):
    """A system that answers about dossiers. Every implementation passes tests/knowledge/portals."""

    async def fetch(self, code: DossierCode) -> Dossier:
        """One attempt. Raises DossierUnknown, PortalUnreachable, PortalMisconfigured."""

    async def check(self) -> None:
        """Whether the portal would answer now. Raises PortalUnreachable or PortalMisconfigured."""

    async def close(self) -> None: ...
