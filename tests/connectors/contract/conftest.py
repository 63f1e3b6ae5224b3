"""One office for each channel, on a database of its own."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import AsyncIterator

import pytest

from bot.storage import migrate
from tests.connectors.contract.differences import open_office
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
    async with open_office(request.param, Path(shutil.copy(empty_database, tmp_path / "office.db"))) as office:
        yield office
