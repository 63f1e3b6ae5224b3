"""The webhook of the emulated Zalo: its signature, its ladder, its faults, its shapes, and 2,000 events at once."""

from __future__ import annotations

import asyncio
import hashlib

import pytest
from async_timeout import timeout

from emulators.zalo import Fault, ZaloEmulator
from emulators.zalo_webhook import LADDER_SECONDS, signature
from tests.emulators.zalo_bench import AN, BINH, Call, Hook

VECTOR = (
    '{"app_id":"1002003004005006007","user_id_by_app":"5550001112223334441","event_name":"user_send_text",'
    '"timestamp":"1760000000123","sender":{"id":"8123450000000000001"},"recipient":{"id":"7001112223334445556"},'
    '"message":{"msg_id":"a1b2c3d4e5f60718","text":"Xin chào"}}'
)


def test_published_vector() -> None:
    body = VECTOR.encode()
    assert len(body) == 267
    made = signature("1002003004005006007", body, "1760000000123", "demo-oa-secret-key")
    assert made == "mac=89317d7d7529127f34a34e3c686b5a9c12d19bbc390c5bda132f695e6524aac8"


def is_signed(call: Call) -> bool:
    """The rule, written down a second time."""
    digest = hashlib.sha256()
    for part in (b"1002003004005006007", call.body, call.event.get("timestamp", "").encode(), b"demo-oa-secret-key"):
        digest.update(part)
    return call.headers.get("X-ZEvent-Signature") == "mac=" + digest.hexdigest()


async def test_a_message_arrives_signed(zalo: ZaloEmulator, hook: Hook) -> None:
    first = await zalo.citizen_says(AN, "Hồ sơ của tôi?")
    await zalo.settle(5)
    (call,) = hook.calls
    assert is_signed(call)
    assert call.headers["User-Agent"] == "ZaloWebhook"
    assert call.headers["Content-Type"] == "application/json"
    assert "num_retry" not in call.headers
    assert call.event == {
        "app_id": "1002003004005006007",
        "user_id_by_app": "5553450000000000001",
        "event_name": "user_send_text",
        "timestamp": "1795150800000",
        "sender": {"id": AN},
        "recipient": {"id": "7001112223334445556"},
        "message": {"msg_id": first, "text": "Hồ sơ của tôi?"},
    }
    (delivery,) = zalo.deliveries
    assert (delivery.event, delivery.msg_id, delivery.attempt) == ("user_send_text", first, 0)
    assert (delivery.status, delivery.error) == (200, "")


async def test_attachments(zalo: ZaloEmulator, hook: Hook) -> None:
    place = {"coordinates": {"latitude": "10.77", "longitude": "106.70"}}
    quoted = await zalo.citizen_says(AN, kind="location", payload=place)
    await zalo.citizen_says(AN, "Phiếu hẹn", kind="image", content=b"\x89PNG", quote=quoted)
    await zalo.citizen_says(AN, kind="file", content=b"%PDF", content_type="application/pdf", name="don.pdf")
    await zalo.citizen_says(AN, kind="business_card", payload={"description": '{"phone":"0912000345"}'})
    await zalo.settle(5)
    shapes = {event["event_name"]: event["message"] for event in hook.events()}
    assert shapes["user_send_location"]["attachments"] == [{"type": "location", "payload": place}]
    picture = shapes["user_send_image"]
    assert (picture["text"], picture["quote_msg_id"]) == ("Phiếu hẹn", quoted)
    assert set(picture["attachments"][0]["payload"]) == {"thumbnail", "url"}
    document = shapes["user_send_file"]["attachments"][0]["payload"]
    assert (document["name"], document["size"], document["type"]) == ("don.pdf", "4", "pdf")
    assert document["checksum"] == hashlib.md5(b"%PDF").hexdigest()
    assert shapes["user_send_business_card"]["attachments"][0]["type"] == "link"


@pytest.mark.parametrize(("wrapped", "text"), [(False, "#tracuu"), (True, "query:1795150800000:0:#tracuu")])
async def test_a_press_comes_as_text(zalo: ZaloEmulator, hook: Hook, wrapped: bool, text: str) -> None:
    zalo.switches.query_wrapped = wrapped
    await zalo.citizen_presses(AN, "#tracuu")
    await zalo.settle(5)
    (event,) = hook.events("user_send_text")
    assert event["message"]["text"] == text


async def test_relations_and_other_events(zalo: ZaloEmulator, hook: Hook) -> None:
    zalo.follow(AN)
    zalo.unfollow(AN)
    zalo.withdraw(AN)
    zalo.revoke()
    await zalo.event("user_click_chatnow", BINH)
    await zalo.event("user_reacted_message", AN, message={"msg_id": "m", "react_icon": "/-heart"})
    await zalo.event("user_submit_info", AN, info={"name": "Nguyễn Văn An", "phone": "84912000345"})
    await zalo.official_says(AN, "Tôi là cán bộ")
    await zalo.settle(5)
    shapes = {event["event_name"]: event for event in hook.events()}
    for name in ("follow", "unfollow"):
        assert shapes[name]["follower"] == {"id": AN}
        assert (shapes[name]["oa_id"], shapes[name]["source"]) == (zalo.identity.oa_id, "oa_profile")
        assert "sender" not in shapes[name]
    for name, person in {"user_withdraw": AN, "user_click_chatnow": BINH}.items():
        assert (shapes[name]["user_id"], shapes[name]["oa_id"]) == (person, zalo.identity.oa_id)
        assert "sender" not in shapes[name]
    assert shapes["user_reacted_message"]["sender"] == {"id": AN}
    assert shapes["user_submit_info"]["info"]["phone"] == "84912000345"
    assert shapes["oa_send_text"]["sender"]["admin_id"]
    assert "permission_revoked" in shapes
    assert zalo.people[BINH].last_interaction == zalo.now()
    assert zalo.ledger == []


