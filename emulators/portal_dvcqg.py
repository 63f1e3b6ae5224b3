"""The national portal's protocol: a session login, then one endpoint for look-ups and one for catalogues."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any, Callable, Optional

from aiohttp import web

from emulators.portal_faults import Fault, Faults
from emulators.portal_world import MATTERS, STATUS_NAMES, VIETNAM_TIME, EmulatedDossier, Event, Matter, World

USERNAME = "mot-cua"
PASSWORD = "only-for-the-emulator"  # noqa: S105 - opens nothing but this program

_NOT_FOUND = {"error_code": "-1", "message": "Không tìm thấy hồ sơ", "result": []}
_EXPIRED = {"error_code": "-1", "message": "Phiên làm việc hết hạn"}


class DvcqgProtocol:
    """Answers TraCuuHoSo, LayThuTuc and LayDanhSachTTHC."""

    def __init__(self, world: World, faults: Faults, now: Callable[[], dt.datetime]) -> None:
        self._world = world
        self._faults = faults
        self._now = now
        self._sessions: set[str] = set()
        self.logins = 0

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/mapi/login", self._login)
        router.add_post("/mapi/g", self._integrate)
        router.add_post("/mapi/share", self._share)

    async def _login(self, request: web.Request) -> web.Response:
        await self._faults.before_answer()
        body = await request.json()
        known = body.get("username") == USERNAME and body.get("password") == PASSWORD
        if not known or "dstcode" not in request.headers or self._faults.strikes(Fault.LOGIN_REFUSED):
            return web.json_response({"error_code": "-1", "message": "Sai thông tin đăng nhập"})
        self.logins += 1
        session = secrets.token_hex(16)
        self._sessions.add(session)
        return web.json_response({"session": session, "error_code": 0})

    async def _integrate(self, request: web.Request) -> web.Response:
        return await self._serve(request, {"TraCuuHoSo": self._look_up})

    async def _share(self, request: web.Request) -> web.Response:
        return await self._serve(request, {"LayThuTuc": self._procedure, "LayDanhSachTTHC": self._procedure_list})

    async def _serve(self, request: web.Request, services: dict[str, Callable[[dict[str, Any]], Any]]) -> web.Response:
        await self._faults.before_answer()
        body = await request.json()
        if self._faults.strikes(Fault.EXPIRED_SESSION):
            self._sessions.clear()
        if body.get("session") not in self._sessions or not body.get("madonvi"):
            return web.json_response(_EXPIRED)
        service = services.get(body.get("service", ""))
        if service is None:
            return web.json_response({"error_code": "-1", "message": "Dịch vụ không hỗ trợ"})
        return self._faults.answer(service(body), wrap=lambda inner: {"message": inner})

    def _look_up(self, body: dict[str, Any]) -> Any:
        dossier = self._world.find(str(body.get("mahoso", "")))
        if dossier is None:
            return _NOT_FOUND
        now = self._now()
        result = [_dossier(dossier, now)]
        if self._faults.strikes(Fault.DUPLICATED):
            result.append(_dossier(dossier, dossier.applied_at))
        return {"error_code": "00", "message": "", "result": result}

    def _procedure(self, body: dict[str, Any]) -> Any:
        matter = next((one for one in MATTERS if one.code == body.get("maTTHC")), None)
        return {"error_code": 0, "result": [] if matter is None else [_procedure(matter)]}

    def _procedure_list(self, _: dict[str, Any]) -> Any:
        listed = [{"MATTHC": matter.code, "TENTTHC": matter.name} for matter in MATTERS]
        return {"error_code": "0", "result": [*listed, listed[0]]}


def _stamp(moment: Optional[dt.datetime]) -> str:
    return moment.astimezone(VIETNAM_TIME).strftime("%Y%m%d%H%M%S") if moment else ""


def _dossier(dossier: EmulatedDossier, now: dt.datetime) -> dict[str, Any]:
    status = dossier.status(now)
    fee = {"TenPhiLePhi": dossier.matter.fee_name, "MaPhiLePhi": "LP", "Gia": str(dossier.matter.fee)}
    return {
        "MaHoSo": dossier.code,
        "MaHoSoQG": dossier.national_code or "",
        "MaTTHC": dossier.matter.code,
        "TenTTHC": dossier.matter.name,
        "MaLinhVuc": dossier.matter.sector_code,
        "TenLinhVuc": dossier.matter.sector,
        "KenhThucHien": "1",
        "ChuHoSo": dossier.owner,
        "LoaiDoiTuong": "1",
        "LoaiDinhDanh": "1",
        "SoDinhDanh": dossier.identity,
        "SoDienThoai": dossier.phone,
        "TrichYeuHoSo": f"{dossier.matter.name} của {dossier.owner}",
        "NgayNopHoSo": _stamp(dossier.applied_at),
        "NgayTiepNhan": _stamp(dossier.received_at(now)),
        "NgayHenTra": _stamp(dossier.due_at),
        "TrangThaiHoSo": str(status),
        "TenTrangThaiHoSo": STATUS_NAMES[status],
        "NgayKetThucXuLy": _stamp(dossier.finished_at(now)),
        "HinhThuc": "0",
        "DonViXuLy": dossier.agency,
        "GhiChu": dossier.reason if status in (3, 7, 8) else "",
        "TaiLieuNop": [],
        "DanhSachLePhi": [fee],
        "DanhSachHoSoBoSung": _supplements(dossier, now) if status in (5, 6) else [],
        "QuaTrinhXuLy": [_progress(dossier, event) for event in dossier.past(now)],
    }


def _supplements(dossier: EmulatedDossier, now: dt.datetime) -> list[dict[str, Any]]:
    asked = dossier.past(now)[-1]
    return [
        {
            "HoSoBoSungId": "1",
            "NguoiYeuCauBoSung": asked.clerk,
            "NoiDungBoSung": dossier.reason,
            "NgayBoSung": _stamp(asked.at),
            "DanhSachGiayToBoSung": [{"TenGiayTo": paper} for paper in dossier.missing],
            "DanhSachLePhiBoSung": [],
            "NgayHenTraTruoc": _stamp(dossier.due_at),
            "NgayHenTraMoi": "",
        }
    ]


def _progress(dossier: EmulatedDossier, event: Event) -> dict[str, Any]:
    return {
        "MaHoSo": dossier.code,
        "NguoiXuLy": event.clerk,
        "ChucDanh": "Chuyên viên",
        "ThoiDiemXuLy": _stamp(event.at),
        "PhongBanXuLy": event.office,
        "NoiDungXuLy": event.text,
        "TrangThai": str(event.status),
    }


def _procedure(matter: Matter) -> dict[str, Any]:
    fee = {"SOTIEN": f"{matter.fee:,}", "DONVI": "đồng", "MOTA": matter.fee_name}
    limit = {"THOIGIANGIAIQUYET": str(matter.days), "DONVITINH": "Ngày làm việc", "MOTA": "", "PHILEPHI": [fee]}
    papers = [{"MAGIAYTO": "", "TENGIAYTO": paper, "SOBANCHINH": "1", "SOBANSAO": "0"} for paper in matter.papers]
    return {
        "MATTHC": matter.code,
        "TENTTHC": matter.name,
        "CAPTHUCHIEN": ["Cấp xã"],
        "LINHVUCTHUCHIEN": [{"MALINHVUC": matter.sector_code, "TENLINHVUC": matter.sector}],
        "TRINHTUTHUCHIEN": [
            {"TRUONGHOP": "", "TRINHTU": [{"TENTRINHTU": "Nộp hồ sơ"}, {"TENTRINHTU": "Nhận kết quả"}]}
        ],
        "CACHTHUCTHUCHIEN": [{"KENH": kind, "THOIGIAN": [limit]} for kind in ("1", "2", "3")],
        "THANHPHANHOSO": [{"TRUONGHOP": "", "GIAYTO": papers}],
        "CANCUPHAPLY": [{"SOVANBAN": "118/2025/NĐ-CP", "TENVANBAN": "Nghị định về cơ chế một cửa"}],
        "COQUANTHUCHIEN": [{"MADONVI": "H57.132", "TENDONVI": "Ủy ban nhân dân phường Mẫu"}],
        "KETQUATHUCHIEN": [{"MAKETQUA": "KQ.G15.000001", "TENKETQUA": "Giấy tờ được cấp"}],
        "YEUCAU": "",
        "MOTADOITUONGTHUCHIEN": "Công dân Việt Nam",
    }
