"""What every portal adapter promises, spoken over the wire with the emulator."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

import pytest

from emulators.portal import Fault, PortalEmulator
from emulators.portal_world import DEMOS, MATTERS
from knowledge.calendar import VIETNAM_TIME
from knowledge.dossiers import (
    Dossier,
    DossierCode,
    DossierStatus,
    DossierUnknown,
    PortalMisconfigured,
    PortalUnreachable,
)

NOW = dt.datetime(2026, 11, 20, 10, 30, tzinfo=VIETNAM_TIME)
RUNNING = DossierCode.parse("H57.132-260804-0583")
UNKNOWN = DossierCode.parse("H57.132-260804-9999")


@pytest.mark.parametrize("status", list(DossierStatus))
async def test_every_status(portal: Any, emulator: PortalEmulator, status: DossierStatus) -> None:
    code = emulator.example_codes()[status]
    dossier = await portal.fetch(DossierCode.parse(code))
    assert dossier.status is status
    assert dossier.status_text
    assert (dossier.finished_at is not None) == (status in (3, 7, 8, 9, 10))


@pytest.mark.parametrize("demo", [DEMOS[3], *DEMOS[-3:]], ids=lambda demo: demo.family)
async def test_every_family_of_codes(portal: Any, demo: Any) -> None:
    code = DossierCode.parse(demo.code)
    assert (await portal.fetch(code)).code == code


async def test_times_are_vietnamese(portal: Any, emulator: PortalEmulator) -> None:
    dossier = await portal.fetch(RUNNING)
    truth = emulator.dossiers[str(RUNNING)]
    assert dossier.due_at == truth.due_at
    assert dossier.due_at.utcoffset() == dt.timedelta(hours=7)
    received = truth.received_at(NOW)
    assert received is not None
    assert abs(dossier.received_at - received) < dt.timedelta(minutes=1)
    assert dossier.fetched_at == NOW
    assert not dossier.is_late(NOW)


async def test_an_overdue_dossier_is_late(portal: Any, emulator: PortalEmulator) -> None:
    dossier = await portal.fetch(DossierCode.parse(emulator.late_code()))
    assert dossier.is_late(NOW)
    assert dossier.agency_phone == "0234000123"


async def test_all_dossiers_can_be_read(portal: Any, emulator: PortalEmulator) -> None:
    for code, truth in emulator.dossiers.items():
        dossier = await portal.fetch(DossierCode.parse(code))
        assert dossier.status == truth.status(NOW)
        assert dossier.procedure_name == truth.matter.name


async def test_nobody_is_named(
    portal: Any, emulator: PortalEmulator, status_codes: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for code in status_codes:
        dossier = await portal.fetch(DossierCode.parse(code))
        truth = emulator.dossiers[code]
        seen = "\n".join([repr(dossier), str(dossier), dossier.to_json().decode(), caplog.text, repr(portal)])
        for secret in (truth.owner, truth.phone, truth.phone[1:], truth.identity, "Trần Thị Mẫu"):
            assert secret not in seen
        assert dossier.applicant.count("***") == 3
        assert dossier.proof.digests[0] not in repr(dossier)


async def test_the_owner_is_proved_by_four_digits(portal: Any, emulator: PortalEmulator) -> None:
    dossier = await portal.fetch(RUNNING)
    truth = emulator.dossiers[str(RUNNING)]
    assert dossier.can_be_proved
    assert dossier.is_proved_by(truth.identity[-4:])
    assert dossier.is_proved_by(f" {truth.identity[-4:]} ")
    for wrong in ("0000", "", truth.identity, truth.phone[-3:]):
        assert not dossier.is_proved_by(wrong)
    assert (await portal.fetch(RUNNING)).proof != dossier.proof


async def test_a_dossier_survives_its_journey_as_json(portal: Any, status_codes: tuple[str, ...]) -> None:
    for code in status_codes:
        dossier = await portal.fetch(DossierCode.parse(code))
        assert Dossier.from_json(dossier.to_json()) == dossier


async def test_an_unknown_code(portal: Any) -> None:
    with pytest.raises(DossierUnknown):
        await portal.fetch(UNKNOWN)


async def test_duplicates_give_the_latest_state(portal: Any, emulator: PortalEmulator) -> None:
    emulator.faults.switch_on(Fault.DUPLICATED)
    assert (await portal.fetch(RUNNING)).status is DossierStatus.PROCESSING


@pytest.mark.parametrize("fault", [Fault.DOUBLE_ENCODED, Fault.NAME_AS_TEXT, Fault.NAME_AS_LIST])
async def test_quirks_are_understood(portal: Any, emulator: PortalEmulator, fault: Fault) -> None:
    plain = await portal.fetch(RUNNING)
    emulator.faults.switch_on(fault)
    quirky = await portal.fetch(RUNNING)
    assert (quirky.status, quirky.procedure_name, quirky.agency, quirky.due_at) == (
        plain.status,
        plain.procedure_name,
        plain.agency,
        plain.due_at,
    )
    assert quirky.procedure_name == MATTERS[0].name


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.MALFORMED, Fault.TOO_LARGE])
async def test_a_broken_answer_means_unreachable(portal: Any, emulator: PortalEmulator, fault: Fault) -> None:
    emulator.faults.switch_on(fault)
    with pytest.raises(PortalUnreachable) as raised:
        await portal.fetch(RUNNING)
    assert not isinstance(raised.value, PortalMisconfigured)
    emulator.faults.switch_off()
    assert (await portal.fetch(RUNNING)).code == RUNNING


async def test_a_slow_portal_means_unreachable(vendor: str, open_portal: Any, emulator: PortalEmulator) -> None:
    emulator.faults.switch_on(Fault.SLOW)
    with pytest.raises(PortalUnreachable, match="in time"):
        await open_portal(vendor, timeout_seconds=0.05).fetch(RUNNING)


async def test_a_portal_that_is_gone(portal: Any, emulator: PortalEmulator) -> None:
    await portal.check()
    await emulator.stop()
    with pytest.raises(PortalUnreachable):
        await portal.fetch(RUNNING)
    with pytest.raises(PortalUnreachable):
        await portal.check()


async def test_a_wrong_address_is_our_fault(vendor: str, open_portal: Any, emulator: PortalEmulator) -> None:
    portal = open_portal(vendor, url=emulator.url + "/elsewhere")
    with pytest.raises(PortalMisconfigured):
        await portal.fetch(RUNNING)
    with pytest.raises(PortalMisconfigured):
        await portal.check()


async def test_closing_twice_is_harmless(portal: Any) -> None:
    await portal.close()
    await portal.close()
    assert (await portal.fetch(RUNNING)).code == RUNNING


@pytest.fixture
def status_codes(emulator: PortalEmulator) -> tuple[str, ...]:
    return tuple(emulator.example_codes().values())
