"""Reads the rows of a CSV file whose encoding and separator nobody told us, as a stream."""

from __future__ import annotations

import codecs
import csv
import itertools
import re
from collections import deque
from dataclasses import dataclass
from typing import BinaryIO, Callable, Iterable, Iterator, Mapping, Optional, Sequence

PIECE = 64 * 1024  # bytes
LONGEST_LINE = 20_000  # characters
MOST_LINES = 20  # of one row: a cell in quotes may have line breaks
SEPARATORS = ",;\t"
UTF_8 = "utf-8-sig"
# What is read when it is not Unicode, and its name for people.
GUESSED: Mapping[str, str] = {"cp1258": "Windows-1258", "cp1252": "Windows-1252"}
_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", codecs.BOM_UTF8: UTF_8}
# Windows-1258 writes tones as characters of their own; in another encoding these bytes are letters anywhere.
_TONE_ALONE = re.compile("(?<![AEIOUYaeiouyÂĂÊÔƠƯâăêôơư])[\u0300\u0301\u0303\u0309\u0323]")
# A line ends with "\r" only where something follows that shows that it is not half of "\r\n".
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r(?=[^\n]))")
_WRONG = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class Line:
    """One row. ``number``: its first line in the file, from 1. ``cells``: None when it cannot be read. ``share`` of the
    file, from 0 to 1, that is read by then.
    """

    number: int
    cells: Optional[Sequence[str]]
    share: float


def encoding_of(file: BinaryIO) -> str:
    """A codec's name; those of GUESSED are guesses."""
    file.seek(0)
    beginning = file.read(4)
    for mark, encoding in _MARKS.items():
        if beginning.startswith(mark):
            return encoding
    if 0 in beginning[:2]:  # every second byte of ordinary letters is zero
        return "utf-16-be" if beginning[0] == 0 else "utf-16-le"
    wrong = unusual = 0
    for text in _decoded(file, "utf-8"):
        wrong += text.count(_WRONG)
        unusual += len(text) - len(text.encode("ascii", "ignore"))
    if wrong * 2 <= unusual:
        return UTF_8  # what is wrong are single rows
    text = next(_decoded(file, "cp1258"))
    return "cp1252" if _TONE_ALONE.search(text) else "cp1258"


def _decoded(file: BinaryIO, encoding: str) -> Iterator[str]:
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    while piece := file.read(PIECE):
        yield decoder.decode(piece)
    yield decoder.decode(b"", True)


def csv_lines(file: BinaryIO, size: int, encoding: str, is_header: Callable[[Sequence[str]], bool]) -> Iterator[Line]:
    """``is_header`` knows the row of titles: among the first rows it tells which separator is meant."""
    lines = _physical(_decoded(file, encoding))
    waiting = deque(itertools.islice(lines, MOST_LINES))
    separator = _separator(waiting, is_header)
    number = 1
    while waiting:
        used, cells = _first_row(waiting, separator)
        yield Line(number, cells, file.tell() / size)
        number += used
        for _ in range(used):
            waiting.popleft()
        waiting.extend(itertools.islice(lines, used))


def _physical(texts: Iterable[str]) -> Iterator[Optional[str]]:
    """Lines; None for one that is too long."""
    rest, is_too_long = "", False
    for text in texts:
        rest += text
        begin = 0
        for match in _LINE.finditer(rest):
            yield None if is_too_long or len(match[0]) > LONGEST_LINE else match[0]
            begin, is_too_long = match.end(), False
        rest = rest[begin:]
        if len(rest) > LONGEST_LINE:
            rest, is_too_long = "", True
    if rest or is_too_long:
        yield None if is_too_long else rest


def _separator(lines: Sequence[Optional[str]], is_header: Callable[[Sequence[str]], bool]) -> str:
    for separator in SEPARATORS:
        if any(is_header(_cells(line, separator) or ()) for line in lines if line is not None):
            return separator
    return SEPARATORS[0]


def _first_row(lines: Iterable[Optional[str]], separator: str) -> tuple[int, Optional[Sequence[str]]]:
    """How many lines it has, and its cells. A quote that never ends spoils its own line only."""
    row = ""
    for count, line in enumerate(lines, 1):
        if line is None:
            break
        row += line
        cells = _cells(row, separator)
        if cells is not None:
            return count, cells
    return 1, None


def _cells(row: str, separator: str) -> Optional[Sequence[str]]:
    if _WRONG in row:
        return None
    try:
        return next(csv.reader([row], delimiter=separator, strict=True))
    except csv.Error:
        return None
