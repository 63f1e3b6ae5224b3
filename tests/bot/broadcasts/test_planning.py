"""Planning a campaign: everybody who must be told once, nobody who may not, wherever it is interrupted."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import signal
import sys
from typing import Any, Optional

import pytest
import sqlalchemy as sa

from bot.broadcasts.campaign import Audience, CampaignState, Content, DeliveryState, Vehicle
from bot.broadcasts.delivery import Delivery, Detour
from bot.broadcasts.reach import Reach
from bot.broadcasts.reasons import Reason
from bot.broadcasts.tables import campaigns, deliveries
from bot.house_rules import Rules, Template
from bot.storage import Database, migrate
from bot.tables import addresses
from connectors.messages import Address
from tests.bot.broadcasts.town import NOW, Door, FileRow, Office, Person, people_of, settle

RULES = Rules(templates=(Template(id="77", title="Mời họp", names=("ten",), price_user=140, price_phone=200),))
PLAIN = Content(title="Họp tổ dân phố", body={"vi": "Mời ông/bà đến họp.", "en": "Please come."})
ARTICLE = Content(title="Họp tổ dân phố", body={"vi": "Mời ông/bà đến họp."}, article=True)
WEEK = 7 * 24


def people(count: int) -> list[Person]:
    """Every second one on both channels."""
    return [
        Person(
            f"c{number:03}",
            (Door("telegram", f"91{number:03}", 3), Door("zalo", f"80{number:03}", 1 + number % 2 * 9, follows=True)),
        )
        for number in range(count)
    ]


async def test_a_delivery_is_frozen_for_each_citizen_where_they_were_last_seen(database: Database) -> None:
    await settle(database, people(5))
    planned, reach = await Office(database).plan(PLAIN)
    assert [(row.citizen_id, row.channel, row.person) for row in planned] == [
        ("c000", "zalo", "80000"),
        ("c001", "telegram", "91001"),
        ("c002", "zalo", "80002"),
        ("c003", "telegram", "91003"),
        ("c004", "zalo", "80004"),
    ]
    assert {(row.state, row.vehicle, row.attempts, row.claimed_by) for row in planned} == {
        (DeliveryState.WAITING.value, Vehicle.MESSAGE.value, 0, None)
    }
    assert "Mời ông/bà đến họp." in planned[0].text
    assert reach == Reach(reached={"zalo": {Vehicle.MESSAGE: 3}, "telegram": {Vehicle.MESSAGE: 2}})


async def test_an_article_is_one_delivery_and_the_others_get_their_own(database: Database) -> None:
    await settle(
        database,
        [*people(3), Person("em", (Door("telegram", "91900", 2, language="en"),))],
        [Door("zalo", "8900", follows=True), Door("zalo", "8901", follows=True)],
    )
    planned, reach = await Office(database).plan(ARTICLE)
    assert [(row.person, row.vehicle, row.citizen_id) for row in planned] == [
        ("followers:", "article", None),
        ("91900", "message", "em"),
    ]
    assert reach.reached == {"zalo": {Vehicle.ARTICLE: 5}, "telegram": {Vehicle.MESSAGE: 1}}


async def test_rows_of_a_file_get_their_own_text_and_the_blank_ones_nothing(database: Database) -> None:
    rows = [
        FileRow("telegram", "91001", {"ten": "An"}),
        FileRow("phone", "84900000001", {"ten": "Bình"}),
        FileRow("zalo", "8001", {"ten": " "}),
    ]
    await settle(database, people(2), rows=rows)
    content = Content(
        title="Họp",
        body={"vi": "Mời {ten}."},
        template="77",
        template_facts={"ten": "{ten}"},
        audience=Audience(file=1),
    )
    planned, reach = await Office(database, RULES).plan(content)
    assert [(row.person, row.vehicle) for row in planned] == [("91001", "message"), ("phone:84900000001", "phone")]
    assert "Mời An." in planned[0].text
    assert planned[1].text == '{"ten":"Bình"}'
    assert (reach.unreachable, reach.cost) == ({Reason.MISSING_VALUE: 1}, 200)


@pytest.mark.parametrize("state", [state for state in CampaignState if state is not CampaignState.SENDING])
async def test_only_what_is_being_sent_is_planned(database: Database, state: CampaignState) -> None:
    await settle(database, people(2))
    office = Office(database)
    campaign = await office.begin(PLAIN, state)
    await office.planner.plan({"campaign": campaign})
    assert await office.planned(campaign) == []
    assert (await office.row(campaign)).planned_at is None


async def test_planning_stops_when_the_campaign_is_paused_and_goes_on_when_it_is_resumed(database: Database) -> None:
    await settle(database, people(9))
    office = Office(database)
    campaign = await office.begin(PLAIN)
    read, pages = office.recipients.read, itertools.count(1)

    def read_and_pause(connection: sa.engine.Connection, *given: Any) -> Any:
        if next(pages) == 2:
            connection.execute(campaigns.update().values(state=CampaignState.PAUSED.value))
        return read(connection, *given)

    office.recipients.read = read_and_pause  # type: ignore[method-assign]
    await office.planner.plan({"campaign": campaign})
    assert len(await office.planned(campaign)) == 4
    assert (await office.row(campaign)).planned_at is None
    resume = campaigns.update().values(state=CampaignState.SENDING.value)
    await database.run(lambda connection: connection.execute(resume))
    await office.planner.plan({"campaign": campaign})
    assert len(await office.planned(campaign)) == 9
    assert (await office.row(campaign)).planned_at is not None


async def test_planning_again_changes_nothing(database: Database) -> None:
    await settle(database, people(3))
    office = Office(database)
    campaign = await office.begin(PLAIN)
    await office.planner.plan({"campaign": campaign})
    before = await office.planned(campaign), await office.row(campaign)
    await office.planner.plan({"campaign": campaign})
    assert (await office.planned(campaign), await office.row(campaign)) == before


async def test_two_planners_of_one_campaign_share_the_work(postgresql_url: str, empty_postgresql_url: str) -> None:
    migrate(postgresql_url)
    databases = [Database(postgresql_url), Database(postgresql_url)]
    await settle(databases[0], people(60))
    offices = [Office(database) for database in databases]
    campaign = await offices[0].begin(PLAIN)
    await asyncio.gather(*(office.planner.plan({"campaign": campaign}) for office in offices))
    assert people_of(await offices[0].planned(campaign)) == [f"c{number:03}" for number in range(60)]
    assert (await offices[0].reach(campaign, "reach")).people == 60
    for database in databases:
        await database.close()


async def test_who_joined_their_channels_meanwhile_is_told_once(database: Database) -> None:
    await settle(
        database, [Person("a", (Door("telegram", "91001", 5),)), Person("b", (Door("zalo", "8001", 1, follows=True),))]
    )
    office = Office(database, at_once=1)
    campaign = await office.begin(PLAIN)
    read, pages = office.recipients.read, itertools.count(1)

    def read_and_join(connection: sa.engine.Connection, *given: Any) -> Any:
        if next(pages) == 2:
            connection.execute(addresses.update().values(citizen_id="b"))
            connection.execute(deliveries.update().values(citizen_id="b"))
        return read(connection, *given)

    office.recipients.read = read_and_join  # type: ignore[method-assign]
    await office.planner.plan({"campaign": campaign})
    assert people_of(await office.planned(campaign)) == ["b"]


async def test_a_follower_who_writes_for_the_first_time_meanwhile_is_not_missed(database: Database) -> None:
    people = [Person(name, (Door("zalo", f"80{name}", 1, follows=True),)) for name in ("b", "c")]
    await settle(database, people, strangers=[Door("zalo", "80a", 1, follows=True)])
    office = Office(database, at_once=1)
    campaign = await office.begin(PLAIN, started_at=NOW)
    read, pages = office.recipients.read, itertools.count(1)
    new = {"channel": "zalo", "person": "80a", "citizen_id": "a", "language": "vi"}

    def read_and_write(connection: sa.engine.Connection, *given: Any) -> Any:
        if next(pages) == 2:  # the page on which they would have stood was read before
            connection.execute(addresses.insert(), {**new, "created_at": NOW + dt.timedelta(seconds=1)})
        return read(connection, *given)

    office.recipients.read = read_and_write  # type: ignore[method-assign]
    await office.planner.plan({"campaign": campaign})
    assert people_of(await office.planned(campaign)) == ["a", "b", "c"]


class Killed(Exception):
    """The process ends at this very moment."""


def kill_at(database: Database, statement: int) -> None:
    count = itertools.count(1)

    def watch(*_: Any) -> None:
        if next(count) == statement:
            raise Killed

    sa.event.listen(database._engine, "before_cursor_execute", watch)


async def test_killed_at_any_statement_and_begun_again_it_plans_the_same(database_url: str) -> None:
    database = Database(database_url)
    rows = [FileRow("phone", f"8490000000{number}") for number in range(3)]
    await settle(database, people(5), [Door("zalo", "8900", follows=True)], rows=rows)
    expected, reach = await Office(database).plan(PLAIN)
    office = Office(database)
    for statement in range(1, 1000):
        campaign = await office.begin(PLAIN)
        doomed = Database(database_url)
        kill_at(doomed, statement)
        try:
            await Office(doomed).planner.plan({"campaign": campaign})
            killed = False
        except Killed:
            killed = True
        await doomed.close()
        await office.planner.plan({"campaign": campaign})
        planned = await office.planned(campaign)
        assert [row.person for row in planned] == [row.person for row in expected]
        assert await office.reach(campaign, "reach") == reach
        if not killed:
            break
    assert statement > 15
    await database.close()


def refused(citizen: str, campaign: int) -> Delivery:
    return Delivery(1, campaign, Address("zalo", "80000"), citizen, "vi", Vehicle.MESSAGE, "", 0, "w")


async def test_a_refused_delivery_makes_a_detour_to_the_next_address(database: Database) -> None:
    await settle(database, [*people(1), Person("c001", (Door("zalo", "8900", 1, follows=True),), opted_out=True)])
    office = Office(database)
    campaign = await office.begin(PLAIN)
    await office.planner.plan({"campaign": campaign})

    async def detour(delivery: Delivery) -> Optional[Detour]:
        return await database.run(lambda connection: office.planner.detour(connection, delivery))

    found = await detour(refused("c000", campaign))
    assert found is not None
    assert (found.address, found.language, found.vehicle) == (Address("telegram", "91000"), "vi", Vehicle.MESSAGE)
    assert "Mời ông/bà đến họp." in found.text
    assert await detour(refused("c001", campaign)) is None  # does not want any
    assert await detour(refused("nobody", campaign)) is None
    other = deliveries.insert().values(
        campaign=campaign, channel="telegram", person="91000", citizen_id="c000", language="vi", vehicle="message",
        text="", state="failed", attempts=1,
    )  # fmt: skip
    await database.run(lambda connection: connection.execute(other))
    assert await detour(refused("c000", campaign)) is None  # nothing is left


async def test_killed_process_leaves_whole_pages_and_another_one_goes_on(database_url: str) -> None:
    database = Database(database_url)
    await settle(database, people(9))
    office = Office(database)
    campaign = await office.begin(PLAIN)
    await database.close()
    command = ["-m", "tests.bot.broadcasts.planning_to_death", database_url, str(campaign), "11"]
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stderr=asyncio.subprocess.DEVNULL)
    assert await process.wait() == -signal.SIGKILL
    office = Office(database := Database(database_url))
    left = await office.planned(campaign)
    assert 0 < len(left) < 9
    assert len(left) == (await office.reach(campaign, "reach")).people
    await office.planner.plan({"campaign": campaign})
    assert people_of(await office.planned(campaign)) == [f"c{number:03}" for number in range(9)]
    assert (await office.reach(campaign, "reach")).people == 9
    await database.close()
