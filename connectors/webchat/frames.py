"""What travels over the socket: reading the page's frames and writing ours."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Optional, Union

from connectors.limits import can_be_stored

LANGUAGES = ("vi", "en")
_MESSAGE_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_LARGEST_SEQ = 2**63 - 1


class FrameRefused(ValueError):
    """The page and we do not understand each other: it must be loaded anew."""


@dataclass(frozen=True)
class Hello:
    token: Optional[str]
    after: int
    language: str


@dataclass(frozen=True)
class Said:
    """Typed, or pressed when ``pressed``; ``language`` only when the citizen chose one."""

    id: str
    text: str
    pressed: bool
    language: Optional[str]


ClientFrame = Union[Hello, Said]


def read_frame(data: object) -> ClientFrame:
    """Raises FrameRefused for anything but a well-formed frame."""
    try:
        frame = json.loads(data) if isinstance(data, str) else None
    except (ValueError, RecursionError) as error:
        raise FrameRefused("not JSON") from error
    if not isinstance(frame, dict):
        raise FrameRefused("not an object")
    kind = frame.get("type")
    if kind == "hello":
        return _read_hello(frame)
    if kind == "message":
        return _read_said(frame, "text", pressed=False)
    if kind == "choice":
        return _read_said(frame, "payload", pressed=True)
    raise FrameRefused("unknown type")


def is_message_id(value: object) -> bool:
    return isinstance(value, str) and _MESSAGE_ID.fullmatch(value) is not None


def known_language(value: object) -> Optional[str]:
    return value if isinstance(value, str) and value in LANGUAGES else None


def write_frame(kind: str, **values: Any) -> str:
    return json.dumps({"type": kind, **values}, ensure_ascii=False, separators=(",", ":"))


def _read_hello(frame: dict[str, Any]) -> Hello:
    token, after = frame.get("token"), frame.get("after", 0)
    if token is not None and not isinstance(token, str):
        raise FrameRefused("token is not text")
    if type(after) is not int or not 0 <= after <= _LARGEST_SEQ:
        raise FrameRefused("after is not a sequence number")
    return Hello(token, after, known_language(frame.get("language")) or LANGUAGES[0])


def _read_said(frame: dict[str, Any], field: str, pressed: bool) -> Said:
    message_id, text = frame.get("id"), frame.get(field)
    if not isinstance(message_id, str) or not is_message_id(message_id):
        raise FrameRefused("id is not a UUID")
    if not isinstance(text, str) or not text.strip() or not can_be_stored(text):
        raise FrameRefused(f"{field} is not text")
    return Said(message_id.lower(), text, pressed, known_language(frame.get("language")))
