"""Telegram's door: what comes in is stored before Telegram may forget it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from typing import Any, AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, unused_port
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.messages import Event, EventKind
from connectors.telegram import TelegramChannel
from connectors.telegram_door import PATH, SECRET_HEADER, TelegramDoor
from connectors.telegram_settings import TelegramSettings
from emulators.telegram import TOKEN, Fault, TelegramEmulator
from tests.connectors.scripted_talk import PAPERS
from tests.connectors.telegram.kept_inbox import KeptInbox, QuickTime, message_update, private, until

SECRET = "a-secret-of-the-webhook"
Client = TestClient[web.Request, web.Application]


class Watch:
    """Who is paged, and what is over."""

    def __init__(self) -> None:
        self.paged: list[tuple[str, str]] = []
        self.over: list[str] = []
        self.was_paged = asyncio.Event()

    async def page(self, name: str, sentence: str) -> None:
        self.paged.append((name, sentence))
        self.was_paged.set()

    async def end(self, name: str) -> None:
        self.over.append(name)


class Alarm:
    """Whoever sleeps wakes up when it rings."""

    def __init__(self) -> None:
        self.naps: list[float] = []
        self._bell = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        await self._bell.wait()
        self._bell.clear()

    def ring(self) -> None:
        self._bell.set()


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def alarm() -> Alarm:
    return Alarm()


@pytest.fixture
async def polling(
    telegram: TelegramEmulator, channel: TelegramChannel, inbox: KeptInbox, watch: Watch, time: QuickTime
) -> AsyncIterator[TelegramDoor]:
    settings = TelegramSettings(TOKEN, api_url=telegram.url)
    door = TelegramDoor(inbox, channel, settings, watch.page, watch.end, sleep=time.sleep)
    work = asyncio.create_task(door.run())
    yield door
    work.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await work
    await door.close()


@pytest.fixture
async def webhook(
    telegram: TelegramEmulator, channel: TelegramChannel, inbox: KeptInbox, watch: Watch, alarm: Alarm
) -> AsyncIterator[Client]:
    """Our server, told to Telegram as the place to call."""
    app = web.Application()
    server = TestServer(app, port=unused_port())
    settings = TelegramSettings(
        TOKEN, "webhook", telegram.url, f"http://127.0.0.1:{server.port}", webhook_secret=SECRET
    )
    door = TelegramDoor(inbox, channel, settings, watch.page, watch.end, sleep=alarm.sleep)
    door.add_routes(app)
    async with TestClient(server) as client:
        work = asyncio.create_task(door.run())
        await until(lambda: bool(alarm.naps))
        yield client
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work
        await door.close()


@pytest.mark.usefixtures("polling")
async def test_what_is_asked_for_is_stored_and_then_forgotten(telegram: TelegramEmulator, inbox: KeptInbox) -> None:
    for user in (501, 502, 501):
        await telegram.citizen_says(user, f"câu hỏi của {user}")
    assert [incoming.address.id for incoming in await inbox.has(3)] == ["501", "502", "501"]
    await telegram.settle()


@pytest.mark.usefixtures("polling")
async def test_what_could_not_be_stored_comes_again(telegram: TelegramEmulator, inbox: KeptInbox) -> None:
    inbox.refuse = 3
    texts = [f"câu {number}" for number in range(5)]
    for text in texts:
        await telegram.citizen_says(501, text)
    assert [incoming.text for incoming in await inbox.has(5)] == texts
    await telegram.settle()


@pytest.mark.usefixtures("polling")
async def test_trouble_is_logged_once_and_ends(
    telegram: TelegramEmulator, inbox: KeptInbox, time: QuickTime, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    await telegram.citizen_says(501, "một")
    await inbox.has(1)
    telegram.faults.switch_on(Fault.BAD_GATEWAY, times=4, path="getUpdates")
    await telegram.citizen_says(501, "hai")
    await telegram.citizen_says(501, "ba")
    await inbox.has(3)
    assert [record.levelno for record in caplog.records if record.name.startswith("connectors")] == [logging.WARNING]
    assert time.naps == [1, 2, 4, 8]
    assert watch.paged == []
    assert watch.over == ["telegram-door"] * 2


@pytest.mark.usefixtures("polling")
async def test_a_second_program_with_our_token_is_told_to_a_person(
    telegram: TelegramEmulator, inbox: KeptInbox, watch: Watch, time: QuickTime
) -> None:
    await telegram.citizen_says(501, "một")
    await inbox.has(1)
    webhook = {"url": "https://elsewhere.example.vn/hook"}
    await call(telegram, "setWebhook", webhook)
    await asyncio.wait_for(watch.was_paged.wait(), 10)
    name, sentence = watch.paged[0]
    assert name == "telegram-door"
    assert "another program" in sentence
    assert time.naps[0] == 60
    await call(telegram, "deleteWebhook", {})
    await telegram.citizen_says(501, "hai")
    await inbox.has(2)
    assert watch.over[-1] == "telegram-door"


async def call(telegram: TelegramEmulator, method: str, fields: dict[str, Any]) -> None:
    async with TestClient(TestServer(web.Application())) as client:
        answer = await client.session.post(f"{telegram.url}/bot{TOKEN}/{method}", json=fields)
        assert answer.status == 200, await answer.text()


@pytest.mark.usefixtures("polling")
async def test_an_update_that_cannot_be_read_is_skipped(
    telegram: TelegramEmulator, inbox: KeptInbox, caplog: pytest.LogCaptureFixture
) -> None:
    telegram.updates.put("message", 501, {"message_id": "bí mật"})
    await telegram.citizen_says(501, "hai")
    await inbox.has(1)
    await telegram.settle()
    (entry,) = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert "is skipped" in entry
    assert "bí mật" not in entry


@pytest.mark.usefixtures("polling")
async def test_a_press_is_stored_answered_and_closed(
    telegram: TelegramEmulator, inbox: KeptInbox, channel: TelegramChannel
) -> None:
    await telegram.citizen_says(501, "khai sinh")
    await inbox.has(1)
    (part,) = channel.draw(PAPERS, "42")
    await channel.send(private(501), part)
    query = await telegram.citizen_presses(501, telegram.ledger[-1].message_id, "42.1")
    pressed = await inbox.message(2)
    assert (pressed.choice, pressed.pressed, pressed.text) == ("42.1", True, "")
    await asyncio.wait_for(telegram.presses[query].answered, 10)
    await until(lambda: len(telegram.messages_to(501)[-1].keyboard) == 1)
    (row,) = telegram.messages_to(501)[-1].keyboard
    assert [(button.text, button.data) for button in row] == [("✓ Nộp ở đâu?", ".")]
    again = await telegram.citizen_presses(501, telegram.ledger[-1].message_id, ".")
    await asyncio.wait_for(telegram.presses[again].answered, 10)
    assert len(inbox.kept) == 2


@pytest.mark.usefixtures("polling")
async def test_every_press_is_answered_however_many_keyboards_wait_to_be_closed(
    telegram: TelegramEmulator, inbox: KeptInbox, channel: TelegramChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.telegram_door._MOST_CLOSING", 1)
    held = asyncio.Event()

    async def wait(*_: Any, **__: Any) -> None:
        await held.wait()

    await telegram.citizen_says(501, "khai sinh")
    await inbox.has(1)
    (part,) = channel.draw(PAPERS, "42")
    await channel.send(private(501), part)
    monkeypatch.setattr("connectors.pacing.Pace.turn", wait)
    queries = [await telegram.citizen_presses(501, telegram.ledger[-1].message_id, "42.1") for _ in range(3)]
    await asyncio.wait_for(asyncio.gather(*(telegram.presses[query].answered for query in queries)), 10)
    assert telegram.calls["editMessageReplyMarkup"] == 0
    held.set()
    await until(lambda: telegram.calls["editMessageReplyMarkup"] == 1)


@pytest.mark.usefixtures("polling")
async def test_whoever_blocks_us_has_left_and_may_come_back(telegram: TelegramEmulator, inbox: KeptInbox) -> None:
    await telegram.citizen_says(501, "/start")
    telegram.block(501)
    telegram.unblock(501)
    events = await inbox.has(3)
    kinds = [event.kind for event in events if isinstance(event, Event)]
    assert kinds == [EventKind.FOLLOWED, EventKind.LEFT, EventKind.CAME_BACK]


@pytest.mark.usefixtures("polling")
async def test_ids_are_learnt_from_what_comes_in(
    telegram: TelegramEmulator, inbox: KeptInbox, channel: TelegramChannel
) -> None:
    number = await telegram.citizen_says(501, "x")
    await inbox.has(1)
    assert channel.bookmark() == str(number)


async def test_telegram_calls_us_and_says_who_it_is(
    telegram: TelegramEmulator, webhook: Client, inbox: KeptInbox
) -> None:
    for number in range(20):
        await telegram.citizen_says(501 + number % 3, f"câu {number}")
    await inbox.has(20)
    await telegram.settle()
    assert {delivery.status for delivery in telegram.deliveries} == {200}


async def test_a_webhook_that_somebody_took_away_is_set_again(
    telegram: TelegramEmulator, webhook: Client, inbox: KeptInbox, alarm: Alarm, watch: Watch
) -> None:
    await call(telegram, "deleteWebhook", {})
    await telegram.citizen_says(501, "một")
    telegram.faults.switch_on(Fault.BAD_GATEWAY, times=1, path="setWebhook")
    for naps in (2, 3):
        alarm.ring()
        await until(lambda: len(alarm.naps) == naps)  # noqa: B023 - asked before it changes
    await inbox.has(1)
    assert alarm.naps == [300, 1, 300]
    assert telegram.calls["getMe"] == 1
    assert watch.over == ["telegram-door"] * 2


async def test_telegram_calls_again_when_there_was_no_room(
    telegram: TelegramEmulator, webhook: Client, inbox: KeptInbox
) -> None:
    telegram.retry_scale = 0.001
    inbox.refuse = 2
    await telegram.citizen_says(501, "một")
    await inbox.has(1)
    await telegram.settle()
    assert [delivery.status for delivery in telegram.deliveries] == [503, 503, 200]


async def test_a_repeat_keeps_its_id(telegram: TelegramEmulator, webhook: Client, inbox: KeptInbox) -> None:
    telegram.faults.switch_on(Fault.DUPLICATE, times=3)
    await telegram.citizen_says(501, "một")
    await telegram.citizen_says(501, "/start")
    telegram.block(501)
    await telegram.settle()
    assert len(telegram.deliveries) == 6
    assert len(inbox.kept) == 3


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({}, message_update("x"), 401),
        ({SECRET_HEADER: "wrong"}, message_update("x"), 401),
        ({SECRET_HEADER: "sécret"}, message_update("x"), 401),
        ({SECRET_HEADER: SECRET}, message_update("x"), 200),
        ({SECRET_HEADER: SECRET}, {"update_id": 1, "poll": {"id": "1"}}, 200),
        ({SECRET_HEADER: SECRET}, {"update_id": 1, "message": {"text": 5}}, 200),
        ({SECRET_HEADER: SECRET}, {"message": {}}, 400),
        ({SECRET_HEADER: SECRET}, [1], 400),
        ({SECRET_HEADER: SECRET}, "[" * 100_000, 400),
        ({SECRET_HEADER: SECRET}, "{", 400),
        ({SECRET_HEADER: SECRET}, '{"update_id": 1e999}', 400),
        ({SECRET_HEADER: SECRET}, "x" * (256 * 1024 + 1), 413),
    ],
)
async def test_what_is_answered_to_whom(
    webhook: Client, inbox: KeptInbox, headers: dict[str, str], body: Any, status: int
) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    response = await webhook.post(PATH, data=text.encode(), headers=headers)
    assert response.status == status
    assert len(inbox.kept) == (status == 200 and body == message_update("x"))


async def test_the_webhook_has_a_secret_even_when_nobody_chose_one(
    telegram: TelegramEmulator, channel: TelegramChannel, inbox: KeptInbox, watch: Watch
) -> None:
    app = web.Application()
    settings = TelegramSettings(TOKEN, "webhook", telegram.url, "https://phuong.example.vn")
    TelegramDoor(inbox, channel, settings, watch.page, watch.end).add_routes(app)
    async with TestClient(TestServer(app)) as client:
        response = await client.post(PATH, json=message_update("x"), headers={SECRET_HEADER: ""})
        assert response.status == 401


async def test_nothing_is_taken_before_we_know_our_own_name(
    telegram: TelegramEmulator, channel: TelegramChannel, inbox: KeptInbox, watch: Watch
) -> None:
    app = web.Application()
    settings = TelegramSettings(TOKEN, "webhook", telegram.url, "https://phuong.example.vn", SECRET)
    TelegramDoor(inbox, channel, settings, watch.page, watch.end).add_routes(app)
    async with TestClient(TestServer(app)) as client:
        response = await client.post(PATH, json=message_update("x"), headers={SECRET_HEADER: SECRET})
        assert response.status == 503
    assert inbox.kept == {}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("message_id", "date", "chat", "from", "text", "photo", "document", "reply_markup", "edit_date", "caption")
KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
MESSAGES = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=3).map(
    lambda fields: {**message_update("x")["message"], **fields}
)
UPDATES = st.dictionaries(st.sampled_from(KINDS), MESSAGES | JSON, max_size=2).map(
    lambda kinds: {"update_id": 1, **kinds}
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.one_of(st.binary(max_size=60), (UPDATES | JSON).map(lambda update: json.dumps(update).encode())))
async def test_no_body_brings_the_door_down(webhook: Client, inbox: KeptInbox, body: bytes) -> None:
    inbox.kept.clear()
    response = await webhook.post(PATH, data=body, headers={SECRET_HEADER: SECRET})
    assert response.status in (200, 400)
    assert len(inbox.kept) <= 1
    assert all(len(identifier) <= 64 for identifier in inbox.kept)
