"""What can go wrong between a bot and Telegram: faults and switches, and the limits against floods."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from enum import Enum
from typing import Callable

from emulators.fault_counts import FaultCounts

# Ten million people who exist while the switch ``crowd`` is on.
CROWD = range(1_000_000_000, 1_010_000_000)


class Fault(str, Enum):
    LOST_RESPONSE = "lost_response"
    """The work is done, the connection ends without an answer."""
    RESET = "reset"
    """The connection ends before anything is done."""
    SLOW = "slow"
    SERVER_ERROR = "server_error"
    BAD_GATEWAY = "bad_gateway"
    FLOOD = "flood"
    DUPLICATE = "duplicate"
    """An update comes twice."""
    OUT_OF_ORDER = "out_of_order"
    """Two updates that wait together are exchanged."""


class TelegramFaults(FaultCounts[Fault]):
    """The faults that are on; the ``path`` of ``switch_on`` is a method's name."""

    def __init__(self, slow_seconds: float = 30.0, retry_after: int = 3) -> None:
        super().__init__()
        self.slow_seconds = slow_seconds
        self.retry_after = retry_after


@dataclass
class Switches:
    """``retry_scale``: what one second between two attempts of the webhook lasts; moving the clock ends the wait too.
    ``webhook_seconds``: how long an attempt may take. ``callback_seconds``: how long a pressed button waits for its
    answer. ``privacy_mode``: in groups the bot is shown only commands, mentions of it and answers to it. ``crowd``:
    whoever has an id of CROWD has started the bot; of what they get only the tally is kept.
    """

    flood_limits: bool = True
    privacy_mode: bool = True
    retry_scale: float = 1.0
    webhook_seconds: float = 30.0
    callback_seconds: float = 15.0
    crowd: bool = False

    def take_limits_off(self) -> None:
        """For load tests: everything is taken, as fast as it comes."""
        self.flood_limits, self.crowd = False, True


class _Bucket:
    """``capacity`` at once, then ``per_second``."""

    def __init__(self, per_second: float, capacity: float, now: float) -> None:
        self._per_second = per_second
        self._capacity = capacity
        self._tokens = capacity
        self._at = now

    def wait(self, now: float) -> float:
        """Seconds until there is one more, 0 when there is one."""
        self._tokens = min(self._capacity, self._tokens + max(0.0, now - self._at) * self._per_second)
        self._at = now
        return max(0.0, (1 - self._tokens) / self._per_second)

    def take(self) -> None:
        self._tokens -= 1


class FloodLimits:
    """30 calls a second in all; one a second for each person, five of them at once; 20 a minute for each group."""

    def __init__(self, now: Callable[[], dt.datetime], switches: Switches) -> None:
        self._now = now
        self._switches = switches
        self._all = _Bucket(30, 30, now().timestamp())
        self._chats: dict[int, _Bucket] = {}

    def seconds_too_early(self, chat_id: int) -> int:
        """0 when the call may be made, which counts it; else what Telegram calls ``retry_after``."""
        if not self._switches.flood_limits:
            return 0
        now = self._now().timestamp()
        rate, burst = (20 / 60, 20) if chat_id < 0 else (1, 5)
        buckets = (self._all, self._chats.setdefault(chat_id, _Bucket(rate, burst, now)))
        wait = max(bucket.wait(now) for bucket in buckets)
        if wait < 1e-6:
            for bucket in buckets:
                bucket.take()
            return 0
        return math.ceil(wait)
