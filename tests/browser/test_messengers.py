"""The emulated phones and the page that shows them beside the web chat, with the whole assistant behind them."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Iterator, Union

import pytest
from playwright.async_api import FrameLocator, Locator, Page, ViewportSize, expect

from bot.demo_command import EXAMPLE
from emulators.side_by_side import receipt_slip
from tests.bot.showing import Demonstration
from tests.browser.conftest import Visit, Visits, accessibility_faults

WELCOME = "máy trả lời tự động"
QUESTION = "lam khai sinh cho be can giay to gi"
PHONE = ViewportSize(width=360, height=740)
# Axe cannot look into the frames of another origin: each of them is a page of its own here.
PAGES = ("page", "zalo", "telegram")


@pytest.fixture(scope="module")
def demonstration(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    demonstration = Demonstration(tmp_path_factory.mktemp("demonstration"))
    demonstration.start()
    yield demonstration
    assert demonstration.end(signal.SIGTERM) == 0
    assert "Traceback" not in demonstration.log


def answers(phone: Union[Page, FrameLocator]) -> Locator:
    return phone.locator(".message:not(.mine)")


async def ask(phone: Union[Page, FrameLocator], question: str) -> None:
    await phone.locator("#text").fill(question)
    await phone.locator("#text").press("Enter")


async def send_slip(visit: Visit, folder: Path) -> None:
    """A photographed receipt slip; the state of its dossier is answered."""
    slip = folder / "slip.png"
    slip.write_bytes(receipt_slip(EXAMPLE))
    await visit.page.locator("#photo").set_input_files(slip)
    await expect(visit.page.locator(".message.mine img")).to_be_visible()
    await expect(answers(visit.page).last).to_contain_text(EXAMPLE)


async def test_a_citizen_asks_and_chooses_by_number_in_zalo(
    visits: Visits, demonstration: Demonstration, tmp_path: Path
) -> None:
    visit = await visits.begin(demonstration.addresses["zalo"])
    await visit.page.get_by_label("Quan tâm trang").check()
    await expect(answers(visit.page)).to_contain_text(WELCOME)
    await ask(visit.page, QUESTION)
    await expect(answers(visit.page)).to_have_count(2)
    await expect(answers(visit.page).last).to_contain_text("Tờ khai đăng ký khai sinh")
    await expect(answers(visit.page).last).to_contain_text("3. Lệ phí")
    await ask(visit.page, "3")
    await expect(answers(visit.page)).to_have_count(3)
    await expect(answers(visit.page).last).to_contain_text("lệ phí:")
    await send_slip(visit, tmp_path)
    await visit.page.screenshot(path=tmp_path / "zalo.png")


async def test_a_citizen_asks_and_presses_in_telegram(
    visits: Visits, demonstration: Demonstration, tmp_path: Path
) -> None:
    visit = await visits.begin(demonstration.addresses["telegram"])
    await visit.page.get_by_role("button", name="Bắt đầu").click()
    await expect(answers(visit.page)).to_contain_text(WELCOME)
    await ask(visit.page, QUESTION)
    question = answers(visit.page).nth(1)
    await expect(question).to_contain_text("Tờ khai đăng ký khai sinh")
    await question.get_by_role("button", name="Lệ phí").click()
    await expect(answers(visit.page)).to_have_count(3)
    await expect(answers(visit.page).last).to_contain_text("lệ phí:")
    await expect(question.get_by_role("button")).to_have_text(["✓ Lệ phí"])
    await send_slip(visit, tmp_path)
    await visit.page.screenshot(path=tmp_path / "telegram.png")


async def test_all_three_stand_side_by_side(visits: Visits, demonstration: Demonstration, tmp_path: Path) -> None:
    visit = await visits.begin(demonstration.addresses["page"], viewport={"width": 1280, "height": 800})
    page = visit.page
    for name in ("Zalo", "Telegram"):
        phone = page.frame_locator(f"iframe[title={name}]")
        await phone.locator("#person").select_option(index=1)
        await ask(phone, QUESTION)
        await expect(answers(phone).last).to_contain_text("Tờ khai đăng ký khai sinh")
    web = page.frame_locator("iframe[title=Web]")
    await ask(web, QUESTION)
    await expect(web.locator(".entry").last).to_contain_text("Tờ khai đăng ký khai sinh")
    boxes = [await frame.bounding_box() for frame in await page.locator("iframe").all()]
    assert len({box["y"] for box in boxes if box}) == 1, "beside each other"
    assert await page.evaluate("document.documentElement.scrollWidth") <= 1280
    await page.screenshot(path=tmp_path / "side-by-side.png")
    await page.set_viewport_size(PHONE)
    boxes = [await frame.bounding_box() for frame in await page.locator("iframe").all()]
    assert len({box["y"] for box in boxes if box}) == 3, "below each other"
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    await page.screenshot(path=tmp_path / "on-a-phone.png")


@pytest.mark.parametrize("name", PAGES)
async def test_axe_reports_nothing(visits: Visits, demonstration: Demonstration, name: str) -> None:
    visit = await visits.begin(demonstration.addresses[name])
    if name != "page":
        await visit.page.locator("#person").select_option(index=2)
        await ask(visit.page, QUESTION)
        await expect(answers(visit.page).last).to_be_visible()
    assert await accessibility_faults(visit.page) == []
    await visit.page.set_viewport_size(PHONE)
    assert await accessibility_faults(visit.page) == []
