"""The console with all pages of campaigns, over the real campaigns, forecasts and plans of a small invented town."""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import dataclass
from typing import AsyncIterator, Mapping, Optional, Sequence

import aiohttp
import sqlalchemy as sa
from aiohttp import web

from bot.alerts import Alerts
from bot.audit import Audit
from bot.background import open_background
from bot.broadcasting import Broadcasting, open_broadcasting
from bot.broadcasts.campaigns import Campaigns
from bot.broadcasts.notice import house_facts
from bot.broadcasts.reports import Reports
from bot.console.audience_pages import AudiencePages
from bot.console.campaign_offer import Offers
from bot.console.campaign_pages import CampaignPages
from bot.console.campaign_steps import CampaignSteps
from bot.console.live_pages import LivePages
from bot.console.officials import Officials
from bot.console.pages import Page, Visit
from bot.console.previews import Previews
from bot.console.report_pages import ReportPages
from bot.console.roles import Permission
from bot.console.tables import officials
from bot.console.trial import Trials
from bot.house_rules import Rules, Template
from bot.jobs.tables import jobs
from bot.outbox import Outbox
from bot.settings import Settings
from bot.storage import Database
from bot.ways_out import OpenChannels
from connectors.channel import Channel, Limits
from tests.bot.broadcasts.town import AGENCY, CHANNELS, NOW, Door, Office, Person, settle
from tests.bot.console.office import SECRET, Clock, Desk, console
from tests.bot.paper_channel import PaperChannel

TITLES = {"1.001193": "Đăng ký khai sinh", "1.000656": "Đăng ký khai tử"}
TOPICS = {"land": "đất đai", "benefits": "trợ cấp"}
TEMPLATE = Template(id="77", title="Lịch họp dân", names=("ten",), price_user=300, price_phone=500)
PEOPLE = [
    Person("anh", (Door("zalo", "z-anh", 5, follows=True),), topics=("land",)),
    Person("binh", (Door("telegram", "t-binh", 2),), topics=("land",)),
    Person("chi", (Door("zalo", "z-chi", 1_000, follows=True),)),  # wrote long ago
    Person("dung", (Door("zalo", "z-dung", 3, follows=True),), opted_out=True),
]
# What the form sends, as a browser sends it.
FORM = {"title": "Miễn lệ phí hộ tịch", "body_vi": "Đăng ký khai sinh không thu lệ phí.", "days": "90"}


@dataclass(frozen=True)
class CampaignDesk:
    desk: Desk
    database: Database
    broadcasting: Broadcasting
    office: Office
    outbox: Outbox

    @property
    def campaigns(self) -> Campaigns:
        return self.broadcasting.campaigns

    @contextlib.asynccontextmanager
    async def work(self) -> AsyncIterator[None]:
        """Jobs and trials are worked off meanwhile."""
        running = [asyncio.create_task(part.run()) for part in (self.broadcasting.crew, self.outbox)]
        try:
            yield
        finally:
            await self.broadcasting.close(5)
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def write(self, login: str = "author", form: Mapping[str, str] = FORM) -> int:
        """A draft, with its forecast."""
        answer = await self.desk.browser(login).post("/campaigns/new", form)
        found = re.fullmatch(r"/campaigns/(\d+)", answer.location)
        assert found, (answer.status, answer.text)
        await self.office.forecaster.forecast({"campaign": int(found[1])})
        return int(found[1])

    async def version(self, id: int) -> dict[str, str]:
        """The field that says which version an official saw."""
        return {"version": str((await self.campaigns.get(id)).version)}

    async def step(self, login: str, id: int, name: str, **fields: str) -> int:
        """The status of the answer."""
        form = {**await self.version(id), **fields}
        answer = await self.desk.browser(login).post(f"/campaigns/{id}/{name}", form)
        assert not answer.location.startswith("/sign-in")
        return answer.status

    async def approved(self, **fields: str) -> int:
        id = await self.write()
        assert await self.step("author", id, "submit") == 303
        assert await self.step("approver", id, "approve", read="yes", **fields) == 303
        return id

    async def show(self, login: str, id: int, page: str = "") -> str:
        answer = await self.desk.browser(login).get(f"/campaigns/{id}{page}")
        assert answer.status == 200, answer.text
        return answer.text

    async def state(self, id: int) -> str:
        return (await self.campaigns.get(id)).state.value

    async def jobs(self) -> Sequence[tuple[str, str]]:
        query = sa.select(jobs.c.name, jobs.c.key).order_by(jobs.c.id)
        return [tuple(row) for row in await self.database.run(lambda connection: connection.execute(query).all())]

    async def join(self, login: str, channel: str, person: str) -> None:
        """The official's own address for trials."""
        change = officials.update().where(officials.c.login == login).values(channel=channel, person=person)
        await self.database.run(lambda connection: connection.execute(change))


@contextlib.asynccontextmanager
async def campaign_desk(
    database: Database, channels: Optional[Mapping[str, Channel]] = None, settled: bool = True
) -> AsyncIterator[CampaignDesk]:
    """``settled``: with PEOPLE. Nothing works off the jobs but ``CampaignDesk.work``."""
    rules, clock = Rules(templates=(TEMPLATE,)), Clock(NOW)
    audit = Audit(database, SECRET, clock)
    members = Officials(database, audit, clock)
    async with aiohttp.ClientSession() as http:
        opened = OpenChannels(http, dict(channels or {name: _paper(name) for name in CHANNELS}))
        outbox = Outbox(database, opened.channels, _nobody, _nobody, lambda address: None, clock)
        alerts = Alerts(database, (), outbox.enqueue_text)
        background = open_background(database, audit, clock)
        all_ = open_broadcasting(
            Settings(), SECRET, database, audit, lambda: rules, AGENCY, opened, alerts, background, clock
        )
        limits = {name: channel.limits for name, channel in opened.channels.items()}
        house = lambda language: house_facts(AGENCY, rules, language)  # noqa: E731
        previews = Previews(database, all_.recipients, all_.check, limits, house, clock)
        offers = Offers(database, limits, lambda: rules, lambda say: TOPICS, TITLES.get)
        pages = [
            Page("GET", "/", Permission.SIGNED_IN, _enter),
            *CampaignPages(all_.campaigns, members, offers, previews, all_.crew).pages(),
            *CampaignSteps(all_.campaigns, members, previews, Trials(database, outbox), all_.crew).pages(),
            *AudiencePages(background.files, all_.crew).pages(),
            *ReportPages(all_.campaigns, Reports(database, lambda: rules, clock)).pages(),
            *LivePages(all_.campaigns, all_.ledger, all_.counting, all_.crew).pages(),
        ]
        if settled:
            await settle(database, PEOPLE)
        async with console(database, pages, clock) as desk:
            yield CampaignDesk(desk, database, all_, Office(database, rules), outbox)


async def _enter(visit: Visit) -> web.StreamResponse:
    """The first page belongs to another part."""
    return visit.go("/campaigns")


def _paper(name: str) -> PaperChannel:
    channel = PaperChannel()
    channel.name, channel.limits = name, Limits(2_000, 5, 100)
    return channel


async def _nobody(*_: str) -> None: ...
