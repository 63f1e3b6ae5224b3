"""An invented official who takes the one-time link, with a phone that shows codes."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyotp

from bot.console.roles import Role
from tests.bot.console.office import Answer, Browser, Clock, Desk

PASSWORD = "một câu dài mà dễ nhớ"


@dataclass(frozen=True)
class Phone:
    secret: str
    clock: Clock

    def code(self, **later: float) -> str:
        """What it shows now, or so much later."""
        clock = Clock(self.clock())
        clock.move(**later)
        return pyotp.TOTP(self.secret).at(clock().timestamp())


async def invited(desk: Desk, login: str = "moi.den", name: str = "Bùi Thị Mới") -> str:
    """The secret of a new official's one-time link."""
    added = desk.member_desk.add(desk.officials["administrator"].actor, login, name, frozenset({Role.AUTHOR}))
    return await added


async def phone_of(desk: Desk, browser: Browser, token: str) -> Phone:
    """As if it had read the page's key."""
    shown = await browser.get(f"/welcome/{token}")
    found = re.search(r"<code>([A-Z2-7]{32})</code>", shown.text)
    assert found, shown.text
    return Phone(found.group(1), desk.clock)


async def accept(browser: Browser, token: str, code: str, password: str = PASSWORD, again: str = "") -> Answer:
    return await browser.post(f"/welcome/{token}", {"password": password, "again": again or password, "code": code})


async def joined(desk: Desk, login: str = "moi.den") -> Phone:
    """An official who has taken the link; a minute later, so that the phone shows another code."""
    token, browser = await invited(desk, login), desk.stranger()
    phone = await phone_of(desk, browser, token)
    assert (await accept(browser, token, phone.code())).status == 303
    desk.clock.move(minutes=1)
    return phone


async def sign_in(browser: Browser, code: str, login: str = "moi.den", password: str = PASSWORD) -> Answer:
    return await browser.post("/sign-in", {"login": login, "password": password, "code": code})
