"""Whom a campaign reaches and how, whom it does not and why, what it costs, and when it will be done."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Mapping, Optional, Union

import msgspec

from bot.broadcasts.campaign import Document, Vehicle
from bot.broadcasts.quiet import quiet_until
from bot.broadcasts.reasons import Reason
from bot.broadcasts.vehicles import Choice
from bot.house_rules import Rules
from connectors.zalo.windows import next_broadcast_hour
from knowledge.calendar import VIETNAM_TIME

# Zalo takes 4,000 calls a minute of an app; a third of them is kept for answers to citizens.
ZALO_PER_SECOND = 40.0


class QuotaLeft(Document, frozen=True):
    """What Zalo still lets the account send. None: nobody knows."""

    package: Optional[str] = None
    articles_today: Optional[int] = None
    articles_this_month: Optional[int] = None
    phone_templates_today: Optional[int] = None


class Reach(Document, frozen=True):
    """``reached``: people by channel and vehicle. ``unreachable``: people by reason. ``cost``: of templates, in đồng;
    ``charged``: how many messages Zalo wants money for besides, by the account's package. ``opted_out_followers``: who
    refused notices and is shown the article all the same, for Zalo shows it to every follower. The last four are in
    forecasts only; ``seconds`` are those of sending, without the hours in which nothing is sent.
    """

    reached: Mapping[str, Mapping[Vehicle, int]] = msgspec.field(default_factory=dict)
    unreachable: Mapping[Reason, int] = msgspec.field(default_factory=dict)
    cost: int = 0
    charged: int = 0
    opted_out_followers: int = 0
    quota: Optional[QuotaLeft] = None
    seconds: int = 0
    finishes_at: Optional[dt.datetime] = None

    @property
    def people(self) -> int:
        return sum(sum(by_vehicle.values()) for by_vehicle in self.reached.values())

    @property
    def opted_out(self) -> int:
        return self.unreachable.get(Reason.OPTED_OUT, 0)

    @property
    def is_by_article(self) -> bool:
        return any(Vehicle.ARTICLE in by_vehicle for by_vehicle in self.reached.values())

    @property
    def messages(self) -> Mapping[str, int]:
        """By channel: an article is one, however many read it."""
        return {
            channel: sum(1 if vehicle is Vehicle.ARTICLE else count for vehicle, count in by_vehicle.items())
            for channel, by_vehicle in self.reached.items()
        }


class Tally:
    """Counts on from what was counted before."""

    def __init__(self, before: Reach) -> None:
        self._reached = {channel: Counter(by_vehicle) for channel, by_vehicle in before.reached.items()}
        self._unreachable = Counter(before.unreachable)
        self._cost, self._charged = before.cost, before.charged

    def add(self, chosen: Union[Choice, Reason]) -> None:
        if isinstance(chosen, Reason):
            self._unreachable[chosen] += 1
            return
        self._reached.setdefault(chosen.address.channel, Counter())[chosen.vehicle] += 1
        self._cost += chosen.price
        self._charged += chosen.charged

    def leave_out(self, people: Mapping[Reason, int]) -> None:
        self._unreachable.update(people)

    def reach(self) -> Reach:
        return Reach(reached=self._reached, unreachable=self._unreachable, cost=self._cost, charged=self._charged)


def seconds_of(reach: Reach, per_second: Mapping[str, float]) -> int:
    """Of sending at the allowed pace; the channels send side by side."""
    return round(max((count / per_second[channel] for channel, count in reach.messages.items()), default=0))


def finishing(reach: Reach, seconds: int, begin: dt.datetime, rules: Rules, alarm: bool) -> dt.datetime:
    """When sending is over that begins at ``begin`` and rests in the quiet hours, which an alarm need not keep."""
    end = begin + dt.timedelta(seconds=seconds) if alarm else _resting(begin, dt.timedelta(seconds=seconds), rules)
    return max(end, next_broadcast_hour(begin)) if reach.is_by_article else end


def _resting(begin: dt.datetime, needed: dt.timedelta, rules: Rules) -> dt.datetime:
    at = quiet_until(rules, begin) or begin
    while (evening := _next_evening(at, rules)) is not None and at + needed > evening:
        needed -= evening - at
        at = quiet_until(rules, evening) or evening
    return at + needed


def _next_evening(at: dt.datetime, rules: Rules) -> Optional[dt.datetime]:
    """When the next quiet hours begin; None when there are none."""
    if rules.quiet_from == rules.quiet_until:
        return None
    here = at.astimezone(VIETNAM_TIME)
    today = dt.datetime.combine(here.date(), rules.quiet_from, VIETNAM_TIME)
    return today if today > here else today + dt.timedelta(days=1)
