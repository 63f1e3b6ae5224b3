"""The page in a real browser: asking, pressing, losing the network, reloading, several tabs, no scripts, the widget."""

from __future__ import annotations

import re

from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Site, Visit, Visits
from tests.connectors.scripted_talk import FEE, PERSON


async def lines(page: Page) -> list[str]:
    return [text.strip() for text in await page.locator(".entry:not(.pending) .bubble").all_inner_texts()]


async def expect_lines(page: Page, count: int) -> None:
    await expect(page.locator(".entry:not(.pending)")).to_have_count(count)
    await expect(page.locator(".pending")).to_have_count(0)


async def conversation(visits: Visits, **options: object) -> Visit:
    visit = await visits.begin(**options)
    await visit.ask("đăng ký khai sinh")
    await expect_lines(visit.page, 2)
    return visit


def choice(page: Page, title: str) -> Locator:
    return page.get_by_role("button", name=title)


async def test_a_question_is_answered_with_a_card_and_choices(visits: Visits) -> None:
    visit = await conversation(visits)
    card = visit.page.locator(".card")
    await expect(card.get_by_role("heading", name="Đăng ký khai sinh")).to_be_visible()
    await expect(card.locator(".items li")).to_have_text([re.compile("chứng sinh"), re.compile("Tờ khai")])
    source = card.get_by_role("link", name="Cổng Dịch vụ công quốc gia")
    assert await source.get_attribute("rel") == "noopener noreferrer"
    await expect(visit.page.locator(".choices button:visible").first).to_be_visible()
    assert await visit.page.input_value("#text") == ""


async def test_a_pressed_choice_is_answered_and_stays_where_the_focus_is(visits: Visits) -> None:
    visit = await conversation(visits)
    button = choice(visit.page, "Lệ phí bao nhiêu?")
    await button.press("Enter")
    await expect_lines(visit.page, 4)
    assert (await lines(visit.page))[2:] == ["Lệ phí bao nhiêu?", FEE.text]
    await expect(button).to_be_focused()
    await expect(button).to_have_attribute("aria-disabled", "true")
    await button.press("Enter")
    await visit.ask("còn gì nữa")
    await expect_lines(visit.page, 6)
    assert [message.pressed for message in visit.site.talk.received] == [False, True, False]


async def test_a_starter_asks_its_question(visits: Visits) -> None:
    visit = await visits.begin()
    starter = choice(visit.page, "Đăng ký khai sinh cần giấy tờ gì?")
    await starter.click()
    await expect_lines(visit.page, 2)
    await expect(starter).to_be_focused()
    assert visit.site.talk.received[0].text == "Đăng ký khai sinh cần giấy tờ gì?"


async def test_nothing_is_lost_and_nothing_comes_twice_when_the_network_goes_away(visits: Visits) -> None:
    visit = await conversation(visits)
    site, page = visit.site, visit.page
    site.talk.open.clear()
    await visit.ask("câu hỏi trên đường")
    await expect(page.locator("#typing")).to_be_visible()
    await visit.context.set_offline(True)
    await expect(page.locator("#offline p")).to_be_visible()
    site.talk.open.set()
    await visit.ask("khi mất mạng một")
    await visit.ask("khi mất mạng hai")
    await expect(page.locator(".pending .state")).to_have_text(["Chưa gửi được, sẽ tự gửi lại"] * 3)
    site.talk.say(site.talk.received[0].address, PERSON)
    await visit.context.set_offline(False)
    await expect_lines(page, 9)
    await expect(page.locator("#offline p")).to_be_hidden()
    told = await lines(page)
    for text in ("câu hỏi trên đường", "khi mất mạng một", "khi mất mạng hai", PERSON.text):
        assert told.count(text) == 1
    sequence = await page.locator(".entry").evaluate_all("lines => lines.map(line => Number(line.dataset.seq))")
    assert sequence == sorted(set(sequence))
    assert [message.text for message in site.talk.received][1:] == [
        "câu hỏi trên đường",
        "khi mất mạng một",
        "khi mất mạng hai",
    ]


async def test_what_waits_in_the_outbox_survives_a_reload(visits: Visits) -> None:
    visit = await conversation(visits)
    visit.site.talk.broken = True
    await visit.ask("gửi khi hỏng")
    await expect(visit.page.locator(".pending")).to_have_count(1)
    await expect(visit.page.locator("#offline p")).to_be_visible()
    visit.site.talk.broken = False
    await visit.page.reload()
    await expect_lines(visit.page, 4)
    assert [message.text for message in visit.site.talk.received] == ["đăng ký khai sinh", "gửi khi hỏng"]


async def test_a_reload_keeps_the_history_and_the_draft(visits: Visits) -> None:
    visit = await conversation(visits)
    await choice(visit.page, "Lệ phí bao nhiêu?").click()
    await expect_lines(visit.page, 4)
    before = await lines(visit.page)
    await visit.page.fill("#text", "đang viết dở")
    await visit.page.reload()
    await expect_lines(visit.page, 4)
    assert await lines(visit.page) == before
    await expect(choice(visit.page, "Lệ phí bao nhiêu?")).to_have_attribute("aria-disabled", "true")
    assert await visit.page.input_value("#text") == "đang viết dở"


