"""The grant lives in the database: encrypted, renewed by one process at a time, stored before it is used."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from dataclasses import dataclass, replace
from typing import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
import sqlalchemy as sa

from bot import tables
from bot.alerts import Alerts
from bot.grants import SqlGrantStore
from bot.storage import Database, open_engine
from connectors.errors import Misconfigured, Unreachable
from connectors.zalo.grants import CHECKED_EVERY_SECONDS, DEAD, LEASE_SECONDS, UNSAVED, Grants, Sleep, Stored
from connectors.zalo.oauth import TOKEN_SECONDS, Grant, ZaloOAuth
from connectors.zalo.reactions import GrantDead
from connectors.zalo.settings import ZaloSettings
from tests.connectors.zalo.scripted_zalo import NOON, OA_ID, MovedClock, ScriptedZalo, scripted_zalo

SECRET = "a secret key of an installation, long enough"
FRESH = Grant("AT-0", "RT-0", NOON + dt.timedelta(hours=25), NOON, NOON)
ENDING = replace(FRESH, expires_at=NOON + dt.timedelta(hours=4))
OVER = replace(FRESH, expires_at=NOON)


class Alarm:
    """Writes down what it is told (connectors.zalo.grants.Alarm)."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def page(self, name: str, sentence: str) -> None:
        self.told.append(name)

    async def over(self, name: str) -> None:
        self.told.append(f"over: {name}")


@dataclass
class World:
    """Zalo, the database, and any number of processes over both."""

    zalo: ScriptedZalo
    settings: ZaloSettings
    http: aiohttp.ClientSession
    database: Database
    url: str
    clock: MovedClock
    alarm: Alarm

    def store(self, secret: str = SECRET, account: str = OA_ID) -> SqlGrantStore:
        return SqlGrantStore(self.database, secret, account, self.clock)

    def process(self, sleep: Sleep | None = None) -> Grants:
        oauth = ZaloOAuth(self.settings, self.http, self.clock)
        return Grants(oauth, self.store(), self.alarm, self.clock, sleep or self.clock.sleep)

    @contextlib.asynccontextmanager
    async def another_database(self) -> AsyncIterator[World]:
        """As another process sees the world: with a connection and a thread of its own."""
        database = Database(self.url)
        yield replace(self, database=database)
        await database.close()

    async def take_table_away(self) -> None:
        await self.change("ALTER TABLE grants RENAME TO away")

    async def bring_table_back(self) -> None:
        await self.change("ALTER TABLE away RENAME TO grants")

    async def change(self, statement: str) -> None:
        def work() -> None:
            engine = open_engine(self.url)
            with engine.begin() as connection:
                connection.exec_driver_sql(statement)
            engine.dispose()

        await asyncio.to_thread(work)


@pytest.fixture
async def world(database: Database, database_url: str) -> AsyncIterator[World]:
    async with scripted_zalo() as (zalo, settings, http):
        yield World(zalo, settings, http, database, database_url, MovedClock(), Alarm())


async def briefly(_: float) -> None:
    await asyncio.sleep(0.01)


# The store


async def test_a_grant_is_stored_encrypted(world: World) -> None:
    store = world.store()
    assert await store.load() is None
    await store.save(FRESH)
    assert await store.load() == Stored(FRESH, 1)
    query = sa.select(tables.grants)
    row = await world.database.run(lambda connection: connection.execute(query).one())
    assert [token for token in ("AT-0", "RT-0", "token") if token in str(row)] == []
    assert await world.store(account="7009999999999999999").load() is None


async def test_another_key_is_told(world: World) -> None:
    await world.store().save(FRESH)
    with pytest.raises(Misconfigured, match="SECRET_KEY"):
        await world.store(secret="another secret key, also long enough").load()


async def test_authorising_again_raises_the_version(world: World) -> None:
    store = world.store()
    await store.save(FRESH)
    assert await store.lease(1, 90)
    await store.save(ENDING)
    assert await store.load() == Stored(ENDING, 2)
    assert await world.store().lease(2, 90)


async def test_one_holds_the_lease(world: World) -> None:
    ours, theirs = world.store(), world.store()
    await ours.save(FRESH)
    assert not await ours.lease(2, 90)
    assert await ours.lease(1, 90)
    assert not await theirs.lease(1, 90)
    await theirs.release()
    assert not await theirs.lease(1, 90)
    await ours.release()
    assert await theirs.lease(1, 90)
    world.clock.move(seconds=91)
    assert await ours.lease(1, 90)


async def test_a_version_is_replaced_once(world: World) -> None:
    store = world.store()
    await store.save(FRESH)
    assert await store.lease(1, 90)
    assert await store.replace(1, ENDING)
    assert not await store.replace(1, OVER)
    assert await store.load() == Stored(ENDING, 2)
    assert await world.store().lease(2, 90)


# When tokens are renewed


async def test_without_authorisation_nothing_is_asked(world: World) -> None:
    with pytest.raises(Misconfigured, match="authorise"):
        await world.process().access_token()
    assert world.zalo.asked == []


