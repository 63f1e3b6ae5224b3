"""The first page: figures of today, what must be looked at, and the campaigns that wait for somebody."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Callable, Collection, Mapping, Optional, Sequence

import sqlalchemy as sa
from aiohttp import web

from bot.alerts import Alerts
from bot.broadcasts.campaign import CampaignState
from bot.broadcasts.campaigns import Campaign, Campaigns
from bot.console.campaign_words import CHANNELS, WORDS
from bot.console.pages import Page, Visit
from bot.console.roles import Permission
from bot.records import now, with_zone
from bot.spans import Span, spans
from bot.storage import Database
from bot.tables import inbox, outbox, transcript
from bot.unanswered import is_miss
from knowledge.calendar import VIETNAM_TIME

SHOWN = 50  # campaigns
COUNTED_FOR = 30.0  # seconds for which the figures are shown again
# In the order in which they are shown: what needs somebody first.
_LIVING = (CampaignState.PAUSED, CampaignState.SUBMITTED, CampaignState.SENDING, CampaignState.SCHEDULED)
_LINES = transcript.c
_OF_SPAN = _LINES.seq.between(sa.bindparam("first"), sa.bindparam("last"))
_WRITTEN = sa.select(_LINES.at, _LINES.channel, _LINES.person).where(_OF_SPAN, _LINES.message_id.is_not(None))
_MISSED = sa.select(_LINES.answer_to).where(_OF_SPAN, _LINES.answer_to.is_not(None), is_miss(_LINES.reply))
_ASIDE = sa.select(sa.func.count()).where(inbox.c.state == "aside")
_ON_THEIR_WAY = (
    sa.select(outbox.c.channel, sa.func.count()).where(outbox.c.state.in_(["waiting", "sending"])).group_by("channel")
)


@dataclass
class Figures:
    """Of one day. ``unanswered``: numbers of the lines whose answer was that we have none."""

    by_hour: Counter[int] = field(default_factory=Counter)
    people: set[tuple[str, str]] = field(default_factory=set)
    unanswered: set[int] = field(default_factory=set)

    @property
    def messages(self) -> int:
        return self.by_hour.total()

    @property
    def answered(self) -> int:
        return max(0, self.messages - len(self.unanswered))

    def take(self, written: Sequence[Any], missed: Collection[int]) -> None:
        for row in written:
            self.by_hour[with_zone(row.at).astimezone(VIETNAM_TIME).hour] += 1
            self.people.add((row.channel, row.person))
        self.unanswered.update(missed)


@dataclass(frozen=True)
class Post:
    """``waiting``: messages on their way out, by channel; ``aside``: what came in and could not be worked off."""

    waiting: Mapping[str, int]
    aside: int


class TodayPage:
    """``channels``: the messengers that are set up. The figures are the same for everybody who looks."""

    def __init__(
        self,
        database: Database,
        campaigns: Campaigns,
        alerts: Alerts,
        channels: Sequence[str],
        clock: Callable[[], dt.datetime] = now,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database, self._campaigns, self._alerts = database, campaigns, alerts
        self._channels, self._clock, self._ticks = channels, clock, ticks
        self._counting = asyncio.Lock()
        self._counted: Optional[tuple[float, Figures]] = None

    def pages(self) -> Sequence[Page]:
        return [Page("GET", "/", Permission.SIGNED_IN, self._show)]

    async def _show(self, visit: Visit) -> web.StreamResponse:
        figures, alerts = await self._figures(), await self._alerts.standing()
        at = self._clock().astimezone(VIETNAM_TIME)
        post = await self._database.run(_post)
        return visit.page(
            "today.html",
            **WORDS,
            at=at,
            figures=figures,
            hours=[(f"{hour}:00", figures.by_hour[hour]) for hour in range(at.hour + 1)],
            alerts=alerts,
            post=post,
            channels={name: CHANNELS.get(name, name) for name in self._channels},
            broken={name for name in self._channels if any(alert.name == f"channel-{name}" for alert in alerts)},
            jobs_failed=any(alert.name.startswith("job-aside-") for alert in alerts),
            **(await self._of_campaigns() if visit.may(Permission.READ_CAMPAIGNS) else {"by_state": None}),
        )

    async def _of_campaigns(self) -> Mapping[str, Any]:
        found = await self._campaigns.newest(SHOWN, states=_LIVING)
        by_state = {state: [one for one in found if one.state is state] for state in _LIVING}
        scheduled = sorted(by_state[CampaignState.SCHEDULED], key=_send_at)
        return {
            "by_state": {**by_state, CampaignState.SCHEDULED: scheduled},
            "unreviewed": await self._campaigns.unreviewed(),
        }

    async def _figures(self) -> Figures:
        async with self._counting:
            if self._counted is None or self._ticks() - self._counted[0] >= COUNTED_FOR:
                self._counted = self._ticks(), await self._count()
            return self._counted[1]

    async def _count(self) -> Figures:
        midnight = self._clock().astimezone(VIETNAM_TIME).replace(hour=0, minute=0, second=0, microsecond=0)
        figures = Figures()
        async for span in spans(self._database, midnight.astimezone(dt.timezone.utc)):
            figures.take(*await self._read(span))
        return figures

    async def _read(self, span: Span) -> tuple[Sequence[Any], Collection[int]]:
        part = {"first": span.first, "last": span.last}
        return await self._database.run(
            lambda connection: (
                connection.execute(_WRITTEN, part).all(),
                connection.execute(_MISSED, part).scalars().all(),
            )
        )


def _post(connection: sa.engine.Connection) -> Post:
    waiting = {channel: count for channel, count in connection.execute(_ON_THEIR_WAY)}
    return Post(waiting, connection.execute(_ASIDE).scalar() or 0)


def _send_at(campaign: Campaign) -> dt.datetime:
    return campaign.send_at or campaign.changed_at
