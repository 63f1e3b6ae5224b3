"""Databases for the storage tests: SQLite always, PostgreSQL from the wheel that carries a server."""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path
from typing import AsyncIterator, Iterator

import pytest

from bot.app import House, open_house
from bot.settings import Settings
from bot.storage import Database, migrate, open_engine


@pytest.fixture(scope="session")
def postgresql_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    # The wheel looks for a runtime folder when it is imported, and root has none on a bare machine.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    import pgserver

    # PostgreSQL outlives a test run that is simply ended; as an interrupted one the run takes it along.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Not below pytest's folder: started by root, the server runs as a user of its own who must get there.
    with tempfile.TemporaryDirectory(prefix="postgresql-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o755)
        server = pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty, migrated database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/mot-cua.db"
    else:
        url = request.getfixturevalue("empty_postgresql_url")
    migrate(url)
    return url


@pytest.fixture
def empty_postgresql_url(postgresql_url: str) -> str:
    engine = open_engine(postgresql_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    engine.dispose()
    return postgresql_url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
async def house(model: Path, tmp_path: Path) -> AsyncIterator[House]:
    """The whole house over an empty SQLite database and the emulated portal."""
    url = f"sqlite:///{tmp_path}/house.db"
    migrate(url)
    house = await open_house(Settings(database_url=url), model)
    yield house
    await house.close()
