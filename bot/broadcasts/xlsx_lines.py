"""Reads the rows of the first sheet of an Excel file as a stream.

openpyxl keeps something of every row that it has read, and a whole row however wide; here nothing is kept but the
strings that cells share, and those packed.
"""

from __future__ import annotations

import datetime as dt
import re
from array import array
from typing import BinaryIO, Iterator, Mapping, Optional, Union

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from bot.broadcasts.csv_lines import Line
from bot.broadcasts.file_faults import FileFault, FileRefused
from bot.broadcasts.xlsx_parts import Elements, Parts, refusing

MOST_CELLS = 200  # of a row
MOST_SHARED = 128 * 1024 * 1024  # bytes of the strings that cells share
LONGEST_CELL = 1_000  # characters; a longer one is too long for anything
LAST_ROW = 1_048_576
_EXACT = 10**15  # beyond it Excel rounds
_PLACE = re.compile("([A-Z]{1,3})[0-9]{0,7}")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")  # how Excel writes characters that XML does not have


class Workbook:
    """Raises FileRefused, as ``lines`` does. ``sheet`` is the name of the first one, "" when it is the only one."""

    def __init__(self, file: BinaryIO) -> None:
        with refusing():
            self._parts = Parts(file)
            workbook = next(iter(self._parts.related("", "officeDocument").values()), "")
            about = Elements()
            self._parts.read_small(workbook, about)
            sheets = [attributes for _, name, attributes in about.found if name == "sheet"]
            self.sheet = sheets[0]["name"] if len(sheets) > 1 else ""
            self._sheet = self._parts.related(workbook, "worksheet")[sheets[0]["id"]]
            self._shared = next(iter(self._parts.related(workbook, "sharedStrings").values()), None)
            self._styles = next(iter(self._parts.related(workbook, "styles").values()), None)
            since_1904 = (about.first("workbookPr") or {}).get("date1904") in ("1", "true")
            self._epoch = CALENDAR_MAC_1904 if since_1904 else CALENDAR_WINDOWS_1900

    def lines(self) -> Iterator[Line]:
        with refusing():
            strings = _Strings()
            if self._shared is not None:
                for _ in self._parts.read(self._shared, strings):
                    pass
            sheet = _Sheet(strings, self._dates(), self._epoch)
            for share in self._parts.read(self._sheet, sheet):
                for number, cells in sheet.rows:
                    yield Line(number, cells, share)
                sheet.rows.clear()

    def _dates(self) -> frozenset[str]:
        """The styles in which a number is a date."""
        if self._styles is None:
            return frozenset()
        styles = Elements()
        self._parts.read_small(self._styles, styles)
        formats: dict[str, Optional[str]] = {str(id): code for id, code in BUILTIN_FORMATS.items()}
        formats.update({its["numFmtId"]: its["formatCode"] for _, name, its in styles.found if name == "numFmt"})
        cells = [its for parent, name, its in styles.found if (parent, name) == ("cellXfs", "xf")]
        return frozenset(
            str(number)
            for number, its in enumerate(cells)
            if (code := formats.get(its.get("numFmtId", "0"))) and is_date_format(code)
        )


class _Words:
    """Gathers the words of one cell or string; how it is pronounced does not belong to them."""

    def __init__(self) -> None:
        self.text, self._taking, self._aside = "", False, False

    def start(self, name: str) -> None:
        self._aside = self._aside or name == "rPh"
        self._taking = name in ("t", "v") and not self._aside

    def end(self, name: str) -> None:
        self._taking = False
        self._aside = self._aside and name != "rPh"

    def take(self, text: str) -> None:
        if self._taking and len(self.text) < LONGEST_CELL:
            self.text += text[:LONGEST_CELL]


class _Strings:
    """A target: the strings that cells share, one after another."""

    def __init__(self) -> None:
        self._bytes, self._ends = bytearray(), array("Q", [0])
        self._words = _Words()

    def __getitem__(self, number: int) -> str:
        if number < 0:
            raise IndexError(number)
        return self._bytes[self._ends[number] : self._ends[number + 1]].decode()

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "si":
            self._words = _Words()
        self._words.start(name)

    def end(self, name: str) -> None:
        self._words.end(name)
        if name == "si":
            self._bytes += self._words.text.encode()
            self._ends.append(len(self._bytes))
            if len(self._bytes) + len(self._ends) * self._ends.itemsize > MOST_SHARED:
                raise FileRefused(FileFault.TOO_MANY_ROWS)

    def text(self, text: str) -> None:
        self._words.take(text)


class _Sheet:
    """A target: the rows that are complete."""

    def __init__(self, strings: _Strings, dates: frozenset[str], epoch: dt.datetime) -> None:
        self.rows: list[tuple[int, list[str]]] = []
        self._strings, self._dates, self._epoch = strings, dates, epoch
        self._number = self._place = 0
        self._cells: list[str] = []
        self._cell: Mapping[str, str] = {}
        self._words = _Words()

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "row":
            self._begin_row(int(attributes.get("r", self._number + 1)))
        elif name == "c":
            self._cell, self._words = attributes, _Words()
            self._place = _place(attributes["r"]) if "r" in attributes else self._place + 1
        else:
            self._words.start(name)

    def end(self, name: str) -> None:
        self._words.end(name)
        if name == "c":
            self._put(self._value(self._words.text))
        elif name == "row":
            self.rows.append((self._number, self._cells))

    def text(self, text: str) -> None:
        self._words.take(text)

    def _begin_row(self, number: int) -> None:
        if not self._number < number <= LAST_ROW:
            raise FileRefused(FileFault.BROKEN_EXCEL)
        self._number, self._cells, self._place = number, [], 0

    def _put(self, value: str) -> None:
        if not value:
            return
        if self._place > MOST_CELLS:
            raise FileRefused(FileFault.TOO_MANY_COLUMNS)
        self._cells += [""] * (self._place - len(self._cells))
        self._cells[self._place - 1] = value

    def _value(self, written: str) -> str:
        kind = self._cell.get("t", "n")
        if not written or kind in ("e", "d"):
            return written
        if kind in ("s", "str", "inlineStr"):
            text = self._strings[int(written)] if kind == "s" else written
            return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
        if kind == "b":
            return "TRUE" if written == "1" else "FALSE"
        if self._cell.get("s") in self._dates:
            return _date(from_excel(float(written), self._epoch))
        return _number(written)


def _place(reference: str) -> int:
    """1 for "A7"."""
    match = _PLACE.fullmatch(reference)
    if match is None:
        raise FileRefused(FileFault.BROKEN_EXCEL)
    place = 0
    for letter in match[1]:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place


def _number(written: str) -> str:
    """With all digits that Excel has of it; what it rounded stays as it was written."""
    if written.isdecimal():
        return written
    number = float(written)
    if number.is_integer() and abs(number) < _EXACT:
        return str(int(number))
    return written if abs(number) >= _EXACT else repr(number)


def _date(value: Union[dt.datetime, dt.date, dt.time, dt.timedelta, None]) -> str:
    """As it is written in Vietnam."""
    if isinstance(value, dt.datetime):
        return value.strftime("%d/%m/%Y" if value.time() == dt.time() else "%H:%M %d/%m/%Y")
    return value.strftime("%H:%M") if isinstance(value, dt.time) else str(value or "")
