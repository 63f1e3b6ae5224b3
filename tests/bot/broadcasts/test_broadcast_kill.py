"""Senders killed at the worst moments and begun anew: everybody is told once, as the platform itself counts."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from pathlib import Path
from typing import Sequence

import aiohttp
import pytest
import sqlalchemy as sa

from bot.broadcasts.tables import early_receipts
from bot.storage import Database, migrate
from emulators.zalo import ZaloEmulator
from tests.bot.broadcasts.broadcasting import Broadcast
from tests.connectors.zalo.street import authorise

ROOT = Path(__file__).parents[3]
PERSONS = [str(8_123_450_000_000_000_001 + number) for number in range(800)]
ONE_WORKER = ("before-claim", "after-claim", "after-send", "before-commit", "during-receipt", "none")
TWO_WORKERS = ("before-claim+after-send", "after-claim+before-commit", "during-receipt+after-send", "none+none")
KILLED, ENDED = 9, 0


@pytest.mark.parametrize(
    ("way", "lives"), [("sqlite", ONE_WORKER), ("postgresql", ONE_WORKER), ("postgresql", TWO_WORKERS)]
)
async def test_everybody_is_told_once_wherever_the_sender_is_killed(
    way: str, lives: Sequence[str], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path}/x.db" if way == "sqlite" else request.getfixturevalue("empty_postgresql_url")
    migrate(url)
    await _plan(url)
    zalo = ZaloEmulator()
    zalo.switches.rate_limits = zalo.switches.quotas_enforced = zalo.switches.windows_enforced = False
    await zalo.start()
    try:
        for person in PERSONS:
            zalo.follow(person)
        async with aiohttp.ClientSession() as http:
            token = await (await authorise(zalo, http)).access_token()
        ends = await _live(url, zalo.url, token, *lives)
    finally:
        await zalo.stop()
    assert ends == [[ENDED if point == "none" else KILLED for point in life.split("+")] for life in lives]
    told = Counter(sent.user_id for sent in zalo.ledger)
    assert {person: told[person] for person in PERSONS if told[person] != 1} == {}
    assert len(zalo.ledger) == len(PERSONS)
    assert zalo.calls["/v2.0/oa/conversation"] > 0  # some had to be looked up
    await _reconcile(url, {sent.message_id: sent.user_id for sent in zalo.ledger})


async def _plan(url: str) -> None:
    database = Database(url)
    await Broadcast(database).plan(*PERSONS)
    await database.close()


async def _live(*arguments: str) -> list[list[int]]:
    command = [sys.executable, "-m", "tests.bot.broadcasts.sender_process", *arguments]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        printed, _ = await asyncio.wait_for(process.communicate(), 60)
    finally:
        if process.returncode is None:
            process.kill()
    return [[int(end) for end in line.split()] for line in printed.decode().splitlines()]


async def _reconcile(url: str, platform: dict[str, str]) -> None:
    """The platform's own ledger against ours: the same messages to the same persons, nothing unknown, all received."""
    database = Database(url)
    broadcast = Broadcast(database)
    rows = await broadcast.rows()
    assert {row.message_id: row.person for row in rows} == platform
    assert Counter(row.state for row in rows) <= Counter(sent=len(rows), delivered=len(rows))
    assert await broadcast.state() == "finished"
    left = await database.run(lambda connection: connection.execute(sa.select(early_receipts)).all())
    assert left == []
    await database.close()
