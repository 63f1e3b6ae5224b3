"""Signing in: password and code, each wrong thing refused alike, and a lock after five of them."""

from __future__ import annotations

import asyncio
import datetime as dt
import unicodedata

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from bot.console.passwords import Passwords
from bot.console.sessions import Sessions
from bot.console.signing_in import SigningIn, lock_after
from bot.console.tables import officials, sessions
from bot.console.totp import Factors
from bot.storage import Database
from tests.bot.console.newcomer import PASSWORD, joined, sign_in
from tests.bot.console.office import QUICK, SECRET, Desk, console

REFUSED = "hoặc tài khoản đang tạm khóa"


async def test_password_and_code_open_the_console(database: Database) -> None:
    async with console(database) as desk:
        phone, browser = await joined(desk), desk.stranger()
        answer = await sign_in(browser, phone.code(), "Moi.Den")
        assert (answer.status, answer.location) == (303, "")
        assert "HttpOnly" in answer.headers["Set-Cookie"]
        assert "SameSite=Strict" in answer.headers["Set-Cookie"]
        assert "Bùi Thị Mới" in (await browser.get("/account")).text
        assert (await browser.get("/sign-in")).location == ""
        assert (await desk.deeds())[-1] == ("Bùi Thị Mới", "session.open", "official moi.den")


async def test_one_comes_back_to_the_page_that_was_asked_for(database: Database) -> None:
    async with console(database) as desk:
        phone, browser = await joined(desk), desk.stranger()
        form = {"login": "moi.den", "password": PASSWORD, "code": phone.code()}
        assert (await browser.post("/sign-in?next=%2F%2Fevil.example", form)).location == "//evil.example"  # in here
        form["code"] = phone.code(seconds=30)
        assert (await browser.post("/sign-in?next=https%3A%2F%2Fevil.example", form)).location == ""


async def test_everything_wrong_is_refused_with_the_same_words(database: Database) -> None:
    async with console(database) as desk:
        phone = await joined(desk)
        wrong = str((int(phone.code()) + 1) % 1_000_000).zfill(6)
        said = {
            (answer.status, answer.text.replace("khong.co", "moi.den"))
            for answer in [
                await sign_in(desk.stranger(), phone.code(), "khong.co"),
                await sign_in(desk.stranger(), phone.code(), password="sai mật khẩu rồi"),
                await sign_in(desk.stranger(), wrong),
                await sign_in(desk.stranger(), ""),
            ]
        }
        assert len(said) == 1
        status, text = said.pop()
        assert status == 403
        assert REFUSED in text
        assert [deed for deed in await desk.deeds() if deed[1] == "official.refused"] == [
            ("?", "official.refused", "official"),
            *[("Bùi Thị Mới", "official.refused", "official moi.den")] * 3,
        ]


async def test_a_code_works_once(database: Database) -> None:
    async with console(database) as desk:
        phone = await joined(desk)
        code = phone.code()
        assert (await sign_in(desk.stranger(), code)).status == 303
        assert (await sign_in(desk.stranger(), code)).status == 403
        assert (await sign_in(desk.stranger(), phone.code(seconds=-30))).status == 403  # one from before it neither
        assert (await sign_in(desk.stranger(), phone.code(seconds=30))).status == 303


async def test_a_code_of_another_time_is_none(database: Database) -> None:
    async with console(database) as desk:
        phone = await joined(desk)
        assert (await sign_in(desk.stranger(), phone.code(seconds=61))).status == 403
        desk.clock.move(minutes=10)
        assert (await sign_in(desk.stranger(), phone.code(seconds=-61))).status == 403


async def fail(desk: Desk, times: int) -> None:
    for _ in range(times):
        assert (await sign_in(desk.stranger(), "000000", password="sai mật khẩu rồi")).status == 403


async def test_five_failures_lock_the_login_and_each_five_more_for_longer(database: Database) -> None:
    async with console(database) as desk:
        phone = await joined(desk)
        await fail(desk, 5)
        assert (await sign_in(desk.stranger(), phone.code())).status == 403
        desk.clock.move(minutes=14)
        assert (await sign_in(desk.stranger(), phone.code())).status == 403
        desk.clock.move(minutes=1)
        assert (await sign_in(desk.stranger(), phone.code())).status == 303
        locks = [deed for deed in await desk.deeds() if deed[1] == "official.lock"]
        assert locks == [("Bùi Thị Mới", "official.lock", "official moi.den")]


