"""What became of a campaign: figures by channel, vehicle and reason, what people did afterwards, and every delivery."""

from __future__ import annotations

import datetime as dt
import functools
from collections import Counter
from dataclasses import dataclass
from typing import Any, AsyncIterator, Callable, Mapping, Optional

import msgspec
import sqlalchemy as sa

from bot.broadcasts.campaign import DeliveryState, Vehicle
from bot.broadcasts.campaigns import Campaign
from bot.broadcasts.masking import masked
from bot.broadcasts.reach import Reach
from bot.broadcasts.reasons import Reason
from bot.broadcasts.recipients import ZALO
from bot.broadcasts.tables import asked, deliveries, opt_outs
from bot.house_rules import Rules
from bot.records import now, with_zone
from bot.storage import Database

AFTERWARDS = dt.timedelta(days=7)
AT_ONCE = 10_000  # rows that are counted together: some ten milliseconds of the database
ON_A_PAGE = 500
# By which ways a platform says that somebody has seen a message.
SAYS_SEEN = frozenset({(ZALO, Vehicle.MESSAGE), (ZALO, Vehicle.TEMPLATE)})
ARRIVED = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.SEEN)
_D = deliveries.c
_OF_CAMPAIGN = _D.campaign == sa.bindparam("campaign")
_SOME = (
    sa.select(_D.id, _D.channel, _D.vehicle, _D.why)
    .where(_OF_CAMPAIGN, _D.state == sa.bindparam("its_state"), _D.id > sa.bindparam("after"))
    .order_by(_D.id)
    .limit(AT_ONCE)
    .subquery()
)
_COUNT = sa.select(
    _SOME.c.channel, _SOME.c.vehicle, _SOME.c.why, sa.func.count().label("count"), sa.func.max(_SOME.c.id).label("last")
).group_by(_SOME.c.channel, _SOME.c.vehicle, _SOME.c.why)
_PAGE = (
    sa.select(_D.channel, _D.person, _D.vehicle, _D.language, _D.state, _D.why, _D.finished_at)
    .where(_OF_CAMPAIGN)
    .where(sa.tuple_(_D.channel, _D.person) > sa.tuple_(sa.bindparam("channel"), sa.bindparam("person")))
    .order_by(_D.channel, _D.person)
    .limit(ON_A_PAGE)
)
_TOLD = sa.and_(_OF_CAMPAIGN, _D.state.in_([state.value for state in ARRIVED]))
_MOMENT = sa.DateTime(timezone=True)
_SPAN = (sa.bindparam("begin", type_=_MOMENT), sa.bindparam("end", type_=_MOMENT))
_LEFT_BY_IT = sa.select(sa.func.count()).where(opt_outs.c.campaign == sa.bindparam("campaign"))


def _with_deliveries(page: Any) -> Any:
    """The page first, each of it looked up: the other way round a whole campaign would be walked through."""
    some = page.limit(ON_A_PAGE).subquery()
    told = sa.and_(_D.citizen_id == some.c.citizen_id, _TOLD)
    query = sa.select(some.c.key, some.c.at, _D.finished_at).select_from(some.outerjoin(deliveries, told))
    return query.order_by(some.c.key)


_LEFT = _with_deliveries(
    sa.select(opt_outs.c.citizen_id.label("key"), opt_outs.c.citizen_id, opt_outs.c.at)
    .where(opt_outs.c.campaign.is_(None), opt_outs.c.at.between(*_SPAN), opt_outs.c.citizen_id > sa.bindparam("after"))
    .order_by(opt_outs.c.citizen_id)
)
_ASKED = _with_deliveries(
    sa.select(asked.c.seq.label("key"), asked.c.citizen_id, asked.c.at)
    .where(asked.c.procedure == sa.bindparam("procedure"), asked.c.at.between(*_SPAN))
    .where(asked.c.seq > sa.bindparam("after"))
    .order_by(asked.c.seq)
)


@dataclass(frozen=True)
class Way:
    """Deliveries by one channel and vehicle. ``seen``: how many, None where the platform does not say."""

    channel: str
    vehicle: Vehicle
    states: Mapping[DeliveryState, int]

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def seen(self) -> Optional[int]:
        return self.states.get(DeliveryState.SEEN, 0) if (self.channel, self.vehicle) in SAYS_SEEN else None


@dataclass(frozen=True)
class Report:
    """``planned``: deliveries, an article is one. ``failed`` by reason (deliveries.why), ``unreachable``: who was left
    out at planning. ``opted_out``: people who left within a week after they were told. ``questions``: asked by those
    who were told, within a week, about the procedure of the campaign; None when it names none. ``cost``: of templates
    that went out, in đồng, by the prices of today; None when the template is no longer known.
    """

    campaign: Campaign
    ways: tuple[Way, ...]
    failed: Mapping[str, int]
    unreachable: Mapping[Reason, int]
    opted_out: int
    questions: Optional[int]
    cost: Optional[int]
    made_at: dt.datetime

    @property
    def planned(self) -> int:
        return sum(way.total for way in self.ways)

    def of(self, *states: DeliveryState) -> int:
        return sum(way.states.get(state, 0) for way in self.ways for state in states)

    @property
    def arrived(self) -> int:
        """Sent, as far as we know."""
        return self.of(*ARRIVED)

    @property
    def seen(self) -> Optional[int]:
        """None when no platform says it."""
        seen = [way.seen for way in self.ways if way.seen is not None]
        return sum(seen) if seen else None


