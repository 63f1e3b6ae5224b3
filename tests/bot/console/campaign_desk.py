"""The console with all pages of campaigns, over the real campaigns, forecasts and plans of a small invented town."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from typing import AsyncIterator, Mapping, Optional, Sequence

import sqlalchemy as sa

from bot.audit import Audit
from bot.broadcasts.campaigns import Campaigns
from bot.broadcasts.figures import Counting
from bot.broadcasts.ledger import Ledger
from bot.broadcasts.notice import house_facts
from bot.broadcasts.readiness import Readiness
from bot.console.campaign_offer import Offers
from bot.console.campaign_pages import CampaignPages
from bot.console.campaign_steps import CampaignSteps
from bot.console.live_pages import LivePages
from bot.console.officials import Officials
from bot.console.previews import Previews
from bot.console.tables import officials
from bot.console.trial import Trials
from bot.house_rules import Rules, Template
from bot.jobs.in_process import TableQueue
from bot.jobs.tables import jobs
from bot.outbox import Outbox
from bot.storage import Database
from connectors.channel import Limits
from tests.bot.broadcasts.town import AGENCY, NOW, Door, Office, Person, settle
from tests.bot.console.office import SECRET, Clock, Desk, console
from tests.bot.paper_channel import PaperChannel

TITLES = {"1.001193": "Đăng ký khai sinh", "1.000656": "Đăng ký khai tử"}
LIMITS = {"zalo": Limits(2_000, 5, 100), "telegram": Limits(4_096, 8, 64)}
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
    campaigns: Campaigns
    office: Office
    channel: PaperChannel
    outbox: Outbox
    rules: Rules

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
        return (await self.desk.browser(login).post(f"/campaigns/{id}/{name}", form)).status

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
async def campaign_desk(database: Database, rules: Optional[Rules] = None) -> AsyncIterator[CampaignDesk]:
    given = rules or Rules(templates=(TEMPLATE,))
    clock = Clock(NOW)
    audit, members = Audit(database, SECRET, clock), Officials(database, Audit(database, SECRET, clock), clock)
    office, queue = Office(database, given), TableQueue(database, clock)
    check = Readiness(LIMITS, AGENCY, lambda: given)
    campaigns = Campaigns(database, audit, clock, check)
    channel = PaperChannel()
    outbox = Outbox(database, {"zalo": channel}, _nobody, _nobody, lambda address: None, clock)
    previews = Previews(
        database, office.recipients, check, LIMITS, lambda language: house_facts(AGENCY, given, language), clock
    )
    offers = Offers(database, LIMITS, lambda: given, lambda say: {"land": "đất đai", "benefits": "trợ cấp"}, TITLES.get)
    ledger = Ledger(database, campaigns, audit, office.planner.detour, clock)
    pages = [
        *CampaignPages(campaigns, members, offers, previews, queue).pages(),
        *CampaignSteps(campaigns, members, previews, Trials(database, outbox), queue).pages(),
        *LivePages(campaigns, ledger, Counting(database), queue).pages(),
    ]
    await settle(database, PEOPLE)
    async with console(database, pages, clock) as desk:
        yield CampaignDesk(desk, database, campaigns, office, channel, outbox, given)


async def _nobody(*_: str) -> None: ...
