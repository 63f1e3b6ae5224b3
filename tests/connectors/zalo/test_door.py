"""Zalo's webhook takes in what Zalo signed, once it is stored, and nothing else."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
from typing import Any, Mapping

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient

from connectors.limits import DoorLimits
from connectors.messages import Event, EventKind, IncomingMessage, Receipt
from connectors.zalo.door import ZaloDoor, sign, verification_tag
from connectors.zalo.settings import ZaloSettings
from tests.connectors.zalo.kept_inbox import KeptInbox

HOOK = "/webhooks/zalo"
SETTINGS = ZaloSettings("1002003004005006007", "7001112223334445556", "demo-app-secret", "demo-oa-secret-key")
# The reference's own example, byte for byte.
HELLO = (
    '{"app_id":"1002003004005006007","user_id_by_app":"5550001112223334441","event_name":"user_send_text",'
    '"timestamp":"1760000000123","sender":{"id":"8123450000000000001"},"recipient":{"id":"7001112223334445556"},'
    '"message":{"msg_id":"a1b2c3d4e5f60718","text":"Xin chào"}}'
).encode()
HELLO_MAC = "89317d7d7529127f34a34e3c686b5a9c12d19bbc390c5bda132f695e6524aac8"


@pytest.fixture
def inbox() -> KeptInbox:
    return KeptInbox()


@pytest.fixture
async def client(aiohttp_client: AiohttpClient, inbox: KeptInbox) -> TestClient[web.Request, web.Application]:
    return await open_door(aiohttp_client, inbox)


async def open_door(
    aiohttp_client: AiohttpClient, inbox: KeptInbox, settings: ZaloSettings = SETTINGS, **limits: Any
) -> TestClient[web.Request, web.Application]:
    app = web.Application()
    given = {"limits": DoorLimits(**limits)} if limits else {}
    now = dt.datetime(2026, 11, 20, tzinfo=dt.timezone.utc)
    ZaloDoor(inbox, settings, inbox.page, lambda: now, **given).add_routes(app)
    return await aiohttp_client(app)


def event(**fields: Any) -> bytes:
    return json.dumps({"app_id": SETTINGS.app_id, "timestamp": "1763600000000", **fields}, ensure_ascii=False).encode()


def signed(body: bytes) -> Mapping[str, str]:
    """Computed apart from the door: app id, body, the body's timestamp and the account's key, hashed."""
    timestamp = str(json.loads(body).get("timestamp", ""))
    whole = b"1002003004005006007" + body + timestamp.encode() + b"demo-oa-secret-key"
    return {"X-ZEvent-Signature": f"mac={hashlib.sha256(whole).hexdigest()}"}


def test_the_signature_of_the_reference() -> None:
    assert len(HELLO) == 267
    assert sign(SETTINGS, HELLO, "1760000000123") == HELLO_MAC


@pytest.mark.parametrize("signature", [f"mac={HELLO_MAC}", HELLO_MAC, f"mac={HELLO_MAC.upper()}"])
async def test_a_signed_message_is_stored(client: TestClient, inbox: KeptInbox, signature: str) -> None:
    response = await client.post(HOOK, data=HELLO, headers={"X-ZEvent-Signature": signature})
    assert response.status == 200
    (message,) = inbox.kept
    assert isinstance(message, IncomingMessage)
    assert (message.id, message.text) == ("a1b2c3d4e5f60718", "Xin chào")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-ZEvent-Signature": ""},
        {"X-ZEvent-Signature": "mac="},
        {"X-ZEvent-Signature": f"mac={HELLO_MAC[:-1]}0"},
        {"X-ZEvent-Signature": "mac=chữ ký"},
        {"mac": HELLO_MAC},
    ],
)
async def test_a_wrong_or_missing_signature_is_refused(
    client: TestClient, inbox: KeptInbox, headers: Mapping[str, str]
) -> None:
    response = await client.post(HOOK, data=HELLO, headers=headers)
    assert (response.status, inbox.kept) == (401, [])


async def test_a_changed_body_is_refused(client: TestClient, inbox: KeptInbox) -> None:
    changed = HELLO.replace("chào".encode(), b"chao")
    response = await client.post(HOOK, data=changed, headers={"X-ZEvent-Signature": HELLO_MAC})
    assert (response.status, inbox.kept) == (401, [])


async def test_another_apps_event_is_refused_even_when_signed(client: TestClient, inbox: KeptInbox) -> None:
    body = HELLO.replace(b'"app_id":"1002003004005006007"', b'"app_id":"1"')
    response = await client.post(HOOK, data=body, headers=signed(body))
    assert (response.status, inbox.kept) == (401, [])


async def test_an_event_need_not_name_the_app(client: TestClient, inbox: KeptInbox) -> None:
    body = HELLO.replace(b'"app_id":"1002003004005006007",', b"")
    assert (await client.post(HOOK, data=body, headers=signed(body))).status == 200
    assert len(inbox.kept) == 1


async def test_a_row_of_wrong_signatures_is_told_once_and_ends_with_a_right_one(
    client: TestClient, inbox: KeptInbox
) -> None:
    async def send(signature: str, times: int = 1) -> set[int]:
        posts = [await client.post(HOOK, data=HELLO, headers={"X-ZEvent-Signature": signature}) for _ in range(times)]
        return {post.status for post in posts}

    assert await send("mac=0", 19) | await send(HELLO_MAC) | await send("mac=0", 19) == {401, 200}
    assert inbox.pages == []
    assert await send("mac=0", 30) == {401}
    ((name, sentence),) = inbox.pages
    assert name == "zalo-signature-wrong"
    assert "ZALO_OA_SECRET_KEY" in sentence


async def test_a_person_who_could_not_be_told_of_wrong_signatures_is_told_at_the_next(
    aiohttp_client: AiohttpClient, inbox: KeptInbox
) -> None:
    failures = [RuntimeError("the database is away")]

    async def page(name: str, sentence: str) -> None:
        if failures:
            raise failures.pop()
        await inbox.page(name, sentence)

    app = web.Application()
    ZaloDoor(inbox, SETTINGS, page).add_routes(app)
    client = await aiohttp_client(app)
    posts = [await client.post(HOOK, data=HELLO, headers={"X-ZEvent-Signature": "mac=0"}) for _ in range(21)]
    assert [post.status for post in posts] == [401] * 19 + [503, 401]
    assert [name for name, _ in inbox.pages] == ["zalo-signature-wrong"]


async def test_a_timestamp_that_is_a_number_is_signed_as_it_is_written(client: TestClient, inbox: KeptInbox) -> None:
    body = event(event_name="follow", follower={"id": "8123"}).replace(b'"1763600000000"', b"1763600000000")
    assert (await client.post(HOOK, data=body, headers=signed(body))).status == 200
    (followed,) = inbox.kept
    assert isinstance(followed, Event)
    assert followed.kind is EventKind.FOLLOWED


async def test_a_receipt_is_noted(client: TestClient, inbox: KeptInbox) -> None:
    body = event(event_name="user_seen_message", message={"msg_ids": ["m1"]})
    assert (await client.post(HOOK, data=body, headers=signed(body))).status == 200
    assert [type(one) for one in inbox.kept] == [Receipt]


@pytest.mark.parametrize("body", [b"", b"ping", b"{}", b'{"hello":"world"}', b"[1]"])
async def test_the_consoles_probe_is_answered_and_stores_nothing(
    client: TestClient, inbox: KeptInbox, body: bytes
) -> None:
    response = await client.post(HOOK, data=body)
    assert (response.status, inbox.kept) == (200, [])


async def test_an_unknown_event_is_acknowledged_and_logged_by_its_name(
    client: TestClient, inbox: KeptInbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "connectors.zalo.door")
    for name in ("user_send_hologram", "update_user_info"):
        body = event(event_name=name, sender={"id": "8123"}, message={"text": "bí mật"})
        assert (await client.post(HOOK, data=body, headers=signed(body))).status == 200
    assert inbox.kept == []
    assert [record.getMessage() for record in caplog.records] == [
        "Zalo sent an event that is not known: user_send_hologram"
    ]


@pytest.mark.parametrize(
    ("name", "logged"),
    [("user send\ntext", "user?send?text"), ("gặp", "g?p"), ("x" * 300, "x" * 60), ("", ""), (["x"], ""), (None, "")],
)
async def test_a_strange_name_is_acknowledged_and_logged_clean(
    client: TestClient, inbox: KeptInbox, caplog: pytest.LogCaptureFixture, name: Any, logged: str
) -> None:
    caplog.set_level(logging.INFO, "connectors.zalo.door")
    body = event(event_name=name, message={"text": "bí mật"})
    assert (await client.post(HOOK, data=body, headers=signed(body))).status == 200
    assert inbox.kept == []
    (entry,) = [record.getMessage() for record in caplog.records]
    assert entry == f"Zalo sent an event that is not known: {logged or 'it has no name'}"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (
            event(event_name="user_send_text", sender={"id": "8123"}, message={"msg_id": "m1", "text": ["bí mật"]}),
            "user_send_text: text",
        ),
        (event(event_name="follow", follower="8123"), "follow: follower"),
    ],
)
async def test_an_event_of_another_shape_is_acknowledged_and_a_person_told_without_its_content(
    client: TestClient, inbox: KeptInbox, caplog: pytest.LogCaptureFixture, body: bytes, field: str
) -> None:
    response = await client.post(HOOK, data=body, headers=signed(body))
    assert (response.status, inbox.kept) == (200, [])
    assert [name for name, _ in inbox.pages] == ["zalo-event-unreadable"]
    (entry,) = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert entry.endswith(f": {field}")
    assert not any(secret in entry + inbox.pages[0][1] for secret in ("bí mật", "8123"))


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 20_000])
async def test_a_signed_body_that_is_no_event_is_malformed(client: TestClient, inbox: KeptInbox, body: bytes) -> None:
    response = await client.post(HOOK, data=body, headers={"X-ZEvent-Signature": HELLO_MAC})
    assert (response.status, inbox.kept) == (400, [])


async def test_a_large_body_is_refused(client: TestClient, inbox: KeptInbox) -> None:
    body = event(event_name="user_send_text", filling="x" * 64 * 1024)
    response = await client.post(HOOK, data=body, headers=signed(body))
    assert (response.status, inbox.kept) == (413, [])


async def test_a_body_that_does_not_end_is_refused(aiohttp_client: AiohttpClient, inbox: KeptInbox) -> None:
    client = await open_door(aiohttp_client, inbox, body_seconds=0.05)
    response = await client.post(HOOK, headers={"Content-Length": "10"}, data=b"1")
    assert (response.status, inbox.kept) == (408, [])


async def test_a_full_inbox_lets_zalo_repeat(client: TestClient, inbox: KeptInbox) -> None:
    inbox.refusals = 1
    headers = {"X-ZEvent-Signature": HELLO_MAC}
    assert (await client.post(HOOK, data=HELLO, headers=headers)).status == 503
    assert (await client.post(HOOK, data=HELLO, headers={**headers, "num_retry": "1"})).status == 200
    assert len(inbox.kept) == 1


async def test_the_domain_is_shown_to_be_ours(aiohttp_client: AiohttpClient, inbox: KeptInbox) -> None:
    settings = ZaloSettings("1", "2", "3", "4", site_verification='Ab-9_"<')
    client = await open_door(aiohttp_client, inbox, settings)
    response = await client.get('/zalo_verifierAb-9_"<.html')
    assert (response.status, response.content_type) == (200, "text/html")
    assert verification_tag(settings) in await response.text()
    assert 'content="Ab-9_&quot;&lt;"' in verification_tag(settings)
    assert (await client.get("/zalo_verifierother.html")).status == 404


async def test_without_a_code_there_is_no_verification_page(client: TestClient) -> None:
    assert (await client.get("/zalo_verifier.html")).status == 404
