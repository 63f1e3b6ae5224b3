"""All about broadcasts, joined: campaigns, planning, the ledger and its sender, jobs, and what citizens may be told."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import hmac
from dataclasses import dataclass
from typing import Callable, Mapping

from bot.alerts import Alerts
from bot.audit import Audit
from bot.background import Background
from bot.broadcasts.article import ArticleDrawing
from bot.broadcasts.attempts import Attempts
from bot.broadcasts.campaign import CampaignState
from bot.broadcasts.campaigns import Campaigns
from bot.broadcasts.drawing import Drawing
from bot.broadcasts.figures import Counting
from bot.broadcasts.files import AudienceFiles
from bot.broadcasts.forecasting import Forecaster, Quotas
from bot.broadcasts.ledger import Ledger
from bot.broadcasts.pictures import Pictures, PublicPictures
from bot.broadcasts.planning import Planner
from bot.broadcasts.quota import ZaloQuotas
from bot.broadcasts.reach import QuotaLeft
from bot.broadcasts.readiness import Readiness
from bot.broadcasts.recipients import Recipients
from bot.broadcasts.schedules import start_due
from bot.broadcasts.sender import Sender
from bot.house_rules import Rules
from bot.jobs.crew import Crew
from bot.jobs.in_process import TableQueue
from bot.jobs.on_procrastinate import ProcrastinateQueue
from bot.jobs.protocol import Facts, Queue
from bot.jobs.schedules import EVERY_MINUTE, Every
from bot.records import now
from bot.settings import Settings
from bot.storage import Database
from bot.ways_out import ZALO_PER_SECOND, OpenChannels
from bot.wording.talk import Agency
from connectors.zalo.account import Account
from connectors.zalo.templates import Templates

FOR_BROADCASTS = 2 / 3  # of what Zalo lets an app send: the rest is left to replies
NEWEST_DRAFTS = 50  # are looked through for some without a forecast
SENDERS = 4  # jobs of one campaign that may run at the same time, in all processes together
# In each process. One long campaign must not keep an urgent one waiting, nor some of them all others.
SENDING_AT_ONCE = 8 * SENDERS


@dataclass(frozen=True)
class Broadcasting:
    campaigns: Campaigns
    check: Readiness
    recipients: Recipients
    ledger: Ledger
    sender: Sender
    pictures: Pictures
    public_pictures: PublicPictures
    counting: Counting
    crew: Crew

    async def close(self, seconds: float) -> None:
        """What is under way ends; the rest is taken up again at the next start, or by another process."""
        self.sender.stop()
        await self.crew.close(seconds)


def open_broadcasting(
    settings: Settings,
    secret: str,
    database: Database,
    audit: Audit,
    rules: Callable[[], Rules],
    agency: Agency,
    opened: OpenChannels,
    alerts: Alerts,
    background: Background,
    clock: Callable[[], dt.datetime] = now,
) -> Broadcasting:
    """Choose and join the parts; nothing runs before the crew does."""
    limits = {name: channel.limits for name, channel in opened.channels.items()}
    origin = settings.public_origin or ""
    check = Readiness(limits, agency, rules, origin)
    campaigns = Campaigns(database, audit, clock, check)
    recipients = Recipients(opened.channels, functools.partial(phone_digest, secret))
    planner = Planner(database, recipients, rules, agency, clock)
    pictures = Pictures(database, clock)
    public_pictures = PublicPictures(pictures)
    article = ArticleDrawing(public_pictures, origin, agency)
    ledger = Ledger(database, campaigns, audit, planner.detour, clock)
    attempts = Attempts(ledger, opened.channels, Drawing(pictures.get, article.draw), clock)
    sender = Sender(ledger, attempts, campaigns, rules, alerts, clock)
    quotas, paces = _quotas(database, opened, clock), _per_second(settings)
    forecaster = Forecaster(database, recipients, rules, agency, quotas, paces, clock)
    on_postgresql = settings.database_url.startswith("postgresql")
    queue: Queue = ProcrastinateQueue(settings.database_url) if on_postgresql else TableQueue(database, clock)
    senders = SENDERS if on_postgresql else 1
    work = _Work(queue, background.files, campaigns, planner, ledger, sender, alerts, rules, clock, senders)
    functions = {
        "plan": work.plan,
        "send": work.send,
        "look": work.look,
        "forecast": forecaster.forecast,
        **background.functions,
    }
    every = [Every("look", "", EVERY_MINUTE), *background.every]
    crew = Crew(queue, functions, every, alerts.page, clock, places={"send": SENDING_AT_ONCE})
    counting = Counting(database)
    return Broadcasting(
        campaigns, check, recipients, ledger, sender, pictures, public_pictures, counting, crew
    )


@dataclass(frozen=True)
class _Work:
    """The jobs of a campaign. ``senders``: how many of one campaign may run at the same time."""

    queue: Queue
    files: AudienceFiles
    campaigns: Campaigns
    planner: Planner
    ledger: Ledger
    sender: Sender
    alerts: Alerts
    rules: Callable[[], Rules]
    clock: Callable[[], dt.datetime]
    senders: int

    async def plan(self, facts: Facts) -> None:
        await self._put_senders(facts["campaign"])  # what is planned is sent while the rest is being planned
        await self.planner.plan(facts)
        await self._put_senders(facts["campaign"])

    async def send(self, facts: Facts) -> None:
        await self.sender.send(facts["campaign"])

    async def look(self, facts: Facts) -> None:
        """Each minute: what is due begins, and what nobody works at any more goes on."""
        stopped = self.rules().broadcasts_stopped
        for campaign in await start_due(self.campaigns, self.alerts.page, self.clock, stopped):
            if campaign.planned_at is None:
                await self.queue.put("plan", str(campaign.id), {"campaign": campaign.id})
            await self._put_senders(campaign.id)
        for id in await self.ledger.left_behind():
            await self._put_senders(id)
        for draft in await self.campaigns.newest(NEWEST_DRAFTS, states=[CampaignState.DRAFT]):
            if draft.forecast_at is None:  # what an import drafted
                await self.queue.put("forecast", str(draft.id), {"campaign": draft.id})
        for file in await self.files.unread():
            await self.queue.put("read_file", str(file), {"file": file})

    async def _put_senders(self, campaign: int) -> None:
        for number in range(self.senders):
            await self.queue.put("send", f"{campaign}-{number}", {"campaign": campaign})


class _NoQuotas:
    """bot.broadcasts.forecasting.Quotas without Zalo."""

    async def left(self) -> QuotaLeft:
        return QuotaLeft()


def _quotas(database: Database, opened: OpenChannels, clock: Callable[[], dt.datetime]) -> Quotas:
    if opened.zalo is None:
        return _NoQuotas()
    return ZaloQuotas(database, Account(opened.zalo), Templates(opened.zalo), clock)


def _per_second(settings: Settings) -> Mapping[str, float]:
    telegram = {"telegram": float(settings.telegram.messages_per_second)} if settings.telegram else {}
    return {"zalo": ZALO_PER_SECOND * FOR_BROADCASTS, **telegram}


def phone_digest(secret: str, phone: str) -> str:
    """By which a refused number is known; ``phone`` is 84 and nine digits."""
    return hmac.new(secret.encode(), f"phone:{phone}".encode(), hashlib.sha256).hexdigest()
