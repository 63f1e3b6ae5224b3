"""Streams the XML parts of an Excel file: never more than a piece of them is in memory, whatever the file claims."""

from __future__ import annotations

import contextlib
import posixpath
import struct
import zipfile
import zlib
from typing import BinaryIO, Iterator, Mapping, Optional, Protocol
from xml.parsers import expat

from bot.broadcasts.file_faults import FileFault, FileRefused

PIECE = 256 * 1024  # bytes
MOST_UNPACKED = 1024 * 1024 * 1024  # bytes of one part: a million rows of all columns
MOST_OF_SMALL_PART = 16 * 1024 * 1024
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, struct.error, EOFError, OSError, ValueError, LookupError,
    ArithmeticError, NotImplementedError, RuntimeError,
)  # fmt: skip


class Target(Protocol):
    """Names are without their namespaces."""

    def start(self, name: str, attributes: Mapping[str, str]) -> None: ...

    def end(self, name: str) -> None: ...

    def text(self, text: str) -> None: ...


@contextlib.contextmanager
def refusing() -> Iterator[None]:
    """Whatever is wrong with the file raises FileRefused."""
    try:
        yield
    except _BROKEN as error:
        raise FileRefused(FileFault.BROKEN_EXCEL) from error


class Parts:
    """Everything raises FileRefused or, within ``refusing``, what becomes it."""

    def __init__(self, file: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(file)

    def related(self, part: str, kind: str) -> dict[str, str]:
        """By their ids, the parts of one kind ("worksheet") that this part names."""
        folder, name = posixpath.split(part)
        relations = Elements()
        self.read_small(posixpath.join(folder, "_rels", f"{name}.rels"), relations)
        return {
            attributes["Id"]: posixpath.normpath(posixpath.join("/", folder, attributes["Target"])).lstrip("/")
            for _, name, attributes in relations.found
            if name == "Relationship" and posixpath.basename(attributes["Type"]) == kind
        }

    def read_small(self, part: str, target: Target) -> None:
        for _ in self.read(part, target, MOST_OF_SMALL_PART):
            pass

    def read(self, part: str, target: Target, most: int = MOST_UNPACKED) -> Iterator[float]:
        """The share of the part that ``target`` has been told, again and again."""
        info = self._zip.getinfo(part)
        if info.file_size > most or info.compress_type not in _METHODS:  # no more than that is ever unpacked
            raise FileRefused(FileFault.BROKEN_EXCEL)
        parser = _parser(target)
        with self._zip.open(info) as stream:
            done = 0
            while piece := stream.read(PIECE):
                parser.Parse(piece, False)
                done += len(piece)
                yield done / info.file_size
        parser.Parse(b"", True)


class Elements:
    """A target that keeps what a small part has: name of the parent, name, attributes."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str, Mapping[str, str]]] = []
        self._within = [""]

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self.found.append((self._within[-1], name, attributes))
        self._within.append(name)

    def end(self, name: str) -> None:
        self._within.pop()

    def text(self, text: str) -> None:
        """Only attributes count."""

    def first(self, name: str) -> Optional[Mapping[str, str]]:
        return next((attributes for _, its, attributes in self.found if its == name), None)


def _parser(target: Target) -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: target.start(
        _local(name), {_local(its): value for its, value in attributes.items()}
    )
    parser.EndElementHandler = lambda name: target.end(_local(name))
    parser.CharacterDataHandler = target.text
    parser.StartDoctypeDeclHandler = _refuse_entities
    return parser


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _refuse_entities(*_: object) -> None:
    raise FileRefused(FileFault.BROKEN_EXCEL)
