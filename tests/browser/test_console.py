"""The whole life of a campaign in a real browser: an author at a desk, an approver with a phone, and Zalo's wire."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, AsyncIterator

import pyotp
import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from bot.audit import SYSTEM
from bot.broadcasts import receipts
from bot.console.officials import Officials
from bot.storage import Database, migrate
from knowledge.calendar import VIETNAM_TIME
from tests.bot.broadcasts.town import NOW, Door, Person, settle
from tests.bot.console.campaign_desk import CampaignDesk, campaign_desk
from tests.browser.conftest import STEP, accessibility_faults
from tests.connectors.zalo.street import Street, open_street

DESK = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
MAI = "8123450000000000099"  # the author's own account
PERSONS = [f"81234500000000000{number:02}" for number in range(1, 8)]
TITLE = "Miễn lệ phí <hộ tịch>"


@dataclass
class Office:
    """A browser for each official who was invited, what it complained of, and pictures of what was seen."""

    its: CampaignDesk
    street: Street
    browser: Browser
    folder: Path
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    async def enter(self, login: str, **options: Any) -> Page:
        """Follows a one-time link, chooses a password, joins an authenticator, and is in."""
        desk = self.its.desk
        token = await Officials(desk.database, desk.audit, desk.clock).invite(SYSTEM, desk.officials[login].id)
        context = await self.browser.new_context(locale="vi-VN", **options)
        context.set_default_timeout(STEP * 1000)
        self.contexts.append(context)
        page = await context.new_page()
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        await page.goto(f"{desk.url}console/welcome/{token}")
        await page.fill("#password", "một câu dài dễ nhớ")
        await page.fill("#again", "một câu dài dễ nhớ")
        await page.fill("#code", pyotp.TOTP(await page.locator("code").inner_text()).at(desk.clock()))
        await page.get_by_role("button", name="Lưu và đăng nhập").click()
        await expect(page.get_by_role("button", name="Đăng xuất")).to_be_visible()
        return page

    async def look(self, page: Page, name: str) -> None:
        """Nothing to complain of for who cannot see or has a small screen; a picture for people to look at."""
        assert await accessibility_faults(page) == []
        too_wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide <= 0, f"{name} is {too_wide} pixels too wide"
        await page.screenshot(path=self.folder / f"{name}.png", full_page=True)

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and "status of 422" not in text:  # a form that is shown again
            self.complaints.append(text)


@contextlib.asynccontextmanager
async def working_office(browser: Browser, folder: Path) -> AsyncIterator[Office]:
    url = f"sqlite:///{folder}/console.db"
    migrate(url)
    database = Database(url)
    async with open_street(now=lambda: NOW.astimezone(VIETNAM_TIME)) as street:
        people = [Person(f"citizen-{one}", (Door("zalo", one, 1, follows=True),)) for one in PERSONS]
        await settle(database, people)
        for one in (*PERSONS, MAI):
            await street.zalo.citizen_says(one, "xin chào")
        async with campaign_desk(database, {"zalo": street.channel}, settled=False) as its, its.work():
            office = Office(its, street, browser, folder)
            yield office
            for context in office.contexts:
                await context.close()
    await database.close()


@pytest.fixture
async def office(browser: Browser, tmp_path: Path) -> AsyncIterator[Office]:
    async with working_office(browser, tmp_path) as office:
        yield office
        assert office.complaints == []


async def press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name, exact=True).click()


async def write(office: Office, page: Page) -> None:
    await page.get_by_role("link", name="Tin gửi người dân").click()
    await office.look(page, "campaigns-at-a-desk")
    await page.get_by_role("link", name="Soạn thông báo").click()
    await page.fill("#title", TITLE)
    await page.fill("#body_vi", "Đăng ký khai sinh không thu lệ phí từ 01/12/2026.")
    await page.fill("#asked", "khai sinh")
    await press(page, "Lưu và xem trước")
    await expect(page.get_by_role("alert")).to_contain_text("những gì đã gõ vẫn còn")
    await expect(page.locator("#asked")).to_have_attribute("aria-invalid", "true")
    await office.look(page, "form-with-a-fault-at-a-desk")
    await page.fill("#asked", "")
    await press(page, "Lưu và xem trước")


async def see_forecast(page: Page) -> None:
    """It is counted in the background: look again until it is there."""
    counted = page.get_by_role("region", name="Ai nhận được")
    for _ in range(100):
        if await counted.count():
            break
        await page.reload()
    await expect(counted).to_contain_text("Tổng cộng")


async def test_the_whole_life_of_a_campaign(office: Office) -> None:
    author = await office.enter("author", **DESK)
    approver = await office.enter("approver", **PHONE)

    await write(office, author)
    await expect(author.get_by_role("heading", level=1)).to_have_text(TITLE)
    await see_forecast(author)
    await office.look(author, "preview-at-a-desk")

    await office.its.join("author", "zalo", MAI)
    await author.reload()
    await press(author, "Gửi thử cho tôi")
    await expect(author.get_by_role("status")).to_contain_text("Đã gửi thử")
    for _ in range(100):
        if office.street.zalo.messages_to(MAI):
            break
        await author.wait_for_timeout(50)
    assert office.street.zalo.messages_to(MAI)[-1].text.startswith(f"[Gửi thử] {TITLE}")

    await press(author, "Trình duyệt")
    await expect(author.get_by_text("Chờ duyệt")).to_be_visible()
    await expect(author.get_by_role("link", name="Đọc và duyệt")).to_have_count(0)

    address = author.url
    await approver.goto(address)
    await office.look(approver, "submitted-on-a-phone")
    await approver.get_by_role("link", name="Đọc và duyệt").click()
    await approver.get_by_label("Tôi đã đọc nội dung").check()
    await office.look(approver, "approving-on-a-phone")
    await press(approver, "Duyệt")

    await approver.get_by_text("Gửi ngay…").click()
    await office.look(approver, "before-sending-on-a-phone")
    await press(approver, f"Gửi cho {len(PERSONS)} người")
    await expect(approver).to_have_url(re.compile(r"/live$"))

    await author.goto(f"{address}/live")
    await expect(author.locator("[data-live] [data-over]")).to_be_visible()  # the script draws it anew until it is over
    await expect(author.locator("[data-live]")).to_contain_text(f"Đã xử lý {len(PERSONS)} trên {len(PERSONS)}")
    assert all(office.street.zalo.messages_to(one)[-1].text.startswith(TITLE) for one in PERSONS)

    for receipt in await office.street.receipts():
        await office.its.database.run(lambda connection, one=receipt: receipts.note(connection, one))
    await author.reload()
    await expect(author.get_by_role("row", name="Đã đến máy")).to_contain_text(str(len(PERSONS)))
    await office.look(author, "finished-at-a-desk")
    await approver.reload()
    await office.look(approver, "finished-on-a-phone")

    await author.get_by_role("link", name="Báo cáo").click()
    await expect(author.get_by_role("row", name="Zalo Tin nhắn")).to_contain_text(str(len(PERSONS)))
    await office.look(author, "report-at-a-desk")
    async with author.expect_download() as taken:
        await author.get_by_role("link", name="Tải từng tin (CSV)").click()
    kept = office.folder / "deliveries.csv"
    await (await taken.value).save_as(kept)
    assert kept.read_text("utf-8").count("Đã đến máy") == len(PERSONS)
    await approver.get_by_role("link", name="Báo cáo").click()
    await office.look(approver, "report-on-a-phone")


async def test_without_a_script_a_link_shows_the_new_figures(office: Office) -> None:
    page = await office.enter("approver2", **DESK, java_script_enabled=False)
    id = await office.its.approved()
    await page.goto(f"{office.its.desk.url}console/campaigns/{id}/live")
    await expect(page.locator("[data-live]")).to_contain_text("Đã xử lý 0 trên 0")
    await office.its.step("approver", id, "start")
    for _ in range(100):
        if await office.its.state(id) == "finished":
            break
        await page.wait_for_timeout(50)
    await page.get_by_role("link", name="Xem số mới").click()
    await expect(page.locator("[data-live]")).to_contain_text(f"Đã xử lý {len(PERSONS)} trên {len(PERSONS)}")


async def test_a_file_of_recipients_is_sent_up_and_read(office: Office) -> None:
    page = await office.enter("author", **PHONE)
    await page.get_by_role("link", name="Tệp người nhận").click()
    await office.look(page, "files-on-a-phone")
    rows = "Số điện thoại,Họ tên\n0912 000 001,Mai\nkhông có,Sơn\n"
    await page.set_input_files("#file", {"name": "dân.csv", "mimeType": "text/csv", "buffer": rows.encode()})
    await press(page, "Gửi tệp lên")
    await expect(page.locator("[data-live] [data-over]")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("không phải số điện thoại di động")).to_be_visible()
    await office.look(page, "a-file-on-a-phone")
    await page.get_by_role("link", name="Soạn thông báo cho tệp này").click()
    await expect(page.get_by_label("Tệp người nhận")).to_have_value("1")
