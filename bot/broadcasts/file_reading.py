"""Opens a file of recipients, whatever it is, and reads its rows as a stream."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import BinaryIO, Iterator, Optional

from bot.broadcasts.csv_lines import GUESSED, Line, csv_lines, encoding_of
from bot.broadcasts.file_faults import FileFault, FileRefused, Remark
from bot.broadcasts.file_rows import Row, find_header, is_header, read_rows
from bot.broadcasts.xlsx_lines import Workbook

_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Opened:
    """``columns``: the placeholders that every good row fills. ``remark`` with its ``detail``, if there is one."""

    columns: tuple[str, ...]
    rows: Iterator[Row]
    remark: Optional[Remark] = None
    detail: str = ""


def open_rows(file: BinaryIO) -> Opened:
    """Raises FileRefused, as ``rows`` does; reading is done in another thread than the server's."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    beginning = file.read(len(_ZIP))
    if not beginning:
        raise FileRefused(FileFault.NOTHING)
    if beginning == _OLD_EXCEL:
        raise FileRefused(FileFault.OLD_EXCEL)
    if beginning == _ZIP:
        workbook = Workbook(file)
        return _opened(workbook.lines(), Remark.FIRST_SHEET_ONLY, workbook.sheet)
    encoding = encoding_of(file)
    guessed = GUESSED.get(encoding, "")
    return _opened(csv_lines(file, size, encoding, is_header), Remark.GUESSED_ENCODING, guessed)


def _opened(lines: Iterator[Line], remark: Remark, detail: str) -> Opened:
    header = find_header(lines)
    return Opened(tuple(header.names.values()), read_rows(header, lines), remark if detail else None, detail)
