"""``python -m bot zalo``: an administrator lets the assistant in, and looks at how it stands."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import AsyncIterator, Optional
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.grants import SqlGrantStore
from bot.records import now
from bot.settings import Settings
from bot.storage import Database, migrate
from bot.zalo_command import add_zalo_command
from connectors.zalo.grants import Stored
from connectors.zalo.oauth import Grant, challenge_of
from tests.connectors.zalo.scripted_zalo import INVALID_REFRESH_TOKEN, OA_ID, ScriptedZalo, scripted_zalo

ACCOUNT = {
    "oa_id": OA_ID,
    "name": "Trung tâm Phục vụ hành chính công",
    "is_verified": True,
    "package_name": "Nâng cao",
    "num_follower": "1200",
}
SECRET = "a secret key of an installation, long enough"


class Administrator(io.StringIO):
    """Reads the permission page's address from the terminal and pastes what Zalo leads back to."""

    def __init__(self, terminal: io.StringIO, back: str) -> None:
        super().__init__()
        self._terminal, self._back = terminal, back

    def readline(self, size: Optional[int] = -1) -> str:  # type: ignore[override]
        return self._back.format(state=self.query["state"]) + "\n"

    @property
    def query(self) -> dict[str, str]:
        url = next(line for line in self._terminal.getvalue().splitlines() if line.startswith("http"))
        return {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}


@dataclass
class Terminal:
    zalo: ScriptedZalo
    settings: Settings
    said: io.StringIO
    complained: io.StringIO
    patch: pytest.MonkeyPatch

    async def run(self, *arguments: str, stdin: Optional[io.StringIO] = None) -> int:
        parser = argparse.ArgumentParser()
        add_zalo_command(parser.add_subparsers(required=True))
        options = parser.parse_args(["zalo", *arguments])
        for name, stream in (("stdin", stdin or io.StringIO()), ("stdout", self.said), ("stderr", self.complained)):
            self.patch.setattr(f"sys.{name}", stream)
        code: int = await asyncio.to_thread(options.run, options, self.settings)
        return code

    async def stored(self, grant: Optional[Grant] = None) -> Optional[Stored]:
        """What is stored, after storing this."""
        migrate(self.settings.database_url)
        database = Database(self.settings.database_url)
        try:
            store = SqlGrantStore(database, SECRET, OA_ID, now)
            if grant is not None:
                await store.save(grant)
            return await store.load()
        finally:
            await database.close()


@pytest.fixture
async def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Terminal]:
    async with scripted_zalo() as (zalo, zalo_settings, _):
        settings = Settings(
            database_url=f"sqlite:///{tmp_path}/x.db",
            secret_key=SECRET,
            zalo=zalo_settings,
            public_origin="https://motcua.example",
        )
        yield Terminal(zalo, settings, io.StringIO(), io.StringIO(), monkeypatch)


def grant(**changes: object) -> Grant:
    at = now() - dt.timedelta(days=12, minutes=1)
    return replace(Grant("AT-7", "RT-7", now() + dt.timedelta(hours=20), at, at), **changes)  # type: ignore[arg-type]


async def test_an_administrator_allows(terminal: Terminal) -> None:
    back = "https://motcua.example/?code=C-1&oa_id=" + OA_ID + "&state={state}"
    administrator = Administrator(terminal.said, back)
    assert await terminal.run("authorise", stdin=administrator) == 0
    (asked,) = terminal.zalo.asked
    assert asked.json["code"] == "C-1"
    assert challenge_of(asked.json["code_verifier"]) == administrator.query["code_challenge"]
    assert administrator.query["redirect_uri"] == "https://motcua.example/"
    stored = await terminal.stored()
    assert stored is not None
    assert (stored.grant.access_token, stored.version) == ("AT-1", 1)
    assert "AT-1" not in terminal.said.getvalue()


async def test_the_callback_and_the_verifier_of_the_console(terminal: Terminal) -> None:
    assert terminal.settings.zalo is not None
    fixed = replace(terminal.settings.zalo, code_verifier="V" * 43)
    terminal.settings = replace(terminal.settings, zalo=fixed, public_origin=None)
    administrator = Administrator(terminal.said, f"https://other.example/cb?code=C-1&oa_id={OA_ID}")
    assert await terminal.run("authorise", "--callback", "https://other.example/cb", stdin=administrator) == 0
    assert administrator.query["redirect_uri"] == "https://other.example/cb"
    assert terminal.zalo.asked[0].json["code_verifier"] == "V" * 43


