"""What can go wrong with a portal, switched on one by one."""

from __future__ import annotations

import asyncio
import json
from enum import Enum
from typing import Any, Callable

from aiohttp import web

from emulators.fault_counts import FaultCounts


class Fault(str, Enum):
    SLOW = "slow"
    SERVER_ERROR = "server_error"
    EXPIRED_SESSION = "expired_session"
    """Forgets all sessions and tokens at the next request."""
    LOGIN_REFUSED = "login_refused"
    DOUBLE_ENCODED = "double_encoded"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    NAME_AS_TEXT = "name_as_text"
    NAME_AS_LIST = "name_as_list"
    DUPLICATED = "duplicated"
    """Every dossier is answered twice, the older state last."""


_TOO_MANY_BYTES = 3 * 1024 * 1024


class Faults(FaultCounts[Fault]):
    """The faults that are on, and how they spoil an answer."""

    def __init__(self, slow_seconds: float = 30.0) -> None:
        super().__init__()
        self.slow_seconds = slow_seconds

    async def before_answer(self) -> None:
        if self.strikes(Fault.SLOW):
            await asyncio.sleep(self.slow_seconds)
        if self.strikes(Fault.SERVER_ERROR):
            raise web.HTTPInternalServerError(text="<html><body>Internal Server Error</body></html>")

    def answer(self, value: Any, wrap: Callable[[str], Any] = str) -> web.Response:
        """``value`` as JSON, spoiled as the faults say. ``wrap`` is how this vendor packs JSON inside JSON."""
        body = json.dumps(value, ensure_ascii=False)
        if self.strikes(Fault.DOUBLE_ENCODED):
            body = json.dumps(wrap(body), ensure_ascii=False)
        if self.strikes(Fault.MALFORMED):
            body = body[: len(body) // 2]
        if self.strikes(Fault.TOO_LARGE):
            body = body + " " * _TOO_MANY_BYTES
        return web.Response(text=body, content_type="application/json")
