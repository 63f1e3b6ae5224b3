"""What an import tells the official who ran it: sentences in Vietnamese and English, or everything as JSON."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import Mapping, Sequence

import msgspec

from knowledge.importing import Export
from knowledge.importing_differences import Difference
from knowledge.importing_findings import Finding, Kind

EXAMPLES = 3

LABELS: dict[Kind, tuple[str, str]] = {
    Kind.NOTE_NOT_PAPER: (
        "mục 0 bản chính, 0 bản sao là ghi chú, không tính là giấy tờ",
        "items with 0 originals and 0 copies are notes, not papers",
    ),
    Kind.PAPERS_SORTED: ("giấy tờ được xếp lại: đơn, tờ khai lên đầu", "papers put in order, forms first"),
    Kind.PAPERS_FROM_RAW_TEXT: ("giấy tờ lấy từ văn bản thô của trang", "papers taken from the page's raw text"),
    Kind.COUNT_FROM_NAME: ("số bản lấy từ tên giấy tờ", "number of copies taken from the paper's name"),
    Kind.UNIT_ASSUMED: (
        "thời hạn hộ tịch không có đơn vị, hiểu là ngày làm việc",
        "civil status time limit without a unit, read as working days",
    ),
    Kind.UNIT_FROM_TEXT: ("đơn vị thời hạn lấy từ mô tả", "unit of time taken from the description"),
    Kind.FEE_FROM_TEXT: ("mức phí lấy từ mô tả thay cho cột phí", "fee taken from the description, not the column"),
    Kind.FILE_IS_NO_FORM: ("tệp đính kèm không cho biết số mẫu", "the attached file names no form"),
    Kind.FILE_NAME_REMOVED: ("tên tệp dính vào tên giấy tờ đã được bỏ", "file name removed from the paper's name"),
    Kind.HOUSEHOLD_BOOK: ("sổ hộ khẩu: không cần nộp (sổ giấy đã bỏ)", "household book: not needed (abolished)"),
    Kind.CHARACTERS: ("ký tự ẩn hoặc dấu tách rời đã được chuẩn hóa", "hidden characters or split marks normalised"),
    Kind.RESULT_CODE_REMOVED: ("mã kết quả dính vào tên kết quả đã được bỏ", "code removed from the result's name"),
    Kind.SOURCE_BY_CODE: ("không có địa chỉ nguồn, dùng trang theo mã", "no source address, the page by code is used"),
    Kind.NO_PAPERS: ("không có danh sách giấy tờ", "no list of papers"),
    Kind.UNIT_MISSING: ("thời hạn không có đơn vị", "time limit without a unit"),
    Kind.TIME_UNREADABLE: ("thời hạn bằng 0 hoặc số lẻ", "time limit of zero or a fraction"),
    Kind.TIME_AND_FEE_GLUED: ("thời hạn và phí dính thành một số", "time limit and fee run into one number"),
    Kind.FREE_BUT_COUNCIL_DECIDES: (
        "ghi miễn phí nhưng mô tả nói HĐND cấp tỉnh quyết định",
        "said to be free, but the description leaves it to the provincial council",
    ),
    Kind.FREE_BUT_FEE_DESCRIBED: (
        "ghi miễn phí nhưng mô tả có phí",
        "said to be free, but the description speaks of a fee",
    ),
    Kind.FEE_IMPLAUSIBLE: ("mức phí dưới 1.000 đồng", "fee below 1,000 đồng"),
    Kind.FEE_AMOUNTS_DIFFER: ("mức phí ở cột và ở mô tả khác nhau", "column and description name different fees"),
    Kind.HOUSEHOLD_BOOK_MENTIONED: ("có nhắc sổ hộ khẩu trong tên giấy tờ", "a paper mentions the household book"),
    Kind.LEVEL_UNKNOWN: ("không rõ cấp thực hiện", "level unknown"),
    Kind.DISTRICT_MENTIONED: ("còn nhắc cấp huyện (đã bỏ từ 1/7/2025)", "mentions districts (abolished 1 July 2025)"),
    Kind.MINISTRY_NOT_COVERED: ("bộ không có trong bản xuất", "ministries that the export does not cover"),
}

FIELDS = {
    "channels": ("cách nộp", "ways to apply"),
    "time_limit": ("thời hạn", "time limit"),
    "fees": ("phí, lệ phí", "fees"),
    "levels": ("cấp thực hiện", "levels"),
    "papers": ("số giấy tờ", "number of papers"),
}


@dataclass(frozen=True)
class Outcome:
    """What became of one file. ``gone`` are codes of its last import that it no longer has; they are kept."""

    file: str
    checked: dt.date
    read: int
    new: int
    changed: int
    unchanged: int
    gone: tuple[str, ...]


class Found(msgspec.Struct, frozen=True):
    """How often a kind of finding was met, and the first codes (or words) of it."""

    kind: Kind
    count: int
    examples: tuple[str, ...]


class FileReport(msgspec.Struct, frozen=True):
    """What became of one file, as the officials' pages show it."""

    outcome: Outcome
    found: tuple[Found, ...]
    differences: tuple[Difference, ...]
    drafts: int


