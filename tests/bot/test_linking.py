"""One citizen on several channels: a code is good once and for ten minutes, and everything follows."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Optional

import pytest
import sqlalchemy as sa

from actions.services import LinkOutcome
from bot import contacts, tables
from bot.linking import ALPHABET, SqlLinks
from bot.notices import Notices
from bot.outbox import Outbox
from bot.records import Citizens, Conversations, Feedback
from bot.storage import Database
from connectors.messages import Address, Reply
from knowledge.calendar import VIETNAM_TIME
from nlu.assistant import Utterance
from tests.bot.paper_channel import PaperChannel

ZALO, TELEGRAM, GROUP = Address("zalo", "z1"), Address("telegram", "100"), Address("telegram", "-200/100")


class World:
    """The desk over a database, with a clock that can be moved."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = dt.datetime(2026, 11, 20, 10, 30, tzinfo=VIETNAM_TIME)
        self.citizens = Citizens(database)
        self.links = SqlLinks(database, "secret", self.citizens.forget, lambda: self.now)

    def open_a_way_out(self) -> None:
        channels = {"zalo": PaperChannel(), "telegram": PaperChannel()}
        outbox = Outbox(self.database, channels, _nobody_is_paged, _nothing_is_over, lambda _: None)
        self.links.tell = Notices(outbox, tuple(channels), lambda said, _: Reply(said.name), lambda: self.now).enqueue

    async def writes(self, address: Address) -> None:
        """Just now, over a messenger."""
        await self.id_of(address)
        await self.database.run(lambda connection: contacts.interacted(connection, address, self.now))

    async def sent(self) -> list[tuple[str, str]]:
        return [(row.person, row.body) for row in await self.rows(tables.outbox)]

    async def id_of(self, address: Address) -> str:
        return (await self.citizens.recognise(address)).id

    async def code(self, address: Address) -> str:
        made = await self.links.make(await self.id_of(address))
        assert made is not None
        return made.text

    async def redeem(self, address: Address, code: str) -> LinkOutcome:
        return await self.links.redeem(await self.id_of(address), code)

    async def rows(self, table: sa.Table) -> list[Any]:
        return await self.database.run(lambda connection: connection.execute(sa.select(table)).all())

    async def watch(self, address: Address, code: str) -> None:
        row = {"citizen_id": await self.id_of(address), "dossier": code, "told": "4  "}
        row |= {"created_at": self.now, "check_at": self.now}
        await self.database.run(lambda connection: connection.execute(tables.watches.insert(), row))


async def _nobody_is_paged(name: str, sentence: str) -> None:
    raise AssertionError(name)


async def _nothing_is_over(name: str) -> None: ...


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


async def test_the_channels_are_one_citizen_at_once_and_speak_one_language(world: World) -> None:
    first = await world.id_of(ZALO)
    world.citizens.speak(ZALO, "en")
    assert await world.id_of(TELEGRAM) != first
    assert await world.redeem(TELEGRAM, await world.code(ZALO)) is LinkOutcome.LINKED
    joined = await world.citizens.recognise(TELEGRAM)
    assert (joined.id, joined.language) == (first, "en")
    assert await world.rows(tables.link_codes) == []


async def test_everything_follows_and_nothing_is_watched_twice(world: World) -> None:
    await world.watch(ZALO, "H57.132-260804-0583")
    await world.watch(TELEGRAM, "H57.132-260804-0583")
    await world.watch(TELEGRAM, "H57.132-260802-0002")
    await Feedback(world.database).put(await world.id_of(TELEGRAM), "feedback", "tốt", None)
    Conversations(world.database).save(await world.id_of(TELEGRAM), "[]")
    Conversations(world.database).save(await world.id_of(ZALO), "[]")
    await world.redeem(TELEGRAM, await world.code(ZALO))
    owner = await world.id_of(ZALO)
    watched = [(row.citizen_id, row.dossier) for row in await world.rows(tables.watches)]
    assert sorted(watched) == [(owner, "H57.132-260802-0002"), (owner, "H57.132-260804-0583")]
    assert [row.citizen_id for row in await world.rows(tables.feedback)] == [owner]
    assert await world.rows(tables.conversations) == []  # what was proved on the one phone is not proved on the other


async def test_the_owner_of_the_code_hears_of_it_where_they_wrote_before(world: World) -> None:
    world.open_a_way_out()
    await world.writes(ZALO)
    code = await world.code(ZALO)
    world.now += dt.timedelta(minutes=1)
    await world.writes(TELEGRAM)  # the channel used last, and perhaps a thief's
    assert await world.redeem(TELEGRAM, code) is LinkOutcome.LINKED
    assert await world.sent() == [(ZALO.id, '{"text":"link_notice"}')]


async def test_nobody_hears_of_a_code_that_was_not_taken(world: World) -> None:
    world.open_a_way_out()
    await world.writes(ZALO)
    code = await world.code(ZALO)
    await world.redeem(ZALO, code)
    await world.redeem(GROUP, code)
    await world.redeem(TELEGRAM, "LK-AAAA-BBB2")
    assert await world.sent() == []


