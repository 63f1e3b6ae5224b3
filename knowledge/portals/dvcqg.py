"""The national portal (Cổng Dịch vụ công quốc gia) over its adapter: a session login, one endpoint per purpose."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, Optional

import aiohttp

from knowledge.dossiers import (
    Clock,
    Dossier,
    DossierCode,
    DossierStatus,
    DossierUnknown,
    FeeDue,
    PortalMisconfigured,
    PortalUnreachable,
    Step,
)
from knowledge.portals import reading
from knowledge.portals.client import PortalClient, SessionExpired
from knowledge.portals.dvcqg_procedures import ProcedureUnknown, read_procedure
from knowledge.portals.masking import Owner
from knowledge.portals.reading import Record
from knowledge.procedures import Procedure

_SOURCE = "dvcqg"
_NOBODY = "0"
_NATIONAL = {str(status.value): status for status in DossierStatus}
_EXPLAINED = (DossierStatus.NOT_ACCEPTED, DossierStatus.WITHDRAWN, DossierStatus.STOPPED)


@dataclass(frozen=True)
class DvcqgSettings:
    """Where the adapter is and who we are to it. ``agency`` is madonvi, ``destination`` the header dstcode."""

    url: str
    username: str
    password: str = field(repr=False)
    agency: str
    destination: str
    login_path: str = "/mapi/login"
    integration_path: str = "/mapi/g"
    share_path: str = "/mapi/share"
    timeout_seconds: float = 5.0
    agency_phone: Optional[str] = None


class DvcqgPortal:
    """DossierPortal over TraCuuHoSo, and the catalogue services LayThuTuc and LayDanhSachTTHC."""

    def __init__(self, settings: DvcqgSettings, http: aiohttp.ClientSession, clock: Clock) -> None:
        self._settings = settings
        self._client = PortalClient(http, settings.url, settings.timeout_seconds)
        self._clock = clock
        self._session: Optional[str] = None
        self._login_lock = asyncio.Lock()

    async def fetch(self, code: DossierCode) -> Dossier:
        answer = await self._call(self._settings.integration_path, "TraCuuHoSo", mahoso=str(code))
        found = [item for item in reading.records(answer) if str(code) in _codes(item)]
        if not found:
            raise DossierUnknown("TraCuuHoSo knows no such dossier")
        # The portal may hold one dossier twice after a synchronisation; the later record is the truer one.
        return self._read_dossier(code, max(found, key=_last_change))

    async def procedure(self, code: str) -> Procedure:
        """The portal's own record of a procedure. Raises ProcedureUnknown."""
        answer = await self._call(self._settings.share_path, "LayThuTuc", maTTHC=code)
        found = reading.records(answer)
        if not found:
            raise ProcedureUnknown(code)
        return read_procedure(code, found[0], self._clock().date())

    async def procedure_codes(self) -> tuple[str, ...]:
        """The codes of all procedures the portal lists, each once, in its order."""
        answer = await self._call(self._settings.share_path, "LayDanhSachTTHC")
        codes = (reading.text(item.get("MATTHC")) for item in reading.records(answer))
        return tuple(dict.fromkeys(code for code in codes if code))

    async def check(self) -> None:
        # A look-up rather than a login: it shows the whole way, and probes do not wear out our sessions.
        await self._call(self._settings.integration_path, "TraCuuHoSo", mahoso=_NOBODY)

    async def close(self) -> None:
        """Nothing is held open: the HTTP session belongs to whoever gave it."""
        self._session = None

    async def _call(self, path: str, service: str, **arguments: str) -> Any:
        session = self._session or await self._login(expired=None)
        try:
            return await self._ask(path, service, session, arguments)
        except SessionExpired:
            session = await self._login(expired=session)
        try:
            return await self._ask(path, service, session, arguments)
        except SessionExpired:
            raise PortalUnreachable(f"{service}: refused even after logging in again") from None

    async def _ask(self, path: str, service: str, session: str, arguments: dict[str, str]) -> Any:
        body = {"session": session, "madonvi": self._settings.agency, "service": service, **arguments}
        answer = reading.record(await self._client.post(path, json=body, headers=self._headers()))
        if "error_code" not in answer and "message" in answer:
            # Provincial façades put the whole answer into "message", as a string.
            answer = reading.record(answer["message"])
        if reading.error_code(answer.get("error_code")) == 0:
            return answer.get("result")
        message = reading.fold(reading.text(answer.get("message")))
        if "khong tim thay" in message or "khong ton tai" in message:
            return None
        # Adapters do not agree on a code for an expired session, so any other error is worth one new login.
        raise SessionExpired(f"{service}: error {answer.get('error_code')}")

    async def _login(self, expired: Optional[str]) -> str:
        async with self._login_lock:
            if self._session is not None and self._session != expired:
                return self._session
            body = {"username": self._settings.username, "password": self._settings.password}
            try:
                answer = await self._client.post(self._settings.login_path, json=body, headers=self._headers())
            except SessionExpired as refusal:
                raise PortalMisconfigured(str(refusal)) from None
            answer = reading.record(answer)
            session = reading.text(answer.get("session"))
            if reading.error_code(answer.get("error_code")) != 0 or not session:
                raise PortalMisconfigured("the portal refused our login")
            self._session = session
            return session

    def _headers(self) -> dict[str, str]:
        return {"dstcode": self._settings.destination}

    def _read_dossier(self, code: DossierCode, item: Record) -> Dossier:
        owner = Owner(
            name=reading.text(item.get("ChuHoSo")),
            phone=reading.text(item.get("SoDienThoai")),
            identity=reading.text(item.get("SoDinhDanh")),
        )
        status = _status(item)
        request = _last_request(item)
        note = item.get("GhiChu") if status in _EXPLAINED else request.get("NoiDungBoSung")
        return Dossier(
            code=code,
            status=status,
            status_text=owner.hide_in(reading.text(item.get("TenTrangThaiHoSo"))),
            source=_SOURCE,
            fetched_at=self._clock(),
            national_code=reading.text(item.get("MaHoSoQG")) or None,
            procedure_code=reading.text(item.get("MaTTHC")) or None,
            procedure_name=owner.hide_in(reading.text(item.get("TenTTHC"))),
            applicant=owner.masked_name,
            phone=owner.masked_phone,
            received_at=reading.moment(item.get("NgayTiepNhan")),
            due_at=reading.moment(request.get("NgayHenTraMoi")) or reading.moment(item.get("NgayHenTra")),
            finished_at=reading.moment(item.get("NgayKetThucXuLy")),
            agency=owner.hide_in(reading.text(item.get("DonViXuLy"))),
            agency_phone=self._settings.agency_phone,
            reason=owner.hide_in(reading.text(note)),
            missing=_missing(request, owner) if status is DossierStatus.SUPPLEMENT_REQUIRED else (),
            fees=_fees(item, request) if status is DossierStatus.FEE_DUE else (),
            steps=_steps(item, owner),
            proof=owner.proof(),
        )


