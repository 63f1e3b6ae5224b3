"""The console behind a proxy that speaks https: cookies of this host alone, links to the public origin."""

from __future__ import annotations

import re

import pyotp
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.audit import Audit
from bot.console.console import Console, ConsoleSettings, first_link
from bot.house_rules import HouseRules
from bot.storage import Database
from tests.bot.console.newcomer import PASSWORD
from tests.bot.console.office import QUICK, SECRET

ORIGIN = "https://motcua.example"
FORM = {"password": PASSWORD, "again": PASSWORD}


def behind_https(database: Database) -> web.Application:
    audit, app = Audit(database, SECRET), web.Application()
    settings = ConsoleSettings({"vi": "Trung tâm mẫu"}, SECRET, ORIGIN)
    Console(settings, database, audit, HouseRules(database, audit), _nobody, QUICK, ()).add_routes(app)
    return app


async def _nobody(code: str, asking: str) -> None:
    return None


async def test_the_first_administrator_comes_in_by_the_link_of_the_terminal(database: Database) -> None:
    link = await first_link(database, Audit(database, SECRET), ORIGIN)
    assert link is not None
    assert await first_link(database, Audit(database, SECRET), ORIGIN) is None
    path = link.removeprefix(ORIGIN)
    async with TestClient(TestServer(behind_https(database))) as client:
        secret = re.search(r"<code>(\w+)</code>", await (await client.get(path)).text())
        assert secret
        form = {**FORM, "code": pyotp.TOTP(secret.group(1)).now()}
        elsewhere = await client.post(path, data=form, headers={"Origin": "https://evil.example"})
        assert elsewhere.status == 403
        answer = await client.post(path, data=form, headers={"Origin": ORIGIN}, allow_redirects=False)
        assert answer.status == 303
        for cookie in answer.headers.getall("Set-Cookie"):
            assert cookie.startswith("__Host-")
            assert cookie.endswith("HttpOnly; Path=/; SameSite=Strict; Secure")
