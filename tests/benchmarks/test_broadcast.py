"""The broadcast benchmark: one real small run, and that its account finds what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import AsyncIterator

import pytest

from benchmarks import broadcast_worker
from benchmarks.broadcast import account, ledger_of, notices, stop
from benchmarks.broadcast_peers import by_batches, one_by_one
from benchmarks.broadcast_platforms import Arrived, populate
from benchmarks.broadcast_worker import CONTENT, Works, opened, plan, send
from bot.storage import migrate
from emulators.zalo import ZaloEmulator

COUNT = 60
TOOK = {"notices": {"900": 10.0}, "stop_pressed": 20.0, "stop_ended": 21.0}
ARRIVED = [Arrived("m1", "1", 11.0), Arrived("m2", "2", 20.5), Arrived("n1", "900", 12.0)]
LEDGER = {"1": ("sent", "m1"), "2": ("sent", "m2")}


@pytest.fixture
async def zalo() -> AsyncIterator[ZaloEmulator]:
    emulator = ZaloEmulator()
    await emulator.start()
    emulator.take_limits_off()
    yield emulator
    await emulator.stop()


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/bench.db"
    migrate(url)
    populate(url, "zalo", COUNT)
    return url


@pytest.fixture
async def works(zalo: ZaloEmulator, url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Works]:
    monkeypatch.setattr(broadcast_worker, "STOP_AFTER", 0.05)
    monkeypatch.setattr(broadcast_worker, "NOTICE_EVERY", 0.01)
    token = zalo.grants.redeem(zalo.authorise(), "")["access_token"]
    async with opened({"database": url, "channel": "zalo", "url": zalo.url, "token": token}) as works:
        yield works


async def test_everybody_is_told_once_though_it_was_stopped(works: Works, zalo: ZaloEmulator, url: str) -> None:
    took = await send(works)
    arrived = [Arrived(*row) for row in zalo.tally]
    figures = [
        *account("", COUNT, took, arrived, ledger_of(url)),
        *stop("", took, arrived),
        *notices("", took["notices"], arrived),
    ]
    assert [figure.name for figure in figures if not figure.is_met] == []
    assert len(took["notices"]) > 0
    assert {one.person for one in arrived} == {*ledger_of(url), *took["notices"]}


async def test_the_naive_ways_send_to_as_many(works: Works, zalo: ZaloEmulator, url: str) -> None:
    await plan(works)
    assert len(ledger_of(url)) == COUNT
    await one_by_one(works.database, works.channel, CONTENT, 10)
    await by_batches(works.database, works.channel, CONTENT, COUNT)
    assert len(zalo.tally) == 10 + COUNT


@pytest.mark.parametrize(
    ("arrived", "ledger", "missed"),
    [
        (ARRIVED, LEDGER, []),
        ([*ARRIVED, Arrived("m3", "1", 13.0)], LEDGER, ["told more than once"]),
        (ARRIVED[1:], LEDGER, ["never told", "rows of the ledger that the platform does not bear out"]),
        (ARRIVED, {**LEDGER, "2": ("sent", "m1")}, ["rows of the ledger that the platform does not bear out"]),
        (ARRIVED, {**LEDGER, "2": ("unknown", "m2")}, ["rows of the ledger that the platform does not bear out"]),
    ],
)
def test_what_the_account_finds(arrived: list[Arrived], ledger: dict[str, tuple[str, str]], missed: list[str]) -> None:
    figures = account("run", 2, TOOK, arrived, ledger)
    assert [figure.name.removeprefix("run: ") for figure in figures if not figure.is_met] == missed


def test_what_came_after_the_stop_button_and_a_notice_that_got_lost() -> None:
    last, _rest = stop("run", TOOK, ARRIVED)
    assert last.value == 0.5
    lost, *_waits = notices("run", {"900": 10.0, "901": 11.0}, ARRIVED)
    assert not lost.is_met
    assert not notices("run", {"900": 1.0}, ARRIVED)[-1].is_met
