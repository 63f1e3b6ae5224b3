"""What can go wrong with a portal, switched on one by one."""

from __future__ import annotations

import asyncio
import json
from enum import Enum
from typing import Any, Callable, Optional

from aiohttp import web


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


class Faults:
    """The faults that are on, each for a number of requests or until it is switched off."""

    def __init__(self, slow_seconds: float = 30.0) -> None:
        self.slow_seconds = slow_seconds
        self._left: dict[Fault, Optional[int]] = {}

    def switch_on(self, fault: Fault, times: Optional[int] = None) -> None:
        """``times``: how many requests it spoils; None means until it is switched off."""
        self._left[fault] = times

    def switch_off(self, *faults: Fault) -> None:
        """All of them when none is named."""
        for fault in faults or tuple(self._left):
            self._left.pop(fault, None)

    @property
    def on(self) -> tuple[Fault, ...]:
        return tuple(self._left)

    def strikes(self, fault: Fault) -> bool:
        """Whether the fault spoils this request; counts it."""
        if fault not in self._left:
            return False
        left = self._left[fault]
        if left is not None:
            if left <= 1:
                del self._left[fault]
            else:
                self._left[fault] = left - 1
        return True

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
