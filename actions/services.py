"""What the actions are given: the catalogue, the dossiers, the calendar, and the desks that keep what citizens wish."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import Enum
from typing import Callable, Optional, Protocol, Sequence

from knowledge.calendar import WorkingCalendar
from knowledge.catalogue import Catalogue
from knowledge.dossiers import Dossier, DossierCode
from knowledge.guesses import GuessLimiter
from knowledge.registry import DossierRegistry
from knowledge.subscription_topics import SubscriptionTopics
from knowledge.wards import Ward


class FeedbackBox(Protocol):
    async def put(self, citizen_id: str, kind: str, text: str, procedure: Optional[str]) -> str:
        """Keep it and give the number under which the office finds it."""


@dataclass(frozen=True)
class LinkCode:
    """``text`` is what the citizen writes on the other channel ("LK-7KMP-3XQ9")."""

    text: str
    minutes: int  # how long it is good for


class LinkOutcome(Enum):
    LINKED = "linked"
    UNKNOWN = "unknown"  # never given, used or expired
    OWN = "own"  # made by this very citizen
    TOO_MANY = "too_many"  # wrong tries: not even looked at
    SHARED = "shared"  # from here not one known person writes


class LinkDesk(Protocol):
    """Makes one citizen of those who write from several channels."""

    async def make(self, citizen_id: str) -> Optional[LinkCode]:
        """A new code, the one before it is void; None where not one known person writes."""

    async def redeem(self, citizen_id: str, code: str) -> LinkOutcome:
        """``code`` in any case, with or without what is between its parts. After LINKED the citizen id is gone."""


class WatchOutcome(Enum):
    BEGUN = "begun"
    KNOWN = "known"  # has been watched already
    LIMIT = "limit"  # this citizen watches as many as one may


class WatchDesk(Protocol):
    """Keeps who wants to be told when a dossier moves."""

    @property
    def is_offered(self) -> bool:
        """Whether there is any channel over which somebody can be written to unasked."""

    async def reach(self, citizen_id: str) -> bool:
        """Whether this citizen has an address that can be written to unasked, and that nobody else reads."""

    async def begin(self, citizen_id: str, dossier: Dossier) -> WatchOutcome:
        """From its present state on."""

    async def end(self, citizen_id: str, code: Optional[DossierCode] = None) -> Sequence[str]:
        """Stop watching this dossier, or all; the codes that were watched until now."""

    async def watched(self, citizen_id: str) -> Sequence[str]:
        """The codes that this citizen watches."""


@dataclass(frozen=True)
class Subscriptions:
    """What one citizen is told about: ids of topics, in the order in which they began. ``ward``: where they live."""

    topics: tuple[str, ...] = ()
    opted_out: bool = False  # wants no notices at all
    ward: str = ""


class SubscriptionDesk(Protocol):
    """Keeps what citizens want to be told of the agency's news, and where they live."""

    @property
    def wards(self) -> Sequence[str]:
        """The names of the only wards that are served ("Phường Long Xuyên, An Giang"); empty: any."""

    async def get(self, citizen_id: str) -> Subscriptions: ...

    async def begin(self, citizen_id: str, topics: Sequence[str]) -> None:
        """Who wanted no notices at all wants these now."""

    async def end(self, citizen_id: str, topics: Sequence[str]) -> Sequence[str]:
        """Those of the topics that this citizen was told about until now."""

    async def opt_out(self, citizen_id: str, campaign: Optional[int] = None) -> Sequence[str]:
        """No notices any more, perhaps because of this one; the topics that ended by it."""

    async def settle(self, citizen_id: str, ward: Ward) -> None: ...


@dataclass(frozen=True)
class Services:
    """``fold`` turns text into lower case without marks; ``clock`` gives the present moment with its zone."""

    catalogue: Catalogue
    dossiers: DossierRegistry
    guesses: GuessLimiter
    calendar: WorkingCalendar
    feedback: FeedbackBox
    links: LinkDesk
    watches: WatchDesk
    subscriptions: SubscriptionDesk
    topics: SubscriptionTopics
    fold: Callable[[str], str]
    clock: Callable[[], dt.datetime]
