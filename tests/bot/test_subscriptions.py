"""What citizens want to be told: kept, ended, refused for good, and following them when they are joined or leave."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path
from typing import Any, AsyncIterator, Optional

import pytest
import sqlalchemy as sa

from actions.services import LinkOutcome, Subscriptions
from bot.app import House, open_house
from bot.audit import SYSTEM
from bot.broadcasts.campaign import DeliveryState
from bot.broadcasts.tables import asked, audience_files, audience_rows, deliveries, opt_outs, residences, subscriptions
from bot.erasing import erase
from bot.house_rules import Rules
from bot.linking import SqlLinks
from bot.records import Citizens, Feedback
from bot.settings import Settings
from bot.storage import Database, migrate
from bot.subscriptions import SqlSubscriptions
from connectors.messages import Address, IncomingMessage
from connectors.telegram_settings import TelegramSettings
from knowledge.calendar import VIETNAM_TIME
from knowledge.wards import Ward

ZALO, TELEGRAM = Address("zalo", "z1"), Address("telegram", "100")
MY_DUC, BINH_DUC = Ward("Xã Mỹ Đức", "xa my duc", "an giang"), Ward("Phường Bình Đức", "phuong binh duc", "")


class World:
    """The desk over a database, with a clock that moves a minute each time it is read."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = dt.datetime(2026, 11, 20, 10, 30, tzinfo=VIETNAM_TIME)
        self.citizens = Citizens(database)
        self.desk = SqlSubscriptions(database, lambda: ("Xã Mỹ Đức, An Giang",), self.clock)
        self.links = SqlLinks(database, "secret", self.citizens.forget, self.clock)

    def clock(self) -> dt.datetime:
        self.now += dt.timedelta(minutes=1)
        return self.now

    async def id_of(self, address: Address) -> str:
        return (await self.citizens.recognise(address)).id

    async def rows(self, table: sa.Table) -> list[Any]:
        return await self.database.run(lambda connection: connection.execute(sa.select(table)).all())

    async def ask(self, address: Address) -> None:
        row = {"citizen_id": await self.id_of(address), "procedure": "1.001193", "at": self.clock()}
        await self.database.run(lambda connection: connection.execute(asked.insert(), row))

    async def deliver(self, address: Address, campaign: int, state: DeliveryState) -> None:
        row = {"campaign": campaign, "channel": address.channel, "person": address.id, "state": state.value}
        row |= {"citizen_id": await self.id_of(address), "language": "vi", "vehicle": "message", "text": "Tin mới"}
        await self.database.run(lambda connection: connection.execute(deliveries.insert(), {**row, "attempts": 0}))

    async def join(self) -> str:
        """Zalo keeps what Telegram brings along."""
        code = await self.links.make(await self.id_of(ZALO))
        assert code is not None
        assert await self.links.redeem(await self.id_of(TELEGRAM), code.text) is LinkOutcome.LINKED
        return await self.id_of(ZALO)

    async def withdraw(self, address: Address) -> None:
        await erase(self.database, address, uuid.uuid4().hex)
        self.citizens.forget([address])


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


async def test_topics_begin_once_and_end_one_by_one(world: World) -> None:
    lan = await world.id_of(ZALO)
    await world.desk.begin(lan, ["land", "health"])
    await world.desk.begin(lan, ["jobs", "land"])
    assert (await world.desk.get(lan)).topics == ("health", "land", "jobs")
    assert await world.desk.end(lan, ["land", "military"]) == ["land"]
    assert await world.desk.end(lan, ["land"]) == []
    assert (await world.desk.get(lan)).topics == ("health", "jobs")
    assert await world.desk.get(await world.id_of(TELEGRAM)) == Subscriptions()


@pytest.mark.parametrize("campaign", [None, 3])
async def test_who_opts_out_gets_nothing_until_they_subscribe_again(world: World, campaign: Optional[int]) -> None:
    lan = await world.id_of(ZALO)
    await world.desk.begin(lan, ["land"])
    assert await world.desk.opt_out(lan, campaign) == ["land"]
    assert await world.desk.opt_out(lan, 9) == []  # the first time is the one that counts
    assert await world.desk.get(lan) == Subscriptions((), True)
    assert [row.campaign for row in await world.rows(opt_outs)] == [campaign]
    await world.desk.begin(lan, ["jobs"])
    assert await world.desk.get(lan) == Subscriptions(("jobs",), False)


async def test_where_they_live_is_what_they_said_last(world: World) -> None:
    lan = await world.id_of(ZALO)
    await world.desk.settle(lan, MY_DUC)
    await world.desk.settle(lan, BINH_DUC)
    assert (await world.desk.get(lan)).ward == "Phường Bình Đức"
    assert [(row.ward_key, row.province_key) for row in await world.rows(residences)] == [("phuong binh duc", "")]
    assert world.desk.wards == ("Xã Mỹ Đức, An Giang",)


async def test_everything_follows_when_channels_are_joined(world: World) -> None:
    zalo, telegram = await world.id_of(ZALO), await world.id_of(TELEGRAM)
    await world.desk.begin(zalo, ["land"])
    await world.desk.begin(telegram, ["land", "jobs"])
    await world.desk.settle(telegram, MY_DUC)
    await world.ask(TELEGRAM)
    await world.deliver(TELEGRAM, 1, DeliveryState.SENT)
    assert await world.join() == zalo
    assert await world.desk.get(zalo) == Subscriptions(("land", "jobs"), False, "Xã Mỹ Đức")
    for table in (subscriptions, residences, asked, deliveries):
        assert {row.citizen_id for row in await world.rows(table)} == {zalo}


