"""Both queues of jobs: our own table in SQLite, procrastinate in PostgreSQL."""

from __future__ import annotations

from typing import AsyncIterator

import pytest

from bot.jobs import crew
from bot.jobs.on_procrastinate import SCHEMA
from bot.storage import open_engine
from tests.bot.jobs.works import Works


@pytest.fixture
def without_jobs(postgresql_url: str) -> None:
    """What another test left in procrastinate's own schema."""
    engine = open_engine(postgresql_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    engine.dispose()


@pytest.fixture
async def works(without_jobs: None, database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Works]:
    monkeypatch.setattr(crew, "LOOK_SECONDS", 0.02)
    works = Works(database_url)
    yield works
    await works.close()
