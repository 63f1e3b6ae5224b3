"""The page, its headers and its weight; the plain form for browsers without scripts."""

from __future__ import annotations

import datetime as dt
import gzip
import re
import uuid
from html import unescape
from pathlib import Path

import pytest
from aiohttp import ClientResponse

import connectors.webchat
from connectors.limits import DoorLimits, Rate
from connectors.messages import Address, Card, Link, Reply
from connectors.webchat import WebChatMisconfigured
from connectors.webchat.pages import clock, is_web_link
from tests.connectors.scripted_talk import PAPERS, PERSON
from tests.connectors.webchat.conftest import TEXTS, House, OpenHouse, settings

STATIC = Path(connectors.webchat.__file__).parent / "static"


async def send_form(house: House, follow: bool = True, **fields: str) -> ClientResponse:
    """As a browser without scripts: load the page, fill the form in, send it with its hidden fields."""
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', await (await house.client.get("/")).text()))
    data = {**hidden, **fields}
    return await house.client.post("/chat", data=data, allow_redirects=follow)


async def test_the_page_greets_and_names_a_person_to_call(open_house: OpenHouse) -> None:
    house = await open_house(notice={"vi": "Dữ liệu minh họa"})
    page = await (await house.client.get("/")).text()
    for sentence in ("Kính chào ông/bà!", "UBND phường Hoa Sen", "Dữ liệu minh họa", "Thứ Hai – Thứ Sáu, 7:30 – 17:00"):
        assert sentence in page
    assert 'href="tel:0900000123"' in page


async def test_the_policy_allows_nothing_inline_and_no_foreign_frame(open_house: OpenHouse) -> None:
    house = await open_house(embedding_sites=("https://phuong.example.vn",))
    page = await house.client.get("/")
    widget = await house.client.get("/widget")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert policy.endswith("frame-ancestors 'self'")
    assert page.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert page.headers["Cache-Control"] == "no-store"
    assert widget.headers["Content-Security-Policy"].endswith("frame-ancestors 'self' https://phuong.example.vn")
    assert "X-Frame-Options" not in widget.headers
    for response in (page, widget):
        body = await response.text()
        assert not re.search(r"<script(?![^>]* src=)", body)
        assert not re.search(r"<style|\sstyle=|\son\w+=", body)


async def test_the_widget_stays_at_home_unless_sites_are_named(open_house: OpenHouse) -> None:
    house = await open_house()
    widget = await house.client.get("/widget")
    assert widget.headers["Content-Security-Policy"].endswith("frame-ancestors 'self'")


async def test_a_strange_host_does_not_reach_the_policy(open_house: OpenHouse) -> None:
    house = await open_house()
    page = await house.client.get("/", headers={"Host": "a;script-src *"})
    assert "script-src *" not in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "site", ["*", "https://a.vn; script-src *", "https://a.vn/path", "a.vn", "javascript:alert(1)"]
)
def test_an_embedding_site_must_be_an_origin(site: str) -> None:
    with pytest.raises(WebChatMisconfigured, match="origin"):
        settings(embedding_sites=(site,))


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(WebChatMisconfigured, match="secret"):
        settings(secret="short")


async def test_the_cookie_is_for_our_server_only_and_keeps_the_visitor(open_house: OpenHouse) -> None:
    house = await open_house(secure_cookies=True)
    cookie = (await house.client.get("/")).headers["Set-Cookie"]
    for part in ("HttpOnly", "SameSite=Lax", "Secure", "Max-Age=2592000", "Path=/"):
        assert part in cookie
    plain = await open_house()
    await plain.client.get("/")
    assert "Set-Cookie" not in (await plain.client.get("/")).headers
    plain.clock.moment += dt.timedelta(days=2)
    assert "mc_visitor" in (await plain.client.get("/")).headers["Set-Cookie"]


async def test_the_frame_has_a_cookie_of_its_own_for_each_site_over_https(open_house: OpenHouse) -> None:
    house = await open_house(secure_cookies=True)
    cookies = (await house.client.get("/widget")).headers.getall("Set-Cookie")
    frame = next(cookie for cookie in cookies if cookie.startswith("mc_frame="))
    for part in ("HttpOnly", "Secure", "SameSite=None", "Partitioned"):
        assert part in frame
    token = frame.split(";")[0]
    again = await house.client.get("/widget", headers={"Cookie": token})
    assert "Set-Cookie" not in again.headers
    socket = await house.client.ws_connect("/chat/socket", headers={"Origin": house.origin, "Cookie": token})
    await socket.send_json({"type": "hello"})
    assert await socket.receive_json() == {"type": "welcome", "token": None}
    refused = await house.client.post("/chat", data={"text": "một"}, headers={"Cookie": token})
    assert refused.status == 400
    plain = await open_house()
    assert "mc_frame" not in str((await plain.client.get("/widget")).headers)