async def test_of_two_places_the_owners_counts(world: World) -> None:
    await world.desk.settle(await world.id_of(ZALO), BINH_DUC)
    await world.desk.settle(await world.id_of(TELEGRAM), MY_DUC)
    assert (await world.desk.get(await world.join())).ward == "Phường Bình Đức"


@pytest.mark.parametrize("out", [(ZALO,), (TELEGRAM,), (ZALO, TELEGRAM)])
async def test_an_opt_out_survives_joining_whoever_said_it(world: World, out: tuple[Address, ...]) -> None:
    for address in (ZALO, TELEGRAM):
        await world.desk.begin(await world.id_of(address), ["land"])
    for address in out:
        await world.desk.opt_out(await world.id_of(address))
    assert await world.desk.get(await world.join()) == Subscriptions((), True)


async def test_who_withdraws_leaves_nothing_but_counts(world: World) -> None:
    lan = await world.id_of(ZALO)
    await world.desk.begin(lan, ["land"])
    await world.desk.settle(lan, MY_DUC)
    await world.ask(ZALO)
    for campaign, state in enumerate((DeliveryState.SENT, DeliveryState.WAITING, DeliveryState.UNKNOWN)):
        await world.deliver(ZALO, campaign, state)
    await world.deliver(TELEGRAM, 0, DeliveryState.SENT)
    await world.withdraw(ZALO)
    for table in (subscriptions, opt_outs, residences, asked):
        assert await world.rows(table) == []
    rows = {(row.channel, row.campaign): row for row in await world.rows(deliveries)}
    erased = [rows["zalo", campaign] for campaign in range(3)]
    assert [row.state for row in erased] == ["sent", "failed", "unknown"]
    assert [(row.person, row.text, row.citizen_id) for row in erased] == [
        (f"erased:{row.id}", "", None) for row in erased
    ]
    assert (rows["telegram", 0].person, rows["telegram", 0].text) == (TELEGRAM.id, "Tin mới")


async def test_who_withdraws_is_in_no_file_of_recipients_any_more(world: World) -> None:
    file = {"name": "a.csv", "official_id": 1, "state": "ready", "bytes": 1, "rows_read": 2, "good": 2, "bad": 0}
    file |= {"progress": 100, "columns": "[]", "created_at": world.clock()}
    rows = [
        {"file": 1, "row": number, "channel": one.channel, "person": one.id, "facts": '{"ho_ten":"Lan"}'}
        for number, one in enumerate((ZALO, TELEGRAM, Address("zalo", "z2")))
    ]

    def work(connection: sa.engine.Connection) -> None:
        connection.execute(audience_files.insert(), file)
        connection.execute(audience_rows.insert(), rows)

    await world.database.run(work)
    await world.withdraw(ZALO)
    assert [row.person for row in await world.rows(audience_rows)] == [TELEGRAM.id, "z2"]


async def test_who_withdraws_on_one_channel_keeps_what_they_said_on_the_other(world: World) -> None:
    owner = await world.join()
    await world.desk.begin(owner, ["land"])
    await Feedback(world.database).put(owner, "feedback", "tốt", None)
    await world.deliver(ZALO, 1, DeliveryState.SENT)
    await world.withdraw(TELEGRAM)
    assert (await world.desk.get(owner)).topics == ("land",)
    assert [row.person for row in await world.rows(deliveries)] == [ZALO.id]


async def test_a_ward_that_is_not_served_is_not_kept(messenger_house: House) -> None:
    rules = Rules(wards=("Xã Mỹ Đức, An Giang",))
    await messenger_house.rules.change(SYSTEM, 0, rules)
    assert await say(messenger_house, "tôi ở xã Bình Hòa") == ["residence_elsewhere"]
    assert await say(messenger_house, "tôi ở xã Bình Hòa, đăng ký nhận tin đất đai") == [
        "residence_elsewhere",
        "subscribed",
    ]
    assert await say(messenger_house, "toi o xa my duc") == ["residence_kept"]
    rows = await messenger_house.database.run(lambda c: c.execute(sa.select(residences)).all())
    assert [(row.ward, row.ward_key, row.province_key) for row in rows] == [
        ("Xã Mỹ Đức, An Giang", "xa my duc", "an giang")
    ]


@pytest.fixture
async def messenger_house(model: Path, tmp_path: Path) -> AsyncIterator[House]:
    """A house that has a messenger, over which citizens can be told."""
    url = f"sqlite:///{tmp_path}/house.db"
    migrate(url)
    telegram = TelegramSettings("110000001:nobody-is-asked-for-anything", api_url="http://127.0.0.1:1")
    house = await open_house(Settings(database_url=url, telegram=telegram), model)
    yield house
    await house.close()


async def say(house: House, text: str) -> list[str]:
    message = IncomingMessage(uuid.uuid4().hex, TELEGRAM, text, dt.datetime.now(dt.timezone.utc))
    entries = await house.conversation.handle(message)
    return [entry.reply.custom["utterance"] for entry in entries if entry.reply]


@pytest.mark.parametrize("text", ["bỏ đăng ký nhận tin đất đai", "huy dang ky nhan tin dat dai"])
async def test_who_takes_a_subscription_back_is_not_given_it_once_more(messenger_house: House, text: str) -> None:
    assert await say(messenger_house, "đăng ký nhận tin đất đai") == ["subscribed"]
    assert await say(messenger_house, text) == ["unsubscribed"]
    rows = await messenger_house.database.run(lambda connection: connection.execute(sa.select(subscriptions)).all())
    assert rows == []
