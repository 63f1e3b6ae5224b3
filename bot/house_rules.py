"""What the agency decides while the server runs: greeting, hours, holidays, hotline, banner, stops, templates."""

from __future__ import annotations

import datetime as dt
from typing import Mapping

import msgspec


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Shared strictness of what is kept as JSON."""


class Template(Part, frozen=True):
    """A Zalo template that was approved. ``names`` are what it is filled with; prices in đồng a message."""

    id: str
    title: str
    names: tuple[str, ...]
    price_user: int = 0
    price_phone: int = 0


class Rules(Part, frozen=True):
    """Empty texts leave what the environment's settings say. Texts by language ("vi", "en").

    ``banner`` is said before every first answer of a conversation day and shown on the web chat's page.
    ``assistant_stopped``: every message is answered with one sentence and the hotline. ``broadcasts_stopped``: nothing
    of any campaign goes out. ``wards``: names that citizens can choose from, "Phường Long Xuyên, An Giang"; empty: as
    they write it. Quiet hours are Vietnam's time, from and until.
    """

    greeting: Mapping[str, str] = msgspec.field(default_factory=dict)
    hours: Mapping[str, str] = msgspec.field(default_factory=dict)
    hotline: str = ""
    banner: Mapping[str, str] = msgspec.field(default_factory=dict)
    holidays: Mapping[dt.date, str] = msgspec.field(default_factory=dict)
    assistant_stopped: bool = False
    broadcasts_stopped: bool = False
    wards: tuple[str, ...] = ()
    quiet_from: dt.time = dt.time(21)
    quiet_until: dt.time = dt.time(7)
    templates: tuple[Template, ...] = ()
