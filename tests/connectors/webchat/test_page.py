"""The page: what it says, its headers, cookies and weight."""

from __future__ import annotations

import datetime as dt
import gzip
import re
from pathlib import Path

import pytest

import connectors.webchat
from connectors.messages import Address, Link
from connectors.webchat import Today, WebChatMisconfigured
from connectors.webchat.pages import clock, is_web_link
from tests.connectors.scripted_talk import PERSON
from tests.connectors.webchat.conftest import TEXTS, OpenHouse, send_form, settings

STATIC = Path(connectors.webchat.__file__).parent / "static"


async def test_the_page_greets_and_names_a_person_to_call(open_house: OpenHouse) -> None:
    house = await open_house(notice={"vi": "Dữ liệu minh họa"})
    page = await (await house.client.get("/")).text()
    for sentence in ("Kính chào ông/bà!", "UBND phường Hoa Sen", "Dữ liệu minh họa", "Thứ Hai – Thứ Sáu, 7:30 – 17:00"):
        assert sentence in page
    assert 'href="tel:0900000123"' in page


async def test_the_page_says_what_holds_when_it_is_drawn(open_house: OpenHouse) -> None:
    said = Today("0900 000 123", {"vi": "7 giờ 30", "en": "7:30"})
    house = await open_house(today=lambda: said)
    assert 'role="note"' not in await (await house.client.get("/")).text()
    said = Today("0900 000 456", {"vi": "8 giờ", "en": "8:00"}, {"vi": "Mai nghỉ vì <bão>.", "en": "Closed tomorrow."})
    page = await (await house.client.get("/")).text()
    assert 'href="tel:0900000456"' in page
    assert [words for words in ("8 giờ", "Mai nghỉ vì &lt;bão&gt;.") if words not in page] == []
    assert "Closed tomorrow." in await (await house.client.get("/widget?lang=en")).text()


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


async def test_a_person_is_shown_as_a_person(open_house: OpenHouse) -> None:
    house = await open_house()
    await send_form(house, text="một")
    assert 'id="answering" class="bot"' in await (await house.client.get("/")).text()
    house.talk.say(house.talk.received[0].address, PERSON)
    body = await (await house.client.get("/")).text()
    assert 'id="answering" class="person"' in body
    assert '<span class="author">Cán bộ</span>' in body


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
