"""A town of invented people in the tables, and what is needed to plan a campaign for them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Iterable, Mapping, Optional

import msgspec
import sqlalchemy as sa

from bot.broadcasts.campaign import CampaignState, Content
from bot.broadcasts.forecasting import Forecaster
from bot.broadcasts.planning import Planner
from bot.broadcasts.reach import QuotaLeft, Reach
from bot.broadcasts.recipients import Recipients
from bot.broadcasts.tables import (
    asked,
    audience_files,
    audience_rows,
    campaigns,
    deliveries,
    opt_outs,
    refused_phones,
    residences,
    subscriptions,
)
from bot.house_rules import Rules
from bot.storage import Database
from bot.tables import addresses, contacts, dossier_states, metadata, watches
from bot.wording.talk import Agency
from connectors.messages import Address
from nlu.vietnamese.folding import fold

NOW = dt.datetime(2026, 11, 20, 3, 0, tzinfo=dt.timezone.utc)  # ten o'clock in Vietnam
AGENCY = Agency({"vi": "UBND phường Thử Nghiệm", "en": "Test ward"}, "1900 000 000", {"vi": "", "en": ""})
CHANNELS = ("zalo", "telegram")
HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Door:
    """An address of somebody, last used so many hours ago."""

    channel: str
    person: str
    hours_ago: Optional[float] = None
    follows: Optional[bool] = None
    refused: Optional[str] = None
    language: str = "vi"

    @property
    def address(self) -> Address:
        return Address(self.channel, self.person)


@dataclass(frozen=True)
class Person:
    """``dossier``: the procedure of an open dossier that they follow."""

    id: str
    doors: tuple[Door, ...]
    topics: tuple[str, ...] = ()
    ward: str = ""
    province: str = "An Giang"
    asked: str = ""
    asked_days_ago: int = 1
    dossier: str = ""
    opted_out: bool = False


@dataclass(frozen=True)
class FileRow:
    channel: Optional[str]
    person: Optional[str]
    facts: Mapping[str, str] = field(default_factory=dict)


def digest(phone: str) -> str:
    return f"digest of {phone}"


async def settle(
    database: Database,
    people: Iterable[Person] = (),
    strangers: Iterable[Door] = (),
    rows: Iterable[FileRow] = (),
    refused: Iterable[str] = (),
) -> None:
    """``strangers`` have never written to us; ``rows`` are those of file 1; ``refused`` are phone numbers."""
    people, rows = list(people), list(rows)
    doors = [(person, door) for person in people for door in person.doors]
    reached = [*(door for _, door in doors), *strangers]
    at = {"at": NOW}
    filled: list[tuple[sa.Table, list[dict[str, Any]]]] = [
        (addresses, [{**_key(door), "citizen_id": person.id, "language": door.language, "created_at": NOW}
                     for person, door in doors]),
        (contacts, [{**_key(door), "follows": door.follows, "refused": door.refused, "last_interaction_at":
                     None if door.hours_ago is None else NOW - door.hours_ago * HOUR} for door in reached]),
        (opt_outs, [{"citizen_id": person.id, **at} for person in people if person.opted_out]),
        (subscriptions, [{"citizen_id": person.id, "topic": topic, "created_at": NOW}
                         for person in people for topic in person.topics]),
        (residences, [{"citizen_id": person.id, "ward": person.ward, "ward_key": fold(person.ward),
                       "province_key": fold(person.province), **at} for person in people if person.ward]),
        (asked, [{"citizen_id": person.id, "procedure": person.asked, "at": NOW - person.asked_days_ago * 24 * HOUR}
                 for person in people if person.asked]),
        (watches, [{"citizen_id": person.id, "dossier": f"H-{person.id}", "told": "3 ", "created_at": NOW,
                    "check_at": NOW} for person in people if person.dossier]),
        (dossier_states, [{"code": f"H-{person.id}", "document": "{}", "fetched_at": NOW, "procedure": person.dossier,
                           "is_open": True} for person in people if person.dossier]),
        (audience_files, [{"id": 1, "name": "mời họp.csv", "official_id": 1, "state": "ready", "bytes": 1,
                           "rows_read": len(rows), "good": len(rows), "bad": 0, "progress": 100, "columns": "[]",
                           "created_at": NOW}] if rows else []),
        (audience_rows, [{"file": 1, "row": number, "channel": row.channel, "person": row.person,
                          "facts": msgspec.json.encode(row.facts).decode()} for number, row in enumerate(rows, 1)]),
        (refused_phones, [{"digest": digest(phone), **at} for phone in refused]),
    ]  # fmt: skip

    def work(connection: sa.engine.Connection) -> None:
        for table, values in filled:
            if values:
                connection.execute(table.insert(), values)

    await database.run(work)


def _key(door: Door) -> dict[str, Any]:
    return {"channel": door.channel, "person": door.person}


def clear(connection: sa.engine.Connection) -> None:
    for table in metadata.tables.values():
        if table.name != "audit":  # which refuses it
            connection.execute(table.delete())


class FixedQuotas:
    async def left(self) -> QuotaLeft:
        return QuotaLeft(package="advanced", articles_today=1, articles_this_month=3, phone_templates_today=500)


class Office:
    """Plans and forecasts with pages of ``at_once``."""

    def __init__(self, database: Database, rules: Rules = Rules(), at_once: int = 2, now: dt.datetime = NOW) -> None:  # noqa: B008
        self.database = database
        self.recipients = Recipients(CHANNELS, digest)
        self.planner = Planner(database, self.recipients, lambda: rules, AGENCY, lambda: now, at_once)
        self.forecaster = Forecaster(
            database, self.recipients, lambda: rules, AGENCY, FixedQuotas(), {"zalo": 40.0, "telegram": 30.0},
            lambda: now, at_once,
        )  # fmt: skip

    async def begin(self, content: Content, state: CampaignState = CampaignState.SENDING, **values: Any) -> int:
        row = {"state": state.value, "version": 1, "content": msgspec.json.encode(content).decode(), "author_id": 1,
               "alarm": False, "origin": "", "created_at": NOW, "changed_at": NOW, **values}  # fmt: skip
        id: int = await self.database.run(
            lambda connection: connection.execute(campaigns.insert(), row).inserted_primary_key[0]
        )
        return id

    async def plan(self, content: Content) -> tuple[list[Any], Reach]:
        """What was planned, and the reach that was stored."""
        campaign = await self.begin(content)
        await self.planner.plan({"campaign": campaign})
        return await self.planned(campaign), await self.reach(campaign, "reach")

    async def forecast(self, content: Content, **values: Any) -> Reach:
        campaign = await self.begin(content, CampaignState.DRAFT, **values)
        await self.forecaster.forecast({"campaign": campaign})
        return await self.reach(campaign, "forecast")

    async def row(self, campaign: int) -> Any:
        query = sa.select(campaigns).where(campaigns.c.id == campaign)
        return await self.database.run(lambda connection: connection.execute(query).one())

    async def reach(self, campaign: int, column: str) -> Reach:
        return msgspec.json.decode(getattr(await self.row(campaign), column), type=Reach)

    async def planned(self, campaign: int) -> list[Any]:
        query = sa.select(deliveries).where(deliveries.c.campaign == campaign).order_by(deliveries.c.id)
        return await self.database.run(lambda connection: connection.execute(query).all())


def people_of(planned: Iterable[Any]) -> list[Optional[str]]:
    return sorted(row.citizen_id or row.person for row in planned)
