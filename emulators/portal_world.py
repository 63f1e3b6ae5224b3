"""The dossiers that the emulated portals answer about: generated, the same for the same seed and starting day.

Everybody here is invented. Phones are 09xx000xxx; identity numbers begin with 099, a province that does not exist.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
from dataclasses import dataclass, field, replace
from typing import Optional

VIETNAM_TIME = dt.timezone(dt.timedelta(hours=7), "Asia/Ho_Chi_Minh")

STATUS_NAMES = {
    1: "Mới đăng ký",
    2: "Được tiếp nhận",
    3: "Không được tiếp nhận",
    4: "Đang xử lý",
    5: "Yêu cầu bổ sung giấy tờ",
    6: "Yêu cầu thực hiện nghĩa vụ tài chính",
    7: "Công dân yêu cầu rút hồ sơ",
    8: "Dừng xử lý",
    9: "Đã xử lý xong",
    10: "Đã trả kết quả",
}
_FINISHED = (3, 7, 8, 9, 10)
_SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ")
_MIDDLES = ("Văn", "Thị", "Minh", "Ngọc", "Thanh", "Đức")
_GIVEN = ("An", "Bình", "Chi", "Dũng", "Giang", "Hà", "Khánh", "Lan", "Mai", "Nam", "Phúc", "Sơn", "Thảo")
_CLERK = "Trần Thị Mẫu"


@dataclass(frozen=True)
class Matter:
    """A procedure as the portal knows it. ``papers`` are also what can be found missing."""

    code: str
    name: str
    sector_code: str
    sector: str
    days: int
    fee_name: str
    fee: int
    papers: tuple[str, ...]


MATTERS = (
    Matter("1.001193", "Thủ tục đăng ký khai sinh", "HT", "Hộ tịch", 1, "Lệ phí hộ tịch", 8_000,
           ("Tờ khai đăng ký khai sinh", "Giấy chứng sinh")),
    Matter("1.000894", "Thủ tục đăng ký kết hôn", "HT", "Hộ tịch", 1, "Lệ phí bản sao trích lục", 8_000,
           ("Tờ khai đăng ký kết hôn", "Giấy xác nhận tình trạng hôn nhân")),
    Matter("1.004873", "Thủ tục cấp Giấy xác nhận tình trạng hôn nhân", "HT", "Hộ tịch", 3, "Lệ phí hộ tịch", 15_000,
           ("Tờ khai cấp Giấy xác nhận tình trạng hôn nhân", "Bản án, quyết định ly hôn")),
    Matter("2.000635", "Cấp bản sao Trích lục hộ tịch, bản sao Giấy khai sinh", "HT", "Hộ tịch", 1, "Lệ phí bản sao",
           8_000, ("Tờ khai cấp bản sao trích lục hộ tịch",)),
    Matter("1.004222", "Đăng ký thường trú", "CT", "Đăng ký, quản lý cư trú", 7, "Lệ phí đăng ký cư trú", 20_000,
           ("Tờ khai thay đổi thông tin cư trú (CT01)", "Giấy tờ chứng minh chỗ ở hợp pháp")),
    Matter("1.004194", "Đăng ký tạm trú", "CT", "Đăng ký, quản lý cư trú", 3, "Lệ phí đăng ký cư trú", 15_000,
           ("Tờ khai thay đổi thông tin cư trú (CT01)", "Giấy tờ chứng minh chỗ ở hợp pháp")),
    Matter("1.013225", "Cấp giấy phép xây dựng mới công trình và nhà ở riêng lẻ", "XD", "Hoạt động xây dựng", 15,
           "Lệ phí cấp giấy phép xây dựng", 75_000, ("Đơn đề nghị cấp giấy phép xây dựng", "Bản vẽ thiết kế xây dựng")),
    Matter("1.012783", "Cấp đổi Giấy chứng nhận quyền sử dụng đất", "DD", "Đất đai", 10, "Lệ phí cấp giấy chứng nhận",
           50_000, ("Đơn đăng ký biến động đất đai", "Giấy chứng nhận đã cấp", "Trích đo bản đồ địa chính")),
    Matter("1.002759", "Cấp lại, đổi, điều chỉnh thông tin sổ BHXH, thẻ BHYT", "BH", "Bảo hiểm xã hội", 5,
           "Chi phí in lại thẻ", 10_000, ("Tờ khai tham gia, điều chỉnh thông tin (TK1-TS)",)),
)  # fmt: skip


@dataclass(frozen=True)
class Event:
    """From ``at`` on the dossier is in ``status``."""

    at: dt.datetime
    status: int
    office: str
    text: str
    clerk: str = _CLERK


@dataclass(frozen=True)
class EmulatedDossier:
    """One dossier with its past and its planned future. All personal details are invented."""

    code: str
    national_code: Optional[str]
    matter: Matter
    owner: str
    phone: str
    identity: str
    agency_code: str
    agency: str
    applied_at: dt.datetime
    due_at: dt.datetime
    events: tuple[Event, ...]
    reason: str = ""
    missing: tuple[str, ...] = ()
    fee_due: int = 0

    def past(self, now: dt.datetime) -> tuple[Event, ...]:
        """What has happened; at least the first event."""
        return tuple(event for event in self.events if event.at <= now) or self.events[:1]

    def status(self, now: dt.datetime) -> int:
        return self.past(now)[-1].status

    def received_at(self, now: dt.datetime) -> Optional[dt.datetime]:
        return next((event.at for event in self.past(now) if event.status == 2), None)

    def finished_at(self, now: dt.datetime) -> Optional[dt.datetime]:
        return next((event.at for event in self.past(now) if event.status in _FINISHED), None)

    def moved(self, at: dt.datetime, status: int) -> EmulatedDossier:
        """The same dossier, from ``at`` on in ``status`` and with no other plans."""
        done = tuple(event for event in self.events if event.at < at)
        return replace(self, events=(*done, Event(at, int(status), self.agency, STATUS_NAMES[status])))


@dataclass(frozen=True)
class _Agency:
    prefix: str
    name: str
    national: Optional[str] = None


_AGENCIES = {
    "one_stop": _Agency("000.00.53.H48", "Bộ phận Một cửa (mã cũ)", "H48.53"),
    "province": _Agency("H57.132", "Trung tâm Phục vụ hành chính công phường Mẫu"),
    "ministry": _Agency("G01.899.909", "Công an phường Mẫu"),
    "social_insurance": _Agency("03706", "Bảo hiểm xã hội cơ sở Mẫu"),
}
_FAMILIES = tuple(_AGENCIES)


@dataclass(frozen=True)
class _Demo:
    """A dossier with a code that never changes, so that pages and people can name it."""

    code: str
    status: int
    days_until_due: int
    family: str = "province"
    matter: int = 0
    owner: str = "Nguyễn Văn An"
    phone: str = "0912000345"
    identity: str = "099090000678"


DEMOS = (
    _Demo("H57.132-260801-0001", 1, 3),
    _Demo("H57.132-260802-0002", 2, 3),
    _Demo("H57.132-260803-0003", 3, 0),
    _Demo("H57.132-260804-0583", 4, 2),
    _Demo("H57.132-260805-0005", 5, 4, matter=5),
    _Demo("H57.132-260806-0006", 6, 5, matter=7),
    _Demo("H57.132-260807-0007", 7, 0),
    _Demo("H57.132-260808-0008", 8, 0, matter=6),
    _Demo("H57.132-260809-0009", 9, 0),
    _Demo("H57.132-260810-0010", 10, -2),
    _Demo("H57.132-260811-0099", 4, -9, matter=7),
    _Demo("000.00.53.H48-260703-0099", 4, 1, family="one_stop", matter=4),
    _Demo("G01.899.909-260716-890028", 4, 2, family="ministry", matter=5),
    _Demo("03706/2026/07906", 4, 2, family="social_insurance", matter=8),
)


@dataclass
class World:
    """All dossiers by code."""

    dossiers: dict[str, EmulatedDossier] = field(default_factory=dict)

    def find(self, code: str) -> Optional[EmulatedDossier]:
        """By the local or the national code."""
        by_national = (one for one in self.dossiers.values() if one.national_code == code)
        return self.dossiers.get(code) or next(by_national, None)


def build_world(start: dt.datetime, seed: int, count: int = 300) -> World:
    """``count`` dossiers (demo codes included): every status in every family, lengths of time around ``start``."""
    dice = random.Random(seed)
    start = start.astimezone(VIETNAM_TIME).replace(hour=9, minute=0, second=0, microsecond=0)
    world = World()
    for demo in DEMOS:
        world.dossiers[demo.code] = _demo(demo, start)
    combinations = itertools.cycle(itertools.product(range(1, 11), _FAMILIES))
    for number, (status, family) in zip(range(len(DEMOS), count), combinations, strict=False):
        dossier = _generated(number, status, family, start, dice)
        world.dossiers[dossier.code] = dossier
    return world


def _demo(demo: _Demo, start: dt.datetime) -> EmulatedDossier:
    due = start.replace(hour=17) + dt.timedelta(days=demo.days_until_due)
    applied = min(start, due) - dt.timedelta(days=12)
    if demo.family != "social_insurance":
        applied = min(applied, dt.datetime.strptime(f"20{demo.code.split('-')[1]} 09 +0700", "%Y%m%d %H %z"))
    return _dossier(demo.code, demo.status, demo.family, MATTERS[demo.matter], applied, due, start,
                    demo.owner, demo.phone, demo.identity)  # fmt: skip


def _generated(number: int, status: int, family: str, start: dt.datetime, dice: random.Random) -> EmulatedDossier:
    agency, matter = _AGENCIES[family], dice.choice(MATTERS)
    applied = start - dt.timedelta(days=dice.randint(2, 60), minutes=dice.randint(0, 400))
    due = (applied + dt.timedelta(days=matter.days + dice.randint(1, 40))).replace(hour=17, minute=0)
    serial = f"{number:05d}"
    code = f"{agency.prefix}-{applied:%y%m%d}-{serial}"
    if family == "social_insurance":
        code = f"{agency.prefix}/{applied:%Y}/{serial}"
    owner = " ".join(map(dice.choice, (_SURNAMES, _MIDDLES, _GIVEN)))
    phone = f"09{dice.randint(10, 99)}000{dice.randint(0, 999):03d}"
    identity = f"099{dice.randint(0, 3)}{dice.randint(50, 99)}{dice.randint(0, 999_999):06d}"
    return _dossier(code, status, family, matter, applied, due, start, owner, phone, identity)


def _dossier(
    code: str, status: int, family: str, matter: Matter, applied: dt.datetime, due: dt.datetime, start: dt.datetime,
    owner: str, phone: str, identity: str,
) -> EmulatedDossier:  # fmt: skip
    agency = _AGENCIES[family]
    national = code.replace(agency.prefix, agency.national) if agency.national else None
    reasons = {
        3: f"Hồ sơ của {owner} (SĐT {phone}) không thuộc thẩm quyền tiếp nhận của cơ quan",
        5: f"Đề nghị ông/bà {owner} bổ sung giấy tờ còn thiếu",
        6: "Đề nghị nộp lệ phí để tiếp tục giải quyết",
        7: f"Công dân {owner}, số định danh {identity}, có đơn rút hồ sơ",
        8: "Dừng giải quyết do thửa đất đang có tranh chấp",
    }
    return EmulatedDossier(
        code=code, national_code=national, matter=matter, owner=owner, phone=phone, identity=identity,
        agency_code=agency.prefix, agency=agency.name, applied_at=applied, due_at=due,
        events=_events(status, applied, due, start, agency.name, owner),
        reason=reasons.get(status, ""),
        missing=matter.papers[-1:] if status == 5 else (),
        fee_due=matter.fee if status == 6 else 0,
    )  # fmt: skip


def _events(
    status: int, applied: dt.datetime, due: dt.datetime, start: dt.datetime, office: str, owner: str
) -> tuple[Event, ...]:
    """The way to ``status``, reached before ``start``, and for what is under way the likely future."""
    path = {1: (1,), 2: (1, 2), 3: (1, 3), 9: (1, 2, 4, 9), 10: (1, 2, 4, 9, 10)}.get(status, (1, 2, 4, status))
    path = tuple(dict.fromkeys(path))
    pace = (start - dt.timedelta(hours=1) - applied) / len(path)
    past = [
        Event(applied + pace * turn, step, office, f"{STATUS_NAMES[step]}: hồ sơ của {owner}")
        for turn, step in enumerate(path)
    ]
    coming = {1: (2, 4, 9, 10), 2: (4, 9, 10), 4: (9, 10)}.get(status, ()) if due > start else ()
    last = max(due, start + dt.timedelta(days=1))
    step_time = (last - start) / max(len(coming) - 1, 1)
    future = [
        Event(start + step_time * turn, step, office, STATUS_NAMES[step]) for turn, step in enumerate(coming, start=1)
    ]
    return (*past, *future)
