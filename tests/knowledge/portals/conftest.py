"""The emulated portal and the three adapters that speak to it."""

from __future__ import annotations

import datetime as dt
from typing import AsyncIterator, Callable, Union

import aiohttp
import pytest

from emulators.portal import PortalEmulator
from emulators.portal_dvcqg import PASSWORD, USERNAME
from emulators.portal_igate import CLIENT_ID
from knowledge.calendar import VIETNAM_TIME
from knowledge.portals.dvcqg import DvcqgPortal, DvcqgSettings
from knowledge.portals.igate import IgatePortal, IgateSettings
from knowledge.portals.onestop import OnestopPortal, OnestopSettings

NOW = dt.datetime(2026, 11, 20, 10, 30, tzinfo=VIETNAM_TIME)
Portal = Union[DvcqgPortal, IgatePortal, OnestopPortal]
Open = Callable[..., Portal]


@pytest.fixture
async def emulator() -> AsyncIterator[PortalEmulator]:
    emulator = PortalEmulator(lambda: NOW, seed=7)
    await emulator.start()
    yield emulator
    await emulator.stop()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def open_portal(emulator: PortalEmulator, http: aiohttp.ClientSession) -> Open:
    """Gives an adapter by name; ``url``, ``password`` or ``client_id`` and the time-out can be set wrong."""

    def open_portal(
        vendor: str, url: str = "", timeout_seconds: float = 10.0, password: str = PASSWORD, client_id: str = CLIENT_ID
    ) -> Portal:
        url = url or emulator.url
        phone = "0234000123"
        if vendor == "dvcqg":
            dvcqg = DvcqgSettings(
                url, USERNAME, password, "H57.132", "VN:GOV:1", timeout_seconds=timeout_seconds, agency_phone=phone
            )
            return DvcqgPortal(dvcqg, http, lambda: NOW)
        if vendor == "igate":
            igate = IgateSettings(url, url, client_id, timeout_seconds=timeout_seconds, agency_phone=phone)
            return IgatePortal(igate, http, lambda: NOW)
        onestop = OnestopSettings(url, "Bộ phận Một cửa", timeout_seconds, phone)
        return OnestopPortal(onestop, http, lambda: NOW)

    return open_portal


@pytest.fixture(params=["dvcqg", "igate", "onestop"])
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def portal(vendor: str, open_portal: Open) -> Portal:
    return open_portal(vendor)
