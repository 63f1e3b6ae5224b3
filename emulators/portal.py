"""A portal in miniature: one aiohttp application that speaks three protocols over loopback, with faults and a clock."""

from __future__ import annotations

import datetime as dt
from types import MappingProxyType
from typing import Any, Callable, Mapping, Optional

from aiohttp import web

from emulators.portal_dvcqg import DvcqgProtocol
from emulators.portal_faults import Fault, Faults
from emulators.portal_igate import IgateProtocol
from emulators.portal_onestop import OnestopProtocol
from emulators.portal_world import DEMOS, STATUS_NAMES, EmulatedDossier, World, build_world

__all__ = ["EmulatedDossier", "Fault", "PortalEmulator"]

_SHUTDOWN_SECONDS = 0.2


class PortalEmulator:
    """About 300 dossiers, the same for the same ``seed`` and starting day, behind all three protocols.

    ``/_control/faults`` and ``/_control/clock`` do over HTTP what ``faults`` and ``advance`` do in a program;
    ``/_control/dossiers`` lists example codes.
    """

    def __init__(self, clock: Callable[[], dt.datetime], seed: int = 1) -> None:
        self._clock = clock
        self._shift = dt.timedelta()
        self._world: World = build_world(clock(), seed)
        self._runner: Optional[web.AppRunner] = None
        self.faults = Faults()
        self.dvcqg = DvcqgProtocol(self._world, self.faults, self.now)
        self.igate = IgateProtocol(self._world, self.faults, self.now)
        self.onestop = OnestopProtocol(self._world, self.faults, self.now)
        self.requests = 0
        self.url = ""

    @property
    def dossiers(self) -> Mapping[str, EmulatedDossier]:
        return MappingProxyType(self._world.dossiers)

    def example_codes(self) -> dict[int, str]:
        """For each of the ten statuses a code that is in it now; demo codes first."""
        now = self.now()
        examples: dict[int, str] = {}
        for code, dossier in self._world.dossiers.items():
            examples.setdefault(dossier.status(now), code)
        return dict(sorted(examples.items()))

    def late_code(self) -> str:
        """A demo code whose office has passed its own date."""
        now = self.now()
        late = (one.code for one in self._world.dossiers.values() if one.status(now) == 4 and one.due_at < now)
        return next(late)

    def now(self) -> dt.datetime:
        return self._clock() + self._shift

    def advance(self, by: dt.timedelta) -> None:
        """Moves the portal's clock; dossiers that have a future move along."""
        self._shift += by

    def move(self, code: str, status: int) -> None:
        """Puts a dossier into ``status`` from now on. Raises KeyError for an unknown code."""
        self._world.dossiers[code] = self._world.dossiers[code].moved(self.now(), status)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Serves until ``stop``; gives the address. Port 0 lets the machine choose."""
        self._runner = web.AppRunner(
            self._application(), access_log=None, handler_cancellation=True, shutdown_timeout=_SHUTDOWN_SECONDS
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        self.url = f"http://{host}:{self._runner.addresses[0][1]}"
        return self.url

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _application(self) -> web.Application:
        application = web.Application(middlewares=[self._count])
        for protocol in (self.dvcqg, self.igate, self.onestop):
            protocol.add_routes(application.router)
        application.router.add_get("/_control/faults", self._show_faults)
        application.router.add_put("/_control/faults", self._set_faults)
        application.router.add_put("/_control/clock", self._move_clock)
        application.router.add_get("/_control/dossiers", self._show_dossiers)
        return application

    @web.middleware
    async def _count(self, request: web.Request, handler: Callable[[web.Request], Any]) -> web.StreamResponse:
        if not request.path.startswith("/_control/"):
            self.requests += 1
        response: web.StreamResponse = await handler(request)
        return response

    async def _show_faults(self, _: web.Request) -> web.Response:
        return web.json_response({"on": [fault.value for fault in self.faults.on], "known": [*map(str.lower, _NAMES)]})

    async def _set_faults(self, request: web.Request) -> web.Response:
        """Body: {"faults": ["slow", ...], "times": 2}; an empty list switches all off."""
        try:
            body = await request.json()
            faults = [Fault(name) for name in body["faults"]]
            times = None if body.get("times") is None else int(body["times"])
        except (KeyError, TypeError, ValueError, AttributeError):
            names = ", ".join(map(str.lower, _NAMES))
            raise web.HTTPBadRequest(text=f"faults: a list of {names}; times: a whole number") from None
        self.faults.switch_off()
        for fault in faults:
            self.faults.switch_on(fault, times)
        return await self._show_faults(request)

    async def _move_clock(self, request: web.Request) -> web.Response:
        """Body: {"advance_seconds": 86400}."""
        try:
            body = await request.json()
            self.advance(dt.timedelta(seconds=float(body["advance_seconds"])))
        except (KeyError, TypeError, ValueError, OverflowError):
            raise web.HTTPBadRequest(text="advance_seconds: a number") from None
        return web.json_response({"now": self.now().isoformat()})

    async def _show_dossiers(self, _: web.Request) -> web.Response:
        now = self.now()
        rows = [
            {"code": one.code, "status": one.status(now), "status_name": STATUS_NAMES[one.status(now)]}
            for one in (self._world.dossiers[demo.code] for demo in DEMOS)
        ]
        return web.json_response({"now": now.isoformat(), "count": len(self._world.dossiers), "examples": rows})


_NAMES = tuple(Fault.__members__)
