"""What each vendor tells beyond the contract."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from emulators.portal import Fault, PortalEmulator
from emulators.portal_world import MATTERS
from knowledge.dossiers import DossierCode, DossierStatus, FeeDue
from knowledge.portals.dvcqg import DvcqgPortal
from knowledge.portals.dvcqg_procedures import ProcedureUnknown
from knowledge.procedures import ChannelKind, Level, Origin, TimeUnit

SUPPLEMENT = DossierCode.parse("H57.132-260805-0005")
FEE = DossierCode.parse("H57.132-260806-0006")
OLD = DossierCode.parse("000.00.53.H48-260703-0099")


@pytest.fixture
def dvcqg(open_portal: Any) -> DvcqgPortal:
    portal = open_portal("dvcqg")
    assert isinstance(portal, DvcqgPortal)
    return portal


async def test_dvcqg_says_what_is_missing(dvcqg: DvcqgPortal) -> None:
    dossier = await dvcqg.fetch(SUPPLEMENT)
    assert dossier.missing == ("Giấy tờ chứng minh chỗ ở hợp pháp",)
    assert dossier.reason == "Đề nghị ông/bà N*** V*** A*** bổ sung giấy tờ còn thiếu"
    assert dossier.fees == ()


async def test_dvcqg_says_what_is_to_be_paid(dvcqg: DvcqgPortal) -> None:
    dossier = await dvcqg.fetch(FEE)
    assert dossier.fees == (FeeDue("Lệ phí cấp giấy chứng nhận", 50_000),)
    assert dossier.missing == ()


async def test_dvcqg_gives_the_way_so_far(dvcqg: DvcqgPortal, emulator: PortalEmulator) -> None:
    dossier = await dvcqg.fetch(FEE)
    assert [step.text.split(":")[0] for step in dossier.steps] == [
        "Mới đăng ký",
        "Được tiếp nhận",
        "Đang xử lý",
        "Yêu cầu thực hiện nghĩa vụ tài chính",
    ]
    assert {step.office for step in dossier.steps} == {emulator.dossiers[str(FEE)].agency}
    assert list(dossier.steps) == sorted(dossier.steps, key=lambda step: step.at)


async def test_dvcqg_says_why_it_was_refused(dvcqg: DvcqgPortal, emulator: PortalEmulator) -> None:
    dossier = await dvcqg.fetch(DossierCode.parse(emulator.example_codes()[DossierStatus.NOT_ACCEPTED]))
    assert dossier.reason == "Hồ sơ của N*** V*** A*** (SĐT ***) không thuộc thẩm quyền tiếp nhận của cơ quan"


@pytest.mark.parametrize("vendor", ["dvcqg", "igate"])
async def test_found_by_the_national_code_too(portal: Any) -> None:
    local = await portal.fetch(OLD)
    assert local.national_code == "H48.53-260703-0099"
    assert (await portal.fetch(DossierCode.parse(local.national_code))).status is local.status


@pytest.mark.parametrize("vendor", ["dvcqg", "igate"])
async def test_phone_digits_prove_too_and_are_not_shown(portal: Any) -> None:
    dossier = await portal.fetch(SUPPLEMENT)
    assert dossier.is_proved_by("0345")
    assert dossier.is_proved_by("0678")
    assert dossier.phone == "091*******"
    assert dossier.applicant == "N*** V*** A***"


async def test_igate_says_why_and_where(open_portal: Any) -> None:
    dossier = await open_portal("igate").fetch(SUPPLEMENT)
    assert dossier.reason == "Đề nghị ông/bà N*** V*** A*** bổ sung giấy tờ còn thiếu"
    assert len(dossier.steps) == 4


async def test_onestop_knows_little_and_says_no_more(open_portal: Any) -> None:
    dossier = await open_portal("onestop").fetch(SUPPLEMENT)
    assert (dossier.phone, dossier.procedure_code, dossier.missing, dossier.steps) == ("", None, (), ())
    assert dossier.agency == "Bộ phận Một cửa"
    assert not dossier.is_proved_by("0345")


async def test_a_dossier_moves_with_the_portals_clock(portal: Any, emulator: PortalEmulator) -> None:
    code = DossierCode.parse("H57.132-260804-0583")
    assert (await portal.fetch(code)).status is DossierStatus.PROCESSING
    emulator.advance(dt.timedelta(days=30))
    assert (await portal.fetch(code)).status is DossierStatus.RETURNED
    emulator.move(str(code), DossierStatus.STOPPED)
    assert (await portal.fetch(code)).status is DossierStatus.STOPPED


async def test_a_procedure_of_the_portal(dvcqg: DvcqgPortal, emulator: PortalEmulator) -> None:
    emulator.faults.switch_on(Fault.DOUBLE_ENCODED)
    procedure = await dvcqg.procedure("1.004194")
    assert procedure.title.vi == "Đăng ký tạm trú"
    assert procedure.origin is Origin.IMPORTED
    assert procedure.levels == (Level.COMMUNE,)
    assert procedure.checked == dt.date(2026, 11, 20)
    assert procedure.source.endswith("1.004194")
    assert [paper.originals for paper in procedure.cases[0].papers] == [1, 1]
    assert [channel.kind for channel in procedure.channels] == list(ChannelKind)
    assert procedure.channels[0].time_limit.amount == 3
    assert procedure.channels[0].time_limit.unit is TimeUnit.WORKING_DAY
    assert procedure.channels[0].fees[0].amount == 15_000
    assert procedure.legal_basis == ("118/2025/NĐ-CP",)
    assert len(procedure.steps) == 2


async def test_an_unknown_procedure(dvcqg: DvcqgPortal) -> None:
    with pytest.raises(ProcedureUnknown):
        await dvcqg.procedure("9.999999")


async def test_the_list_of_procedures_names_each_once(dvcqg: DvcqgPortal) -> None:
    assert await dvcqg.procedure_codes() == tuple(matter.code for matter in MATTERS)