async def test_page_style_and_scripts_weigh_at_most_25_kb(open_house: OpenHouse) -> None:
    house = await open_house()
    parts = [await (await house.client.get("/")).read()]
    parts += [path.read_bytes() for path in STATIC.iterdir() if path.suffix in (".js", ".css")]
    parts += [str(TEXTS["vi"]).encode()]
    assert sum(len(gzip.compress(part)) for part in parts) <= 25 * 1024


async def test_assets_are_kept_for_ever_under_the_name_of_their_content(open_house: OpenHouse) -> None:
    house = await open_house()
    page = await (await house.client.get("/")).text()
    addresses = set(re.findall(r'"(/static/[^"]+)"', page))
    assert len(addresses) == 3
    for address in addresses:
        asset = await house.client.get(address)
        assert asset.status == 200
        assert "immutable" in asset.headers["Cache-Control"]
        assert asset.headers["X-Content-Type-Options"] == "nosniff"
        assert asset.headers["ETag"].strip('"') in address
        again = await house.client.get(address, headers={"If-None-Match": asset.headers["ETag"]})
        assert (again.status, await again.read()) == (304, b"")


async def test_the_widget_script_is_refreshed_hourly_and_carries_its_texts(open_house: OpenHouse) -> None:
    house = await open_house()
    script = await house.client.get("/widget.js")
    assert script.headers["Cache-Control"] == "public, max-age=3600"
    assert script.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    body = await script.text()
    assert "Hỏi trợ lý ảo Một Cửa" in body
    assert "/*texts*/" not in body


async def test_the_language_is_chosen_by_a_link_and_kept(open_house: OpenHouse) -> None:
    house = await open_house()
    english = await (await house.client.get("/?lang=en")).text()
    assert '<html lang="en">' in english
    assert "Hoa Sen Ward" in english
    kept = await (await house.client.get("/")).text()
    assert '<html lang="en">' in kept
    assert '<html lang="vi">' in await (await house.client.get("/?lang=vi")).text()
    assert '<html lang="vi">' in await (await house.client.get("/?lang=fr")).text()
    await send_form(house, text="chào")
    assert house.talk.received[0].language == "vi"


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


async def test_a_person_is_shown_as_a_person(open_house: OpenHouse) -> None:
    house = await open_house()
    await send_form(house, text="một")
    assert 'id="answering" class="bot"' in await (await house.client.get("/")).text()
    house.talk.say(house.talk.received[0].address, PERSON)
    body = await (await house.client.get("/")).text()
    assert 'id="answering" class="person"' in body
    assert '<span class="author">Cán bộ</span>' in body


async def test_the_plain_page_has_no_script_and_stays_plain(open_house: OpenHouse) -> None:
    house = await open_house()
    body = await (await house.client.get("/?plain=1")).text()
    assert "<script" not in body
    assert 'action="/chat?plain=1"' in body
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', body))
    page = await house.client.post("/chat?plain=1", data={**hidden, "text": "một"})
    assert "plain" in page.url.query
    assert "<script" not in await page.text()


async def test_another_visitor_sees_nothing_of_it(open_house: OpenHouse) -> None:
    house = await open_house()
    await send_form(house, text="chuyện riêng")
    house.client.session.cookie_jar.clear()
    assert "chuyện riêng" not in await (await house.client.get("/")).text()
    assert house.talk.received[0].address == Address("webchat", house.talk.received[0].id.split(".")[0])


def test_times_are_told_in_vietnam() -> None:
    late = dt.datetime(2026, 11, 19, 17, 30, tzinfo=dt.timezone.utc)
    assert clock(late, dt.date(2026, 11, 20)) == "00:30"
    assert clock(late, dt.date(2026, 11, 21)) == "00:30 20/11/2026"


def test_only_web_addresses_are_links() -> None:
    assert is_web_link(Link("a", "https://a.vn"))
    assert not is_web_link(Link("a", "data:text/html,x"))
    assert not is_web_link(Link("a", "javascript:alert(1)//https://a.vn"))
    assert is_web_link(Link("a", "HTTPS://[broken"))  # a page must be drawn whatever was imported
    assert not is_web_link(None)