@pytest.mark.parametrize(("hours_left", "token"), [(25.0, "AT-0"), (5.1, "AT-0"), (4.9, "AT-1"), (-40.0, "AT-1")])
async def test_a_token_is_renewed_in_good_time(world: World, hours_left: float, token: str) -> None:
    await world.store().save(replace(FRESH, expires_at=NOON + dt.timedelta(hours=hours_left)))
    grants = world.process()
    assert await grants.access_token() == token
    assert await grants.access_token() == token
    stored = await world.store().load()
    assert stored is not None
    assert stored.grant.access_token == token


async def test_tokens_are_stored_before_they_are_used(world: World) -> None:
    await world.store().save(ENDING)
    assert await world.process().access_token() == "AT-1"
    stored = await world.store().load()
    assert stored == Stored(Grant("AT-1", "RT-1", NOON + dt.timedelta(hours=25), NOON, NOON), 2)
    assert await world.store().lease(2, 90)


async def test_a_rejected_token_is_renewed_whatever_its_date(world: World) -> None:
    await world.store().save(FRESH)
    grants = world.process()
    assert await grants.access_token() == "AT-0"
    assert await grants.renewed("AT-0") == "AT-1"
    assert await grants.renewed("AT-0") == "AT-1"
    assert world.zalo.refreshes == 1


async def test_what_another_process_renewed_is_taken_over(world: World) -> None:
    await world.store().save(FRESH)
    ours, theirs = world.process(), world.process()
    assert await ours.access_token() == await theirs.access_token() == "AT-0"
    assert await theirs.renewed("AT-0") == "AT-1"
    assert await ours.renewed("AT-0") == "AT-1"
    assert world.zalo.refreshes == 1


async def test_many_at_once_renew_once(world: World) -> None:
    await world.store().save(OVER)
    grants = world.process()
    assert set(await asyncio.gather(*(grants.access_token() for _ in range(50)))) == {"AT-1"}
    assert world.zalo.refreshes == 1


async def test_two_processes_at_once_renew_once(world: World) -> None:
    await world.store().save(OVER)
    async with world.another_database() as other:
        processes = [world.process(briefly), other.process(briefly)] * 2
        assert set(await asyncio.gather(*(one.access_token() for one in processes))) == {"AT-1"}
    assert world.zalo.refreshes == 1


async def test_who_is_killed_in_the_middle_is_waited_for_no_longer_than_the_lease(world: World) -> None:
    await world.store().save(ENDING)
    assert await world.store().lease(1, LEASE_SECONDS)  # and is killed
    assert await world.process().access_token() == "AT-1"
    assert world.clock() - NOON >= dt.timedelta(seconds=LEASE_SECONDS)
    assert LEASE_SECONDS > TOKEN_SECONDS


async def test_who_asked_may_leave(world: World) -> None:
    await world.store().save(OVER)
    grants = world.process()
    arrived = asyncio.Event()

    async def arrive() -> None:
        arrived.set()
        await asyncio.sleep(0.02)

    world.zalo.before_answer = arrive
    asking = asyncio.create_task(grants.access_token())
    await arrived.wait()
    asking.cancel()
    await grants.close()
    stored = await world.store().load()
    assert stored is not None
    assert (stored.version, stored.grant.access_token) == (2, "AT-1")


async def test_closing_waits_for_no_other_process(world: World) -> None:
    await world.store().save(OVER)
    assert await world.store().lease(1, LEASE_SECONDS)
    waits = asyncio.Event()

    async def sleep(_: float) -> None:
        waits.set()
        await asyncio.sleep(0)

    grants = world.process(sleep)
    asking = asyncio.create_task(grants.access_token())
    await waits.wait()
    await grants.close()
    with pytest.raises(Unreachable, match="closed"):
        await asking
    assert world.zalo.refreshes == 0


async def test_it_is_kept_fresh_while_nobody_writes(world: World) -> None:
    await world.store().save(FRESH)
    slept = 0

    async def sleep(seconds: float) -> None:
        nonlocal slept
        slept += 1
        world.clock.move(seconds=seconds)
        if world.clock() > NOON + dt.timedelta(days=3):
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await world.process(sleep).keep_fresh()
    assert world.zalo.refreshes == 3  # every 20 hours
    assert slept == pytest.approx(3 * 86_400 / CHECKED_EVERY_SECONDS, abs=2)


# When something goes wrong


async def test_a_dead_grant_is_told_once_and_revived_by_a_person(world: World) -> None:
    await world.store().save(replace(OVER, refresh_token="RT-used"))
    ours, theirs = world.process(), world.process()
    for grants in (ours, ours, theirs, world.process()):
        with pytest.raises(GrantDead):
            await grants.access_token()
    assert world.zalo.refreshes == 1
    assert world.alarm.told == [DEAD[0]]
    await world.store().save(FRESH)
    assert await ours.access_token() == await theirs.access_token() == "AT-0"


async def test_a_token_that_still_looked_valid_is_dropped_with_its_grant(world: World) -> None:
    await world.store().save(replace(FRESH, refresh_token="RT-used"))
    grants = world.process()
    token = await grants.access_token()
    with pytest.raises(GrantDead):
        await grants.renewed(token)
    with pytest.raises(GrantDead):
        await grants.access_token()
    assert world.zalo.refreshes == 1


