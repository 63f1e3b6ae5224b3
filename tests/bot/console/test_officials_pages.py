"""Officials are managed by administrators, and there is always one of those."""

from __future__ import annotations

import pytest

from bot.console.officials import LastAdministrator, NoSuchOfficial
from bot.console.roles import Role
from bot.storage import Database
from tests.bot.console.newcomer import joined
from tests.bot.console.office import console

TRICKY = "<script>alert(1)</script> & 'Mai'"


async def test_an_official_is_added_with_a_link_that_is_shown_once(database: Database) -> None:
    async with console(database) as desk:
        browser = desk.browser("administrator")
        form = {"login": "Moi.Den", "name": "Bùi Thị Mới", "roles": ["author", "approver", "nothing"]}
        added = await browser.post("/officials", form)
        assert added.status == 200
        assert f"<code>{desk.url}console/welcome/" in added.text
        member = await desk.member_desk.named("moi.den")
        assert member.official.roles == frozenset({Role.AUTHOR, Role.APPROVER})
        assert "chưa dùng đường dẫn" in (await browser.get("/officials")).text
        assert (await desk.deeds())[-1] == ("Hoàng Thị Lan", "official.add", "official moi.den")


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"login": "author", "name": "Ai", "roles": "author"}, 409),
        ({"login": "có dấu", "name": "Ai", "roles": "author"}, 400),
        ({"login": "a", "name": "Ai", "roles": "author"}, 400),
        ({"login": "moi.den", "name": "", "roles": "author"}, 400),
        ({"login": "moi.den", "name": "Ai", "roles": "nothing"}, 400),
        ({}, 400),
    ],
)
async def test_what_cannot_be_added(database: Database, form: dict[str, str], status: int) -> None:
    async with console(database) as desk:
        assert (await desk.browser("administrator").post("/officials", form)).status == status
        with pytest.raises(NoSuchOfficial):
            await desk.member_desk.named("moi.den")


async def test_html_in_a_name_is_shown_as_text(database: Database) -> None:
    async with console(database) as desk:
        browser = desk.browser("administrator")
        number = desk.officials["author"].id
        assert (await browser.post(f"/officials/{number}", {"name": TRICKY, "roles": "author"})).status == 303
        pages = [
            await browser.get("/officials"),
            await browser.get(f"/officials/{number}"),
            await browser.get("/audit"),
            await desk.browser("author").get("/account"),
        ]
        for page in pages:
            assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#39;Mai&#39;" in pages[0].text


async def test_a_role_that_was_taken_away_is_gone_at_the_next_page(database: Database) -> None:
    async with console(database) as desk:
        form = {"name": "Trần Thị Mai", "roles": "administrator"}
        author, number = desk.browser("author"), desk.officials["author"].id
        assert (await author.get("/officials")).status == 403
        assert (await desk.browser("administrator").post(f"/officials/{number}", form)).status == 303
        assert (await author.get("/officials")).status == 200


async def test_whoever_is_disabled_is_out_at_once(database: Database) -> None:
    async with console(database) as desk:
        browser, author = desk.browser("administrator"), desk.browser("author")
        path = f"/officials/{desk.officials['author'].id}"
        assert (await browser.post(f"{path}/disable")).status == 303
        assert (await author.get("/account")).location.startswith("/sign-in")
        assert "đã khóa" in (await browser.get("/officials")).text
        assert (await browser.post(f"{path}/enable")).status == 303
        assert (await author.get("/account")).status == 303  # the session stays gone
        assert [deed[1] for deed in (await desk.deeds())[-2:]] == ["official.disable", "official.enable"]


async def test_the_last_administrator_stays(database: Database) -> None:
    async with console(database) as desk:
        number, browser = desk.officials["administrator"].id, desk.browser("administrator")
        assert (await browser.post(f"/officials/{number}/disable")).status == 409
        assert (await browser.post(f"/officials/{number}", {"name": "Lan", "roles": "author"})).status == 409
        assert (await browser.get("/officials")).status == 200
        # One who has not taken the link yet cannot manage anything, one who has can.
        actor = desk.officials["administrator"].actor
        await desk.member_desk.add(actor, "chua.den", "Chưa Đến", frozenset({Role.ADMINISTRATOR}))
        with pytest.raises(LastAdministrator):
            await desk.member_desk.disable(actor, number)
        await joined(desk)
        newcomer = await desk.member_desk.named("moi.den")
        await desk.member_desk.change(actor, newcomer.official.id, "Bùi Thị Mới", frozenset({Role.ADMINISTRATOR}))
        await desk.member_desk.disable(actor, number)
        assert (await desk.member_desk.get(number)).disabled


async def test_nobody_has_this_number(database: Database) -> None:
    async with console(database) as desk:
        browser = desk.browser("administrator")
        assert (await browser.get("/officials/999999")).status == 404
        assert (await browser.post("/officials/999999/reset")).status == 404
        assert (await browser.get("/officials/99999999999999999999")).status == 404
