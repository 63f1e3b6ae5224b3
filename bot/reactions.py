"""What becomes of something that was to be sent, read off what the channel said: the same for answers and notices."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from dataclasses import dataclass
from typing import Awaitable, Optional

from async_timeout import timeout

from connectors.errors import (
    ChannelError,
    Misconfigured,
    NotTaken,
    Refused,
    RefusedReason,
    TooFast,
    Unknowable,
    Unreachable,
)
from knowledge.calendar import VIETNAM_TIME

SEND_SECONDS = 120.0  # longer than a channel waits for its platform
NOT_TAKEN_TRIES = 3
MORNING = dt.time(6, 5)  # in Vietnam: the platforms take again what they do not take in the night
MISCONFIGURED_WAIT = 60.0
STILL_UNDER_WAY = 5.0  # seconds in which a request whose answer was lost may yet be carried out


@dataclass(frozen=True)
class Reaction:
    """``state``: waiting, sending (may have been sent: look before sending again), failed or unknown; ``wait``: the
    seconds until the next try; ``page``: a person must be told.
    """

    state: str
    wait: float = 0.0
    page: bool = False


async def in_time(sending: Awaitable[Optional[str]]) -> Optional[str]:
    """What the channel gives. Raises ChannelError only."""
    try:
        async with timeout(SEND_SECONDS):
            return await sending
    except asyncio.TimeoutError:
        raise Unreachable("took too long", maybe_sent=True) from None


def react(error: ChannelError, begun: bool, attempts: int, longest_wait: float, now: dt.datetime) -> Reaction:
    """``begun``: it was begun before and is only looked for; ``attempts``: how often it was tried before."""
    if isinstance(error, Misconfigured):
        if error.only_this:
            return Reaction("failed", page=True)
        return Reaction("sending" if begun else "waiting", MISCONFIGURED_WAIT, page=True)
    if isinstance(error, Refused):
        if error.why is RefusedReason.QUIET_HOURS:
            return Reaction("waiting", seconds_to_morning(now))
        return Reaction("failed")
    if isinstance(error, Unknowable):
        return Reaction("unknown")
    if isinstance(error, NotTaken) and attempts + 1 >= NOT_TAKEN_TRIES:
        return Reaction("failed", page=True)
    wait = error.retry_after if isinstance(error, TooFast) else min(2.0 ** min(attempts, 20), longest_wait)
    if isinstance(error, Unreachable) and error.maybe_sent:
        return Reaction("sending", max(wait, STILL_UNDER_WAY))
    return Reaction("sending" if begun else "waiting", wait)


def is_misconfigured(error: Optional[ChannelError]) -> bool:
    """Of the whole channel: nothing more can be sent on it before a person has looked."""
    return isinstance(error, Misconfigured) and not error.only_this


def is_for_a_person(error: Optional[ChannelError]) -> bool:
    """Of one kind of message: a template, an allowance or the money for it. Others still go."""
    return isinstance(error, Misconfigured) and error.only_this


def is_our_fault(error: Optional[ChannelError]) -> bool:
    """It would not be taken the next time either."""
    is_wrong = isinstance(error, Refused) and error.why is RefusedReason.WRONG_MESSAGE
    return is_wrong or isinstance(error, Misconfigured)


def seconds_to_morning(now: dt.datetime) -> float:
    """With half an hour's spread: whatever waited for the morning must not come at once."""
    here = now.astimezone(VIETNAM_TIME)
    morning = dt.datetime.combine(here.date(), MORNING, VIETNAM_TIME)
    if morning <= here:
        morning += dt.timedelta(days=1)
    return (morning - here).total_seconds() + random.uniform(0, 1800)  # noqa: S311
