"""``python -m benchmarks.broadcast_worker ORDER``: the process under test; it does one thing and writes what it took.

ORDER and the answer are JSON. The parts are joined as the server joins them, without the understanding of questions,
and with a pace that never waits: the platform has no limits.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import itertools
import json
import sys
import time
from dataclasses import dataclass
from typing import Any, AsyncIterator, Awaitable, Callable, Mapping

import aiohttp
import sqlalchemy as sa

from benchmarks.broadcast_peers import by_batches, one_by_one
from benchmarks.broadcast_platforms import person
from bot.audit import Actor, Audit
from bot.broadcasts.attempts import Attempts
from bot.broadcasts.campaign import Content
from bot.broadcasts.campaigns import Campaigns
from bot.broadcasts.delivery import Delivery
from bot.broadcasts.drawing import Drawing
from bot.broadcasts.ledger import Ledger
from bot.broadcasts.pictures import Pictures
from bot.broadcasts.planning import Planner
from bot.broadcasts.recipients import Recipients
from bot.broadcasts.sender import Sender
from bot.collecting import set_aside
from bot.house_rules import Rules
from bot.outbox import Outbox
from bot.records import now
from bot.storage import Database
from bot.tables import outbox
from bot.wording.channels import channel_texts
from bot.wording.speaker import LANGUAGES, speaker
from bot.wording.talk import Agency
from connectors.channel import Channel, Part
from connectors.messages import Address, Reply
from connectors.pacing import Pace
from connectors.telegram import TelegramChannel
from connectors.telegram_settings import TelegramSettings
from connectors.zalo.channel import ZaloChannel
from connectors.zalo.client import ZaloClient
from connectors.zalo.settings import ZaloSettings

UNHURRIED = 1e9  # messages a second
AUTHOR, APPROVER = Actor(1, "Trần Thị Mẫu"), Actor(2, "Lê Văn Mẫu")
CONTENT = Content(
    title="Lịch tiếp dân mới",
    body={"vi": "Từ ngày 01/12/2026, bộ phận một cửa làm việc cả sáng thứ bảy. Ông/bà mang theo giấy hẹn khi đến."},
    link="https://example.gov.vn/lich-tiep-dan",
)
NOTICE = Reply("Hồ sơ H12.34.56-261101-0001 đã có kết quả.")
NOTICE_EVERY = 0.2  # seconds
FIRST_NOTIFIED = 5_000_000  # of the crowd: nobody of these gets the broadcast
STOP_AFTER = 3.0  # seconds of sending
_WAITING = sa.select(outbox.c.seq).where(outbox.c.state.in_(["waiting", "sending"])).limit(1)


@dataclass(frozen=True)
class Works:
    database: Database
    channel: Channel
    campaigns: Campaigns
    planner: Planner
    sender: Sender
    outbox: Outbox

    async def start_campaign(self) -> int:
        """One that two officials have brought on its way."""
        draft = await self.campaigns.create(AUTHOR, CONTENT)
        submitted = await self.campaigns.submit(draft.id, draft.version, AUTHOR)
        approved = await self.campaigns.approve(draft.id, submitted.version, APPROVER)
        return (await self.campaigns.start(draft.id, approved.version, APPROVER)).id


class OneToken:
    """connectors.zalo.client.Access"""

    def __init__(self, token: str) -> None:
        self._token = token

    async def access_token(self) -> str:
        return self._token

    async def renewed(self, rejected: str) -> str:
        raise AssertionError("the token was good")


class Quiet:
    """Nobody is to be told anything: who measures looks at the figures."""

    async def page(self, name: str, sentence: str) -> None:
        raise AssertionError(sentence)

    async def over(self, name: str) -> None:
        """There was nothing."""


@contextlib.asynccontextmanager
async def opened(order: Mapping[str, Any]) -> AsyncIterator[Works]:
    database, quiet = Database(order["database"]), Quiet()
    async with aiohttp.ClientSession() as http:
        channel = _channel(order, http)
        channels: Mapping[str, Channel] = {channel.name: channel}
        audit = Audit(database, "a secret of the benchmark")
        campaigns = Campaigns(database, audit, now, lambda connection, content: ())
        agency = Agency({language: "Ủy ban nhân dân phường Mẫu" for language in LANGUAGES}, "1900 1000", {})
        rules = Rules(quiet_from=Rules().quiet_until)  # no quiet hours
        planner = Planner(database, Recipients(channels, str), lambda: rules, agency)
        ledger = Ledger(database, campaigns, audit, planner.detour)
        attempts = Attempts(ledger, channels, Drawing(Pictures(database).get, _no_article))
        sender = Sender(ledger, attempts, campaigns, lambda: rules, quiet)
        post = Outbox(database, channels, quiet.page, quiet.over, lambda address: None)
        yield Works(database, channel, campaigns, planner, sender, post)
        if isinstance(channel, TelegramChannel):
            await channel.close()
    await database.close()


def _channel(order: Mapping[str, Any], http: aiohttp.ClientSession) -> Channel:
    texts = {language: channel_texts(speaker(language).gettext) for language in LANGUAGES}
    pace = Pace(UNHURRIED, 1 / UNHURRIED)
    if order["channel"] == "telegram":
        return TelegramChannel(TelegramSettings(order["token"], api_url=order["url"]), texts, pace)
    url = order["url"]
    settings = ZaloSettings("1002003004005006007", "7001112223334445556", "", "", url, url, url)
    return ZaloChannel(ZaloClient(settings, OneToken(order["token"]), http), settings, pace, texts)


async def _no_article(delivery: Delivery, content: Content) -> Part:
    raise AssertionError("there is no article")


async def plan(works: Works) -> Mapping[str, Any]:
    """Seconds, and by how many megabytes the process grew at its largest."""
    campaign, before, began = await works.start_campaign(), _peak_megabytes(), time.monotonic()
    await works.planner.plan({"campaign": campaign})
    return {"plan_seconds": time.monotonic() - began, "before": before, "peak": _peak_megabytes()}


async def send(works: Works) -> Mapping[str, Any]:
    """Plan and send; stopped once and taken up again, while notices about dossiers go out beside it."""
    campaign, began = await works.start_campaign(), time.monotonic()
    await works.planner.plan({"campaign": campaign})
    planned = time.monotonic() - began
    told: dict[str, float] = {}
    over = asyncio.Event()
    telling, posting = asyncio.create_task(_tell(works, told, over)), asyncio.create_task(works.outbox.run())
    began, busy = time.monotonic(), time.process_time()
    sending = asyncio.create_task(works.sender.send(campaign))
    await asyncio.wait([sending], timeout=STOP_AFTER)
    pressed = time.time()
    await works.campaigns.pause(campaign, APPROVER, "đo nút dừng")
    await sending
    active, ended = time.monotonic() - began, time.time()
    await works.campaigns.resume(campaign, APPROVER)
    began = time.monotonic()
    await works.sender.send(campaign)
    active += time.monotonic() - began
    over.set()
    await telling
    while await works.database.run(_first_waiting):  # noqa: ASYNC110 - what is written into a table wakes nobody
        await asyncio.sleep(NOTICE_EVERY)
    await works.outbox.close(10)
    await posting
    return {
        "plan_seconds": planned,
        "send_seconds": active,
        "processor_seconds": time.process_time() - busy,
        "stop_pressed": pressed,
        "stop_ended": ended,
        "notices": told,
        "megabytes": _peak_megabytes(),
    }


def _first_waiting(connection: sa.engine.Connection) -> Any:
    return connection.execute(_WAITING).first()


async def peers(works: Works, count: int) -> Mapping[str, Any]:
    """Seconds of each naive way, for the first so many recipients."""
    return {
        "one_by_one": await one_by_one(works.database, works.channel, CONTENT, count),
        "by_batches": await by_batches(works.database, works.channel, CONTENT, count),
    }


async def _tell(works: Works, told: dict[str, float], over: asyncio.Event) -> None:
    """Notices, each to somebody else; ``told`` gets when each was put on its way."""
    channel = works.channel.name
    for number in itertools.takewhile(lambda _: not over.is_set(), itertools.count()):
        address = Address(channel, person(channel, FIRST_NOTIFIED + number))
        (part,) = works.channel.draw(NOTICE, str(number))
        told[address.id] = time.time()
        enqueue = functools.partial(works.outbox.enqueue_part, address=address, part=part, line=number)
        await works.database.run(enqueue)
        works.outbox.ready(address)
        await asyncio.sleep(NOTICE_EVERY)


def _peak_megabytes() -> float:
    with open("/proc/self/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


async def main(order: Mapping[str, Any]) -> Mapping[str, Any]:
    async with opened(order) as works:
        set_aside()
        if order["do"] == "peers":
            return await peers(works, order["count"])
        doing: Mapping[str, Callable[[Works], Awaitable[Mapping[str, Any]]]] = {"plan": plan, "send": send}
        return await doing[order["do"]](works)


if __name__ == "__main__":
    json.dump(asyncio.run(main(json.loads(sys.argv[1]))), sys.stdout)