async def test_where_nothing_can_be_told_it_is_joined_all_the_same(world: World) -> None:
    world.open_a_way_out()
    assert await world.redeem(TELEGRAM, await world.code(Address("webchat", "w1"))) is LinkOutcome.LINKED
    assert await world.sent() == []


async def test_a_notice_that_cannot_be_stored_leaves_the_channels_apart(world: World) -> None:
    def fail(connection: sa.engine.Connection, citizen_id: str, utterance: Utterance) -> Optional[Address]:
        raise RuntimeError("no room")

    world.links.tell = fail
    code = await world.code(ZALO)
    with pytest.raises(RuntimeError, match="no room"):
        await world.redeem(TELEGRAM, code)
    assert await world.id_of(TELEGRAM) != await world.id_of(ZALO)
    world.open_a_way_out()
    assert await world.redeem(TELEGRAM, code) is LinkOutcome.LINKED


async def test_a_third_channel_brings_all_its_addresses_along(world: World) -> None:
    web = Address("webchat", "w1")
    await world.redeem(TELEGRAM, await world.code(web))
    await world.redeem(web, await world.code(ZALO))
    assert {await world.id_of(address) for address in (web, TELEGRAM, ZALO)} == {await world.id_of(ZALO)}


@pytest.mark.parametrize("way", [str.lower, lambda code: code.replace("-", ""), lambda code: code.replace("-", " ")])
async def test_a_code_may_be_copied_in_any_way(world: World, way: Any) -> None:
    assert await world.redeem(TELEGRAM, way(await world.code(ZALO))) is LinkOutcome.LINKED


async def test_a_code_looks_as_it_should_and_is_stored_only_as_a_digest(world: World) -> None:
    codes = [await world.code(ZALO) for _ in range(20)]
    assert len(set(codes)) == 20
    for code in codes:
        assert re.fullmatch(rf"LK-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", code)
        assert re.search(r"\d", code)
    (row,) = await world.rows(tables.link_codes)  # a new code makes the one before it void
    assert codes[-1].replace("-", "")[2:] not in str(row)
    assert await world.redeem(TELEGRAM, codes[0]) is LinkOutcome.UNKNOWN


async def test_a_code_is_good_once_and_for_ten_minutes(world: World) -> None:
    code = await world.code(ZALO)
    world.now += dt.timedelta(minutes=10)
    assert await world.redeem(TELEGRAM, code) is LinkOutcome.UNKNOWN
    code = await world.code(ZALO)
    world.now += dt.timedelta(minutes=9, seconds=59)
    assert await world.redeem(TELEGRAM, code) is LinkOutcome.LINKED
    assert await world.redeem(Address("webchat", "w1"), code) is LinkOutcome.UNKNOWN


async def test_an_expired_code_is_swept_away_by_the_next(world: World) -> None:
    await world.code(ZALO)
    world.now += dt.timedelta(minutes=11)
    await world.code(TELEGRAM)
    assert [row.citizen_id for row in await world.rows(tables.link_codes)] == [await world.id_of(TELEGRAM)]


async def test_ones_own_code_stays_good(world: World) -> None:
    code = await world.code(ZALO)
    assert await world.redeem(ZALO, code) is LinkOutcome.OWN
    assert await world.redeem(TELEGRAM, code) is LinkOutcome.LINKED


async def test_guessing_ends_after_five_wrong_tries(world: World) -> None:
    code = await world.code(ZALO)
    tries = [await world.redeem(TELEGRAM, f"LK-AAAA-BBB{n}") for n in range(2, 8)]
    assert tries == [LinkOutcome.UNKNOWN] * 5 + [LinkOutcome.TOO_MANY]
    assert await world.redeem(TELEGRAM, code) is LinkOutcome.TOO_MANY
    assert await world.redeem(Address("webchat", "w1"), code) is LinkOutcome.LINKED
    world.now += dt.timedelta(hours=1)
    assert await world.redeem(TELEGRAM, await world.code(ZALO)) is LinkOutcome.LINKED


async def test_a_group_is_nobodys_own(world: World) -> None:
    assert await world.links.make(await world.id_of(GROUP)) is None
    code = await world.code(ZALO)
    assert await world.redeem(GROUP, code) is LinkOutcome.SHARED
    assert await world.redeem(TELEGRAM, code) is LinkOutcome.LINKED
    assert await world.id_of(GROUP) != await world.id_of(ZALO)


async def test_a_citizen_who_was_erased_cannot_be_joined(world: World) -> None:
    code = await world.code(ZALO)
    await world.database.run(lambda connection: connection.execute(tables.addresses.delete()))
    assert await world.redeem(TELEGRAM, code) is LinkOutcome.UNKNOWN


async def test_other_secrets_know_no_codes(world: World) -> None:
    code = await world.code(ZALO)
    other = SqlLinks(world.database, "another", world.citizens.forget, lambda: world.now)
    assert await other.redeem(await world.id_of(TELEGRAM), code) is LinkOutcome.UNKNOWN
