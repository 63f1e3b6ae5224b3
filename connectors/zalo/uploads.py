"""Files for messages: checked by their size and by what is in them, then given to Zalo, which keeps them seven days."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from dataclasses import dataclass
from typing import Callable, Sequence

from connectors.errors import Refused, RefusedReason, Unreachable
from connectors.zalo.answers import text
from connectors.zalo.client import ZaloClient
from connectors.zalo.oauth import Clock

MEGABYTE = 1024 * 1024
KEPT = dt.timedelta(days=7)


@dataclass(frozen=True)
class Asset:
    """``kind``: "image" and "gif" are sent by attachment id, "file" by token."""

    kind: str
    id: str
    expires_at: dt.datetime


@dataclass(frozen=True)
class Format:
    """``begins``: how the content of such a file begins, at least."""

    ending: str
    kind: str
    content_type: str
    largest: int
    begins: tuple[bytes, ...]
    fits: Callable[[bytes], bool] = lambda content: True


def _is_word(content: bytes) -> bool:
    try:
        return "word/document.xml" in zipfile.ZipFile(io.BytesIO(content)).namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False


def _is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FORMATS: Sequence[Format] = (
    Format(".jpg", "image", "image/jpeg", MEGABYTE, (b"\xff\xd8\xff",)),
    Format(".jpeg", "image", "image/jpeg", MEGABYTE, (b"\xff\xd8\xff",)),
    Format(".png", "image", "image/png", MEGABYTE, (b"\x89PNG\r\n\x1a\n",)),
    Format(".gif", "gif", "image/gif", 5 * MEGABYTE, (b"GIF87a", b"GIF89a")),
    Format(".pdf", "file", "application/pdf", 5 * MEGABYTE, (b"%PDF-",)),
    Format(".doc", "file", "application/msword", 5 * MEGABYTE, (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)),
    Format(".docx", "file", _WORD, 5 * MEGABYTE, (b"PK\x03\x04",), _is_word),
    Format(".csv", "file", "text/csv", 5 * MEGABYTE, (b"",), _is_text),
)
PATHS = {"image": "/v2.0/oa/upload/image", "gif": "/v2.0/oa/upload/gif", "file": "/v2.0/oa/upload/file"}


class Uploads:
    def __init__(self, client: ZaloClient, clock: Clock) -> None:
        self._client, self._clock = client, clock

    async def upload(self, name: str, content: bytes) -> Asset:
        """Raises Refused (WRONG_MESSAGE) for what Zalo would not take, and other ChannelErrors."""
        form = recognised(name, content)
        before = self._clock()
        data = await self._client.upload(PATHS[form.kind], name, content, form.content_type)
        id = text(data.get("token" if form.kind == "file" else "attachment_id"))
        if not id:
            raise Unreachable("Zalo took a file and gave no id for it")
        return Asset(form.kind, id, before + KEPT)


def recognised(name: str, content: bytes) -> Format:
    """What kind of file it is, by its name and its content together. Raises Refused."""
    form = next((form for form in FORMATS if name.lower().endswith(form.ending)), None)
    if form is None:
        known = ", ".join(form.ending for form in FORMATS)
        raise Refused(RefusedReason.WRONG_MESSAGE, f"Zalo takes files that end in {known}")
    if not content or len(content) > form.largest:
        most = form.largest // MEGABYTE
        raise Refused(RefusedReason.WRONG_MESSAGE, f"a {form.ending} file must hold something, at most {most} MB")
    if not content.startswith(form.begins) or not form.fits(content):
        raise Refused(RefusedReason.WRONG_MESSAGE, f"the content is not that of a {form.ending} file")
    return form
