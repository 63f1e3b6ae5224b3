"""One office for each channel, its platform beside it."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import AsyncIterator

import pytest

from bot.storage import migrate
from emulators.movable_clock import MovableClock
from tests.connectors.contract.differences import SIDES
from tests.connectors.contract.office import Office


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("contract") / "empty.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
async def office(
    request: pytest.FixtureRequest, empty_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Office]:
    monkeypatch.setattr("bot.lanes.LOOK_SECONDS", 0.02)
    path = shutil.copy(empty_database, tmp_path / "office.db")
    clock, side = MovableClock(lambda: dt.datetime.now(dt.timezone.utc)), SIDES[request.param]()
    await side.open(clock)
    office = Office(f"sqlite:///{path}", side, clock)
    try:
        await office.open()
        yield office
        await office.close()
    finally:
        await side.close()
    assert not [status for status in office.statuses if status >= 500 and status != 503]
