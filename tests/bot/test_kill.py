"""A server that is killed in the middle of a burst and started again: every message is answered exactly once."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.bursting import burst, stage

MESSAGES, KILLS = 150, 2


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize("way", ["zalo", "telegram", "telegram-polling"])
async def test_everybody_is_answered_once_over(way: str, tmp_path: Path) -> None:
    await _kill_in_a_burst(way, tmp_path, f"sqlite:///{tmp_path}/x.db")


@pytest.mark.usefixtures("model")
async def test_everybody_is_answered_once_with_postgresql(tmp_path: Path, empty_postgresql_url: str) -> None:
    await _kill_in_a_burst("zalo", tmp_path, empty_postgresql_url)


async def _kill_in_a_burst(way: str, folder: Path, database_url: str) -> None:
    async with stage(way, folder, database_url, limits_on=False) as on:
        outcome = await burst(on, MESSAGES, KILLS, seed=1, patience=120)
    assert (outcome.messages, outcome.wrong) == (MESSAGES, {})
    assert (outcome.parts, outcome.twice, outcome.never) == (MESSAGES, 0, 0)
    assert outcome.found_sent + outcome.found_not_sent > 0  # it was killed while it was sending
    assert "Traceback" not in (folder / "ours.log").read_text(encoding="utf-8")
