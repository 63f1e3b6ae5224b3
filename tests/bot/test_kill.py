"""A server that is killed in the middle of a burst and started again: every message is answered exactly once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from benchmarks.bursting import Outcome, burst, stage

MESSAGES, KILLS = 150, 2
WAYS = ("zalo", "telegram", "telegram-polling", "zalo")


@pytest.mark.usefixtures("model")
async def test_everybody_is_answered_once_over_every_platform(
    tmp_path_factory: pytest.TempPathFactory, empty_postgresql_url: str
) -> None:
    # Side by side: most of the time is spent waiting for what a platform allows in a second.
    folders = [tmp_path_factory.mktemp(way) for way in WAYS]
    databases = [f"sqlite:///{folder}/mot-cua.db" for folder in folders[:-1]] + [empty_postgresql_url]
    outcomes = await asyncio.gather(*map(_kill_in_a_burst, WAYS, folders, databases))
    assert [outcome.wrong for outcome in outcomes] == [{}] * len(WAYS)
    counts = [(one.messages, one.parts, one.twice, one.never) for one in outcomes]
    assert counts == [(MESSAGES, MESSAGES, 0, 0)] * len(WAYS)
    # They were killed while they were sending, and none had anything to complain about.
    assert sum(outcome.found_sent + outcome.found_not_sent for outcome in outcomes) > 0
    assert not [way for way, folder in zip(WAYS, folders) if "Traceback" in (folder / "ours.log").read_text("utf-8")]


async def _kill_in_a_burst(way: str, folder: Path, database_url: str) -> Outcome:
    async with stage(way, folder, database_url, limits_on=False) as on:
        return await burst(on, MESSAGES, KILLS, seed=1, patience=120)
