"""The plain form for browsers without scripts."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from html import unescape

import pytest

from connectors.limits import DoorLimits, Rate
from connectors.messages import Card, Link, Reply
from tests.connectors.scripted_talk import PAPERS
from tests.connectors.webchat.conftest import TEXTS, OpenHouse, send_form


async def test_a_question_is_asked_and_answered_without_scripts(open_house: OpenHouse) -> None:
    house = await open_house()
    page = await send_form(house, text="  đăng ký khai sinh ")
    assert (page.status, page.url.path) == (200, "/")
    assert page.history[0].status == 303
    body = unescape(await page.text())
    for part in ("đăng ký khai sinh", "1.001193", "Giấy chứng sinh: 1 bản chính", "Lệ phí bao nhiêu?", "Nguồn"):
        assert part in body
    assert 'href="https://dichvucong.gov.vn/p/home/1.001193?a=1&b=2" target="_blank" rel="noopener noreferrer"' in body
    assert 'id="latest"' in body
    received = house.talk.received[0]
    assert (received.text, received.pressed, received.language) == ("đăng ký khai sinh", False, None)


async def test_a_choice_is_pressed_without_scripts_and_shown_by_its_title(open_house: OpenHouse) -> None:
    house = await open_house()
    await send_form(house, text="khai sinh")
    payload = PAPERS.choices[0].payload
    body = unescape(await (await send_form(house, choice=payload)).text())
    assert (house.talk.received[1].text, house.talk.received[1].pressed) == (payload, True)
    assert '<p class="bubble">Lệ phí bao nhiêu?</p>' in body
    assert f'value="{payload}" aria-disabled="true"' in body
    assert body.count("aria-disabled") == 1


async def test_a_form_sent_twice_is_asked_once_and_an_old_form_asks_something_new(open_house: OpenHouse) -> None:
    house = await open_house()
    message_id = str(uuid.uuid4())
    for text in ("một", "một", "hai"):
        await send_form(house, text=text, message_id=message_id)
    assert [message.text for message in house.talk.received] == ["một", "hai"]


async def test_a_form_keeps_an_open_page_up_to_date(open_house: OpenHouse) -> None:
    house = await open_house()
    await house.client.get("/")
    page = await house.connect()
    await page.ready()
    await send_form(house, text="một")
    assert (await page.until("entry"))[-1]["say"] == "một"


async def test_a_form_of_another_site_is_refused(open_house: OpenHouse) -> None:
    house, other = await open_house(), await open_house()
    text = await (await other.client.get("/")).text()
    stolen = re.findall(r'name="form_token" value="([^"]*)"', text)[0]
    for form_token in ("", "a.b.c", stolen):
        page = await send_form(house, text="câu hỏi của tôi", form_token=form_token)
        assert page.status == 400
        assert TEXTS["vi"]["form_expired"] in await page.text()
        assert ">câu hỏi của tôi</textarea>" in await page.text()
    house.client.session.cookie_jar.clear()
    without_cookie = await house.client.post("/chat", data={"text": "a", "form_token": stolen, "message_id": "1"})
    assert without_cookie.status == 400
    assert house.talk.received == []


async def test_an_old_form_is_refused_with_a_fresh_one(open_house: OpenHouse) -> None:
    house = await open_house()
    page = await (await house.client.get("/")).text()
    old = re.findall(r'name="form_token" value="([^"]*)"', page)[0]
    house.clock.moment += dt.timedelta(hours=13)
    refused = await send_form(house, text="một", form_token=old)
    assert refused.status == 400
    fresh = re.findall(r'name="form_token" value="([^"]*)"', await refused.text())[0]
    assert (await send_form(house, text="một", form_token=fresh)).status == 200


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({"text": "   "}, 400, "empty"),
        ({"text": "a\x00b"}, 400, "empty"),
        ({"text": "ă" * 2001}, 413, "too_long"),
        ({"text": "a" * 17_000}, 413, "too_long"),
        ({"text": "a", "message_id": "-" * 36}, 400, "form_expired"),
        ({"text": "a", **{f"field_{number}": "" for number in range(30)}}, 400, "form_expired"),
    ],
)
async def test_a_wrong_form_is_explained_on_the_page(
    open_house: OpenHouse, fields: dict[str, str], status: int, sentence: str
) -> None:
    house = await open_house()
    page = await send_form(house, **fields)
    assert page.status == status
    assert TEXTS["vi"][sentence] in await page.text()
    assert house.talk.received == []


async def test_forms_and_the_socket_share_one_limit(open_house: OpenHouse) -> None:
    house = await open_house(limits=DoorLimits(sender=Rate(per_minute=6, burst=1)))
    assert (await send_form(house, text="một")).status == 200
    page = await send_form(house, text="hai")
    assert page.status == 429
    assert 1 <= int(page.headers["Retry-After"]) <= 10
    assert TEXTS["vi"]["too_fast_form"] in await page.text()
    assert ">hai</textarea>" in await page.text()
    socket = await house.connect()
    await socket.ready()
    await socket.socket.send_json({"type": "message", "id": str(uuid.uuid4()), "text": "ba"})
    assert (await socket.until("error"))[-1]["code"] == "too_fast"


async def test_a_broken_house_says_so_on_the_page(open_house: OpenHouse) -> None:
    house = await open_house()
    await house.client.get("/")
    house.talk.broken = True
    page = await house.client.get("/")
    assert page.status == 503
    assert TEXTS["vi"]["unavailable"] in await page.text()
    assert (await send_form(house, text="một")).status == 503


async def test_what_a_citizen_types_is_text_and_never_markup(open_house: OpenHouse) -> None:
    house = await open_house()
    page = await send_form(house, text='<script>alert(1)</script><img src=x onerror="alert(2)">')
    body = await page.text()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in body
    assert "<img src=x" not in body
    refused = await send_form(house, text="</textarea><script>", form_token="")
    assert "&lt;/textarea&gt;&lt;script&gt;" in await refused.text()


async def test_facts_are_text_and_never_markup(open_house: OpenHouse) -> None:
    house = await open_house()
    await send_form(house, text="một")
    evil = "<b>x</b>"
    card = Card(evil, evil, ((evil, evil),), (evil,), (evil,), Link(evil, "javascript:alert(1)"))
    house.talk.say(house.talk.received[0].address, Reply(text="Dòng đầu\n" + evil, cards=(card,)))
    body = await (await house.client.get("/")).text()
    assert evil not in body
    assert "javascript:" not in body
    assert body.count("&lt;b&gt;") == 6
    assert '<p class="bubble">Dòng đầu</p>' in body


async def test_the_plain_page_has_no_script_and_stays_plain(open_house: OpenHouse) -> None:
    house = await open_house()
    body = await (await house.client.get("/?plain=1")).text()
    assert "<script" not in body
    assert 'action="/chat?plain=1"' in body
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', body))
    page = await house.client.post("/chat?plain=1", data={**hidden, "text": "một"})
    assert "plain" in page.url.query
    assert "<script" not in await page.text()