async def test_a_bare_code_is_good_for_our_own_account_only(terminal: Terminal) -> None:
    terminal.zalo.success(ACCOUNT)
    assert await terminal.run("authorise", "--code", "C-1") == 0
    assert "code_verifier" not in terminal.zalo.asked[0].json
    terminal.zalo.success({**ACCOUNT, "oa_id": "7009999999999999999"})
    assert await terminal.run("authorise", "--code", "C-2") == 1
    assert "ZALO_OA_ID" in terminal.complained.getvalue()
    stored = await terminal.stored()
    assert stored is not None
    assert stored.grant.access_token == "AT-1"


@pytest.mark.parametrize(
    ("back", "named"),
    [
        ("https://motcua.example/?code=C-1&oa_id=7009999999999999999", "another official account"),
        ("https://motcua.example/?code=C-1&oa_id=" + OA_ID + "&state=somebody-elses", "another authorisation"),
        ("https://motcua.example/?error=denied", "no code"),
        ("", "Nothing"),
    ],
)
async def test_what_cannot_be_exchanged_is_not(terminal: Terminal, back: str, named: str) -> None:
    assert await terminal.run("authorise", stdin=Administrator(terminal.said, back)) == 1
    assert named in terminal.complained.getvalue()
    assert terminal.zalo.asked == []
    assert await terminal.stored() is None


async def test_pasted_tokens_are_checked_and_renewed(terminal: Terminal) -> None:
    terminal.zalo.success(ACCOUNT)
    assert await terminal.run("authorise", "--paste", stdin=io.StringIO("AT-x\nRT-0\n")) == 0
    assert terminal.zalo.calls == [("/api/v2.0/oa/getoa", "AT-x"), ("/oauth/v4/oa/access_token", "")]
    stored = await terminal.stored()
    assert stored is not None
    assert stored.grant.refresh_token == "RT-1"


async def test_pasted_tokens_that_are_not_taken(terminal: Terminal) -> None:
    terminal.zalo.failure(-216)
    assert await terminal.run("authorise", "--paste", stdin=io.StringIO("AT-x\nRT-0\n")) == 1
    assert terminal.zalo.refreshes == 0
    terminal.zalo.success(ACCOUNT)
    terminal.zalo.oauth_answer = INVALID_REFRESH_TOKEN
    assert await terminal.run("authorise", "--paste", stdin=io.StringIO("AT-x\nRT-used\n")) == 1
    assert "-14014" in terminal.complained.getvalue()
    assert "RT-used" not in terminal.complained.getvalue()
    assert await terminal.stored() is None


async def test_status(terminal: Terminal) -> None:
    await terminal.stored(grant())
    terminal.zalo.success(ACCOUNT)
    assert await terminal.run("status") == 0
    said = terminal.said.getvalue()
    account = f"Trung tâm Phục vụ hành chính công ({OA_ID}), đã xác minh / verified, gói / package Nâng cao, 1200"
    assert [part for part in ("(12 ngày / days)", "alive", account) if part not in said] == []
    assert "AT-7" not in said


async def test_status_of_a_dead_grant(terminal: Terminal) -> None:
    await terminal.stored(grant(dead=True))
    assert await terminal.run("status") == 1
    assert "python -m bot zalo authorise" in terminal.complained.getvalue()
    assert terminal.zalo.asked == []


async def test_status_changes_nothing(terminal: Terminal) -> None:
    await terminal.stored(grant(expires_at=now()))
    terminal.zalo.failure(-216)
    assert await terminal.run("status") == 1
    assert "does not take this access token" in terminal.complained.getvalue()
    assert terminal.zalo.refreshes == 0


async def test_status_before_any_authorisation(terminal: Terminal) -> None:
    assert await terminal.run("status") == 1
    assert "Not authorised yet" in terminal.complained.getvalue()


async def test_zalo_is_away(terminal: Terminal) -> None:
    await terminal.stored(grant())
    terminal.zalo.answers.extend([None, None])  # aiohttp asks twice when nothing is changed by it
    assert await terminal.run("status") == 1
    assert "did not answer" in terminal.complained.getvalue()


async def test_what_is_missing_is_said(terminal: Terminal) -> None:
    terminal.settings = replace(terminal.settings, public_origin=None)
    assert await terminal.run("authorise") == 2
    assert "PUBLIC_ORIGIN" in terminal.complained.getvalue()
    terminal.settings = replace(terminal.settings, zalo=None)
    assert await terminal.run("status") == 1
    assert "ZALO_APP_ID" in terminal.complained.getvalue()


async def test_two_ways_at_once_are_wrong_usage(terminal: Terminal) -> None:
    with pytest.raises(SystemExit) as ended:
        await terminal.run("authorise", "--code", "C-1", "--paste")
    assert ended.value.code == 2
