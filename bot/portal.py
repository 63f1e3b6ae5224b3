"""Opens the portal that the settings name; the emulated one runs in this process and its data are invented."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Optional

import aiohttp

from bot.settings import PortalSettings
from emulators.portal import PortalEmulator
from emulators.portal_dvcqg import PASSWORD, USERNAME
from knowledge.calendar import VIETNAM_TIME
from knowledge.dossiers import Clock, DossierPortal
from knowledge.portals.dvcqg import DvcqgPortal, DvcqgSettings
from knowledge.portals.igate import IgatePortal, IgateSettings
from knowledge.portals.onestop import OnestopPortal, OnestopSettings


def now() -> dt.datetime:
    """The present moment in Vietnam."""
    return dt.datetime.now(VIETNAM_TIME)


@dataclass
class OpenPortal:
    """``example_codes`` maps each national status to a code to try; only the emulated portal has some."""

    portal: DossierPortal
    http: aiohttp.ClientSession
    emulator: Optional[PortalEmulator] = None

    @property
    def example_codes(self) -> dict[int, str]:
        return self.emulator.example_codes() if self.emulator else {}

    async def close(self) -> None:
        await self.http.close()
        if self.emulator:
            await self.emulator.stop()


async def open_portal(settings: PortalSettings, hotline: str, clock: Clock = now) -> OpenPortal:
    http = aiohttp.ClientSession()
    if settings.kind == "emulated":
        emulator = PortalEmulator(clock)
        url = await emulator.start()
        login = DvcqgSettings(url, USERNAME, PASSWORD, "H57.132", "VN:GOV:1", agency_phone=hotline)
        return OpenPortal(DvcqgPortal(login, http, clock), http, emulator)
    portal: DossierPortal
    if settings.kind == "dvcqg":
        account = (settings.username, settings.password, settings.agency, settings.destination)
        portal = DvcqgPortal(DvcqgSettings(settings.url, *account, agency_phone=hotline), http, clock)
    elif settings.kind == "igate":
        client = (settings.token_url, settings.username, settings.password)
        portal = IgatePortal(IgateSettings(settings.url, *client, agency_phone=hotline), http, clock)
    else:
        portal = OnestopPortal(OnestopSettings(settings.url, settings.agency, agency_phone=hotline), http, clock)
    return OpenPortal(portal, http)
