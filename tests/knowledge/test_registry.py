"""The guarded look-up, with a real adapter in front of the emulated portal."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from typing import AsyncIterator, Optional

import aiohttp
import pytest

from emulators.portal import Fault, PortalEmulator
from knowledge.calendar import VIETNAM_TIME
from knowledge.dossiers import (
    Dossier,
    DossierCode,
    DossierStatus,
    DossierUnknown,
    PortalMisconfigured,
    PortalUnreachable,
)
from knowledge.portals.igate import IgatePortal, IgateSettings
from knowledge.portals.onestop import OnestopPortal, OnestopSettings
from knowledge.registry import DossierRegistry, Limits

START = dt.datetime(2026, 11, 20, 10, 30, tzinfo=VIETNAM_TIME)
RUNNING = DossierCode.parse("H57.132-260804-0583")
OTHER = DossierCode.parse("H57.132-260805-0005")
UNKNOWN = DossierCode.parse("H57.132-260804-9999")
LIMITS = Limits(failures_until_rest=100)


class KeptStates:
    """The last known states, in memory."""

    def __init__(self) -> None:
        self.kept: dict[DossierCode, bytes] = {}

    async def get(self, code: DossierCode) -> Optional[Dossier]:
        return Dossier.from_json(self.kept[code]) if code in self.kept else None

    async def put(self, dossier: Dossier) -> None:
        self.kept[dossier.code] = dossier.to_json()


class Town:
    """A portal, a registry before it, and a clock that both share."""

    def __init__(self, emulator: PortalEmulator, url: str, http: aiohttp.ClientSession) -> None:
        self.now = START
        self.emulator = emulator
        self.url = url
        self.http = http
        self.kept = KeptStates()
        self.pauses: list[float] = []

    def registry(self, limits: Limits = LIMITS) -> DossierRegistry:
        portal = OnestopPortal(OnestopSettings(self.url), self.http, lambda: self.now)
        return DossierRegistry(portal, self.kept, lambda: self.now, limits, sleep=self.sleep, chance=lambda: 1.0)

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def pass_seconds(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    emulator = PortalEmulator(lambda: START, seed=7)
    url = await emulator.start()
    async with aiohttp.ClientSession() as http:
        yield Town(emulator, url, http)
    await emulator.stop()


async def test_a_look_up(town: Town) -> None:
    found = await town.registry().look_up(RUNNING)
    assert found.dossier.status is DossierStatus.PROCESSING
    assert not found.is_last_known


async def test_many_at_once_are_one_flight(town: Town) -> None:
    registry = town.registry()
    found = await asyncio.gather(*(registry.look_up(RUNNING) for _ in range(3)))
    assert town.emulator.requests == 1
    assert len({id(one.dossier) for one in found}) == 1


async def test_different_codes_fly_side_by_side(town: Town) -> None:
    registry = town.registry()
    found = await asyncio.gather(registry.look_up(RUNNING), registry.look_up(OTHER))
    assert [one.dossier.code for one in found] == [RUNNING, OTHER]
    assert town.emulator.requests == 2


async def test_one_who_leaves_does_not_take_the_answer_along(town: Town) -> None:
    registry = town.registry()
    leaving = asyncio.ensure_future(registry.look_up(RUNNING))
    staying = asyncio.ensure_future(registry.look_up(RUNNING))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).dossier.code == RUNNING
    assert leaving.cancelled()
    assert town.emulator.requests == 1


async def test_a_short_memory(town: Town) -> None:
    registry = town.registry()
    first = await registry.look_up(RUNNING)
    town.emulator.move(str(RUNNING), 9)
    town.pass_seconds(59)
    assert await registry.look_up(RUNNING) == first
    town.pass_seconds(2)
    assert (await registry.look_up(RUNNING)).dossier.status is DossierStatus.DONE
    assert town.emulator.requests == 2


async def test_the_memory_is_bounded(town: Town) -> None:
    registry = town.registry(Limits(cache_size=1))
    for code in (RUNNING, OTHER, RUNNING):
        await registry.look_up(code)
    assert town.emulator.requests == 3


async def test_unknown_codes_are_remembered_shortly(town: Town) -> None:
    registry = town.registry()
    for _ in range(3):
        with pytest.raises(DossierUnknown):
            await registry.look_up(UNKNOWN)
    assert town.emulator.requests == 1
    town.pass_seconds(31)
    with pytest.raises(DossierUnknown):
        await registry.look_up(UNKNOWN)
    assert town.emulator.requests == 2
    assert town.kept.kept == {}


async def test_a_stumble_is_not_noticed(town: Town) -> None:
    town.emulator.faults.switch_on(Fault.SERVER_ERROR, times=2)
    assert not (await town.registry().look_up(RUNNING)).is_last_known
    assert town.emulator.requests == 3
    assert town.pauses == [0.2, 0.4]


async def test_attempts_are_bounded_and_pauses_too(town: Town) -> None:
    town.emulator.faults.switch_on(Fault.SERVER_ERROR)
    limits = Limits(attempts=6, first_pause_seconds=0.5, longest_pause_seconds=2.0, failures_until_rest=100)
    with pytest.raises(PortalUnreachable):
        await town.registry(limits).look_up(RUNNING)
    assert town.emulator.requests == 6
    assert town.pauses == [0.5, 1.0, 2.0, 2.0, 2.0]


async def test_when_the_portal_is_away_the_last_known_state_is_shown(town: Town) -> None:
    registry = town.registry()
    await registry.look_up(RUNNING)
    await town.emulator.stop()
    town.pass_seconds(3600)
    found = await registry.look_up(RUNNING)
    assert found.is_last_known
    assert found.dossier.fetched_at == START
    with pytest.raises(PortalUnreachable):
        await registry.look_up(OTHER)


async def test_a_last_known_state_is_not_cached(town: Town) -> None:
    registry = town.registry()
    await registry.look_up(RUNNING)
    town.pass_seconds(61)
    town.emulator.faults.switch_on(Fault.MALFORMED)
    assert (await registry.look_up(RUNNING)).is_last_known
    town.emulator.faults.switch_off()
    assert not (await registry.look_up(RUNNING)).is_last_known


async def test_everything_together_has_a_time_limit(town: Town) -> None:
    town.emulator.faults.switch_on(Fault.SLOW)
    with pytest.raises(PortalUnreachable, match="in time"):
        await town.registry(Limits(total_seconds=0.05)).look_up(RUNNING)


async def test_a_failing_portal_is_left_in_peace(town: Town) -> None:
    registry = town.registry(Limits(attempts=1, failures_until_rest=3, rest_seconds=30))
    town.emulator.faults.switch_on(Fault.SERVER_ERROR)
    for _ in range(5):
        with pytest.raises(PortalUnreachable):
            await registry.look_up(RUNNING)
    assert town.emulator.requests == 3

    town.pass_seconds(31)
    for _ in range(2):
        with pytest.raises(PortalUnreachable):
            await registry.look_up(RUNNING)
    assert town.emulator.requests == 4, "one look after the rest, then another rest"

    town.emulator.faults.switch_off()
    town.pass_seconds(31)
    assert not (await registry.look_up(RUNNING)).is_last_known
    assert not (await registry.look_up(OTHER)).is_last_known


async def test_retries_stop_when_the_breaker_opens(town: Town) -> None:
    town.emulator.faults.switch_on(Fault.SERVER_ERROR)
    with pytest.raises(PortalUnreachable):
        await town.registry(Limits(attempts=9, failures_until_rest=2)).look_up(RUNNING)
    assert town.emulator.requests == 2


async def test_unknown_codes_are_no_failures_of_the_portal(town: Town) -> None:
    registry = town.registry(Limits(failures_until_rest=1))
    with pytest.raises(DossierUnknown):
        await registry.look_up(UNKNOWN)
    assert (await registry.look_up(RUNNING)).dossier.code == RUNNING


async def test_our_own_fault_is_not_repeated(town: Town) -> None:
    portal = IgatePortal(IgateSettings(town.url, town.url, "wrong-client"), town.http, lambda: town.now)
    registry = DossierRegistry(portal, town.kept, lambda: town.now, LIMITS, sleep=town.sleep)
    with pytest.raises(PortalMisconfigured):
        await registry.look_up(RUNNING)
    assert town.emulator.requests == 1
    assert town.pauses == []


async def test_the_log_says_what_happened_and_to_nobody(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    town.emulator.faults.switch_on(Fault.SERVER_ERROR)
    with pytest.raises(PortalUnreachable):
        await town.registry().look_up(RUNNING)
    assert "status 500" in caplog.text
    assert str(RUNNING) not in caplog.text


async def test_ready_and_closed(town: Town) -> None:
    registry = town.registry(Limits(total_seconds=5))
    await registry.check()
    town.emulator.faults.switch_on(Fault.SLOW)
    waiting = asyncio.ensure_future(registry.look_up(RUNNING))
    while town.emulator.requests < 2:  # noqa: ASYNC110 - the emulator has no event to wait for
        await asyncio.sleep(0)
    await registry.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(PortalUnreachable):
        await town.registry(Limits(total_seconds=0.05)).check()
