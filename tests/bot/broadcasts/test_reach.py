"""What a campaign will take: people, money, time."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.broadcasts.campaign import Audience, Content, Vehicle
from bot.broadcasts.quiet import quiet_until
from bot.broadcasts.reach import Reach, finishing, seconds_of
from bot.broadcasts.reasons import Reason
from bot.broadcasts.tables import campaigns
from bot.house_rules import Rules, Template
from bot.storage import Database
from knowledge.calendar import VIETNAM_TIME
from tests.bot.broadcasts.town import NOW, Door, FileRow, FixedQuotas, Office, Person, settle

RULES = Rules(templates=(Template(id="77", title="Mời họp", names=("ten",), price_user=140, price_phone=200),))
PACE = {"zalo": 40.0, "telegram": 30.0}


def here(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=VIETNAM_TIME)


def many(count: int, channel: str = "zalo") -> Reach:
    return Reach(reached={channel: {Vehicle.MESSAGE: count}})


def test_channels_send_side_by_side_and_an_article_is_one_message() -> None:
    reach = Reach(reached={"zalo": {Vehicle.MESSAGE: 400, Vehicle.ARTICLE: 90_000}, "telegram": {Vehicle.MESSAGE: 600}})
    assert reach.people == 91_000
    assert reach.messages == {"zalo": 401, "telegram": 600}
    assert seconds_of(reach, PACE) == 20
    assert seconds_of(Reach(), PACE) == 0


@pytest.mark.parametrize(
    ("begin", "seconds", "end"),
    [
        (here(20, 10), 3600, here(20, 11)),
        (here(20, 20), 3600, here(20, 21)),  # just in time
        (here(20, 20), 3601, here(21, 7, 0) + dt.timedelta(seconds=1)),
        (here(20, 22), 60, here(21, 7, 1)),
        (here(20, 3), 60, here(20, 7, 1)),
        (here(20, 7), 14 * 3600 * 2 + 60, here(22, 7, 1)),
    ],
)
def test_sending_rests_in_the_quiet_hours(begin: dt.datetime, seconds: int, end: dt.datetime) -> None:
    assert finishing(many(1), seconds, begin, Rules(), alarm=False) == end


def test_an_alarm_does_not_rest_but_zalo_takes_no_article_in_the_night() -> None:
    assert finishing(many(1), 60, here(20, 23), Rules(), alarm=True) == here(20, 23, 1)
    article = Reach(reached={"zalo": {Vehicle.ARTICLE: 5_000}})
    assert finishing(article, 0, here(20, 23), Rules(), alarm=True) == here(21, 6)


def test_equal_times_mean_no_quiet_hours() -> None:
    none = Rules(quiet_from=dt.time(9), quiet_until=dt.time(9))
    assert finishing(many(1), 48 * 3600, here(20, 8), none, alarm=False) == here(22, 8)


@given(
    begin=st.integers(0, 48 * 60),
    minutes=st.integers(0, 72 * 60),
    quiet_from=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    quiet_minutes=st.integers(1, 23 * 60),
)
def test_just_the_needed_minutes_lie_outside_of_the_quiet_hours(
    begin: int, minutes: int, quiet_from: dt.time, quiet_minutes: int
) -> None:
    start = here(20, 0) + dt.timedelta(minutes=begin)
    until = (dt.datetime.combine(dt.date(2026, 1, 1), quiet_from) + dt.timedelta(minutes=quiet_minutes)).time()
    rules = Rules(quiet_from=quiet_from, quiet_until=until)
    end = finishing(many(1), minutes * 60, start, rules, alarm=False)
    passed = round((end - start).total_seconds() / 60)
    awake = sum(quiet_until(rules, start + dt.timedelta(minutes=minute)) is None for minute in range(passed))
    assert awake == minutes


CONTENT = Content(
    title="Họp tổ dân phố", body={"vi": "Mời ông/bà đến họp."}, template="77", template_facts={"ten": "Quý vị"}
)


async def test_forecast_says_who_is_reached_how_at_what_cost_and_until_when(database: Database) -> None:
    people = [
        Person("an", (Door("zalo", "8001", 5, follows=True),)),
        Person("binh", (Door("zalo", "8002", 60, follows=True),)),
        Person("chi", (Door("zalo", "8003", 900, follows=True),)),
        Person("dung", (Door("telegram", "91004", 900),)),
        Person("em", (Door("telegram", "91005", 900),), opted_out=True),
    ]
    await settle(database, people)
    evening = here(20, 20, 59).astimezone(dt.timezone.utc)
    reach = await Office(database, RULES, now=evening - dt.timedelta(hours=10)).forecast(CONTENT, send_at=evening)
    assert reach == Reach(
        reached={"zalo": {Vehicle.MESSAGE: 2, Vehicle.TEMPLATE: 1}, "telegram": {Vehicle.MESSAGE: 1}},
        unreachable={Reason.OPTED_OUT: 1},
        cost=140,
        charged=1,
        quota=await FixedQuotas().left(),
        seconds=0,
        finishes_at=evening,
    )
    assert (reach.people, reach.opted_out) == (4, 1)


async def test_forecast_of_a_file_counts_phones(database: Database) -> None:
    await settle(
        database, rows=[FileRow("phone", "84900000001"), FileRow("phone", "84900000002")], refused=["84900000001"]
    )
    content = Content(
        title="Họp", body={"vi": "Mời họp."}, template="77", template_facts={"ten": "Quý vị"}, audience=Audience(file=1)
    )
    reach = await Office(database, RULES).forecast(content)
    assert (reach.reached, reach.unreachable) == ({"zalo": {Vehicle.PHONE: 1}}, {Reason.OPTED_OUT: 1})
    assert reach.cost == 200


async def test_forecast_of_an_article_tells_how_many_read_it_who_refused_notices(database: Database) -> None:
    people = [
        Person(str(number), (Door("zalo", f"80{number}", 900, follows=True),), opted_out=number < 2)
        for number in range(5)
    ]
    await settle(database, people, [Door("zalo", "8100", follows=True)])
    content = Content(title="Họp", body={"vi": "Mời họp."}, article=True)
    reach = await Office(database).forecast(content)
    assert reach.reached == {"zalo": {Vehicle.ARTICLE: 4}}
    assert (reach.opted_out, reach.opted_out_followers) == (2, 2)


async def test_forecast_of_what_was_changed_meanwhile_is_counted_anew(database: Database) -> None:
    office = Office(database)
    await settle(
        database, [Person("an", (Door("telegram", "91001", 5),)), Person("b", (Door("zalo", "8001", 5, follows=True),))]
    )
    everybody = Content(title="Họp", body={"vi": "Mời họp."})
    campaign = await office.begin(everybody)
    narrowed = b'{"title":"H","body":{"vi":"M"},"audience":{"channels":["zalo"]}}'.decode()
    change = campaigns.update().values(content=narrowed, version=2)
    read, changes = office.recipients.read, iter([True])

    def read_and_change(connection, *given):  # type: ignore[no-untyped-def]
        if next(changes, False):
            connection.execute(change)
        return read(connection, *given)

    office.recipients.read = read_and_change  # type: ignore[method-assign]
    await office.forecaster.forecast({"campaign": campaign})
    assert (await office.reach(campaign, "forecast")).reached == {"zalo": {Vehicle.MESSAGE: 1}}
    row = await office.row(campaign)
    assert (row.version, row.forecast_at.replace(tzinfo=None)) == (2, NOW.replace(tzinfo=None))


async def test_forecast_of_a_campaign_that_is_gone_is_nothing(database: Database) -> None:
    await Office(database).forecaster.forecast({"campaign": 7})
