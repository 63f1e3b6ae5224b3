"""Reads official exports of procedures: whole files, gzip or plain, every line checked before anything is used."""

from __future__ import annotations

import calendar
import datetime as dt
import gzip
import re
import unicodedata
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Iterator, Sequence

import msgspec

from knowledge.importing_findings import Finding, Kind
from knowledge.importing_mapping import are_characters_repaired, to_procedure
from knowledge.importing_shapes import ShapeUnknown, read_record
from knowledge.procedures import Procedure

MAX_BYTES = 64 * 1024 * 1024  # of a whole export, uncompressed
MAX_LINE = 2 * 1024 * 1024
# Ministries that people often need and whose procedures the known exports lack; the prefix is the export's own name.
MINISTRIES = {
    "bo-noi-vu": "Nội vụ",
    "bo-y-te": "Y tế",
    "bo-giao-duc": "Giáo dục và Đào tạo",
    "bo-cong-thuong": "Công Thương",
    "bo-khoa-hoc": "Khoa học và Công nghệ",
    "bo-van-hoa": "Văn hóa, Thể thao và Du lịch",
    "bo-ngoai-giao": "Ngoại giao",
}

_CODE = re.compile(r"[1-9]\.\d{6}")
_MONTH = re.compile(r"(20\d{2})-(0[1-9]|1[0-2])")
_GZIP = b"\x1f\x8b"


class ImportRefused(Exception):
    """A file is not a whole, correct export: nothing of it may be used. ``vi`` and ``en`` say which line and why."""

    def __init__(self, file: str, line: int, vi: str, en: str) -> None:
        self.vi = f"{file}, dòng {line}: {vi}" if line else f"{file}: {vi}"
        self.en = f"{file}, line {line}: {en}" if line else f"{file}: {en}"
        super().__init__(self.en)


@dataclass(frozen=True)
class Export:
    """One file, read whole. ``file`` is its name without folders, ``procedures`` are in the order of the file."""

    file: str
    checked: dt.date
    procedures: tuple[Procedure, ...]
    findings: tuple[Finding, ...]


@dataclass
class _Seen:
    """Where each code stands, over all files of one import."""

    places: dict[str, tuple[str, int]] = field(default_factory=dict)

    def add(self, code: str, file: str, line: int) -> None:
        if code in self.places:
            other, other_line = self.places[code]
            raise ImportRefused(
                file,
                line,
                f"mã {code} đã có ở {other}, dòng {other_line}",
                f"code {code} stands in {other}, line {other_line} already",
            )
        self.places[code] = (file, line)


def read_exports(
    paths: Sequence[Path], today: dt.date, advance: Callable[[int], None]
) -> list[Export]:
    """Read the files of one import. ``advance`` is told the bytes read of them. Raises ImportRefused."""
    seen = _Seen()
    return [_read_export(path, today, seen, advance) for path in paths]


def series_of(file: str) -> str:
    """What a monthly export is called without its month: its next issue replaces it."""
    return _MONTH.sub("", file.split(".")[0]).strip("-_ ") or file


def checked_on(file: str, today: dt.date) -> dt.date:
    """The last day of the month in the file's name, otherwise today."""
    match = _MONTH.search(file)
    if not match:
        return today
    year, month = int(match[1]), int(match[2])
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def _read_export(path: Path, today: dt.date, seen: _Seen, advance: Callable[[int], None]) -> Export:
    file, checked = path.name, checked_on(path.name, today)
    procedures: list[Procedure] = []
    findings: list[Finding] = []
    ministries: set[str] = set()
    for number, line in _lines(path, advance):
        try:
            raw = read_record(unicodedata.normalize("NFC", line))  # keys too may come in pieces
        except ShapeUnknown:
            raise ImportRefused(
                file,
                number,
                "đây là JSON nhưng không phải thủ tục của bản xuất chính thức",
                "this is JSON but not a procedure of an official export",
            ) from None
        except msgspec.ValidationError as error:
            raise ImportRefused(
                file, number, f"bản ghi sai cấu trúc ({error})", f"the record is malformed ({error})"
            ) from None
        except (msgspec.DecodeError, RecursionError) as error:
            raise ImportRefused(file, number, f"JSON hỏng ({error})", f"broken JSON ({error})") from None
        if not _CODE.fullmatch(raw.code):
            shown = raw.code[:40]
            raise ImportRefused(
                file, number, f"mã thủ tục thiếu hoặc sai: “{shown}”", f'procedure code missing or wrong: "{shown}"'
            )
        if not raw.title.strip(" .;"):
            raise ImportRefused(
                file, number, f"thủ tục {raw.code} không có tên", f"procedure {raw.code} has no title"
            )
        seen.add(raw.code, file, number)
        ministries.add(raw.ministry)

        def report(kind: Kind, detail: str, code: str = raw.code) -> None:
            findings.append(Finding(kind, code, detail))

        if are_characters_repaired(line):
            report(Kind.CHARACTERS, "")
        procedures.append(to_procedure(raw, checked, report))
    if not procedures:
        raise ImportRefused(file, 0, "tệp không có thủ tục nào", "the file holds no procedure")
    if len(ministries) > 1:  # an export of one ministry does not claim to cover the others
        for prefix, name in MINISTRIES.items():
            if not any(ministry.startswith(prefix) for ministry in ministries):
                findings.append(Finding(Kind.MINISTRY_NOT_COVERED, "", name))
    return Export(file, checked, tuple(procedures), tuple(findings))


def _lines(path: Path, advance: Callable[[int], None]) -> Iterator[tuple[int, str]]:
    """Numbered lines of text, empty ones left out. Raises ImportRefused for what is no text or too large."""
    file, number, size, reported = path.name, 0, 0, 0
    try:
        with path.open("rb") as stored:
            is_gzip = stored.read(2) == _GZIP
            stored.seek(0)
            stream = gzip.GzipFile(fileobj=stored) if is_gzip else stored
            while True:
                number += 1
                line = stream.readline(MAX_LINE + 1)
                if not line:
                    return
                size += len(line)
                if len(line) > MAX_LINE:
                    raise ImportRefused(file, number, "dòng dài quá 2 MB", "the line is longer than 2 MB")
                if size > MAX_BYTES:
                    raise ImportRefused(file, number, "tệp lớn quá 64 MB", "the file is larger than 64 MB")
                position = stored.tell()
                advance(position - reported)
                reported = position
                text = _text(file, number, line)
                if text.strip():
                    yield number, text
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ImportRefused(
            file,
            number,
            "tệp gzip bị cắt cụt hoặc hỏng; hãy tải lại",
            "the gzip file is cut off or damaged; download it again",
        ) from error
    except OSError as error:
        raise ImportRefused(
            file, 0, f"không đọc được tệp ({error.strerror})", f"the file cannot be read ({error.strerror})"
        ) from error


def _text(file: str, number: int, line: bytes) -> str:
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise ImportRefused(file, number, "không phải văn bản UTF-8", "this is not UTF-8 text") from error
    if "\x00" in text:
        raise ImportRefused(file, number, "tệp nhị phân, không phải bản xuất", "a binary file, not an export")
    if number == 1 and text.lstrip().startswith("<"):
        raise ImportRefused(
            file, number, "đây là trang web (HTML, XML), không phải bản xuất", "a web page (HTML, XML), not an export"
        )
    return text
