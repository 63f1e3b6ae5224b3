"""Lives of senders, each killed at a point of its own: ``sender_process <database> <zalo> <token> <point>...``.

Lives follow one another; points joined by "+" are lives side by side. "none" is killed at no point. Prints, for each
life, the signal that ended it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import signal
import sys
from dataclasses import dataclass
from typing import Any, Callable, Mapping

import aiohttp

from bot.audit import Audit
from bot.broadcasts import ledger_rows, receipts
from bot.broadcasts.attempts import Attempts
from bot.broadcasts.campaign import Content
from bot.broadcasts.campaigns import Campaigns
from bot.broadcasts.delivery import Delivery
from bot.broadcasts.drawing import Drawing
from bot.broadcasts.ledger import Ledger
from bot.broadcasts.sender import Sender
from bot.house_rules import Rules
from bot.records import now
from bot.storage import Database
from connectors.channel import Part
from connectors.messages import Picture, Receipt
from connectors.pacing import Pace
from connectors.zalo.channel import ZaloChannel
from connectors.zalo.client import ZaloClient
from connectors.zalo.settings import ZaloSettings
from tests.connectors.zalo.street import TEXTS, OneToken

LEASE = dt.timedelta(seconds=1.5)
RULES = Rules(quiet_from=dt.time(0), quiet_until=dt.time(0))


@dataclass(frozen=True)
class World:
    ledger: Ledger
    channel: ZaloChannel


class Alarm:
    async def page(self, name: str, sentence: str) -> None:
        raise AssertionError(sentence)

    async def over(self, name: str) -> None: ...


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _killing(function: Any, call: int, before: bool) -> Any:
    """The same coroutine function, whose ``call``-th call is the last thing that is done."""
    calls = iter(range(call - 1, -1, -1))

    async def killing(*given: Any) -> Any:
        is_last = next(calls) == 0
        if is_last and before:
            _die()
        result = await function(*given)
        if is_last:
            _die()
        return result

    return killing


def _killing_in_work(function: Any, call: int, is_meant: Callable[..., bool] = lambda *_: True) -> Any:
    """The same within a database work, whose transaction is not committed then."""
    calls = iter(range(call - 1, -1, -1))

    def killing(*given: Any) -> Any:
        result = function(*given)
        if is_meant(*given) and next(calls) == 0:
            _die()
        return result

    return killing


def _before_claim(world: World) -> None:
    world.ledger.claim = _killing(world.ledger.claim, 3, before=True)  # type: ignore[method-assign]


def _after_claim(world: World) -> None:
    world.ledger.claim = _killing(world.ledger.claim, 3, before=False)  # type: ignore[method-assign]


def _after_send(world: World) -> None:
    world.channel.send = _killing(world.channel.send, 30, before=False)  # type: ignore[method-assign]


def _before_commit(_: World) -> None:
    is_outcome = lambda connection, change, *_: change is ledger_rows.SETTLE  # noqa: E731
    ledger_rows.write = _killing_in_work(ledger_rows.write, 5, is_outcome)


def _during_receipt(_: World) -> None:
    receipts.note = _killing_in_work(receipts.note, 2)


POINTS: Mapping[str, Callable[[World], None]] = {
    "before-claim": _before_claim,
    "after-claim": _after_claim,
    "after-send": _after_send,
    "before-commit": _before_commit,
    "during-receipt": _during_receipt,
    "none": lambda _: None,
}


async def live(database_url: str, zalo: str, token: str, point: str) -> None:
    database = Database(database_url)
    settings = ZaloSettings("1", "2", "demo-app-secret", "demo-oa-secret-key", api_url=zalo, business_url=zalo)
    async with aiohttp.ClientSession() as http:
        pace = Pace(per_second=100_000, person_seconds=0.001)
        channel = ZaloChannel(ZaloClient(settings, OneToken(token), http), settings, pace, TEXTS)
        audit = Audit(database, "a secret")
        campaigns = Campaigns(database, audit, now, lambda connection, content: [])
        ledger = Ledger(database, campaigns, audit, lambda connection, delivery: None, lease=LEASE)
        attempts = Attempts(ledger, {"zalo": channel}, Drawing(_no_picture, _no_article))
        sender = Sender(ledger, attempts, campaigns, lambda: RULES, Alarm(), at_once=20)
        POINTS[point](World(ledger, channel))
        receiving = asyncio.create_task(_receive(database, http, zalo))
        await sender.send(1)
        receiving.cancel()
        await asyncio.gather(receiving, return_exceptions=True)
    await database.close()


async def _receive(database: Database, http: aiohttp.ClientSession, zalo: str) -> None:
    """What the platform says about everything that it has delivered, as often as it is asked."""
    while True:
        async with http.get(f"{zalo}/_control/ledger") as answer:
            sent = (await answer.json())["ledger"]
        for start in range(0, len(sent), 50):
            ids = tuple(one["message_id"] for one in sent[start : start + 50])
            receipt = Receipt("zalo", ids, False, now())
            await database.run(lambda connection, receipt=receipt: receipts.note(connection, receipt))
        await asyncio.sleep(0.05)


async def _no_picture(id: int) -> Picture:
    raise AssertionError(id)


async def _no_article(delivery: Delivery, content: Content) -> Part:
    raise AssertionError(delivery.id)


def _fork(database_url: str, zalo: str, token: str, point: str) -> int:
    """What has been imported is there already."""
    child = os.fork()
    if child == 0:
        asyncio.run(live(database_url, zalo, token, point))
        os._exit(0)
    return child


if __name__ == "__main__":
    for life in sys.argv[4:]:
        children = [_fork(*sys.argv[1:4], point) for point in life.split("+")]
        print(*(os.waitpid(child, 0)[1] for child in children), flush=True)  # noqa: T201 - its parent reads it
