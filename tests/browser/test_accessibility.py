"""Keyboard and screen reader: focus, live region, and axe-core in every state of the page."""

from __future__ import annotations

from typing import Awaitable, Callable

import pytest
from playwright.async_api import expect

from connectors.messages import Reply
from tests.browser.conftest import Site, Visit, Visits, accessibility_faults
from tests.connectors.scripted_talk import PAPERS, PERSON

PHONE = {"viewport": {"width": 360, "height": 740}}


async def ask(visit: Visit, count: int = 2) -> None:
    await visit.ask("đăng ký khai sinh")
    await expect(visit.page.locator(".entry:not(.pending)")).to_have_count(count)


async def be_empty(visit: Visit) -> None:
    await expect(visit.page.locator("#welcome")).to_be_visible()


async def converse(visit: Visit) -> None:
    await ask(visit)


async def hear_a_person(visit: Visit) -> None:
    await ask(visit)
    address = visit.site.talk.received[0].address
    visit.site.talk.say(address, PERSON)
    visit.site.chat.announce(address)
    await expect(visit.page.locator(".entry.person")).to_have_count(1)


async def press_a_choice(visit: Visit) -> None:
    await ask(visit)
    await visit.page.get_by_role("button", name="Lệ phí bao nhiêu?").click()
    await expect(visit.page.locator(".entry:not(.pending)")).to_have_count(4)


async def wait_for_an_answer(visit: Visit) -> None:
    visit.site.talk.open.clear()
    await visit.ask("đăng ký khai sinh")
    await expect(visit.page.locator("#typing")).to_be_visible()


async def be_offline(visit: Visit) -> None:
    await ask(visit)
    await visit.context.set_offline(True)
    await visit.ask("khi mất mạng")
    await expect(visit.page.locator("#offline p")).to_be_visible()


async def be_refused(visit: Visit) -> None:
    await ask(visit)  # the page has read its history by then, which a broken house could not give
    visit.site.talk.broken = True
    await visit.ask("đăng ký khai sinh")
    await expect(visit.page.locator("#trouble p")).to_be_visible()


async def speak_english(visit: Visit) -> None:
    await ask(visit)
    await visit.page.get_by_role("link", name="English").click()
    await expect(visit.page.locator("html")).to_have_attribute("lang", "en")


async def choose_dark(visit: Visit) -> None:
    await press_a_choice(visit)
    await visit.page.locator("#dark").click()
    await expect(visit.page.locator("#dark")).to_have_attribute("aria-pressed", "true")


async def choose_the_largest_text(visit: Visit) -> None:
    await press_a_choice(visit)
    await visit.page.locator("#size").click()
    await visit.page.locator("#size").click()
    await expect(visit.page.locator("html")).to_have_attribute("data-size", "2")


async def have_news_below(visit: Visit) -> None:
    await ask(visit)
    await ask(visit, 4)
    await visit.page.locator("#scroll").evaluate("scroll => { scroll.scrollTop = 0 }")
    address = visit.site.talk.received[0].address
    visit.site.talk.say(address, Reply(text="Hồ sơ đã có kết quả.", author="person"))
    visit.site.chat.announce(address)
    await expect(visit.page.locator("#news")).to_be_visible()


STATES: list[Callable[[Visit], Awaitable[None]]] = [
    be_empty,
    converse,
    hear_a_person,
    press_a_choice,
    wait_for_an_answer,
    be_offline,
    be_refused,
    speak_english,
    choose_dark,
    choose_the_largest_text,
    have_news_below,
]


@pytest.mark.parametrize("reach_state", STATES, ids=lambda state: state.__name__)
async def test_axe_reports_nothing(visits: Visits, reach_state: Callable[[Visit], Awaitable[None]]) -> None:
    visit = await visits.begin(reduced_motion="reduce")
    page = visit.page
    await reach_state(visit)
    assert await accessibility_faults(page) == [], "desk"
    await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert await accessibility_faults(page) == [], "dark desk"
    # axe-core measures the author's colours although the browser shows the citizen's.
    await page.emulate_media(forced_colors="active", reduced_motion="reduce")
    assert await accessibility_faults(page, without=("color-contrast",)) == [], "forced colours"
    await page.emulate_media(color_scheme="light", forced_colors="none", reduced_motion="reduce")
    await page.set_viewport_size(PHONE["viewport"])
    assert await accessibility_faults(page) == [], "phone"


@pytest.mark.parametrize("path", ["/?plain=1", "/widget"])
async def test_axe_reports_nothing_on_the_other_pages(visits: Visits, path: str) -> None:
    visit = await visits.begin(path)
    await visit.page.fill("#text", "đăng ký khai sinh")
    await visit.page.click("#write button")
    await expect(visit.page.locator(".entry:not(.pending)")).to_have_count(2)
    assert await accessibility_faults(visit.page) == []


