"""The one-time link: password and phone, once, within a day."""

from __future__ import annotations

import re

import pytest

from bot.audit import Audit
from bot.console.officials import FIRST_LOGIN, Officials
from bot.console.roles import Role
from bot.storage import Database
from tests.bot.console.newcomer import accept, invited, joined, phone_of, sign_in
from tests.bot.console.office import SECRET, console


async def test_a_newcomer_chooses_a_password_and_joins_a_phone(database: Database) -> None:
    async with console(database) as desk:
        token, browser = await invited(desk), desk.stranger()
        phone = await phone_of(desk, browser, token)
        shown = (await browser.get(f"/welcome/{token}")).text
        assert "<svg" in shown
        assert f"otpauth://totp/Trung%20t%C3%A2m%20m%E1%BA%ABu:moi.den?secret={phone.secret}" in shown
        assert (await accept(browser, token, phone.code())).status == 303
        assert (await browser.get("/account")).status == 200
        assert (await desk.deeds())[-2:] == [
            ("Hoàng Thị Lan", "official.add", "official moi.den"),
            ("Bùi Thị Mới", "official.join", "official moi.den"),
        ]


async def test_the_link_works_once(database: Database) -> None:
    async with console(database) as desk:
        token, browser = await invited(desk), desk.stranger()
        phone = await phone_of(desk, browser, token)
        assert (await accept(browser, token, phone.code())).status == 303
        assert (await desk.stranger().get(f"/welcome/{token}")).status == 404
        assert (await accept(desk.stranger(), token, phone.code(), "một mật khẩu khác hẳn")).status == 404
        desk.clock.move(minutes=1)
        assert (await sign_in(desk.stranger(), phone.code())).status == 303
        assert (await sign_in(desk.stranger(), phone.code(seconds=-60))).status == 403


async def test_the_code_that_confirmed_the_phone_signs_nobody_in(database: Database) -> None:
    async with console(database) as desk:
        token, browser = await invited(desk), desk.stranger()
        code = (await phone_of(desk, browser, token)).code()
        assert (await accept(browser, token, code)).status == 303
        assert (await sign_in(desk.stranger(), code)).status == 403


async def test_the_link_expires(database: Database) -> None:
    async with console(database) as desk:
        token, browser = await invited(desk), desk.stranger()
        phone = await phone_of(desk, browser, token)
        desk.clock.move(hours=24)
        assert (await browser.get(f"/welcome/{token}")).status == 404
        assert (await accept(browser, token, phone.code())).status == 404


@pytest.mark.parametrize(
    ("password", "again", "right_code", "said"),
    [
        ("ngắn quá", "ngắn quá", True, "ít nhất 12 ký tự"),
        ("Matkhau 123456", "Matkhau 123456", True, "quá dễ đoán"),
        ("aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa", True, "quá dễ đoán"),
        ("tôi là moi.den đây", "tôi là moi.den đây", True, "không được chứa tên đăng nhập"),
        ("những con thuyền trên sông Hậu", "những con thuyền trên sông Tiền", True, "không giống nhau"),
        ("những con thuyền trên sông Hậu", "những con thuyền trên sông Hậu", False, "Mã xác thực không đúng"),
    ],
)
async def test_what_is_not_taken_leaves_the_link_as_it_was(
    database: Database, password: str, again: str, right_code: bool, said: str
) -> None:
    async with console(database) as desk:
        token, browser = await invited(desk), desk.stranger()
        phone = await phone_of(desk, browser, token)
        refused = await accept(browser, token, phone.code() if right_code else "12", password, again)
        assert refused.status == 400
        assert said in refused.text
        assert password not in refused.text
        assert (await accept(browser, token, phone.code())).status == 303


async def test_a_reset_takes_everything_away_at_once(database: Database) -> None:
    async with console(database) as desk:
        phone, browser = await joined(desk), desk.stranger()
        await sign_in(browser, phone.code())
        member = await desk.member_desk.named("moi.den")
        reset = await desk.browser("administrator").post(f"/officials/{member.official.id}/reset")
        assert (await browser.get("/account")).location.startswith("/sign-in")
        assert (await sign_in(desk.stranger(), phone.code(seconds=30))).status == 403
        found = re.search(r"/console(/welcome/[\w-]+)</code>", reset.text)
        assert found
        fresh, token = desk.stranger(), found.group(1).rpartition("/")[2]
        new_phone = await phone_of(desk, fresh, token)
        assert new_phone.secret != phone.secret
        assert (await accept(fresh, token, new_phone.code())).status == 303


async def test_the_first_administrator(database: Database) -> None:
    desk = Officials(database, Audit(database, SECRET))
    assert await desk.add_first()
    assert await desk.add_first() is None
    (member,) = await desk.all()
    assert (member.official.login, member.official.roles) == (FIRST_LOGIN, frozenset({Role.ADMINISTRATOR}))
    assert not member.joined


async def test_a_link_from_before_an_account_was_closed_leads_nowhere_when_it_is_opened_again(
    database: Database,
) -> None:
    async with console(database) as desk:
        token, by = await invited(desk), desk.officials["administrator"].actor
        newcomer = (await desk.member_desk.named("moi.den")).official.id
        await desk.member_desk.disable(by, newcomer)
        await desk.member_desk.enable(by, newcomer)
        assert (await desk.stranger().get(f"/welcome/{token}")).status == 404