async def test_a_lost_answer(world: World) -> None:
    """Zalo renewed the tokens and we never saw them: the old one serves while it can, then a person must help."""
    await world.store().save(ENDING)
    grants = world.process()
    world.zalo.loses_answers = True
    assert await grants.access_token() == "AT-0"
    assert await grants.access_token() == "AT-0"  # and Zalo is left in peace for a while
    assert world.zalo.refreshes == 1
    world.clock.move(hours=5)
    with pytest.raises(GrantDead):
        await grants.access_token()
    assert world.alarm.told == [DEAD[0]]


async def test_zalo_is_away(world: World) -> None:
    await world.store().save(OVER)
    grants = world.process()
    world.zalo.oauth_answer = {}
    with pytest.raises(Unreachable) as lost:
        await grants.access_token()
    assert not lost.value.maybe_sent
    world.zalo.oauth_answer = None
    assert await grants.access_token() == "AT-1"
    assert world.clock() == NOON  # the lease had been given back


async def test_a_wrong_app_secret_does_not_kill_the_grant(world: World) -> None:
    await world.store().save(ENDING)
    grants = world.process()
    world.zalo.oauth_answer = {"error": -14004, "error_name": "Invalid secret key"}
    assert await grants.access_token() == "AT-0"
    world.clock.move(hours=5)
    with pytest.raises(Misconfigured):
        await grants.access_token()
    world.zalo.oauth_answer = None
    assert await grants.access_token() == "AT-1"
    assert world.alarm.told == []


async def with_unsaved_tokens(world: World) -> Grants:
    """A process whose database went away while Zalo renewed the tokens."""
    await world.store().save(ENDING)
    grants = world.process()
    world.zalo.before_answer = world.take_table_away
    assert await grants.access_token() == "AT-1"
    world.zalo.before_answer = None
    return grants


async def test_tokens_that_cannot_be_stored_are_used_and_stored_later(world: World) -> None:
    grants = await with_unsaved_tokens(world)
    assert await grants.access_token() == "AT-1"
    assert world.alarm.told == [UNSAVED[0]]
    with pytest.raises(Unreachable):  # the refresh token that is stored was spent
        await grants.renewed("AT-1")
    await world.bring_table_back()
    assert await grants.access_token() == "AT-1"
    assert world.alarm.told == [UNSAVED[0], f"over: {UNSAVED[0]}", f"over: {DEAD[0]}"]
    stored = await world.store().load()
    assert stored is not None
    assert (stored.version, stored.grant.refresh_token) == (2, "RT-1")
    assert world.zalo.refreshes == 1


async def test_tokens_that_were_not_stored_win_over_a_death_that_came_of_it(world: World) -> None:
    grants = await with_unsaved_tokens(world)
    await world.bring_table_back()
    world.clock.move(seconds=LEASE_SECONDS + 1)
    other = world.process()
    with pytest.raises(GrantDead):
        await other.renewed("AT-0")
    await grants.close()
    assert await other.access_token() == "AT-1"
    assert world.alarm.told == [UNSAVED[0], DEAD[0], f"over: {UNSAVED[0]}", f"over: {DEAD[0]}"]


async def test_tokens_are_kept_even_when_nobody_can_be_told(world: World) -> None:
    alerts = Alerts(world.database, to=(), enqueue=lambda connection, address, sentence: None)
    await world.store().save(ENDING)
    grants = Grants(
        ZaloOAuth(world.settings, world.http, world.clock), world.store(), alerts, world.clock, world.clock.sleep
    )
    world.zalo.before_answer = world.take_table_away
    await world.change("ALTER TABLE alerts RENAME TO elsewhere")
    assert await grants.access_token() == "AT-1"


async def test_tokens_are_kept_when_the_stored_ones_cannot_be_read(world: World) -> None:
    grants = await with_unsaved_tokens(world)
    await world.bring_table_back()
    await world.store(secret="another secret key, also long enough").save(FRESH)
    assert await grants.access_token() == "AT-1"
    assert world.alarm.told == [UNSAVED[0]]


async def test_keeping_fresh_outlives_trouble(world: World, caplog: pytest.LogCaptureFixture) -> None:
    tries = 0

    async def sleep(_: float) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            await world.store().save(OVER)
        elif tries == 2:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await world.process(sleep).keep_fresh()
    assert "not been authorised" in caplog.text
    assert world.zalo.refreshes == 1


async def test_an_authorisation_wins_over_tokens_that_were_not_stored(world: World) -> None:
    grants = await with_unsaved_tokens(world)
    await world.bring_table_back()
    await world.store().save(replace(FRESH, access_token="AT-new"))
    assert await grants.access_token() == "AT-new"


@pytest.mark.parametrize("ask", [Grants.access_token, lambda grants: grants.renewed("AT-0")])
async def test_a_database_that_is_away_is_said_to_be(world: World, ask: Callable[[Grants], Awaitable[str]]) -> None:
    await world.take_table_away()
    with pytest.raises(Unreachable, match="database"):
        await ask(world.process())
    await world.bring_table_back()
