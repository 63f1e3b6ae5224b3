"""Whether the process is alive and ready to answer, for whoever runs it."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Callable, Mapping, Optional, Protocol

from aiohttp import web

from bot.storage import Database, reason
from knowledge.dossiers import PortalUnreachable

logger = logging.getLogger(__name__)

DATABASE_SECONDS = 5.0
PORTAL_STATE_SECONDS = 10.0


class Portal(Protocol):
    async def check(self) -> None:
        """Raises PortalUnreachable."""


class Post(Protocol):
    async def state(self) -> Mapping[str, object]:
        """What waits, what was set aside, and which alerts are open."""


class Health:
    """``GET /healthz`` and ``GET /readyz``. The portal's state is kept for a while: probes must not wear it out.

    ``model`` names the version in use.
    """

    def __init__(
        self,
        model: Callable[[], str],
        database: Database,
        portal: Portal,
        post: Post,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._model, self._database, self._portal, self._clock = model, database, portal, clock
        self._post = post
        self._portal_state: Optional[str] = None
        self._checked_at = 0.0
        self._checking = asyncio.Lock()

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/healthz", self._alive)
        app.router.add_get("/readyz", self._ready)

    async def _alive(self, _: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def _ready(self, _: web.Request) -> web.Response:
        """Without the portal the rest of the assistant still answers: that is ready, but it is said."""
        database = await self._state_of_database()
        parts: dict[str, object] = {"model": self._model(), "database": database}
        parts["portal"] = await self._state_of_portal()
        ready = database == "ok"
        if ready:
            parts.update(await self._post.state())
        return web.json_response({"ready": ready, **parts}, status=200 if ready else 503)

    async def _state_of_database(self) -> str:
        try:
            await asyncio.wait_for(self._database.check(), DATABASE_SECONDS)
        except asyncio.TimeoutError:
            return f"no answer within {DATABASE_SECONDS:.0f} seconds"
        except Exception as error:
            # The driver's own words go to the log only: they may name a host or a path, and anybody may ask us.
            logger.warning("the database is not ready: %s", reason(error))
            return type(error).__name__
        return "ok"

    async def _state_of_portal(self) -> str:
        async with self._checking:
            if self._portal_state is None or self._clock() - self._checked_at >= PORTAL_STATE_SECONDS:
                try:
                    await self._portal.check()
                    self._portal_state = "ok"
                except PortalUnreachable as error:
                    self._portal_state = str(error) or type(error).__name__
                self._checked_at = self._clock()
            return self._portal_state
