"""What a campaign will take, counted before anybody presses the button: read as in planning, with nothing written."""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any, Callable, Mapping, Optional, Protocol, Union

import msgspec
import sqlalchemy as sa

from bot.broadcasts.campaign import Content
from bot.broadcasts.planning import AT_ONCE
from bot.broadcasts.reach import QuotaLeft, Reach, Tally, finishing, seconds_of
from bot.broadcasts.reasons import Reason
from bot.broadcasts.recipients import ZALO, Page, Recipients
from bot.broadcasts.tables import campaigns, opt_outs
from bot.broadcasts.vehicles import Choice, Vehicles
from bot.house_rules import Rules
from bot.jobs.protocol import Facts
from bot.records import now, with_zone
from bot.storage import Database
from bot.tables import addresses, contacts
from bot.wording.talk import Agency

_CAMPAIGN = sa.select(campaigns).where(campaigns.c.id == sa.bindparam("campaign"))
_OPTED_OUT_FOLLOWERS = (
    sa.select(sa.func.count())
    .select_from(opt_outs.join(addresses, addresses.c.citizen_id == opt_outs.c.citizen_id))
    .where(
        sa.exists().where(
            contacts.c.channel == addresses.c.channel,
            contacts.c.person == addresses.c.person,
            contacts.c.channel == ZALO,
            contacts.c.follows.is_(True),
        )
    )
)


class Quotas(Protocol):
    async def left(self) -> QuotaLeft:
        """Never raises."""


class Forecaster:
    """``per_second``: by channel, how many messages of campaigns may go out."""

    def __init__(
        self,
        database: Database,
        recipients: Recipients,
        rules: Callable[[], Rules],
        agency: Agency,
        quotas: Quotas,
        per_second: Mapping[str, float],
        clock: Callable[[], dt.datetime] = now,
        at_once: int = AT_ONCE,
    ) -> None:
        self._database, self._recipients, self._quotas, self._at_once = database, recipients, quotas, at_once
        self._rules, self._agency, self._clock, self._per_second = rules, agency, clock, per_second

    async def forecast(self, facts: Facts) -> None:
        """A job; ``facts``: {"campaign": id}. Writes the campaign's forecast, unless somebody has changed it meanwhile:
        then it is counted anew.
        """
        while campaign := await self._database.run(lambda connection: connection.execute(_CAMPAIGN, facts).first()):
            reach = await self._count(msgspec.json.decode(campaign.content, type=Content))
            at, rules = self._now(), self._rules()
            begin = max(at, with_zone(campaign.send_at)) if campaign.send_at else at
            seconds = seconds_of(reach, self._per_second)
            forecast = msgspec.structs.replace(
                reach,
                quota=await self._quotas.left(),
                seconds=seconds,
                finishes_at=finishing(reach, seconds, begin, rules, campaign.alarm),
            )
            if await self._database.run(functools.partial(_write, campaign=campaign, forecast=forecast, at=at)):
                return

    async def _count(self, content: Content) -> Reach:
        vehicles, tally, at = Vehicles(content, self._rules(), self._agency), Tally(Reach()), self._now()

        def read(connection: sa.engine.Connection, after: str) -> tuple[Page, list[Union[Choice, Reason]]]:
            page = self._recipients.read(connection, content.audience, after, self._at_once, at)
            return page, [vehicles.choose(recipient, at) for recipient in page.recipients]

        after: Optional[str] = ""
        while after is not None:
            page, chosen = await self._database.run(functools.partial(read, after=after))
            tally.leave_out(page.left_out)
            for one in chosen:
                tally.add(one)
            after = page.after
        reach = tally.reach()
        if not reach.is_by_article:
            return reach
        shown = await self._database.run(lambda connection: connection.execute(_OPTED_OUT_FOLLOWERS).scalar())
        return msgspec.structs.replace(reach, opted_out_followers=shown)

    def _now(self) -> dt.datetime:
        return self._clock().astimezone(dt.timezone.utc)  # SQLite compares moments without their zones


def _write(connection: sa.engine.Connection, campaign: Any, forecast: Reach, at: dt.datetime) -> bool:
    """Whether the campaign still is what was counted."""
    same = (campaigns.c.id == campaign.id, campaigns.c.version == campaign.version)
    values = {"forecast": msgspec.json.encode(forecast).decode(), "forecast_at": at}
    return bool(connection.execute(campaigns.update().where(*same).values(values)).rowcount)
