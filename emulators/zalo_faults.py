"""What can go wrong with Zalo, and the facts about it that nobody is sure of: each a switch."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum
from typing import Optional

from aiohttp import web

from emulators.fault_counts import FaultCounts

# Ten million citizens who exist while the switch ``crowd`` is on.
CROWD = range(8_200_000_000_000_000_000, 8_200_000_000_010_000_000)


class Fault(str, Enum):
    LOST_ANSWER = "lost_answer"
    """The work is done, then the line is cut."""
    CONNECTION_RESET = "connection_reset"
    """The line is cut before any work."""
    SLOW = "slow"
    SERVER_ERROR = "server_error"
    FLOOD = "flood"
    """-32, whatever the count says."""
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - the name of a fault
    """Every access token dies at the next call."""
    BUTTONS_REFUSED = "buttons_refused"
    ARTICLE_REJECTED = "article_rejected"
    """The moderators reject the next broadcast: nobody gets it, nobody is told."""
    DUPLICATE_EVENT = "duplicate_event"
    OUT_OF_ORDER = "out_of_order"
    """An event waits until the next one has overtaken it, half a second at most."""
    UNSIGNED_PROBE = "unsigned_probe"
    """Before an event an empty object comes without a signature, as when the address is saved."""
    WRONG_SIGNATURE = "wrong_signature"


class ZaloFaults(FaultCounts[Fault]):
    """The faults that are on. ``path`` of ``switch_on`` names the end of an endpoint, or of an event's name."""

    def __init__(self, slow_seconds: float = 30.0) -> None:
        super().__init__()
        self.slow_seconds = slow_seconds

    async def before_work(self, request: web.Request) -> None:
        if self.strikes(Fault.CONNECTION_RESET, request.path):
            cut(request)
            raise web.HTTPServiceUnavailable
        if self.strikes(Fault.SLOW, request.path):
            # First the body: the caller may have gone when the work begins, and it is done all the same.
            await request.read()
            await asyncio.sleep(self.slow_seconds)
        if self.strikes(Fault.SERVER_ERROR, request.path):
            raise web.HTTPInternalServerError(text="<html><body>Internal Server Error</body></html>")


def cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


@dataclass
class Switches:
    """``reply_quota``: replies within 48 hours, None for as many as one likes (the rule of 2026). Times in seconds.

    ``crowd``: whoever has an id of CROWD can be written to; of what they get only the tally is kept.
    """

    buttons_allowed: bool = True
    list_allowed: bool = False
    old_token_dies: bool = True
    refresh_token_rotates: bool = True
    proof_needed: bool = False
    query_wrapped: bool = False
    windows_enforced: bool = True
    quotas_enforced: bool = True
    rate_limits: bool = True
    echoes: bool = True
    receipts: bool = True
    calls_per_minute: int = 4000
    reply_quota: Optional[int] = None
    broadcasts_per_month: int = 4
    templates_per_day: int = 500
    article_polls: int = 2
    moderation_seconds: float = 1800.0
    token_seconds: int = 90_000
    answer_seconds: float = 2.0
    crowd: bool = False

    def take_limits_off(self) -> None:
        """For load tests: everything is taken, as fast as it comes."""
        self.windows_enforced = self.quotas_enforced = self.rate_limits = self.echoes = False
        self.calls_per_minute = self.templates_per_day = 1_000_000_000
        self.article_polls, self.moderation_seconds = 0, 0.0
        self.crowd = True
