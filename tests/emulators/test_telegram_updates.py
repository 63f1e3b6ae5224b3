"""How updates reach the bot: polling, the webhook and its repetitions, and what can go wrong on the way."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any, AsyncIterator

import aiohttp
import pytest

from emulators.telegram import Fault
from tests.emulators.telegram_line import AN, Line, Webhook, open_line, open_webhook, until


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with open_line() as line:
        yield line


@pytest.fixture
async def webhook() -> AsyncIterator[Webhook]:
    async with open_webhook() as webhook:
        yield webhook


async def say(line: Line, *texts: str, user_id: int = AN) -> None:
    for text in texts:
        await line.emulator.citizen_says(user_id, text)


def texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


async def test_updates_wait_until_they_are_confirmed(line: Line) -> None:
    await say(line, "một", "hai", "ba")
    first = await line.updates(limit=2)
    assert texts(first) == ["một", "hai"]
    assert texts(await line.updates()) == ["một", "hai", "ba"]
    assert texts(await line.updates(offset=first[0]["update_id"] + 1)) == ["hai", "ba"]
    assert texts(await line.updates(offset=-1)) == ["ba"]
    assert (await line.call("getWebhookInfo"))["pending_update_count"] == 1
    assert await line.updates(offset=first[-1]["update_id"] + 2) == []
    await line.emulator.settle(0.1)


async def test_updates_are_kept_for_a_day(line: Line) -> None:
    await say(line, "cũ")
    line.emulator.advance(86_401)
    await say(line, "mới")
    assert texts(await line.updates()) == ["mới"]


async def test_a_poller_is_woken(line: Line) -> None:
    polling = asyncio.create_task(line.updates(timeout=30))
    await until(lambda: line.emulator.calls["getUpdates"])
    await say(line, "dậy")
    assert texts(await polling) == ["dậy"]


async def test_a_poller_that_has_gone_is_no_other_poller(line: Line) -> None:
    gone = asyncio.create_task(line.updates(timeout=30))
    await until(lambda: line.emulator.calls["getUpdates"])
    gone.cancel()
    await asyncio.wait([gone])
    polling = asyncio.create_task(line.updates(timeout=30))
    await until(lambda: line.emulator.calls["getUpdates"] == 2)
    await say(line, "một")
    assert texts(await polling) == ["một"]


async def test_of_two_pollers_the_newer_stays(line: Line) -> None:
    pollers = [asyncio.create_task(line.answer("getUpdates", timeout=30)) for _ in range(2)]
    done, waiting = await asyncio.wait(pollers, return_when=asyncio.FIRST_COMPLETED)
    assert [task.result()["description"] for task in done] == [
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    ]
    assert [task.result()["error_code"] for task in done] == [409]
    await say(line, "một")
    assert texts((await waiting.pop())["result"]) == ["một"]


async def test_a_poller_and_a_webhook(line: Line, webhook: Webhook) -> None:
    polling = asyncio.create_task(line.answer("getUpdates", timeout=30))
    await until(lambda: line.emulator.calls["getUpdates"])
    await line.call("setWebhook", url=webhook.url)
    assert (await polling)["description"] == "Conflict: terminated by setWebhook request"
    code, description = await line.refusal("getUpdates")
    assert (code, description[:56]) == (409, "Conflict: can't use getUpdates method while webhook is a")
    await line.call("deleteWebhook")
    assert await line.updates() == []


async def test_only_allowed_kinds_come(line: Line) -> None:
    await line.updates(allowed_updates=["callback_query"])
    await say(line, "không đến")
    await line.updates(allowed_updates=[])
    await say(line, "đến")
    assert texts(await line.updates()) == ["đến"]


async def test_the_webhook_gets_what_waited_with_the_secret(line: Line, webhook: Webhook) -> None:
    await say(line, "chờ sẵn")
    await line.call(
        "setWebhook", url=webhook.url, secret_token="bi-mat_1", max_connections=7, allowed_updates=["message"]
    )
    await say(line, "mới")
    line.emulator.block(AN)
    await line.emulator.settle(5)
    assert webhook.texts == ["chờ sẵn", "mới"]
    assert set(webhook.secrets) == {"bi-mat_1"}
    info = await line.call("getWebhookInfo")
    assert (info["url"], info["max_connections"], info["allowed_updates"]) == (webhook.url, 7, ["message"])
    assert info["pending_update_count"] == 0
    assert [(one.attempt, one.status, one.error) for one in line.emulator.deliveries] == [(1, 200, "")] * 2


async def test_a_failing_webhook_gets_it_again_and_in_order(line: Line, webhook: Webhook) -> None:
    tries = itertools.count()
    webhook.status = lambda body: 503 if body["message"]["text"] == "một" and next(tries) < 3 else 200
    line.emulator.retry_scale = 0.001
    await line.call("setWebhook", url=webhook.url)
    await say(line, "một", "hai")
    await say(line, "người khác", user_id=5)
    await line.emulator.settle(5)
    mine = [body["message"]["text"] for body in webhook.bodies if body["message"]["from"]["id"] == AN]
    assert mine == ["một", "một", "một", "một", "hai"]
    assert webhook.texts.index("người khác") < webhook.texts.index("hai")
    info = await line.call("getWebhookInfo")
    assert info["last_error_message"] == "Wrong response from the webhook: 503"
    first = [one for one in line.emulator.deliveries if one.update_id == webhook.bodies[0]["update_id"]]
    assert [(one.attempt, one.status) for one in first] == [(1, 503), (2, 503), (3, 503), (4, 200)]


async def test_a_busy_webhook_gets_no_more_than_it_has_asked_for(line: Line, webhook: Webhook) -> None:
    webhook.answers.clear()
    await line.call("setWebhook", url=webhook.url, max_connections=3)
    for person in range(1, 11):
        await say(line, "một", "hai", user_id=person)
    await until(lambda: len(webhook.bodies) == 3)
    await asyncio.sleep(0.05)
    assert webhook.texts == ["một"] * 3
    webhook.answers.set()
    await line.emulator.settle(10)
    assert len(webhook.bodies) == 20


async def test_an_attempt_takes_no_longer_than_it_may(line: Line, webhook: Webhook) -> None:
    webhook.answers.clear()
    line.emulator.switches.webhook_seconds = 0.05
    await line.call("setWebhook", url=webhook.url)
    await say(line, "một")
    await until(lambda: line.emulator.deliveries)
    webhook.answers.set()
    line.emulator.advance(1)
    await line.emulator.settle(10)
    assert [one.error for one in line.emulator.deliveries] == ["Read timeout expired", ""]


async def test_moving_the_clock_ends_the_wait_for_the_next_attempt(line: Line, webhook: Webhook) -> None:
    tries = itertools.count()
    webhook.status = lambda _: 200 if next(tries) else 500
    await line.call("setWebhook", url=webhook.url)
    line.emulator.retry_scale = 1000
    await say(line, "một")
    await until(lambda: line.emulator.deliveries)
    line.emulator.advance(1)
    await line.emulator.settle(5)
    assert webhook.texts == ["một", "một"]


async def test_a_webhook_that_is_away(line: Line) -> None:
    async with open_webhook() as gone:
        pass
    await line.call("setWebhook", url=gone.url)
    await say(line, "một")
    with pytest.raises(asyncio.TimeoutError):
        await line.emulator.settle(0.1)
    info = await line.call("getWebhookInfo")
    assert (info["pending_update_count"], info["last_error_message"]) == (1, "Connection refused")
    await line.call("deleteWebhook", drop_pending_updates=True)
    assert await line.updates() == []


@pytest.mark.parametrize(
    ("fields", "description"),
    [
        ({"url": "http://xa.vn/hook"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "https://xa.vn/hook", "secret_token": "dấu"}, "secret token contains unallowed characters"),
    ],
)
async def test_a_webhook_that_is_refused(line: Line, fields: dict[str, Any], description: str) -> None:
    assert await line.refusal("setWebhook", **fields) == (400, f"Bad Request: {description}")


async def test_two_thousand_at_once(line: Line, webhook: Webhook) -> None:
    await line.call("setWebhook", url=webhook.url)
    await asyncio.gather(*(say(line, "một", "hai", user_id=number) for number in range(1, 1001)))
    await line.emulator.settle(60)
    assert len(webhook.bodies) == 2000
    assert {body["update_id"] for body in webhook.bodies} == {one.update_id for one in line.emulator.deliveries}
    by_person: dict[int, list[str]] = {}
    for body in webhook.bodies:
        by_person.setdefault(body["message"]["from"]["id"], []).append(body["message"]["text"])
    assert set(map(tuple, by_person.values())) == {("một", "hai")}


async def test_two_thousand_by_polling(line: Line) -> None:
    for number in range(2000):
        await say(line, str(number))
    seen: list[str] = []
    offset = 0
    while batch := await line.updates(offset=offset):
        seen += texts(batch)
        offset = batch[-1]["update_id"] + 1
    assert seen == [*map(str, range(2000))]


async def test_a_lost_response(line: Line) -> None:
    await say(line, "hỏi")
    line.emulator.faults.switch_on(Fault.LOST_RESPONSE, 1, "sendMessage")
    assert len(await line.updates()) == 1
    with pytest.raises(aiohttp.ClientError):
        await line.call("sendMessage", chat_id=AN, text="đáp")
    assert [one.text for one in line.emulator.ledger] == ["đáp"]
    await line.call("sendMessage", chat_id=AN, text="đáp nữa")


async def test_a_connection_that_is_reset(line: Line) -> None:
    await say(line, "hỏi")
    line.emulator.faults.switch_on(Fault.RESET, 1)
    with pytest.raises(aiohttp.ClientError):
        await line.call("sendMessage", chat_id=AN, text="đáp")
    assert line.emulator.ledger == []


@pytest.mark.parametrize(
    ("fault", "code", "description"),
    [
        (Fault.SERVER_ERROR, 500, "Internal Server Error"),
        (Fault.BAD_GATEWAY, 502, "Bad Gateway"),
        (Fault.FLOOD, 429, "Too Many Requests: retry after 3"),
    ],
)
async def test_errors_for_a_number_of_times(line: Line, fault: Fault, code: int, description: str) -> None:
    line.emulator.faults.switch_on(fault, 2)
    assert [await line.refusal("getMe") for _ in range(2)] == [(code, description)] * 2
    await line.call("getMe")


async def test_a_slow_answer(line: Line) -> None:
    line.emulator.faults.slow_seconds = 0.01
    line.emulator.faults.switch_on(Fault.SLOW, 1)
    await line.call("getMe")
    assert line.emulator.faults.on == ()


async def test_doubled_and_exchanged_updates(line: Line, webhook: Webhook) -> None:
    await say(line, "một", "hai")
    line.emulator.faults.switch_on(Fault.DUPLICATE, 1)
    assert texts(await line.updates()) == ["một", "hai", "hai"]
    line.emulator.faults.switch_on(Fault.OUT_OF_ORDER, 1)
    assert texts(await line.updates()) == ["hai", "một"]
    line.emulator.faults.switch_on(Fault.DUPLICATE, 1)
    line.emulator.faults.switch_on(Fault.OUT_OF_ORDER, 1)
    await line.call("setWebhook", url=webhook.url)
    await line.emulator.settle(5)
    assert webhook.texts == ["hai", "hai", "một"]
