"""What a citizen can ask the state for: the procedure and its parts, as read from YAML or an official export.

Every type is frozen and checked while decoding (``msgspec``): an unknown key, a missing key or a wrong type in a
catalogue file is an error that names the place (``$.cases[0].papers[1].use``).
"""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import Optional

from msgspec import Struct


class Level(str, Enum):
    """The tier of the state that decides. Districts were abolished on 1 July 2025 (two-tier government)."""

    COMMUNE = "commune"
    PROVINCE = "province"
    MINISTRY = "ministry"


class ServiceLevel(str, Enum):
    """How far the procedure can be done online (Nghị định 42/2022/NĐ-CP).

    FULL is "toàn trình" (people still say "mức độ 4"), PARTIAL is "một phần" ("mức độ 3"), NONE is counter or post
    only, UNKNOWN means that the source does not say.
    """

    FULL = "full"
    PARTIAL = "partial"
    NONE = "none"
    UNKNOWN = "unknown"


class PaperUse(str, Enum):
    """What the citizen does with a paper: hand it in, only show it, or leave it at home because the state has it."""

    SUBMIT = "submit"
    SHOW = "show"
    NOT_NEEDED = "not_needed"


class ChannelKind(str, Enum):
    IN_PERSON = "in_person"
    ONLINE = "online"
    POST = "post"


class TimeUnit(str, Enum):
    HOUR = "hour"
    WORKING_DAY = "working_day"
    DAY = "day"
    MONTH = "month"


class Origin(str, Enum):
    CURATED = "curated"
    IMPORTED = "imported"


class Part(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Shared strictness of all the types below."""


class Text(Part, frozen=True):
    """A sentence that citizens read. ``en`` is None where only the official Vietnamese exists."""

    vi: str
    en: Optional[str] = None


class Names(Part, frozen=True):
    """What people say when they mean this thing, in everyday words, with marks."""

    vi: tuple[str, ...] = ()
    en: tuple[str, ...] = ()


class Paper(Part, frozen=True):
    """One required item. ``originals`` and ``copies`` count sheets; ``form`` is the form's official number."""

    name: Text
    use: PaperUse = PaperUse.SUBMIT
    originals: int = 0
    copies: int = 0
    form: Optional[str] = None
    note: Optional[Text] = None


class Case(Part, frozen=True):
    """A variant of a procedure with its own list of papers. The first case of a procedure is the ordinary one."""

    id: str
    name: Text
    everyday_names: Names = Names()
    papers: tuple[Paper, ...] = ()


class TimeLimit(Part, frozen=True):
    """``amount`` of ``unit``; both None where the source gives only words, which are then in ``note``."""

    amount: Optional[int] = None
    unit: Optional[TimeUnit] = None
    note: Optional[Text] = None


class Fee(Part, frozen=True):
    """``amount`` in đồng, 0 for free, None where it is set elsewhere (then ``text`` says by whom).

    ``rule`` names the text that sets it; ``valid_from`` and ``valid_to`` are inclusive days.
    """

    text: Text
    amount: Optional[int] = None
    rule: Optional[str] = None
    valid_from: Optional[dt.date] = None
    valid_to: Optional[dt.date] = None

    def is_valid_on(self, day: dt.date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


class Channel(Part, frozen=True):
    """One way of handing in, with its own time limit and fees."""

    kind: ChannelKind
    time_limit: TimeLimit = TimeLimit()
    fees: tuple[Fee, ...] = ()


class Place(Part, frozen=True):
    level: Level
    name: Text


class Procedure(Part, frozen=True):
    """One administrative procedure (thủ tục hành chính).

    ``code`` is the national code ("1.001193"). ``checked`` is the day on which the facts were last compared with
    ``source``. ``variant_group`` joins codes that are the same thing to a citizen (levels, online variants): search
    shows one of them, the commune's first.
    """

    code: str
    title: Text
    field: Text
    levels: tuple[Level, ...]
    source: str
    checked: dt.date
    cases: tuple[Case, ...]
    agency: Optional[Text] = None
    applicants: Optional[Text] = None
    everyday_names: Names = Names()
    service_level: ServiceLevel = ServiceLevel.UNKNOWN
    steps: tuple[Text, ...] = ()
    channels: tuple[Channel, ...] = ()
    places: tuple[Place, ...] = ()
    conditions: tuple[Text, ...] = ()
    result: Optional[Text] = None
    legal_basis: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    variant_group: Optional[str] = None
    origin: Origin = Origin.CURATED

    def case(self, case_id: Optional[str]) -> Case:
        """The case named, or the ordinary one when ``case_id`` is None or unknown."""
        return next((case for case in self.cases if case.id == case_id), self.cases[0])