async def test_two_tabs_show_the_same_conversation(visits: Visits) -> None:
    visit = await conversation(visits)
    second = await visit.context.new_page()
    await second.goto(visit.site.address)
    await expect_lines(second, 2)
    await choice(second, "Lệ phí bao nhiêu?").click()
    await expect_lines(visit.page, 4)
    await expect_lines(second, 4)
    assert await lines(visit.page) == await lines(second)
    await expect(choice(visit.page, "Lệ phí bao nhiêu?")).to_have_attribute("aria-disabled", "true")


async def test_an_official_is_announced_as_a_person(visits: Visits) -> None:
    visit = await conversation(visits)
    address = visit.site.talk.received[0].address
    await expect(visit.page.locator("#answering")).to_contain_text("Trợ lý ảo")
    visit.site.talk.say(address, PERSON)
    visit.site.chat.announce(address)
    await expect(visit.page.locator("#answering")).to_contain_text("Cán bộ")
    await expect(visit.page.locator(".entry.person .author")).to_have_text("Cán bộ")


async def test_the_page_speaks_english(visits: Visits) -> None:
    visit = await conversation(visits)
    await visit.page.get_by_role("link", name="English").click()
    await expect(visit.page.locator("html")).to_have_attribute("lang", "en")
    await expect(visit.page.get_by_text("Hoa Sen Ward People's Committee")).to_be_visible()
    await visit.ask("birth registration")
    await expect_lines(visit.page, 4)
    assert (await lines(visit.page))[-1] == "Birth registration needs two papers."
    assert visit.site.talk.received[-1].language == "en"
    await visit.page.goto(visit.site.address)
    await expect(visit.page.locator("html")).to_have_attribute("lang", "en")


async def test_markup_typed_by_a_citizen_is_text(visits: Visits) -> None:
    visit = await visits.begin()
    typed = "<img src=x onerror=\"document.title='hỏng'\"><script>document.title='hỏng'</script>"
    await visit.ask(typed)
    await expect_lines(visit.page, 2)
    assert (await lines(visit.page))[0] == typed
    assert "hỏng" not in await visit.page.title()


async def test_a_narrow_phone_shows_everything_without_scrolling_sideways(visits: Visits) -> None:
    visit = await conversation(visits, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    for size in range(3):
        assert await visit.page.evaluate("document.documentElement.scrollWidth") <= 360, f"text size {size}"
        await expect(visit.page.locator("#write button")).to_be_in_viewport()
        await visit.page.locator("#size").click()


async def test_the_plain_form_works_without_scripts(visits: Visits) -> None:
    visit = await visits.begin(java_script_enabled=False)
    await visit.page.fill("#text", "đăng ký khai sinh")
    await visit.page.click("#write button")
    await expect_lines(visit.page, 2)
    await choice(visit.page, "Lệ phí bao nhiêu?").click()
    await expect_lines(visit.page, 4)
    assert (await lines(visit.page))[2:] == ["Lệ phí bao nhiêu?", FEE.text]
    await visit.page.reload()
    await expect_lines(visit.page, 4)
    assert [message.pressed for message in visit.site.talk.received] == [False, True]


async def test_the_widget_talks_on_another_site_and_remembers(visits: Visits, site: Site) -> None:
    visit = await visits.begin(site.embedding_page)
    page = visit.page
    button = page.get_by_role("button", name="Hỏi trợ lý ảo Một Cửa")
    await expect(button).to_have_attribute("aria-expanded", "false")
    await button.click()
    frame = page.frame_locator("iframe")
    await expect(frame.locator("#text")).to_be_focused()
    await frame.locator("#text").fill("đăng ký khai sinh")
    await page.keyboard.press("Enter")
    await expect(frame.locator(".entry:not(.pending)")).to_have_count(2)
    await page.keyboard.press("Escape")
    await expect(page.locator("iframe")).to_be_hidden()
    await expect(button).to_be_focused()
    address = site.talk.received[0].address
    site.talk.say(address, PERSON)
    site.chat.announce(address)
    await expect(page.get_by_role("button", name="có tin mới")).to_be_visible()
    await page.reload()
    await page.get_by_role("button", name="Hỏi trợ lý ảo Một Cửa").click()
    await expect(frame.locator(".entry:not(.pending)")).to_have_count(3)
    assert len({message.address for message in site.talk.received}) == 1


async def test_a_site_that_is_not_named_cannot_show_the_widget(visits: Visits, site: Site) -> None:
    visit = await visits.begin(site.embedding_page.replace("localhost", "elsewhere.localhost"))
    await visit.page.get_by_role("button", name="Hỏi trợ lý ảo Một Cửa").click()
    await expect(visit.page.frame_locator("iframe").locator("#text")).to_have_count(0)
    for _ in range(100):
        if visit.complaints:
            break
        await visit.page.wait_for_timeout(50)
    assert any("frame-ancestors" in complaint for complaint in visit.complaints)
    visit.complaints.clear()
