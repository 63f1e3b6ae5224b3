"""Writes tables for spreadsheets, row by row: CSV as Excel expects it, and Excel's own files."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import datetime as dt
import io
import tempfile
from typing import IO, Any, AsyncIterator, Optional, Sequence, Union

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from knowledge.calendar import VIETNAM_TIME

Cell = Union[str, int, float, dt.date, dt.datetime, None]
MARK = b"\xef\xbb\xbf"  # by which Excel knows UTF-8; a CSV file begins with it
AT_ONCE = 500  # rows
MOST_ROWS = 1_048_576  # of one sheet
# What a spreadsheet takes for a formula when a cell begins with it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_line(cells: Sequence[Cell]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow([_plain(cell) for cell in cells])
    return line.getvalue().encode()


@contextlib.asynccontextmanager
async def workbook(title: str, rows: AsyncIterator[Sequence[Cell]]) -> AsyncIterator[IO[bytes]]:
    """The file, at its beginning and on disk until the end of the block. Rows go on in another sheet when one is full.

    ``title``: at most 31 characters, none of []:*?/\\.
    """
    book = openpyxl.Workbook(write_only=True)
    with tempfile.TemporaryFile() as file:
        try:
            await _fill(book, title, rows)
        finally:  # also when nobody waits for it any more: openpyxl has files of its own, which go with this
            await asyncio.to_thread(book.save, file)
        file.seek(0)
        yield file


async def _fill(book: openpyxl.Workbook, title: str, rows: AsyncIterator[Sequence[Cell]]) -> None:
    sheet, count = book.create_sheet(title), 0
    async for some in _together(rows):
        if count + len(some) > MOST_ROWS:
            sheet, count = book.create_sheet(title), 0
        await asyncio.to_thread(_append, sheet, some)
        count += len(some)


async def _together(rows: AsyncIterator[Sequence[Cell]]) -> AsyncIterator[list[Sequence[Cell]]]:
    some: list[Sequence[Cell]] = []
    async for row in rows:
        some.append(row)
        if len(some) == AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def _append(sheet: Any, rows: Sequence[Sequence[Cell]]) -> None:
    for row in rows:
        sheet.append([_of_excel(cell) for cell in row])


def _of_excel(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return ILLEGAL_CHARACTERS_RE.sub("", _harmless(cell))
    return _here(cell).replace(tzinfo=None) if isinstance(cell, dt.datetime) else cell


def _plain(cell: Cell) -> Optional[object]:
    if isinstance(cell, dt.datetime):
        return _here(cell).strftime("%d/%m/%Y %H:%M")
    if isinstance(cell, dt.date):
        return cell.strftime("%d/%m/%Y")
    return _harmless(cell) if isinstance(cell, str) else cell


def _here(at: dt.datetime) -> dt.datetime:
    return at.astimezone(VIETNAM_TIME)


def _harmless(text: str) -> str:
    """As text, whatever it looks like."""
    return f"'{text}" if text.startswith(_FORMULA) else text
