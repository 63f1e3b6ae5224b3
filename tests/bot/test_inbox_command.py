"""``python -m bot inbox``: what was set aside is shown without its text, tried again, or given up."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.commands import main
from bot.storage import Database, migrate
from bot.tables import inbox


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path}/x.db"
    monkeypatch.setenv("DATABASE_URL", url)
    migrate(url)
    at = dt.datetime(2026, 11, 22, 3, 0, tzinfo=dt.timezone.utc)
    shared = {"channel": "zalo", "person": "8123450000000000001", "received_at": at, "attempts": 4}
    document = '["message",{"text":"nhà tôi ở đường Hoa Sen"}]'
    rows = [
        {**shared, "message_id": "m1", "state": "aside", "document": document, "error": "RuntimeError"},
        {**shared, "message_id": "m2", "state": "aside", "document": document, "error": "RuntimeError"},
        {**shared, "message_id": "m3", "state": "done", "document": document, "error": None},
    ]
    _run(url, lambda connection: connection.execute(inbox.insert(), rows))
    return url


def _run(url: str, work: Any) -> Any:
    async def once() -> Any:
        database = Database(url)
        try:
            return await database.run(work)
        finally:
            await database.close()

    return asyncio.run(once())


def states(url: str) -> list[tuple[str, int]]:
    query = sa.select(inbox.c.state, inbox.c.attempts).order_by(inbox.c.seq)
    return [tuple(row) for row in _run(url, lambda connection: connection.execute(query).all())]


def test_what_was_set_aside_is_shown_without_what_it_says(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inbox"]) == 0
    shown = capsys.readouterr()
    assert [line.split()[0] for line in shown.out.splitlines()] == ["1", "2"]
    assert "2026-11-22 10:00  zalo       m1  RuntimeError" in shown.out
    assert "Hoa Sen" not in shown.out
    assert "2 tin bị gác lại" in shown.err


def test_it_is_tried_again_or_given_up(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inbox", "--retry", "1", "3"]) == 0
    assert "1 tin" in capsys.readouterr().err
    assert main(["inbox", "--drop", "2"]) == 0
    assert states(url) == [("waiting", 0), ("done", 4), ("done", 4)]
    assert main(["inbox", "--retry", "9"]) == 1
