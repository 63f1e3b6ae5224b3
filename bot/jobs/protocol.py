"""What the house asks of whatever works in the background, and what a queue of jobs must be able to do."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Awaitable, Callable, Mapping, Optional, Protocol, Sequence

Facts = Mapping[str, Any]  # plain JSON values
# A job is idempotent: done twice, or begun anew after a crash, it leaves what it would have left once.
JobFunction = Callable[[Facts], Awaitable[None]]


class Jobs(Protocol):
    async def put(self, name: str, key: str, facts: Facts, at: Optional[dt.datetime] = None) -> None:
        """Have the function ``name`` run once, at once or at ``at``. While a job of the same name and key waits, this
        changes nothing; while one is worked at, another waits until that ends. What must not be lost is also found
        again by a periodic job that looks at the tables. Raises DatabaseBusy and what the database raises.
        """


@dataclass(frozen=True)
class Job:
    """A job that is being worked at; ``attempts`` counts this time too."""

    id: int
    name: str
    key: str
    facts: Facts
    attempts: int


class Queue(Jobs, Protocol):
    """Where jobs wait. Of one name and key at most one job is worked at, and at most one more waits."""

    async def put_due(self, name: str, key: str, due: dt.datetime) -> None:
        """Put a periodic job once for each ``due``, however often and by however many processes this is asked."""

    async def tend(self) -> None:
        """Take up again what was being worked at by a process that is no more. Asked every second, before put_due and
        claim.
        """

    async def claim(self, places: Mapping[str, int]) -> Sequence[Job]:
        """Take jobs that are due, of each name as many as there are places."""

    async def done(self, job: Job) -> None: ...

    async def again(self, job: Job, at: Optional[dt.datetime], error: str) -> None:
        """It waits until ``at`` (None: for nothing) and keeps its attempts; if another waits, both become one."""

    async def set_aside(self, job: Job, error: str) -> None:
        """Kept to be looked at, not tried again."""

    async def close(self) -> None: ...