async def test_many_attempts_at_once_are_not_more_than_five(database: Database) -> None:
    async with console(database) as desk:
        signing_in = _signing_in(desk, QUICK)
        await joined(desk)
        guesses = (signing_in.sign_in("moi.den", "sai mật khẩu rồi", "000000", "") for _ in range(12))
        assert set(await asyncio.gather(*guesses)) == {None}
        assert await _column(database, officials.c.failures) == 5


def _signing_in(desk: Desk, hasher: PasswordHasher) -> SigningIn:
    sessions, factors = Sessions(desk.database, desk.clock), Factors(SECRET, "Trung tâm")
    return SigningIn(desk.database, desk.audit, sessions, Passwords(hasher), factors, desk.clock)


class Counting(PasswordHasher):
    """Counts how often it has verified anything."""

    verified = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        self.verified += 1
        return super().verify(hash, password)


async def test_a_login_that_nobody_has_costs_as_much_as_a_wrong_password(database: Database) -> None:
    async with console(database) as desk:
        await joined(desk)
        hasher = Counting(time_cost=1, memory_cost=8, parallelism=1)
        signing_in = _signing_in(desk, hasher)
        assert await signing_in.sign_in("moi.den", "sai mật khẩu rồi", "000000", "") is None
        assert await signing_in.sign_in("khong.co", "sai mật khẩu rồi", "000000", "") is None
        assert await signing_in.sign_in("author", "sai mật khẩu rồi", "000000", "") is None  # has none yet
        assert hasher.verified == 3


async def _column(database: Database, column: sa.Column) -> object:
    query = sa.select(column).where(officials.c.login == "moi.den")
    return await database.run(lambda connection: connection.execute(query).scalar())


@pytest.mark.parametrize(("failures", "minutes"), [(5, 15), (10, 30), (15, 60), (500, 24 * 60)])
def test_locks_double_up_to_a_day(failures: int, minutes: int) -> None:
    assert lock_after(failures) == dt.timedelta(minutes=minutes)


async def test_a_network_address_is_slowed_down(database: Database) -> None:
    async with console(database) as desk:
        answers = [await sign_in(desk.stranger(), "000000", "khong.co") for _ in range(11)]
        assert [answer.status for answer in answers] == [403] * 10 + [429]
        assert int(answers[-1].headers["Retry-After"]) > 0


async def test_a_form_from_elsewhere_signs_nobody_in(database: Database) -> None:
    async with console(database) as desk:
        phone, browser = await joined(desk), desk.stranger()
        browser.headers = {"Origin": "https://evil.example"}
        assert (await sign_in(browser, phone.code())).status == 403
        assert browser.token == ""


async def test_a_hash_of_other_parameters_is_made_anew(database: Database) -> None:
    async with console(database) as desk:
        phone = await joined(desk)
        before = await _column(database, officials.c.password)
        signing_in = _signing_in(desk, PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
        assert await signing_in.sign_in("moi.den", PASSWORD, phone.code(), "")
        after = await _column(database, officials.c.password)
        assert "t=1" in str(before)
        assert "t=2" in str(after)
        assert (await sign_in(desk.stranger(), phone.code(seconds=30))).status == 303


async def test_a_second_factor_of_another_key_lets_nobody_in(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with console(database) as desk:
        phone = await joined(desk)
        sealed = Factors("another secret", "Trung tâm").seal(phone.secret)
        change = officials.update().values(totp_secret=sealed)
        await database.run(lambda connection: connection.execute(change))
        assert (await sign_in(desk.stranger(), phone.code())).status == 403
        assert "cannot be read with this SECRET_KEY" in caplog.text


async def test_only_digests_and_ciphers_are_stored(database: Database) -> None:
    async with console(database) as desk:
        phone, browser = await joined(desk), desk.stranger()
        await sign_in(browser, phone.code())
        cookie = next(one.value for one in browser.client.cookie_jar if one.key == "console")
        for table in (officials, sessions):
            stored = str(await database.run(lambda c, one=table: c.execute(sa.select(one)).all()))
            for secret in (phone.secret, PASSWORD, cookie):
                assert secret not in stored


async def test_a_password_is_the_same_whichever_keyboard_typed_its_marks(database: Database) -> None:
    async with console(database) as desk:
        phone, browser = await joined(desk), desk.stranger()
        apart = unicodedata.normalize("NFD", PASSWORD)
        assert (await sign_in(browser, phone.code(), password=apart)).status == 303
