"""What the house asks of whatever works in the background."""

from __future__ import annotations

import datetime as dt
from typing import Any, Awaitable, Callable, Mapping, Optional, Protocol

Facts = Mapping[str, Any]  # plain JSON values
# A job is idempotent: done twice, or begun anew after a crash, it leaves what it would have left once.
JobFunction = Callable[[Facts], Awaitable[None]]


class Jobs(Protocol):
    async def put(self, name: str, key: str, facts: Facts, at: Optional[dt.datetime] = None) -> None:
        """Have the function ``name`` run once, at once or at ``at``. While a job of the same name and key waits, this
        changes nothing. What must not be lost is also found again by a periodic job that looks at the tables.
        """
