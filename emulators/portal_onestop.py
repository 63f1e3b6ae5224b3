"""The older provincial protocol: one open look-up by key word, dates as people write them."""

from __future__ import annotations

import datetime as dt
from typing import Any, Callable, Optional

from aiohttp import web

from emulators.portal_faults import Fault, Faults
from emulators.portal_world import STATUS_NAMES, VIETNAM_TIME, EmulatedDossier, World


class OnestopProtocol:
    """Answers /api/hoso/tracuuhoso: an object, a list when there are several, an empty list when there is none."""

    def __init__(self, world: World, faults: Faults, now: Callable[[], dt.datetime]) -> None:
        self._world = world
        self._faults = faults
        self._now = now

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/api/hoso/tracuuhoso", self._look_up)

    async def _look_up(self, request: web.Request) -> web.Response:
        await self._faults.before_answer()
        dossier = self._world.find(request.query.get("tukhoa", ""))
        if dossier is None:
            return self._faults.answer([])
        now = self._now()
        if self._faults.strikes(Fault.DUPLICATED):
            return self._faults.answer([_dossier(dossier, now), _dossier(dossier, dossier.applied_at)])
        return self._faults.answer(_dossier(dossier, now))


def _dossier(dossier: EmulatedDossier, now: dt.datetime) -> dict[str, Any]:
    return {
        "tccn_ten": dossier.owner,
        "tccn_diachi": dossier.agency,
        "tenhoso": dossier.matter.name,
        "socmnd": dossier.identity,
        "ngaynhan": _written(dossier.received_at(now)),
        "tinhtrang_hoso": STATUS_NAMES[dossier.status(now)],
        "ngaytraketqua": _written(dossier.due_at),
        "ngayxulyxong": _written(dossier.finished_at(now)),
        "nguoinhan": dossier.owner,
    }


def _written(moment: Optional[dt.datetime]) -> str:
    return moment.astimezone(VIETNAM_TIME).strftime("%d/%m/%Y %H:%M") if moment else ""
