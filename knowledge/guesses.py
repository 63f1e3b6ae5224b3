"""Slows down a citizen who guesses dossier codes or the last four digits of somebody's number."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict, deque
from dataclasses import dataclass, field

from knowledge.dossiers import Clock


@dataclass(frozen=True)
class GuessLimits:
    """After ``allowed`` failures within ``window`` a citizen waits ``first_wait``, doubled at each further failure."""

    allowed: int = 5
    window: dt.timedelta = dt.timedelta(minutes=15)
    first_wait: dt.timedelta = dt.timedelta(minutes=1)
    longest_wait: dt.timedelta = dt.timedelta(hours=1)
    most_citizens: int = 10_000


@dataclass
class _Record:
    failures: deque[dt.datetime]
    waits: int = 0
    free_at: dt.datetime = field(default=dt.datetime.min.replace(tzinfo=dt.timezone.utc))


class GuessLimiter:
    """Counts unknown codes and wrong last-four answers per citizen id, in memory bounded by ``most_citizens``."""

    def __init__(self, clock: Clock, limits: GuessLimits) -> None:
        self._clock = clock
        self._limits = limits
        self._records: OrderedDict[str, _Record] = OrderedDict()

    def wait_seconds(self, citizen_id: str) -> float:
        """How long this citizen still has to wait; 0 when a look-up may go on."""
        record = self._records.get(citizen_id)
        return 0.0 if record is None else max(0.0, (record.free_at - self._clock()).total_seconds())

    def record_failure(self, citizen_id: str) -> None:
        """Count one unknown code or one wrong answer."""
        now = self._clock()
        record = self._records.pop(citizen_id, None)
        if record is None or self._is_over(record, now):
            record = _Record(deque(maxlen=self._limits.allowed))
        record.failures.append(now)
        too_many = len(record.failures) == self._limits.allowed and record.failures[0] > now - self._limits.window
        if record.waits or too_many:
            # Once waiting has begun every further failure counts: the waits themselves spread them out in time.
            record.waits += 1
            wait = self._limits.first_wait * 2 ** min(record.waits - 1, 16)
            record.free_at = now + min(wait, self._limits.longest_wait)
        self._records[citizen_id] = record
        if len(self._records) > self._limits.most_citizens:
            self._records.popitem(last=False)

    def _is_over(self, record: _Record, now: dt.datetime) -> bool:
        """Whether everything that counted against the citizen is older than the window."""
        return now - self._limits.window >= max(record.free_at, record.failures[-1])
