"""Makes the deliveries of a campaign, page by page: one for each citizen, its text frozen.

A page and how far it goes are one transaction, so that planning can be killed anywhere and goes on where it was.
"""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import replace
from typing import Any, Callable, Mapping, Optional

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.broadcasts.campaign import CampaignState, Content, DeliveryState, Vehicle
from bot.broadcasts.delivery import Delivery, Detour
from bot.broadcasts.reach import Reach, Tally
from bot.broadcasts.recipients import Recipient, Recipients
from bot.broadcasts.tables import campaigns, deliveries
from bot.broadcasts.vehicles import Choice, Vehicles
from bot.house_rules import Rules
from bot.jobs.protocol import Facts
from bot.records import now, with_zone
from bot.storage import Database
from bot.wording.speaker import SOURCE_LANGUAGE
from bot.wording.talk import Agency
from connectors.messages import Address

AT_ONCE = 500  # citizens or rows: some ten milliseconds, between which the works of conversations have their turn

_IS_IT = campaigns.c.id == sa.bindparam("campaign")
_CONTENT = sa.select(campaigns.c.content).where(_IS_IT)
# On PostgreSQL a second planner of the same campaign waits here, and then goes on where the first one came to.
_CAMPAIGN = sa.select(campaigns).where(_IS_IT).with_for_update()
_OF_IT = deliveries.c.campaign == sa.bindparam("campaign")
_TOLD = sa.select(deliveries.c.citizen_id, deliveries.c.channel, deliveries.c.person).where(
    _OF_IT, deliveries.c.citizen_id.in_(sa.bindparam("citizens", expanding=True))
)
_GIVEN = ("campaign", "channel", "person", "citizen_id", "language", "vehicle", "text")
_NEW: Mapping[str, Any] = {
    **{name: sa.bindparam(name) for name in _GIVEN},
    "state": sa.literal_column(f"'{DeliveryState.WAITING.value}'"),
    "attempts": sa.literal_column("0"),
}
_ADD: Mapping[str, Any] = {
    "sqlite": sqlite.insert(deliveries).values(_NEW).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(deliveries).values(_NEW).on_conflict_do_nothing(),
}


class Planner:
    def __init__(
        self,
        database: Database,
        recipients: Recipients,
        rules: Callable[[], Rules],
        agency: Agency,
        clock: Callable[[], dt.datetime] = now,
        at_once: int = AT_ONCE,
    ) -> None:
        self._database, self._recipients, self._at_once = database, recipients, at_once
        self._rules, self._agency, self._clock = rules, agency, clock

    async def plan(self, facts: Facts) -> None:
        """A job; ``facts``: {"campaign": id}. Ends when the campaign is planned, and when it is not being sent."""
        while await self._database.run(functools.partial(self._plan_page, campaign=facts["campaign"])):
            pass

    def detour(self, connection: sa.engine.Connection, delivery: Delivery) -> Optional[Detour]:
        """bot.broadcasts.delivery.Fallback"""
        if delivery.citizen_id is None:
            return None
        content, at = _content(connection.execute(_CONTENT, {"campaign": delivery.campaign}).scalar()), self._now()
        recipient = self._recipients.of_citizen(connection, content.audience, delivery.citizen_id, at)
        if recipient is None:
            return None
        key = {"campaign": delivery.campaign, "citizens": [delivery.citizen_id]}
        tried = {Address(row.channel, row.person) for row in connection.execute(_TOLD, key)}
        left = tuple(one for one in recipient.addresses if one.address not in tried)
        chosen = self._vehicles(content).choose(replace(recipient, addresses=left), at)
        if not isinstance(chosen, Choice):
            return None
        return Detour(chosen.address, recipient.language, chosen.vehicle, chosen.text)

    def _plan_page(self, connection: sa.engine.Connection, campaign: int) -> bool:
        """Whether there is more to plan."""
        row = connection.execute(_CAMPAIGN, {"campaign": campaign}).first()
        if row is None or row.state != CampaignState.SENDING.value or row.planned_at is not None:
            return False
        content, at = _content(row.content), self._now()
        began = with_zone(row.started_at) if row.started_at else at
        page = self._recipients.read(connection, content.audience, row.planned_until or "", self._at_once, at, began)
        told = _told(connection, campaign, page.recipients)
        vehicles = self._vehicles(content)
        tally = Tally(msgspec.json.decode(row.reach, type=Reach) if row.reach else Reach())
        tally.leave_out(page.left_out)
        rows: dict[Address, dict[str, Any]] = {}
        for recipient in page.recipients:
            if recipient.citizen_id not in told:
                chosen = vehicles.choose(recipient, at)
                tally.add(chosen)
                if isinstance(chosen, Choice):
                    rows[chosen.address] = _row(campaign, recipient, chosen)
        if rows:
            connection.execute(_ADD[connection.dialect.name], list(rows.values()))
        is_last = page.after is None
        values = {"planned_until": page.after, "planned_at": at if is_last else None}
        values["reach"] = msgspec.json.encode(tally.reach()).decode()
        connection.execute(campaigns.update().where(campaigns.c.id == campaign).values(values))
        return not is_last

    def _vehicles(self, content: Content) -> Vehicles:
        return Vehicles(content, self._rules(), self._agency)

    def _now(self) -> dt.datetime:
        return self._clock().astimezone(dt.timezone.utc)  # SQLite compares moments without their zones


def _content(document: str) -> Content:
    return msgspec.json.decode(document, type=Content)


def _told(connection: sa.engine.Connection, campaign: int, recipients: tuple[Recipient, ...]) -> frozenset[str]:
    """Who has a delivery already, because their channels were joined since the other one was read."""
    citizens = [one.citizen_id for one in recipients if one.citizen_id is not None]
    rows = connection.execute(_TOLD, {"campaign": campaign, "citizens": citizens})
    return frozenset(row.citizen_id for row in rows)


def _row(campaign: int, recipient: Recipient, chosen: Choice) -> dict[str, Any]:
    is_article = chosen.vehicle is Vehicle.ARTICLE  # one for all followers
    return {
        "campaign": campaign,
        "channel": chosen.address.channel,
        "person": chosen.address.id,
        "citizen_id": None if is_article else recipient.citizen_id,
        "language": SOURCE_LANGUAGE if is_article else recipient.language,
        "vehicle": chosen.vehicle.value,
        "text": chosen.text,
    }
