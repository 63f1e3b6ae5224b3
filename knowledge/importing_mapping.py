"""One neutral record of an official export, made into the procedure the catalogue knows."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Iterable

from knowledge.importing_fees import read_channels
from knowledge.importing_findings import Kind, Report
from knowledge.importing_papers import read_cases
from knowledge.importing_shapes import RawProcedure
from knowledge.importing_texts import is_said, split_bullet, split_items, split_steps
from knowledge.procedures import ChannelKind, Level, Origin, Procedure, ServiceLevel, Text

PAGE_BY_CODE = "https://dichvucong.gov.vn/p/home/dvc-chi-tiet-thu-tuc-hanh-chinh.html?ma_thu_tuc="
LEVELS = {"cấp xã": Level.COMMUNE, "cấp tỉnh": Level.PROVINCE, "cấp bộ": Level.MINISTRY}

_DISTRICT = re.compile(r"(?i).{0,40}cấp huyện.{0,40}")
_FULL = re.compile(r"(?i)(?:trực tuyến|dịch vụ công|đã|mức độ) toàn trình")
_PARTIAL = re.compile(r"(?i)(?:trực tuyến|dịch vụ công|mức độ) một phần")
_ONLINE = re.compile(r"(?i)trực tuyến|cổng dịch vụ công|VNeID|môi trường điện tử|qua mạng")
_RESULT_CODE = re.compile(r"\s*(?:Mã:\s*)?KQ[.-][A-Z]\d{2}\.\d+\s*$")


def to_procedure(raw: RawProcedure, checked: dt.date, report: Report) -> Procedure:
    """Map one record; whatever had to be repaired or remains doubtful is reported."""
    cases, paper_notes = read_cases(raw.groups, raw.papers_text, report)
    channels = read_channels(raw.channels, raw.field, report)
    levels = tuple(level for name, level in LEVELS.items() if name in {said.strip().lower() for said in raw.levels})
    if not levels:
        report(Kind.LEVEL_UNKNOWN, ", ".join(raw.levels))
    if not raw.url:
        report(Kind.SOURCE_BY_CODE, "")
    words = list(_all_words(raw))
    district = next(filter(None, map(_DISTRICT.search, words)), None)
    if district:
        report(Kind.DISTRICT_MENTIONED, district.group().strip())
    results = [_result(result, report) for result in raw.results if is_said(result)]
    has_online = any(channel.kind is ChannelKind.ONLINE for channel in channels)
    return Procedure(
        code=raw.code,
        title=Text(vi=raw.title.strip(" .;")),
        field=Text(vi=raw.field.strip(" .;")),
        levels=levels,
        source=raw.url or PAGE_BY_CODE + raw.code,
        checked=checked,
        cases=cases,
        agency=Text(vi=raw.agency) if raw.agency else None,
        applicants=Text(vi=raw.applicants) if is_said(raw.applicants) else None,
        service_level=_service_level(words, bool(channels), has_online),
        steps=tuple(Text(vi=step) for step in split_steps(raw.steps)),
        channels=channels,
        conditions=(*(Text(vi=item) for item in split_items(raw.conditions)), *paper_notes),
        result=Text(vi="; ".join(dict.fromkeys(results))) if results else None,
        legal_basis=tuple(dict.fromkeys(law for law in raw.legal_basis if law)),
        origin=Origin.IMPORTED,
    )


def _all_words(raw: RawProcedure) -> Iterable[str]:
    yield from (raw.title, raw.agency, raw.steps, raw.conditions, *raw.results)
    for channel in raw.channels:
        yield from (channel.words, *(fee.note for fee in channel.fees))
    for group in raw.groups:
        yield from (group.heading, *(paper.name for paper in group.papers))


def _result(result: str, report: Report) -> str:
    name = _RESULT_CODE.sub("", result)
    if name != result:
        report(Kind.RESULT_CODE_REMOVED, result[len(name) :].strip())
    return split_bullet(name)[1].strip(" .;")


def _service_level(words: list[str], has_channels: bool, has_online: bool) -> ServiceLevel:
    """From the texts; without an online row nor a word about one, the counter and the post are all there is."""
    is_full = any(map(_FULL.search, words))
    is_partial = any(map(_PARTIAL.search, words))
    if is_full != is_partial:
        return ServiceLevel.FULL if is_full else ServiceLevel.PARTIAL
    if has_channels and not has_online and not is_full and not any(map(_ONLINE.search, words)):
        return ServiceLevel.NONE
    return ServiceLevel.UNKNOWN


def are_characters_repaired(line: str) -> bool:
    """True when a record carries letters in pieces (NFD) or characters that nobody sees."""
    return not unicodedata.is_normalized("NFC", line) or bool(re.search("[\u00ad\u200b-\u200f\uf000-\uf0ff]", line))
