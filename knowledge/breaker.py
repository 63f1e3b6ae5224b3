"""A circuit breaker: after failures in a row nobody is sent to the portal for a while, then one goes and looks."""

from __future__ import annotations

import datetime as dt
from typing import Optional

from knowledge.dossiers import Clock


class CircuitBreaker:
    """Closed, open for ``rest``, then half open: one attempt decides. Every ``allows`` must be followed by a result."""

    def __init__(self, clock: Clock, failures: int, rest: dt.timedelta) -> None:
        self._clock = clock
        self._limit = failures
        self._rest = rest
        self._failures = 0
        self._opened_at: Optional[dt.datetime] = None

    @property
    def is_open(self) -> bool:
        return self._opened_at is not None

    def allows(self) -> bool:
        """Whether an attempt may be made now. In the half-open state only the first caller is allowed."""
        if self._opened_at is None:
            return True
        now = self._clock()
        if now - self._opened_at < self._rest:
            return False
        # The next caller waits a whole rest again, unless this attempt succeeds.
        self._opened_at = now
        return True

    def record_success(self) -> None:
        self._failures = 0
        self._opened_at = None

    def record_failure(self) -> None:
        self._failures += 1
        if self._failures >= self._limit:
            self._opened_at = self._clock()
