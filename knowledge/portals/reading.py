"""Reads the quirks that portals share: dates in three formats, texts as lists or objects, JSON inside JSON."""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from typing import Any, Mapping, Optional

from knowledge.calendar import VIETNAM_TIME
from knowledge.dossiers import DossierStatus, PortalUnreachable

Record = Mapping[str, Any]

_VIETNAMESE = 228
_LAYOUTS = ("%Y%m%d%H%M%S", "%Y%m%d", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%H:%M %d/%m/%Y", "%d/%m/%Y")
_JSON_LAYERS = 3
_LONGEST_AMOUNT = 15

# The first phrase found decides, so the narrower one stands before the wider one that it contains.
_PHRASES: tuple[tuple[str, DossierStatus], ...] = (
    ("khong duoc tiep nhan", DossierStatus.NOT_ACCEPTED),
    ("tu choi", DossierStatus.NOT_ACCEPTED),
    ("khong tiep nhan", DossierStatus.NOT_ACCEPTED),
    ("rut ho so", DossierStatus.WITHDRAWN),
    ("dung xu ly", DossierStatus.STOPPED),
    ("dung giai quyet", DossierStatus.STOPPED),
    ("da huy", DossierStatus.STOPPED),
    ("bo sung", DossierStatus.SUPPLEMENT_REQUIRED),
    ("nghia vu tai chinh", DossierStatus.FEE_DUE),
    ("cho thanh toan", DossierStatus.FEE_DUE),
    ("da tra", DossierStatus.RETURNED),
    ("da xu ly xong", DossierStatus.DONE),
    ("co ket qua", DossierStatus.DONE),
    ("cho tra ket qua", DossierStatus.DONE),
    ("moi dang ky", DossierStatus.REGISTERED),
    ("cho tiep nhan", DossierStatus.REGISTERED),
    ("dang xu ly", DossierStatus.PROCESSING),
    ("dang giai quyet", DossierStatus.PROCESSING),
    ("tiep nhan", DossierStatus.RECEIVED),
)


def decode(body: str) -> Any:
    """The value in ``body``, unpacked when it is JSON inside a JSON string. Raises PortalUnreachable."""
    value: Any = body
    try:
        for _ in range(_JSON_LAYERS):
            value = json.loads(value)
            if not isinstance(value, str) or not value.lstrip().startswith(("{", "[", '"')):
                return value
    except (ValueError, RecursionError):  # ValueError: also a number of thousands of digits
        raise PortalUnreachable("the portal's answer is not JSON") from None
    return value


def record(value: Any) -> Record:
    """``value`` as an object. Raises PortalUnreachable when it is something else."""
    if isinstance(value, str):
        value = decode(value)
    if not isinstance(value, dict):
        raise PortalUnreachable("the portal's answer has another shape")
    return value


def records(value: Any) -> tuple[Record, ...]:
    """The objects in ``value``: a list, one object, or nothing at all. Raises PortalUnreachable for anything else."""
    if isinstance(value, str) and value.strip():
        value = decode(value)
    if value is None or value == "":
        return ()
    if isinstance(value, dict):
        return (value,) if value else ()
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return tuple(item for item in value if item)
    raise PortalUnreachable("the portal's answer has another shape")


def parts(value: Any) -> tuple[Record, ...]:
    """The objects in an optional part of a record. What is not an object is left out: it cannot be read."""
    items = value if isinstance(value, list) else [value]
    return tuple(item for item in items if isinstance(item, dict))


def text(value: Any) -> str:
    """A text given as a string, a number, an object with ``name``, or a list of them in which Vietnamese wins."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, dict):
        return text(value.get("name"))
    if isinstance(value, list):
        vietnamese = [item for item in value if isinstance(item, dict) and item.get("languageId") == _VIETNAMESE]
        return next((found for found in map(text, vietnamese or value) if found), "")
    # Half a surrogate pair comes through JSON, but no database and no page takes it.
    return " ".join(str(value).encode(errors="replace").decode().split())


def moment(value: Any) -> Optional[dt.datetime]:
    """A time in Vietnam from ``yyyyMMddHHmmss``, ISO 8601 (also ``+0000``) or ``dd/MM/yyyy HH:mm``, if any."""
    written = text(value)
    # Some systems write the year 1 where they have no date.
    if not written or re.match("0001|01/01/0001|.* 01/01/0001", written):
        return None
    for layout in _LAYOUTS:
        try:
            return dt.datetime.strptime(written, layout).replace(tzinfo=VIETNAM_TIME)
        except ValueError:
            continue
    iso = re.sub(r"([+-]\d{2})(\d{2})$", r"\1:\2", written.replace("Z", "+00:00"))
    iso = re.sub(r"\.(\d{1,6})\d*", lambda found: "." + found[1].ljust(6, "0"), iso)
    try:
        parsed = dt.datetime.fromisoformat(iso)
        return parsed.astimezone(VIETNAM_TIME) if parsed.tzinfo else parsed.replace(tzinfo=VIETNAM_TIME)
    except (ValueError, OverflowError):
        raise PortalUnreachable("the portal's answer has a date in an unknown format") from None


def amount(value: Any) -> Optional[int]:
    """Đồng, written as 25000, "25000", "25.000" or "25,000 đồng"; None when it is not a number."""
    digits = re.sub(r"[^\d]", "", text(value).removesuffix(".0"))
    return int(digits) if 0 < len(digits) <= _LONGEST_AMOUNT else None


def error_code(value: Any) -> int:
    """0 for success, however it is written: 0, "0", "00". Raises PortalUnreachable when it is no number."""
    try:
        return int(text(value))
    except ValueError:
        raise PortalUnreachable("the portal's answer has no error code") from None


def status_in_words(words: str) -> Optional[DossierStatus]:
    """The national status that a vendor's wording means, or None when no known phrase occurs."""
    folded = fold(words)
    return next((status for phrase, status in _PHRASES if phrase in folded), None)


def status_by_dates(received: Optional[dt.datetime], finished: Optional[dt.datetime]) -> DossierStatus:
    """What the dates alone prove, for a wording that nobody has mapped yet."""
    if finished is not None:
        return DossierStatus.DONE
    return DossierStatus.PROCESSING if received is not None else DossierStatus.REGISTERED


def fold(words: str) -> str:
    """Lower case without marks, single spaces."""
    plain = unicodedata.normalize("NFD", words.casefold().replace("đ", "d"))
    return " ".join("".join(char for char in plain if not unicodedata.combining(char)).split())
