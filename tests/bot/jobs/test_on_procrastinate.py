"""What only the shared queue can do: its own schema, another machine's work, a server that is away."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.jobs.on_procrastinate import SCHEMA, ProcrastinateQueue
from bot.storage import DatabaseBusy, migrate, open_engine
from tests.bot.jobs.works import Works

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.usefixtures("without_jobs")


def schemas_of_its_tables(url: str) -> set[str]:
    engine = open_engine(url)
    with engine.connect() as connection:
        names = sa.text("SELECT schemaname FROM pg_tables WHERE tablename LIKE 'procrastinate%'")
        found = set(connection.execute(names).scalars())
    engine.dispose()
    return found


def test_its_tables_are_made_once_beside_ours(empty_postgresql_url: str) -> None:
    for _ in range(2):
        migrate(empty_postgresql_url)
        assert schemas_of_its_tables(empty_postgresql_url) == {SCHEMA}


async def test_processes_that_start_together_migrate_one_after_another(empty_postgresql_url: str) -> None:
    migrating = "import sys; from bot.storage import migrate; migrate(sys.argv[1])"
    starting = asyncio.create_subprocess_exec
    command = (sys.executable, "-c", migrating, empty_postgresql_url)
    processes = [await starting(*command, cwd=ROOT, stderr=asyncio.subprocess.PIPE) for _ in range(2)]
    told = [(await process.communicate())[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], told
    assert schemas_of_its_tables(empty_postgresql_url) == {SCHEMA}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_crew_goes_on_when_its_connections_were_ended(works: Works) -> None:
    crew = works.crew({"send": works.do})
    await crew.put("send", "1", {"what": 1})
    await works.until(lambda: works.did)
    engine = open_engine(works.url)
    with engine.begin() as connection:
        others = "pid <> pg_backend_pid() AND usename = user"
        connection.exec_driver_sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
    engine.dispose()
    await crew.put("send", "2", {"what": 2})
    await works.until(lambda: len(works.did) == 2)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_no_fact_of_a_job_reaches_the_log(works: Works, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    crew = works.crew({"send": works.do})
    await crew.put("send", "1", {"what": "0900000001"})
    await works.until(lambda: works.did)
    await works.end(crew)
    assert "0900000001" not in caplog.text


async def test_whoever_puts_is_told_that_the_server_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.jobs.on_procrastinate.ANSWER_SECONDS", 0.1)
    queue = ProcrastinateQueue("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(DatabaseBusy):
        await queue.put("send", "1", {})
    await queue.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("end", ["done", "set_aside", "again"])
async def test_who_seemed_dead_and_comes_back_ends_what_another_took_up(works: Works, end: str) -> None:
    slow, other = ProcrastinateQueue(works.url), ProcrastinateQueue(works.url)
    await slow.put("send", "1", {})
    await slow.tend()
    await other.tend()
    (job,) = await slow.claim({"send": 1})
    await other.again(job, None, "")  # as when it is found without a heartbeat
    ends = {"done": slow.done(job), "set_aside": slow.set_aside(job, ""), "again": slow.again(job, None, "")}
    await ends.pop(end)
    for unused in ends.values():
        unused.close()
    (taken,) = await other.claim({"send": 4})
    await other.done(taken)
    assert not await other.claim({"send": 4})
    for queue in (slow, other):
        await queue.close()