def _codes(item: Record) -> set[str]:
    return {reading.text(item.get(key)) for key in ("MaHoSo", "MaHoSoQG", "MaHoSoKhac")}


def _status(item: Record) -> DossierStatus:
    written = reading.text(item.get("TrangThaiHoSo"))
    national = _NATIONAL.get(written.lstrip("0"))
    if national is not None:
        return national
    received, finished = reading.moment(item.get("NgayTiepNhan")), reading.moment(item.get("NgayKetThucXuLy"))
    return reading.status_in_words(written) or reading.status_by_dates(received, finished)


def _last_change(item: Record) -> tuple[str, str]:
    """When the record last moved; ``yyyyMMddHHmmss`` sorts as text."""
    steps = [reading.text(step.get("ThoiDiemXuLy")) for step in reading.parts(item.get("QuaTrinhXuLy"))]
    return max(steps, default=""), reading.text(item.get("NgayTiepNhan"))


def _last_request(item: Record) -> Record:
    """The latest request for supplements. There should be only one; some offices send more."""
    requests = reading.parts(item.get("DanhSachHoSoBoSung"))
    return max(requests, key=lambda request: reading.text(request.get("NgayBoSung")), default={})


def _missing(request: Record, owner: Owner) -> tuple[str, ...]:
    listed = request.get("DanhSachGiayToBoSung")
    papers = listed if isinstance(listed, list) else [listed]
    names = (reading.text(paper.get("TenGiayTo") if isinstance(paper, dict) else paper) for paper in papers)
    return tuple(owner.hide_in(name) for name in names if name)


def _fees(item: Record, request: Record) -> tuple[FeeDue, ...]:
    listed = reading.parts(request.get("DanhSachLePhiBoSung")) or reading.parts(item.get("DanhSachLePhi"))
    read = ((reading.text(fee.get("TenPhiLePhi")), reading.amount(fee.get("Gia"))) for fee in listed)
    return tuple(FeeDue(name, amount) for name, amount in read if amount)


def _steps(item: Record, owner: Owner) -> tuple[Step, ...]:
    steps = []
    for step in reading.parts(item.get("QuaTrinhXuLy")):
        at = reading.moment(step.get("ThoiDiemXuLy"))
        office = reading.text(step.get("PhongBanXuLy")) or reading.text(step.get("DonViXuLy"))
        if at is not None:
            steps.append(Step(at, owner.hide_in(office), owner.hide_in(reading.text(step.get("NoiDungXuLy")))))
    return tuple(sorted(steps, key=lambda step: step.at))