@dataclass(frozen=True)
class DeliveryRow:
    """One delivery for people to read; ``person`` is masked. ``why``: as in Report.failed, "" for nothing."""

    channel: str
    person: str
    vehicle: Vehicle
    language: str
    state: DeliveryState
    why: str
    at: Optional[dt.datetime]


class Reports:
    def __init__(
        self, database: Database, rules: Callable[[], Rules], clock: Callable[[], dt.datetime] = now
    ) -> None:
        self._database, self._rules, self._clock = database, rules, clock

    async def report(self, campaign: Campaign) -> Report:
        ways: dict[tuple[str, Vehicle], Counter[DeliveryState]] = {}
        failed: Counter[str] = Counter()
        for state in DeliveryState:
            after: Optional[int] = 0
            while after is not None:
                rows = await self._all(_COUNT, campaign=campaign.id, its_state=state.value, after=after)
                for row in rows:
                    ways.setdefault((row.channel, Vehicle(row.vehicle)), Counter())[state] += row.count
                    if state is DeliveryState.FAILED:
                        failed[row.why or ""] += row.count
                is_last = sum(row.count for row in rows) < AT_ONCE
                after = None if is_last else max(row.last for row in rows)
        made = tuple(Way(channel, vehicle, states) for (channel, vehicle), states in sorted(ways.items(), key=str))
        reach = msgspec.json.decode(campaign.reach, type=Reach) if campaign.reach else Reach()
        return Report(
            campaign,
            made,
            dict(failed.most_common()),
            reach.unreachable,
            await self._opted_out(campaign),
            await self._questions(campaign),
            self._cost(campaign, made),
            self._clock(),
        )

    async def rows(self, campaign: int) -> AsyncIterator[DeliveryRow]:
        """Each delivery once, a page of them in memory."""
        channel = person = ""
        while page := await self._all(_PAGE, campaign=campaign, channel=channel, person=person):
            for row in page:
                yield _delivery(row)
            channel, person = page[-1].channel, page[-1].person

    async def _opted_out(self, campaign: Campaign) -> int:
        (row,) = await self._all(_LEFT_BY_IT, campaign=campaign.id)
        by_it: int = row.count
        return by_it + await self._afterwards(_LEFT, campaign, after="")

    async def _questions(self, campaign: Campaign) -> Optional[int]:
        procedure = campaign.content.procedure
        return await self._afterwards(_ASKED, campaign, after=0, procedure=procedure) if procedure else None

    async def _afterwards(self, query: Any, campaign: Campaign, after: object, **facts: Any) -> int:
        """How many of the query's rows came within a week after a delivery to the same citizen."""
        if campaign.started_at is None:
            return 0
        begin = campaign.started_at.astimezone(dt.timezone.utc)
        end = (campaign.finished_at or self._clock()).astimezone(dt.timezone.utc) + AFTERWARDS
        count = 0
        while page := await self._all(query, campaign=campaign.id, begin=begin, end=end, after=after, **facts):
            spans = (with_zone(row.at) - with_zone(row.finished_at) for row in page if row.finished_at is not None)
            count += sum(dt.timedelta(0) <= span <= AFTERWARDS for span in spans)
            after = page[-1].key
        return count

    def _cost(self, campaign: Campaign, ways: tuple[Way, ...]) -> Optional[int]:
        id = campaign.content.template
        template = next((one for one in self._rules().templates if one.id == id), None)
        if template is None:
            return None if id else 0
        prices = {Vehicle.TEMPLATE: template.price_user, Vehicle.PHONE: template.price_phone}
        return sum(prices.get(way.vehicle, 0) * way.states.get(state, 0) for way in ways for state in ARRIVED)

    async def _all(self, query: Any, **facts: Any) -> list[Any]:
        rows: list[Any] = await self._database.run(functools.partial(_execute, query=query, facts=facts))
        return rows


def _execute(connection: sa.engine.Connection, query: Any, facts: Mapping[str, Any]) -> list[Any]:
    rows: list[Any] = connection.execute(query, facts).all()
    return rows


def _delivery(row: Any) -> DeliveryRow:
    at = None if row.finished_at is None else with_zone(row.finished_at)
    vehicle, state = Vehicle(row.vehicle), DeliveryState(row.state)
    return DeliveryRow(row.channel, masked(row.person), vehicle, row.language, state, row.why or "", at)
