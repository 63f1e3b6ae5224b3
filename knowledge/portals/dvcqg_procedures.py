"""Turns the national portal's record of a procedure (LayThuTuc, upper-case keys) into a ``Procedure``."""

from __future__ import annotations

import datetime as dt
from typing import Any, Optional

from knowledge.dossiers import PortalError
from knowledge.portals import reading
from knowledge.portals.reading import Record
from knowledge.procedures import (
    Case,
    Channel,
    ChannelKind,
    Fee,
    Level,
    Origin,
    Paper,
    Procedure,
    Text,
    TimeLimit,
    TimeUnit,
)

_PAGE = "https://dichvucong.gov.vn/p/home/dvc-chi-tiet-thu-tuc-hanh-chinh.html?ma_thu_tuc={code}"
_KINDS = {"1": ChannelKind.IN_PERSON, "2": ChannelKind.ONLINE, "3": ChannelKind.POST}
_UNITS = {
    "ngay lam viec": TimeUnit.WORKING_DAY,
    "ngay": TimeUnit.DAY,
    "gio": TimeUnit.HOUR,
    "gio lam viec": TimeUnit.HOUR,
    "thang": TimeUnit.MONTH,
}
_LEVELS = (("cap bo", Level.MINISTRY), ("cap tinh", Level.PROVINCE), ("cap xa", Level.COMMUNE))
_ORDINARY = "Trường hợp thông thường"


class ProcedureUnknown(PortalError):
    """The portal answered: there is no procedure with this code."""


def read_procedure(code: str, item: Record, today: dt.date) -> Procedure:
    """``today`` becomes the day of the check. What the record is silent about stays empty."""
    cases = tuple(_case(number, part) for number, part in enumerate(reading.parts(item.get("THANHPHANHOSO")), start=1))
    return Procedure(
        code=code,
        title=Text(vi=reading.text(item.get("TENTTHC"))),
        field=Text(vi=_joined(item.get("LINHVUCTHUCHIEN"), "TENLINHVUC")),
        levels=_levels(item.get("CAPTHUCHIEN")),
        source=_PAGE.format(code=code),
        checked=today,
        cases=cases or (Case(id="ordinary", name=Text(vi=_ORDINARY)),),
        agency=_optional(_joined(item.get("COQUANTHUCHIEN"), "TENDONVI")),
        applicants=_optional(reading.text(item.get("MOTADOITUONGTHUCHIEN"))),
        steps=tuple(
            Text(vi=name)
            for part in reading.parts(item.get("TRINHTUTHUCHIEN"))
            for name in _names(part.get("TRINHTU"), "TENTRINHTU")
        ),
        channels=tuple(
            channel for part in reading.parts(item.get("CACHTHUCTHUCHIEN")) for channel in _channels(part)
        ),
        conditions=tuple(Text(vi=line) for line in (reading.text(item.get("YEUCAU")),) if line),
        result=_optional(_joined(item.get("KETQUATHUCHIEN"), "TENKETQUA")),
        legal_basis=_names(item.get("CANCUPHAPLY"), "SOVANBAN"),
        origin=Origin.IMPORTED,
    )


def _case(number: int, part: Record) -> Case:
    name = reading.text(part.get("TRUONGHOP")) or _ORDINARY
    papers = tuple(_paper(paper) for paper in reading.parts(part.get("GIAYTO")))
    return Case(id="ordinary" if number == 1 else f"case-{number}", name=Text(vi=name), papers=papers)


def _paper(paper: Record) -> Paper:
    return Paper(
        name=Text(vi=reading.text(paper.get("TENGIAYTO"))),
        originals=reading.amount(paper.get("SOBANCHINH")) or 0,
        copies=reading.amount(paper.get("SOBANSAO")) or 0,
        form=reading.text(paper.get("TENMAUDON")) or None,
    )


def _channels(part: Record) -> tuple[Channel, ...]:
    """One channel for each time limit. A kind that the portal has invented since is left out."""
    kind = _KINDS.get(reading.text(part.get("KENH")))
    if kind is None:
        return ()
    return tuple(
        Channel(kind=kind, time_limit=_time_limit(limit), fees=_fees(limit))
        for limit in reading.parts(part.get("THOIGIAN"))
    )


def _time_limit(limit: Record) -> TimeLimit:
    unit = _UNITS.get(reading.fold(reading.text(limit.get("DONVITINH"))))
    amount = reading.amount(limit.get("THOIGIANGIAIQUYET"))
    known = unit is not None and amount is not None
    return TimeLimit(
        amount=amount if known else None,
        unit=unit if known else None,
        note=_optional(reading.text(limit.get("MOTA"))),
    )


def _fees(limit: Record) -> tuple[Fee, ...]:
    fees = []
    for fee in reading.parts(limit.get("PHILEPHI")):
        amount = reading.amount(fee.get("SOTIEN"))
        written = f"{reading.text(fee.get('SOTIEN'))} {reading.text(fee.get('DONVI'))}".strip()
        fees.append(Fee(text=Text(vi=reading.text(fee.get("MOTA")) or written), amount=amount))
    return tuple(fees)


def _levels(value: Any) -> tuple[Level, ...]:
    written = reading.fold(" ".join(reading.text(item) for item in (value if isinstance(value, list) else [value])))
    return tuple(level for phrase, level in _LEVELS if phrase in written)


def _names(value: Any, key: str) -> tuple[str, ...]:
    return tuple(name for name in (reading.text(part.get(key)) for part in reading.parts(value)) if name)


def _joined(value: Any, key: str) -> str:
    return "; ".join(_names(value, key))


def _optional(written: str) -> Optional[Text]:
    return Text(vi=written) if written else None