def file_report(
    export: Export, outcome: Outcome, differing: Sequence[Difference], drafts: int
) -> FileReport:
    by_kind = _by_kind(export.findings)
    found = [Found(kind, len(codes), _distinct(codes)[:EXAMPLES]) for kind, codes in by_kind.items()]
    return FileReport(outcome, tuple(found), tuple(differing), drafts)


def as_text(
    exports: Sequence[Export], outcomes: Sequence[Outcome], differing: Sequence[Difference], drafts: int
) -> str:
    """The report, Vietnamese first, English second. ``drafts``: how many notices of changes were drafted."""
    findings = [finding for export in exports for finding in export.findings]
    blocks = []
    for language in range(2):
        block = _block(outcomes, findings, differing, language)
        if drafts:
            said = ("Tin nháp về thay đổi, chờ cán bộ xem", "Notices of changes, drafted for officials")
            block.append(f"{said[language]}: {drafts}")
        blocks.append("\n".join(block))
    return "\n\n".join(blocks) + "\n"


def _block(
    outcomes: Sequence[Outcome], findings: Sequence[Finding], differing: Sequence[Difference], language: int
) -> list[str]:
    lines = []
    for one in outcomes:
        lines.append(f"{one.file}: {_counts(one, language)}")
        if one.gone:
            kept = ("không còn trong bản xuất, vẫn giữ", "no longer in the export, kept")[language]
            lines.append(f"  {kept}: {_examples(one.gone)}")
    for is_repair, heading in ((True, ("Đã sửa", "Repaired")), (False, ("Cần xem lại", "Doubtful"))):
        lines.extend(_kinds(findings, is_repair, heading[language], language))
    fields: dict[str, list[str]] = defaultdict(list)
    for difference in differing:
        fields[difference.field].append(difference.code)
    if fields:
        lines.append(("Khác với danh mục biên soạn", "Differs from the curated catalogue")[language] + ":")
        for name, codes in fields.items():
            lines.append(f"  {len(codes):5}  {FIELDS[name][language]} ({_examples(codes)})")
    return lines


def _counts(one: Outcome, language: int) -> str:
    gone = len(one.gone)
    if language == 0:
        return f"đọc {one.read}, mới {one.new}, thay đổi {one.changed}, không đổi {one.unchanged}, không còn {gone}"
    return f"{one.read} read, {one.new} new, {one.changed} changed, {one.unchanged} unchanged, {gone} gone"


def _kinds(findings: Sequence[Finding], is_repair: bool, heading: str, language: int) -> list[str]:
    by_kind = _by_kind([finding for finding in findings if finding.kind.is_repair is is_repair])
    rows = [f"  {len(codes):5}  {LABELS[kind][language]} ({_examples(codes)})" for kind, codes in by_kind.items()]
    return [f"{heading}:", *rows] if rows else []


def _by_kind(findings: Sequence[Finding]) -> Mapping[Kind, Sequence[str]]:
    """The codes (for a file as a whole the words) of each kind that was met, in the order of the kinds."""
    by_kind: dict[Kind, list[str]] = {kind: [] for kind in Kind}
    for finding in findings:
        by_kind[finding.kind].append(finding.code or finding.detail)
    return {kind: codes for kind, codes in by_kind.items() if codes}


def _examples(codes: Sequence[str]) -> str:
    distinct = _distinct(codes)
    return ", ".join(distinct[:EXAMPLES]) + (", …" if len(distinct) > EXAMPLES else "")


def _distinct(codes: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(codes))


def as_json(exports: Sequence[Export], outcomes: Sequence[Outcome], differing: Sequence[Difference]) -> bytes:
    """Every file, finding and difference, for programs and spreadsheets."""
    document = {
        "files": [asdict(outcome) for outcome in outcomes],
        "findings": [
            {
                "file": export.file,
                "kind": finding.kind.value,
                "repaired": finding.kind.is_repair,
                "code": finding.code,
                "detail": finding.detail,
            }
            for export in exports
            for finding in export.findings
        ],
        "differences": [asdict(difference) for difference in differing],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"
