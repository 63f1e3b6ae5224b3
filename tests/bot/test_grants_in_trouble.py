"""Grants when something goes wrong: dead tokens, lost answers, a database that is away, another authorisation."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import AsyncIterator, Awaitable, Callable

import pytest

from bot.alerts import Alerts
from bot.storage import Database
from connectors.errors import Misconfigured, Unreachable
from connectors.zalo.grants import DEAD, LEASE_SECONDS, UNSAVED, Grants
from connectors.zalo.oauth import ZaloOAuth
from connectors.zalo.reactions import GrantDead
from tests.bot.grant_world import ENDING, FRESH, OVER, Alarm, World
from tests.connectors.zalo.scripted_zalo import NOON, MovedClock, scripted_zalo


@pytest.fixture
async def world(database: Database, database_url: str) -> AsyncIterator[World]:
    async with scripted_zalo() as (zalo, settings, http):
        yield World(zalo, settings, http, database, database_url, MovedClock(), Alarm())


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