async def test_seen(zalo: ZaloEmulator, hook: Hook) -> None:
    await zalo.citizen_sees(AN, "m1", "m2")
    await zalo.settle(5)
    (event,) = hook.events("user_seen_message")
    assert (event["sender"]["id"], event["recipient"]["id"]) == (zalo.identity.oa_id, AN)
    assert event["message"] == {"msg_ids": ["m1", "m2"]}


async def test_the_ladder_is_climbed_until_200(zalo: ZaloEmulator, hook: Hook) -> None:
    hook.statuses = [503, 302, 500]
    await zalo.citizen_says(AN, "Xin chào")
    await zalo.settle(5)
    assert [call.headers.get("num_retry") for call in hook.calls] == [None, "1", "2", "3"]
    assert len({call.body for call in hook.calls}) == 1
    assert [(one.attempt, one.status) for one in zalo.deliveries] == [(0, 503), (1, 302), (2, 500), (3, 200)]
    assert not zalo.webhook_disabled


async def test_its_end_cancels_the_address(zalo: ZaloEmulator, hook: Hook) -> None:
    hook.statuses = [500] * 6
    await zalo.citizen_says(AN, "Xin chào")
    await zalo.settle(5)
    assert len(hook.calls) == 6
    assert zalo.webhook_disabled
    await zalo.citizen_says(AN, "Có ai không?")
    await zalo.settle(5)
    assert len(hook.calls) == 6
    zalo.webhook_url = hook.url
    await zalo.citizen_says(AN, "Có ai không?")
    await zalo.settle(5)
    assert len(hook.calls) == 7


async def test_no_answer_in_time_and_no_connection_are_failures(zalo: ZaloEmulator, hook: Hook) -> None:
    zalo.switches.answer_seconds = 0.1
    hook.statuses = [0]
    await zalo.citizen_says(AN, "Xin chào")
    await zalo.settle(5)
    assert [(one.status, bool(one.error)) for one in zalo.deliveries] == [(None, True), (200, False)]
    zalo.webhook_url = "http://127.0.0.1:1/"
    await zalo.citizen_says(AN, "Xin chào")
    await zalo.settle(5)
    assert zalo.webhook_disabled
    assert {one.error for one in zalo.deliveries[2:]} == {"ClientConnectorError"}


async def test_moving_the_clock_climbs_a_ladder_of_full_length(hook: Hook) -> None:
    zalo = ZaloEmulator()
    await zalo.start()
    zalo.webhook_url = hook.url
    hook.statuses = [500] * len(LADDER_SECONDS)
    await zalo.citizen_says(AN, "Xin chào")
    for tried, pause in enumerate(LADDER_SECONDS, start=1):
        async with timeout(10):
            while len(zalo.deliveries) < tried:  # noqa: ASYNC110 - attempts are seen by looking
                await asyncio.sleep(0.01)
        zalo.advance(pause)
    await zalo.settle(5)
    assert [one.status for one in zalo.deliveries] == [500] * 5 + [200]
    await zalo.stop()


async def test_duplicates_keep_their_id(zalo: ZaloEmulator, hook: Hook) -> None:
    zalo.faults.switch_on(Fault.DUPLICATE_EVENT, 1)
    for text in ("một", "hai"):
        await zalo.citizen_says(AN, text)
        await zalo.settle(5)
    assert [event["message"]["text"] for event in hook.events()] == ["một", "một", "hai"]
    assert hook.calls[0].body == hook.calls[1].body


async def test_out_of_order(zalo: ZaloEmulator, hook: Hook) -> None:
    zalo.faults.switch_on(Fault.OUT_OF_ORDER, 1)
    for text in ("một", "hai"):
        await zalo.citizen_says(AN, text)
    await zalo.settle(5)
    assert [event["message"]["text"] for event in hook.events()] == ["hai", "một"]


async def test_probes_and_wrong_signatures(zalo: ZaloEmulator, hook: Hook) -> None:
    assert (await zalo.probe()).status == 200
    zalo.faults.switch_on(Fault.UNSIGNED_PROBE, 1)
    zalo.faults.switch_on(Fault.WRONG_SIGNATURE, 1)
    await zalo.citizen_says(AN, "Xin chào")
    await zalo.settle(5)
    bare, probe, event = hook.calls
    for call in (bare, probe):
        assert (call.body, "X-ZEvent-Signature" in call.headers) == (b"{}", False)
    assert event.headers["X-ZEvent-Signature"].startswith("mac=")
    assert not is_signed(event)


async def test_nobody_is_told_without_an_address(zalo: ZaloEmulator) -> None:
    await zalo.citizen_says(AN, "Xin chào")
    await zalo.settle(5)
    assert zalo.deliveries == []


async def test_two_thousand_at_once(zalo: ZaloEmulator, hook: Hook) -> None:
    hook.pause = 0.001
    ids = [await zalo.citizen_says(f"81234500000001{number:05d}", "Xin chào") for number in range(2000)]
    await zalo.settle(60)
    assert sorted(event["message"]["msg_id"] for event in hook.events()) == sorted(ids)
    assert len(set(ids)) == 2000
    assert 1 < hook.most_at_once <= 50
    assert all(is_signed(call) for call in hook.calls)
