"""The frame around every page: who may see it, and which forms are taken."""

from __future__ import annotations

import pytest
from aiohttp import web

from bot.console.pages import Page, Visit
from bot.console.roles import Permission, permissions
from bot.console.sessions import IDLE, LONGEST
from bot.storage import Database
from tests.bot.console.office import STAFF, Answer, Browser, console

POLICY = "default-src 'none'; style-src 'self'"


async def show(visit: Visit) -> web.Response:
    return visit.refuse(f"{visit.official.name} <b>&", 200)


async def change(visit: Visit) -> web.Response:
    return visit.go("/", (await visit.form())["what"])


async def take(visit: Visit) -> web.Response:
    visit.check_upload(visit.request.query.get("token", ""))
    return visit.go("/", str(len(await visit.request.read())))


async def forget_to_check(visit: Visit) -> web.Response:
    return visit.go("/")


PAGES = [
    Page("GET", "/", Permission.SIGNED_IN, show),
    Page("GET", "/campaigns", Permission.READ_CAMPAIGNS, show),
    Page("POST", "/campaigns/{id}/submit", Permission.WRITE_CAMPAIGNS, change),
    Page("POST", "/files", Permission.WRITE_CAMPAIGNS, take, upload=True),
    Page("POST", "/files/careless", Permission.WRITE_CAMPAIGNS, forget_to_check, upload=True),
]


async def test_a_page_and_a_form(database: Database) -> None:
    async with console(database, PAGES) as desk:
        browser = desk.browser("author")
        shown = await browser.get("/campaigns")
        assert shown.status == 200
        assert "Trần Thị Mai &lt;b&gt;&amp;" in shown.text
        changed = await browser.post("/campaigns/1/submit", {"what": "Đã <gửi>"})
        assert (changed.status, changed.location) == (303, "")
        assert "Đã &lt;gửi&gt;" in (await browser.get("/")).text
        assert "Đã &lt;gửi&gt;" not in (await browser.get("/")).text


async def ask(browser: Browser, page: Page) -> Answer:
    path = page.path.replace("{id:[0-9]{1,9}}", "1").replace("{id}", "1")
    path = path.replace("{what:assistant|broadcasts}", "assistant")
    return await (browser.get(path) if page.method == "GET" else browser.post(path, {"what": "x"}))


async def test_every_page_refuses_whoever_lacks_its_permission(database: Database) -> None:
    async with console(database, PAGES) as desk:
        refusals = 0
        for page in desk.pages:
            for login, official in desk.officials.items():
                if page.permission not in permissions(official.roles):
                    assert (await ask(desk.browser(login), page)).status == 403, (page.method, page.path, login)
                    refusals += 1
        assert refusals > len(STAFF)


async def test_a_slash_too_many_leads_to_the_first_page(database: Database) -> None:
    async with (
        console(database, PAGES) as desk,
        desk.browser("author").client.get("/console/", allow_redirects=False) as answer,
    ):
        assert (answer.status, answer.headers["Location"]) == (308, "/console")


async def test_nobody_is_sent_to_sign_in(database: Database) -> None:
    async with console(database, PAGES) as desk:
        stranger = desk.stranger()
        assert (await stranger.get("/campaigns?state=draft")).location == "/sign-in?next=%2Fcampaigns%3Fstate%3Ddraft"
        assert (await stranger.get("/campaigns", **{"Sec-Fetch-Mode": "cors"})).status == 401
        for page in desk.pages:
            assert (await ask(stranger, page)).location.startswith("/sign-in"), (page.method, page.path)


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ({"token": ""}, {}),
        ({"token": "0" * 64}, {}),
        ({"token": "ế"}, {}),
        ({}, {"Sec-Fetch-Site": "cross-site"}),
        ({}, {"Sec-Fetch-Site": "same-site"}),
        ({}, {"Origin": "https://evil.example"}),
        ({}, {"Origin": "null"}),
    ],
)
async def test_a_forged_form_is_refused(database: Database, form: dict[str, str], headers: dict[str, str]) -> None:
    async with console(database, PAGES) as desk:
        answer = await desk.browser("author").post("/campaigns/1/submit", {"what": "x", **form}, **headers)
        assert answer.status == 403
        assert "Biểu mẫu này không còn hiệu lực" in answer.text


