"""What the night forgets, and what it keeps."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from bot import cleaning
from bot.broadcasts.tables import asked, campaigns, deliveries, early_receipts
from bot.cleaning import Cleaning
from bot.console.tables import invitations, sessions
from bot.storage import Database

NOW = dt.datetime(2026, 11, 22, 19, 30, tzinfo=dt.timezone.utc)


def ago(**long: float) -> dt.datetime:
    return NOW - dt.timedelta(**long)


def campaign(id: int, state: str, changed_at: dt.datetime) -> dict[str, Any]:
    fixed = {"version": 1, "content": "{}", "author_id": 1, "alarm": False, "origin": "", "created_at": changed_at}
    reach = '{"reached":{"zalo":{"phone":1}}}'
    return {"id": id, "state": state, "changed_at": changed_at, "reach": reach, **fixed}


def delivery(id: int, campaign: int, vehicle: str, person: str) -> dict[str, Any]:
    fixed = {"channel": "zalo", "language": "vi", "text": "Kính mời…", "state": "sent", "attempts": 1}
    return {"id": id, "campaign": campaign, "vehicle": vehicle, "person": person, **fixed}


async def test_what_is_no_longer_needed_goes_and_the_rest_stays(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleaning, "AT_ONCE", 1)

    def fill(connection: sa.engine.Connection) -> None:
        connection.execute(
            asked.insert(),
            [
                {"citizen_id": citizen, "procedure": "1.001193", "at": at}
                for citizen, at in (("old", ago(days=401)), ("older", ago(days=900)), ("new", ago(days=399)))
            ],
        )
        receipts = [
            {"channel": "zalo", "message_id": id, "seen": False, "at": at}
            for id, at in (("old", ago(days=2)), ("new", ago(hours=1)))
        ]
        connection.execute(early_receipts.insert(), receipts)
        connection.execute(
            invitations.insert(),
            [
                {"digest": digest, "official_id": 1, "expires_at": at}
                for digest, at in (("over", ago(minutes=1)), ("open", ago(minutes=-1)))
            ],
        )
        connection.execute(
            sessions.insert(),
            [
                {"digest": digest, "official_id": 1, "created_at": at, "seen_at": at, "about": ""}
                for digest, at in (("over", ago(days=2)), ("open", ago(hours=1)))
            ],
        )
        over, recent = campaign(1, "finished", ago(days=31)), campaign(2, "finished", ago(days=29))
        connection.execute(campaigns.insert(), [over, recent, campaign(3, "paused", ago(days=90))])
        connection.execute(
            deliveries.insert(),
            [
                delivery(1, 1, "phone", "phone:84900000001"),
                delivery(2, 1, "phone", "phone:84900000002"),
                delivery(3, 1, "message", "8123450000000000001"),
                delivery(4, 2, "phone", "phone:84900000001"),
                delivery(5, 3, "phone", "phone:84900000001"),
            ],
        )

    await database.run(fill)
    for _ in range(2):  # a second night finds nothing to do
        await Cleaning(database, lambda: NOW).clean({})

    def left(connection: sa.engine.Connection) -> list[list[Any]]:
        columns = (asked.c.citizen_id, early_receipts.c.message_id, invitations.c.digest, sessions.c.digest)
        return [connection.execute(sa.select(column)).scalars().all() for column in columns]

    assert await database.run(left) == [["new"], ["new"], ["open"], ["open"]]
    query = sa.select(deliveries.c.person, deliveries.c.text).order_by(deliveries.c.id)
    rows = await database.run(lambda connection: connection.execute(query).all())
    assert [tuple(row) for row in rows] == [
        ("erased:1", ""),
        ("erased:2", ""),
        ("8123450000000000001", "Kính mời…"),
        ("phone:84900000001", "Kính mời…"),
        ("phone:84900000001", "Kính mời…"),
    ]
