"""The two shapes of official exports (national portal, Ministry of National Defence), read into one neutral record."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Optional, Union

import msgspec
from msgspec import Struct, field

from knowledge.importing_texts import clean, is_said, one_line


class ShapeUnknown(ValueError):
    """The line is JSON, but not a record of an official export."""


@dataclass(frozen=True)
class RawFee:
    """What the fee column says and the words that explain it."""

    stated: str
    note: str = ""


@dataclass(frozen=True)
class RawChannel:
    """One row of "cách thức thực hiện". ``time`` is as written; ``glued`` when time and fee ran into one number."""

    kind: str
    time: str
    unit: str
    fees: tuple[RawFee, ...]
    words: str
    glued: bool = False


@dataclass(frozen=True)
class RawPaper:
    name: str
    originals: int
    copies: int
    file: str


@dataclass(frozen=True)
class RawGroup:
    """Papers under one heading of the portal; the heading is a case, a part ("Giấy tờ phải nộp") or absent."""

    heading: str
    papers: tuple[RawPaper, ...]


@dataclass(frozen=True)
class RawProcedure:
    code: str
    title: str
    field: str
    levels: tuple[str, ...]
    applicants: str
    agency: str
    steps: str
    channels: tuple[RawChannel, ...]
    groups: tuple[RawGroup, ...]
    papers_text: str
    results: tuple[str, ...]
    legal_basis: tuple[str, ...]
    conditions: str
    url: str
    ministry: str


# The national portal ---------------------------------------------------------------------------------------------


_Count = Annotated[int, msgspec.Meta(ge=0, le=999)]


class _PortalChannel(Struct):
    kenh: str
    thoi_han: Union[str, int, float, None] = None
    don_vi: Optional[str] = None
    phi: Union[str, int, None] = None
    mo_ta: Optional[str] = None


class _PortalPaper(Struct):
    ten: str
    ban_chinh: _Count = 0
    ban_sao: _Count = 0
    mau: Optional[str] = None


class _PortalGroup(Struct):
    truong_hop: Optional[str] = None
    giay_to: list[_PortalPaper] = field(default_factory=list)


class _PortalResult(Struct):
    ten: str


class _PortalRecord(Struct):
    ma: str
    ten: str
    linh_vuc: str = ""
    bo_nganh: str = ""
    cap: list[str] = field(default_factory=list)
    doi_tuong: list[str] = field(default_factory=list)
    co_quan_thuc_hien: Optional[str] = None
    co_quan_co_tham_quyen: Optional[str] = None
    trinh_tu: Optional[str] = None
    cach_thuc: list[_PortalChannel] = field(default_factory=list)
    ho_so: list[_PortalGroup] = field(default_factory=list)
    ket_qua: list[_PortalResult] = field(default_factory=list)
    can_cu: list[str] = field(default_factory=list)
    yeu_cau: Optional[str] = None
    url: Optional[str] = None
    ho_so_raw: Optional[str] = None


_CURRENCY = re.compile(r"(?:VNĐ|Việt Nam Đồng)\s*")


def _portal_channel(row: _PortalChannel) -> RawChannel:
    words = one_line(row.mo_ta)
    unit, time = one_line(row.don_vi), "" if row.thoi_han is None else str(row.thoi_han).strip()
    # "1" without a unit and "20,000 VNĐ" came out of the portal's page as "120,000" and "VNĐ(…)".
    glued_currency = None if unit or row.phi is not None else _CURRENCY.match(words)
    note, rest = _leading_brackets(words[glued_currency.end() :] if glued_currency else words)
    stated = one_line(str(row.phi)) if row.phi is not None else ""
    return RawChannel(one_line(row.kenh), time, unit, (RawFee(stated, note),), rest, glued_currency is not None)


def _leading_brackets(words: str) -> tuple[str, str]:
    """The portal writes "(about the fee)about the time and place"; brackets inside are often left open."""
    if not words.startswith("("):
        return ("", words) if not re.match(r"/|(?:Lệ )?[Pp]hí\s*:|Mức (?:thu|phí|lệ phí)", words) else (words, "")
    depth = 0
    for place, letter in enumerate(words):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return words[1:place].strip(), words[place + 1 :].strip()
    place = words.rfind(")")
    return (words[1:place].strip(), words[place + 1 :].strip()) if place > 0 else (words[1:].strip(), "")


def _portal(record: _PortalRecord) -> RawProcedure:
    return RawProcedure(
        code=one_line(record.ma),
        title=one_line(record.ten),
        field=one_line(record.linh_vuc),
        levels=tuple(record.cap),
        applicants="; ".join(map(one_line, record.doi_tuong)),
        agency=one_line(record.co_quan_thuc_hien or record.co_quan_co_tham_quyen),
        steps=clean(record.trinh_tu),
        channels=tuple(map(_portal_channel, record.cach_thuc)),
        groups=tuple(
            RawGroup(
                one_line(group.truong_hop),
                tuple(RawPaper(one_line(p.ten), p.ban_chinh, p.ban_sao, one_line(p.mau)) for p in group.giay_to),
            )
            for group in record.ho_so
        ),
        papers_text=clean(record.ho_so_raw),
        results=tuple(one_line(result.ten) for result in record.ket_qua),
        legal_basis=tuple(map(one_line, record.can_cu)),
        conditions=clean(record.yeu_cau),
        url=one_line(record.url),
        ministry=one_line(record.bo_nganh),
    )


# The Ministry of National Defence -----------------------------------------------------------------------------------


class _DefenceAbout(Struct):
    code: str = field(name="mã_thủ_tục")
    title: str = field(name="tên_thủ_tục")
    levels: str = field(name="cấp_thực_hiện", default="")
    field_: str = field(name="lĩnh_vực", default="")


class _DefenceContent(Struct):
    steps: str = field(name="trình_tự_thực_hiện", default="")
    applicants: str = field(name="đối_tượng_thực_hiện", default="")
    agency: str = field(name="cơ_quan_thực_hiện", default="")
    authority: str = field(name="cơ_quan_có_thẩm_quyền", default="")
    result: str = field(name="kết_quả_thực_hiện", default="")
    conditions: str = field(name="yêu_cầu_điều_kiện_thực_hiện", default="")


class _DefenceChannel(Struct):
    hinh_thuc: str
    thoi_han_giai_quyet: str = ""
    phi_le_phi: str = ""
    mo_ta: str = ""


class _DefencePaper(Struct):
    """In the export the form's file stands in ``so_luong`` and the counts in ``ghi_chu``."""

    ten_giay_to: str
    so_luong: str = ""
    ghi_chu: str = ""


