"""Sessions and tokens: taken once, renewed once when they expire, never endlessly."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from emulators.portal import Fault, PortalEmulator
from knowledge.dossiers import DossierCode, PortalMisconfigured, PortalUnreachable

RUNNING = DossierCode.parse("H57.132-260804-0583")


@pytest.fixture(params=["dvcqg", "igate"])
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def logins(emulator: PortalEmulator, vendor: str) -> int:
    return {"dvcqg": emulator.dvcqg, "igate": emulator.igate}[vendor].logins


async def test_one_login_serves_many_questions(portal: Any, vendor: str, emulator: PortalEmulator) -> None:
    await asyncio.gather(*(portal.fetch(RUNNING) for _ in range(5)))
    await portal.fetch(RUNNING)
    assert logins(emulator, vendor) == 1


async def test_an_expired_session_is_renewed_once(portal: Any, vendor: str, emulator: PortalEmulator) -> None:
    await portal.fetch(RUNNING)
    emulator.faults.switch_on(Fault.EXPIRED_SESSION, times=1)
    assert (await portal.fetch(RUNNING)).code == RUNNING
    assert logins(emulator, vendor) == 2


async def test_a_session_that_never_holds_is_given_up(portal: Any, vendor: str, emulator: PortalEmulator) -> None:
    emulator.faults.switch_on(Fault.EXPIRED_SESSION)
    with pytest.raises(PortalUnreachable, match="after logging in again"):
        await portal.fetch(RUNNING)
    assert logins(emulator, vendor) == 2


async def test_a_refused_login_is_our_fault(portal: Any, emulator: PortalEmulator) -> None:
    emulator.faults.switch_on(Fault.LOGIN_REFUSED)
    with pytest.raises(PortalMisconfigured):
        await portal.fetch(RUNNING)
    with pytest.raises(PortalMisconfigured):
        await portal.check()


async def test_secrets_stay_out_of_errors(vendor: str, open_portal: Any) -> None:
    portal = open_portal(vendor, password="wrong-secret", client_id="wrong-secret")
    with pytest.raises(PortalMisconfigured) as raised:
        await portal.fetch(RUNNING)
    assert "wrong-secret" not in repr(raised.value)