async def test_axe_reports_nothing_around_an_open_widget(visits: Visits, site: Site) -> None:
    visit = await visits.begin(site.embedding_page)
    assert await accessibility_faults(visit.page) == []
    await visit.page.get_by_role("button", name="Hỏi trợ lý ảo Một Cửa").click()
    frame = visit.page.frame_locator("iframe")
    await frame.locator("#text").fill("đăng ký khai sinh")
    await visit.page.keyboard.press("Enter")
    await expect(frame.locator(".entry:not(.pending)")).to_have_count(2)
    assert await accessibility_faults(visit.page) == []


async def test_everything_is_done_with_the_keyboard(visits: Visits) -> None:
    visit = await visits.begin()
    page = visit.page
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#text")).to_be_focused()
    await page.keyboard.type("đăng ký khai sinh")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("cho con")
    await page.keyboard.press("Enter")
    await expect(page.locator(".entry:not(.pending)")).to_have_count(2)
    assert visit.site.talk.received[0].text == "đăng ký khai sinh\ncho con"
    await expect(page.locator("#text")).to_be_focused()
    for title in reversed([choice.title for choice in PAPERS.choices]):
        await page.keyboard.press("Shift+Tab")
        await expect(page.get_by_role("button", name=title)).to_be_focused()
    await page.keyboard.press("Space")
    await expect(page.locator(".entry:not(.pending)")).to_have_count(4)
    await expect(page.get_by_role("button", name=PAPERS.choices[0].title)).to_be_focused()


async def test_the_focus_is_always_visible(visits: Visits) -> None:
    visit = await visits.begin()
    await ask(visit)
    for _ in range(14):
        await visit.page.keyboard.press("Tab")
        outline = await visit.page.evaluate(
            "() => { const it = document.activeElement; return it === document.body || "
            "(getComputedStyle(it).outlineStyle !== 'none' && parseFloat(getComputedStyle(it).outlineWidth) >= 2) }"
        )
        assert outline, await visit.page.evaluate("document.activeElement.outerHTML")


async def test_a_message_is_told_once_and_dropped_and_the_focus_stays(visits: Visits) -> None:
    visit = await visits.begin()
    page = visit.page
    await page.evaluate(
        "() => { window.told = []; new MutationObserver(changes => changes.forEach(change => change.addedNodes.forEach("
        "node => told.push(node.textContent)))).observe(document.getElementById('live'), { childList: true }) }"
    )
    await ask(visit)
    await expect(page.locator("#text")).to_be_focused()
    assert await page.evaluate("told") == [f"Trợ lý ảo: {PAPERS.text}"]
    await expect(page.locator("#live > *")).to_have_count(0)


async def test_the_end_of_the_conversation_is_said(visits: Visits) -> None:
    visit = await visits.begin()
    await ask(visit)
    region = visit.page.get_by_role("region", name="Cuộc trò chuyện")
    assert (await region.inner_text()).strip().endswith("Hết cuộc trò chuyện.")


async def test_news_below_are_offered_and_not_forced_on_the_reader(visits: Visits) -> None:
    visit = await visits.begin(**PHONE)
    await have_news_below(visit)
    assert await visit.page.locator("#scroll").evaluate("scroll => scroll.scrollTop") == 0
    await visit.page.get_by_role("button", name="Tin mới").press("Enter")
    await expect(visit.page.locator("#news")).to_be_hidden()
    await expect(visit.page.locator(".entry.person")).to_be_focused()
    await expect(visit.page.locator(".entry.person")).to_be_in_viewport()


async def test_targets_are_large_enough_for_a_finger(visits: Visits) -> None:
    visit = await visits.begin(**PHONE)
    await ask(visit)
    small = await visit.page.locator("a:visible, button:visible, textarea").evaluate_all(
        "targets => targets.map(it => [it.outerHTML, it.getBoundingClientRect()])"
        ".filter(([html, box]) => !html.includes('skip') && Math.min(box.width, box.height) < 24).map(([html]) => html)"
    )
    assert small == []


async def test_the_look_is_kept_in_the_browser(visits: Visits) -> None:
    visit = await visits.begin()
    await visit.page.locator("#dark").click()
    await visit.page.locator("#size").click()
    await visit.page.reload()
    await expect(visit.page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(visit.page.locator("html")).to_have_attribute("data-size", "1")


async def test_nothing_moves_when_motion_is_unwanted(visits: Visits) -> None:
    visit = await visits.begin(reduced_motion="reduce")
    await wait_for_an_answer(visit)
    dots = visit.page.locator("#typing .dots i").first
    assert await dots.evaluate("dot => getComputedStyle(dot).animationName") == "none"
    visit.site.talk.open.set()
    await expect(visit.page.locator("#typing")).to_be_hidden()