class _DefenceLaw(Struct):
    so_ky_hieu: str = ""
    trich_yeu: str = ""


class _DefenceTables(Struct):
    hinh_thuc_nop: list[_DefenceChannel] = field(default_factory=list)
    thanh_phan_ho_so: list[_DefencePaper] = field(default_factory=list)
    can_cu_phap_ly: list[_DefenceLaw] = field(default_factory=list)


class _DefenceRecord(Struct):
    metadata: _DefenceAbout
    content: _DefenceContent
    tables: _DefenceTables


_TIME = re.compile(r"(?i)^(\d+(?:[.,]\d+)?)\s*(giờ|ngày làm việc|ngày|tháng)\s*$")
_FEE = re.compile(r"(?is)(?:lệ )?phí\s*:\s*(?P<stated>[^()\n]*)(?:\((?P<note>.*)\))?\s*$")
_ORIGINALS, _COPIES = re.compile(r"Bản chính:\s*(\d{1,4})"), re.compile(r"Bản sao:\s*(\d{1,4})")


def _defence_channel(row: _DefenceChannel) -> RawChannel:
    limit = one_line(row.thoi_han_giai_quyet)
    match = _TIME.match(limit)
    words = [one_line(row.mo_ta)] if match or not is_said(limit) else [limit, one_line(row.mo_ta)]
    fees = []
    for part in re.split(r"\n(?=(?:Lệ )?[Pp]hí\s*:)", clean(row.phi_le_phi)):
        fee = _FEE.match(part)
        if fee:
            fees.append(RawFee(one_line(fee["stated"]), one_line(fee["note"])))
    time, unit = (match[1], match[2]) if match else ("", "")
    return RawChannel(one_line(row.hinh_thuc), time, unit, tuple(fees), ". ".join(word for word in words if word))


def _count(pattern: re.Pattern[str], text: str) -> int:
    match = pattern.search(text)
    return min(int(match[1]), 999) if match else 0


def _defence(record: _DefenceRecord) -> RawProcedure:
    about, content, tables = record.metadata, record.content, record.tables
    papers = tuple(
        RawPaper(
            one_line(paper.ten_giay_to),
            _count(_ORIGINALS, paper.ghi_chu),
            _count(_COPIES, paper.ghi_chu),
            one_line(paper.so_luong),
        )
        for paper in tables.thanh_phan_ho_so
    )
    agency = content.agency if is_said(content.agency) else content.authority
    laws = [law.so_ky_hieu if re.search(r"[/]", law.so_ky_hieu) else law.trich_yeu for law in tables.can_cu_phap_ly]
    return RawProcedure(
        code=one_line(about.code),
        title=one_line(about.title),
        field=one_line(about.field_),
        levels=tuple(about.levels.split(", ")) if about.levels else (),
        applicants=one_line(content.applicants),
        agency=one_line(agency) if is_said(agency) else "",
        steps=clean(content.steps),
        channels=tuple(map(_defence_channel, tables.hinh_thuc_nop)),
        groups=(RawGroup("", papers),) if papers else (),
        papers_text="",
        results=(one_line(content.result),) if is_said(content.result) else (),
        legal_basis=tuple(map(one_line, laws)),
        conditions=clean(content.conditions),
        url="",
        ministry="bo-quoc-phong",
    )


class _Keys(Struct):
    ma: Union[str, int, float, bool, msgspec.UnsetType, None] = msgspec.UNSET
    ten: Union[str, int, float, bool, msgspec.UnsetType, None] = msgspec.UNSET
    metadata: Union[msgspec.Raw, msgspec.UnsetType] = msgspec.UNSET
    content: Union[msgspec.Raw, msgspec.UnsetType] = msgspec.UNSET


_KEYS = msgspec.json.Decoder(_Keys)
_PORTAL = msgspec.json.Decoder(_PortalRecord)
_DEFENCE = msgspec.json.Decoder(_DefenceRecord)


def read_record(line: str) -> RawProcedure:
    """Decode one line of either shape. Raises ShapeUnknown, or msgspec.DecodeError which names the place."""
    keys = _KEYS.decode(line)
    if keys.ma is not msgspec.UNSET or keys.ten is not msgspec.UNSET:
        return _portal(_PORTAL.decode(line))
    if keys.metadata is not msgspec.UNSET and keys.content is not msgspec.UNSET:
        return _defence(_DEFENCE.decode(line))
    raise ShapeUnknown
