"""One's own account."""

from __future__ import annotations

import re

from bot.storage import Database
from tests.bot.console.newcomer import PASSWORD, Phone, accept, joined, phone_of, sign_in
from tests.bot.console.office import LINK_CODE, PHONE, Browser, Desk, console

NEW = "một mật khẩu khác hẳn"


async def at_work(desk: Desk) -> tuple[Phone, Browser]:
    """An official with a password of their own, signed in."""
    phone, browser = await joined(desk), desk.stranger()
    assert (await sign_in(browser, phone.code())).status == 303
    desk.clock.move(minutes=1)
    return phone, browser


async def test_a_new_password_signs_out_everywhere_else(database: Database) -> None:
    async with console(database) as desk:
        phone, browser = await at_work(desk)
        other = desk.stranger()
        await sign_in(other, phone.code())
        desk.clock.move(minutes=1)
        form = {"old": PASSWORD, "new": NEW, "again": NEW}
        assert (await browser.post("/account/password", form)).status == 303
        assert (await browser.get("/account")).status == 200
        assert (await other.get("/account")).status == 303
        assert (await sign_in(desk.stranger(), phone.code())).status == 403
        assert (await sign_in(desk.stranger(), phone.code(), password=NEW)).status == 303
        assert ("Bùi Thị Mới", "official.password", "official moi.den") in await desk.deeds()


async def test_a_new_password_needs_the_old_one_and_to_be_a_good_one(database: Database) -> None:
    async with console(database) as desk:
        _, browser = await at_work(desk)
        for form, status in [
            ({"old": "sai mật khẩu rồi", "new": NEW, "again": NEW}, 403),
            ({"old": PASSWORD, "new": NEW, "again": NEW + "x"}, 400),
            ({"old": PASSWORD, "new": "ngắn", "again": "ngắn"}, 400),
            ({}, 400),
        ]:
            assert (await browser.post("/account/password", form)).status == status
        for _ in range(4):
            await browser.post("/account/password", {"old": "sai mật khẩu rồi", "new": NEW, "again": NEW})
        right = await browser.post("/account/password", {"old": PASSWORD, "new": NEW, "again": NEW})
        assert right.status == 403  # guessing here is locked like guessing at the door


async def test_another_phone_is_joined_by_a_link_of_ones_own(database: Database) -> None:
    async with console(database) as desk:
        old, browser = await at_work(desk)
        assert (await browser.post("/account/phone", {"old": "sai mật khẩu rồi"})).status == 403
        token = (await browser.post("/account/phone", {"old": PASSWORD})).location.rpartition("/")[2]
        assert (await sign_in(desk.stranger(), old.code())).status == 303  # until it is done
        new = await phone_of(desk, browser, token)
        assert (await accept(browser, token, new.code(), NEW)).status == 303
        desk.clock.move(minutes=1)
        assert (await sign_in(desk.stranger(), old.code(), password=NEW)).status == 403
        assert (await sign_in(desk.stranger(), new.code(), password=NEW)).status == 303


async def test_the_language_of_the_pages(database: Database) -> None:
    async with console(database) as desk:
        browser = desk.browser("agent")
        assert '<html lang="vi">' in (await browser.get("/account")).text
        assert (await browser.post("/account/language", {"language": "en"})).status == 303
        shown = (await browser.get("/account")).text
        assert '<html lang="en">' in shown
        assert "Sample centre" in shown
        assert (await browser.post("/account/language", {"language": "xx"})).status == 400


async def test_signing_out_here_there_and_everywhere(database: Database) -> None:
    async with console(database) as desk:
        here, there, third = desk.browser("agent"), await desk.sign_in("agent"), await desk.sign_in("agent")
        keys = re.findall(r'name="key" value="(\w{64})"', (await here.get("/account")).text)
        assert len(keys) == 2
        for key in keys:
            assert (await desk.browser("author").post("/account/sessions", {"key": key})).status == 303
        assert (await there.get("/account")).status == 200  # another official's browser is nobody else's to close
        assert (await here.post("/account/sessions", {"key": keys[0]})).status == 303
        assert sorted([(await there.get("/account")).status, (await third.get("/account")).status]) == [200, 303]
        assert (await here.post("/account/sessions", {})).status == 303
        for browser in (here, there, third):
            assert (await browser.get("/account")).location.startswith("/sign-in")
        assert (await desk.deeds())[-1] == ("Phạm Thị Thu", "session.close", "official agent")


async def test_signing_out_ends_the_session_itself(database: Database) -> None:
    async with console(database) as desk:
        browser = desk.browser("agent")
        cookies = {one.key: one.value for one in browser.client.cookie_jar}
        answer = await browser.post("/sign-out")
        assert answer.location == "/sign-in"
        assert browser.token == ""
        browser.client.cookie_jar.update_cookies(cookies)  # whoever kept the cookie
        assert (await browser.get("/account")).location.startswith("/sign-in")
        assert "Đã đăng xuất" in (await browser.get("/sign-in")).text


async def test_where_trial_notices_go(database: Database) -> None:
    async with console(database) as desk:
        browser = desk.browser("author")
        assert (await browser.post("/account/address", {"code": "LK-0000-0000"})).status == 400
        assert (await browser.post("/account/address", {"code": LINK_CODE})).status == 303
        assert "Tin gửi thử đến Zalo của quý vị" in (await browser.get("/account")).text
        assert (await desk.member_desk.named("author")).address == PHONE
        assert (await browser.post("/account/address/leave")).status == 303
        assert (await desk.member_desk.named("author")).address is None
        assert PHONE.id not in str(await desk.deeds())
