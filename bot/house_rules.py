"""What the agency decides while the server runs: greeting, hours, holidays, hotline, banner, stops, templates."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from typing import Any, Callable, Mapping, Optional

import msgspec
import sqlalchemy as sa

from bot.audit import Actor, Audit
from bot.console.tables import house_rules
from bot.records import now
from bot.storage import Database, DatabaseUnusable

SECONDS_BETWEEN_READS = 1.0
_ONLY = 1  # the id of the only row
_READ = sa.select(house_rules.c.version, house_rules.c.document).where(house_rules.c.id == _ONLY)
# Whoever is late changes nothing, be it the first change of all or a later one; both databases read it alike.
_FIRST = sa.text(
    "INSERT INTO house_rules (id, version, document, changed_at) VALUES (1, :next, :document, :changed_at) "
    "ON CONFLICT (id) DO NOTHING"
).bindparams(sa.bindparam("changed_at", type_=house_rules.c.changed_at.type))
_CHANGE = house_rules.update().where(house_rules.c.id == _ONLY, house_rules.c.version == sa.bindparam("seen"))
logger = logging.getLogger(__name__)


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


class ChangedMeanwhile(Exception):
    """Somebody else changed the rules since they were shown: show them again."""


class HouseRules:
    """The rules of the moment. ``run`` keeps them fresh, for other processes change them too."""

    def __init__(self, database: Database, audit: Audit, clock: Callable[[], dt.datetime] = now) -> None:
        self._database, self._audit, self._clock = database, audit, clock
        self._rules, self._version = Rules(), 0
        self._trouble: Optional[str] = None

    @property
    def rules(self) -> Rules:
        return self._rules

    @property
    def version(self) -> int:
        """0 until somebody has changed anything."""
        return self._version

    async def read(self) -> None:
        """Raises DatabaseUnusable for rules that this version of the program does not know."""
        row = await self._database.run(lambda connection: connection.execute(_READ).first())
        if row is None or row.version == self._version:
            return
        try:
            self._rules, self._version = msgspec.json.decode(row.document, type=Rules), row.version
        except msgspec.ValidationError as error:
            raise DatabaseUnusable(f"the house rules cannot be read: {error}") from error

    async def change(self, by: Actor, version: int, rules: Rules) -> None:
        """``version`` is the one that was shown. Raises ChangedMeanwhile when it is no longer the present one."""
        await self._database.run(lambda connection: self._change(connection, by, version, rules))
        await self.read()

    async def run(self) -> None:
        """Until it is cancelled. A failure is logged once, and the rules stay what they were."""
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_READS)
            try:
                await self.read()
                self._trouble = None
            except Exception as error:
                trouble = type(error).__name__
                if trouble != self._trouble:
                    logger.error("the house rules cannot be read, they stay what they were: %s", trouble)
                self._trouble = trouble

    def _change(self, connection: sa.engine.Connection, by: Actor, version: int, rules: Rules) -> None:
        before = connection.execute(_READ).first()
        values: dict[str, Any] = {
            "version": version + 1,
            "document": msgspec.json.encode(rules).decode(),
            "changed_at": self._clock().astimezone(dt.timezone.utc),
        }
        if version:
            changed = connection.execute(_CHANGE.values(**values), {"seen": version})
        else:
            changed = connection.execute(_FIRST, {**values, "next": values["version"]})
        if not changed.rowcount:
            raise ChangedMeanwhile
        old = msgspec.json.decode(before.document, type=Rules) if before else Rules()
        names = [name for name in Rules.__struct_fields__ if getattr(old, name) != getattr(rules, name)]
        self._audit.record(connection, by, "rules.change", "rules", {"version": version + 1, "changed": names})