async def test_the_token_of_another_session_is_refused(database: Database) -> None:
    async with console(database, PAGES) as desk:
        same_official = await desk.sign_in("author")
        for other in (desk.browser("author2"), same_official):
            answer = await desk.browser("author").post("/campaigns/1/submit", {"what": "x", "token": other.token})
            assert answer.status == 403


async def test_a_browser_that_does_not_say_where_a_form_comes_from_is_not_believed(database: Database) -> None:
    async with console(database, PAGES) as desk:
        browser = desk.browser("author")
        browser.headers = {}
        assert (await browser.post("/campaigns/1/submit", {"what": "x"})).status == 403
        browser.headers = {"Sec-Fetch-Site": "same-origin"}
        assert (await browser.post("/campaigns/1/submit", {"what": "x"})).status == 303


async def test_an_upload_is_checked_by_its_handler(database: Database) -> None:
    async with console(database, PAGES) as desk:
        browser = desk.browser("author")
        assert (await browser.post(f"/files?token={browser.token}", {"a": "b"})).status == 303
        assert (await browser.post("/files?token=wrong", {"a": "b"})).status == 403
        assert (await browser.post("/files/careless", {"a": "b"})).status == 500


async def test_what_is_no_form_is_refused(database: Database) -> None:
    async with console(database, PAGES) as desk:
        browser = desk.browser("author")
        assert (await browser.post("/campaigns/1/submit", {"what": "a\x00b"})).status == 400
        assert (await browser.post("/campaigns/1/submit", {"what": "x" * 300_000})).status == 413
        assert (await browser.post("/campaigns/1/submit", {"what": ["x"] * 3_000})).status == 400


async def test_every_answer_carries_the_policy(database: Database) -> None:
    async with console(database, PAGES) as desk:
        paths = ("/", "/sign-in", "/nothing-here", "/campaigns", "/welcome/no-such-token", "/officials")
        for browser in (desk.browser("author"), desk.browser("administrator"), desk.stranger()):
            for path in paths:
                answer = await browser.get(path)
                assert answer.headers["Content-Security-Policy"].startswith(POLICY), path
                assert answer.headers["Cache-Control"] == "no-store", path
        page = (await desk.browser("author").get("/")).text
        style = page.partition('rel="stylesheet" href="/console')[2].partition('"')[0]
        served = await desk.stranger().get(style)
        assert served.status == 200
        assert "immutable" in served.headers["Cache-Control"]


async def test_a_session_ends_after_half_an_hour_of_quiet(database: Database) -> None:
    async with console(database, PAGES) as desk:
        browser = desk.browser("author")
        for _ in range(3):
            desk.clock.move(seconds=IDLE.total_seconds() - 60)
            assert (await browser.get("/")).status == 200
        desk.clock.move(minutes=20)
        assert (await browser.get("/", **{"Sec-Fetch-Mode": "cors"})).status == 200  # a script: keeps nobody signed in
        desk.clock.move(minutes=20)
        assert (await browser.get("/")).location.startswith("/sign-in")


async def test_a_session_ends_after_twelve_hours_in_any_case(database: Database) -> None:
    async with console(database, PAGES) as desk:
        browser = desk.browser("author")
        for _ in range(int(LONGEST.total_seconds() // 1200) - 1):
            desk.clock.move(minutes=20)
            assert (await browser.get("/")).status == 200
        desk.clock.move(minutes=20)
        assert (await browser.get("/")).location.startswith("/sign-in")


async def test_the_menu_shows_what_one_may_open(database: Database) -> None:
    async with console(database, PAGES) as desk:
        author, agent = (await desk.browser("author").get("/")).text, (await desk.browser("agent").get("/")).text
        assert 'href="/console/campaigns"' in author
        assert 'href="/console/campaigns"' not in agent
        assert 'href="/console" aria-current="page"' in author
        assert 'href="/console/officials"' in (await desk.browser("administrator").get("/")).text


async def test_who_was_signed_out_hears_that_the_form_was_not_kept(database: Database) -> None:
    async with console(database) as desk:
        browser = desk.browser("agent")
        desk.clock.move(minutes=31)
        answer = await browser.post("/account/language", {"language": "en"})
        assert (answer.status, answer.location) == (303, "/sign-in")
        assert "chưa được ghi" in (await browser.get(answer.location)).text
