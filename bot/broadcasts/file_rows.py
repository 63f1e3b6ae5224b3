"""What the rows of a file of recipients mean: which column is what, who is told, and what is wrong with a row."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import Iterable, Iterator, Mapping, Optional, Sequence

from bot.broadcasts.csv_lines import Line
from bot.broadcasts.file_faults import FileFault, FileRefused, RowFault
from bot.broadcasts.masking import masked
from bot.broadcasts.notice import LONGEST_VALUE, OF_THE_HOUSE, plain
from bot.broadcasts.recipients import PHONE_ROW, ZALO
from bot.privacy import visible
from connectors.errors import Refused
from connectors.fitting import utf16_length
from connectors.zalo.templates import international
from nlu.vietnamese.folding import fold

HEADER_WITHIN = 10  # rows: lists often begin with the name of the office
MOST_ROWS = 1_000_000
MOST_COLUMNS = 30  # placeholders
LONGEST_TITLE = 40
TELEGRAM = "telegram"
# What a column of recipients is called, folded; of several that a row fills the first one counts.
RECIPIENTS: Mapping[str, frozenset[str]] = {
    ZALO: frozenset({"zalo", "zalo id", "id zalo", "user id", "user id zalo", "zalo user id"}),
    TELEGRAM: frozenset({"telegram", "telegram id", "id telegram", "chat id", "chat id telegram", "telegram chat id"}),
    PHONE_ROW: frozenset({
        "so dien thoai", "dien thoai", "dien thoai di dong", "so di dong", "di dong", "so dt", "dt", "sdt",
        "phone", "phone number", "mobile", "tel",
    }),
}  # fmt: skip
# Columns that a list has for the office itself: no placeholders, and rows may leave them empty.
_NOT_TOLD = frozenset({"", "stt", "tt", "so tt", "so thu tu", "no", "ghi chu", "note", "notes"})
_NAMES_OF_THE_HOUSE = frozenset(name.replace("_", " ") for name in OF_THE_HOUSE)
_ID = re.compile(r"[1-9][0-9]{4,24}")
_SCIENTIFIC = re.compile(r"([0-9])(?:[.,]([0-9]+))?[eE]\+?([0-9]{1,2})")
_DECIMAL_ZERO = re.compile(r"([0-9]+)[.,]0+")
_LANDLINE = re.compile(r"(?:\+?84|0)?2[0-9]{8,9}")
_BETWEEN_DIGITS = re.compile(r"[\s.()-]")


@dataclass(frozen=True)
class Header:
    """``recipients``: channel and place of its column, the first one counts most. ``titles`` as they were written,
    ``names``: of placeholders, by the places of their columns.
    """

    recipients: tuple[tuple[str, int], ...]
    titles: tuple[str, ...]
    names: Mapping[int, str]


@dataclass(frozen=True)
class Row:
    """Somebody to be told, or what is wrong: then ``channel`` and ``person`` are None, and ``shown`` is for people."""

    number: int
    channel: Optional[str] = None
    person: Optional[str] = None
    facts: Mapping[str, str] = dataclasses.field(default_factory=dict)
    fault: Optional[RowFault] = None
    shown: str = ""
    share: float = 0.0


class _Wrong(Exception):
    def __init__(self, fault: RowFault, shown: str = "") -> None:
        super().__init__(fault.value)
        self.fault, self.shown = fault, shown


def is_header(cells: Sequence[str]) -> bool:
    titles = {_words(cell) for cell in cells}
    return any(titles & known for known in RECIPIENTS.values())


def find_header(lines: Iterator[Line]) -> Header:
    """Takes ``lines`` up to the row of titles. Raises FileRefused."""
    for line in lines:
        if line.cells is not None and is_header(line.cells):
            return _header(line.cells)
        if line.number >= HEADER_WITHIN:
            break
    raise FileRefused(FileFault.NO_RECIPIENT_COLUMN)


def read_rows(header: Header, lines: Iterable[Line]) -> Iterator[Row]:
    """Empty rows at the end are none. Raises FileRefused; whether somebody stands there twice is not looked at."""
    empty: list[Line] = []
    count = 0
    for line in lines:
        if line.cells is not None and not any(cell.strip() for cell in line.cells):
            empty.append(line)
            continue
        count += len(empty) + 1
        if count > MOST_ROWS:
            raise FileRefused(FileFault.TOO_MANY_ROWS)
        for one in empty:
            yield Row(one.number, fault=RowFault.EMPTY, share=one.share)
        empty.clear()
        yield _row(header, line)
    if not count:
        raise FileRefused(FileFault.NO_ROWS)


def _header(cells: Sequence[str]) -> Header:
    titles = [_words(cell) for cell in cells]
    shown = tuple(plain(cell)[:LONGEST_TITLE] for cell in cells)
    recipients = [(channel, place) for channel, known in RECIPIENTS.items()
                  for place, title in enumerate(titles) if title in known]  # fmt: skip
    taken = {place for _, place in recipients}
    names: dict[int, str] = {}
    for place, title in enumerate(titles):
        if place in taken or title in _NOT_TOLD or title in _NAMES_OF_THE_HOUSE:
            continue
        name = title.replace(" ", "_")[:LONGEST_TITLE].rstrip("_")
        if name in names.values():
            raise FileRefused(FileFault.REPEATED_COLUMN, shown[place])
        names[place] = name
    if len(names) > MOST_COLUMNS:
        raise FileRefused(FileFault.TOO_MANY_COLUMNS)
    return Header(tuple(recipients), shown, names)


def _words(title: str) -> str:
    """Folded, of letters and digits only: "Số ĐT (di động)" is "so dt di dong"."""
    return " ".join(re.findall(r"[a-z0-9]+", fold(title)))


def _row(header: Header, line: Line) -> Row:
    try:
        if line.cells is None:
            raise _Wrong(RowFault.BROKEN)
        cells = [plain(cell) for cell in line.cells]
        if any(cells[len(header.titles) :]):
            raise _Wrong(RowFault.TOO_MANY_CELLS)
        cells += [""] * (len(header.titles) - len(cells))
        channel, person = _recipient(header, cells)
        return Row(line.number, channel, person, _facts(header, cells), share=line.share)
    except _Wrong as wrong:
        return Row(line.number, fault=wrong.fault, shown=wrong.shown, share=line.share)


def _recipient(header: Header, cells: Sequence[str]) -> tuple[str, str]:
    filled = ((channel, cells[place]) for channel, place in header.recipients if cells[place])
    channel, written = next(filled, (None, ""))
    if channel is None:
        raise _Wrong(RowFault.NO_RECIPIENT)
    value = _whole(visible(written).strip().lstrip("'"))  # an apostrophe tells Excel that it is no number
    if channel == PHONE_ROW:
        return channel, _phone(value)
    if not _ID.fullmatch(value):
        raise _Wrong(RowFault.WRONG_ID, masked(value))
    return channel, value


def _whole(written: str) -> str:
    """A number that a spreadsheet wrote in its own way, as its digits."""
    if match := _DECIMAL_ZERO.fullmatch(written):
        return match[1]
    if match := _SCIENTIFIC.fullmatch(written):
        digits = match[1] + (match[2] or "")
        if len(digits) != int(match[3]) + 1:
            raise _Wrong(RowFault.ROUNDED, written)
        return digits
    return written


def _phone(value: str) -> str:
    try:
        return international(value)
    except Refused:
        is_landline = _LANDLINE.fullmatch(_BETWEEN_DIGITS.sub("", value))
        fault = RowFault.LANDLINE if is_landline else RowFault.WRONG_PHONE
        raise _Wrong(fault, masked(value)) from None


def _facts(header: Header, cells: Sequence[str]) -> Mapping[str, str]:
    for place in header.names:
        if not cells[place]:
            raise _Wrong(RowFault.MISSING_VALUE, header.titles[place])
        if utf16_length(cells[place]) > LONGEST_VALUE:
            raise _Wrong(RowFault.TOO_LONG, header.titles[place])
    return {name: cells[place] for place, name in header.names.items()}
