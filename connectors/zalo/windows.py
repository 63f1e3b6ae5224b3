"""When Zalo lets an official account write to a person, and what it costs: its rules as they stood in October 2026."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import Enum
from typing import Mapping, Optional

from connectors.errors import RefusedReason

VIETNAM_TIME = dt.timezone(dt.timedelta(hours=7), "Asia/Ho_Chi_Minh")
FREE_FOR = dt.timedelta(hours=48)
OPEN_FOR = dt.timedelta(days=7)

BROADCASTS_BEGIN = dt.time(6)
BROADCASTS_END = dt.time(22)
BROADCASTS_A_DAY = 1
# By the account's package, as ``getoa`` names it in small letters, for each follower; begins anew on the first.
BROADCASTS_A_MONTH: Mapping[str, int] = {"basic": 1, "trial": 4, "advanced": 4, "premium": 6}


@dataclass(frozen=True)
class Standing:
    """What is known of a person. ``follows`` is None when nobody knows; the numbers are of this day and this month."""

    follows: Optional[bool] = None
    last_interaction_at: Optional[dt.datetime] = None
    left_at: Optional[dt.datetime] = None
    broadcasts_today: int = 0
    broadcasts_this_month: int = 0


class Openness(Enum):
    FREE = "free"
    CHARGED = "charged"
    CLOSED = "closed"


@dataclass(frozen=True)
class Window:
    """``until``: when it changes if nothing happens, None for a closed one."""

    openness: Openness
    until: Optional[dt.datetime] = None


def window(standing: Standing, now: dt.datetime) -> Window:
    """For a message to one person, at any hour of the day."""
    last = standing.last_interaction_at
    if last is None or (standing.left_at is not None and last <= standing.left_at):
        return Window(Openness.CLOSED)
    if now <= last + FREE_FOR:
        return Window(Openness.FREE, last + FREE_FOR)
    if now <= last + OPEN_FOR:
        return Window(Openness.CHARGED, last + OPEN_FOR)
    return Window(Openness.CLOSED)


def is_broadcast_hour(now: dt.datetime) -> bool:
    return BROADCASTS_BEGIN <= now.astimezone(VIETNAM_TIME).time() < BROADCASTS_END


def next_broadcast_hour(now: dt.datetime) -> dt.datetime:
    """``now`` when broadcasts go out, else when they begin again."""
    if is_broadcast_hour(now):
        return now
    here = now.astimezone(VIETNAM_TIME)
    day = here.date() + dt.timedelta(days=1 if here.time() >= BROADCASTS_END else 0)
    return dt.datetime.combine(day, BROADCASTS_BEGIN, VIETNAM_TIME)


def broadcast_obstacle(standing: Standing, package: str, now: dt.datetime) -> Optional[RefusedReason]:
    """Why a broadcast would not reach this person now, if so. An unknown package counts as the smallest."""
    if standing.follows is not True:
        return RefusedReason.LEFT
    monthly = BROADCASTS_A_MONTH.get(package.lower(), min(BROADCASTS_A_MONTH.values()))
    if standing.broadcasts_today >= BROADCASTS_A_DAY or standing.broadcasts_this_month >= monthly:
        return RefusedReason.QUOTA_USED
    return None if is_broadcast_hour(now) else RefusedReason.QUIET_HOURS
