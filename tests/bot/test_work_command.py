"""The process that works beside the server: when it refuses, and how it ends."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest

from bot.work_command import NO_REDIS, ONE_PROCESS

ROOT = Path(__file__).parent.parent.parent


async def start(database_url: str, redis_url: str) -> Process:
    command = [sys.executable, "-m", "tests.bot.jobs.working", database_url, redis_url]
    return await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE, stderr=PIPE)


@pytest.mark.parametrize(
    ("database_url", "redis_url", "sentence"),
    [
        ("sqlite:///var/nowhere.db", "redis://127.0.0.1", ONE_PROCESS),
        ("postgresql://127.0.0.1/none", "", NO_REDIS),
    ],
)
async def test_it_refuses_where_one_process_does_everything(database_url: str, redis_url: str, sentence: str) -> None:
    process = await start(database_url, redis_url)
    out, told = await process.communicate()
    assert (process.returncode, out, told.decode()) == (1, b"", f"{sentence}\n")


async def test_a_stop_lets_the_job_end_that_is_under_way(empty_postgresql_url: str) -> None:
    process = await start(empty_postgresql_url, "redis://127.0.0.1")
    assert process.stdout is not None
    assert [await process.stdout.readline() for _ in range(2)] == [b"opened\n", b"begun\n"]
    process.terminate()
    out, told = await process.communicate()
    assert (process.returncode, out) == (0, b"ended\nclosed\n")
    assert len(told.decode().splitlines()) == 1
