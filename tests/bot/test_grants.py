"""The grant lives in the database: encrypted, renewed by one process at a time, stored before it is used."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace
from typing import AsyncIterator

import pytest
import sqlalchemy as sa

from bot import tables
from bot.storage import Database
from connectors.errors import Misconfigured, Unreachable
from connectors.zalo.grants import CHECKED_EVERY_SECONDS, LEASE_SECONDS, Stored
from connectors.zalo.oauth import TOKEN_SECONDS, Grant
from tests.bot.grant_world import ENDING, FRESH, OVER, Alarm, World, briefly
from tests.connectors.zalo.scripted_zalo import NOON, MovedClock, scripted_zalo


@pytest.fixture
async def world(database: Database, database_url: str) -> AsyncIterator[World]:
    async with scripted_zalo() as (zalo, settings, http):
        yield World(zalo, settings, http, database, database_url, MovedClock(), Alarm())


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
