"""Files are what their name says and no larger than Zalo takes."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import pytest
from PIL import Image

from connectors.errors import Refused, RefusedReason, Unreachable
from connectors.zalo.client import ZaloClient
from connectors.zalo.uploads import MEGABYTE, Asset, Uploads
from tests.connectors.zalo.scripted_zalo import NOON, MovedClock, ScriptedZalo

UNTIL = NOON + dt.timedelta(days=7)


def picture(kind: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (4, 4)).save(content, kind)
    return content.getvalue()


def archive(name: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as zipped:
        zipped.writestr(name, "<w/>")
    return content.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "path", "answer", "asset"),
    [
        ("a.JPG", picture("JPEG"), "image", {"attachment_id": "i1"}, Asset("image", "i1", UNTIL)),
        ("a.png", picture("PNG"), "image", {"attachment_id": "i2"}, Asset("image", "i2", UNTIL)),
        ("a.gif", picture("GIF"), "gif", {"attachment_id": "g1"}, Asset("gif", "g1", UNTIL)),
        ("mẫu.pdf", b"%PDF-1.7 ...", "file", {"token": "f1"}, Asset("file", "f1", UNTIL)),
        ("a.docx", archive("word/document.xml"), "file", {"token": "f2"}, Asset("file", "f2", UNTIL)),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...", "file", {"token": "f3"}, Asset("file", "f3", UNTIL)),
        ("a.csv", "mã,tên\n1,Hồ sơ\n".encode(), "file", {"token": "f4"}, Asset("file", "f4", UNTIL)),
        ("a.gif", b"GIF89a" + b"x" * (5 * MEGABYTE - 6), "gif", {"attachment_id": "g2"}, Asset("gif", "g2", UNTIL)),
    ],
)
async def test_what_zalo_takes(
    zalo: ScriptedZalo, client: ZaloClient, name: str, content: bytes, path: str, answer: dict[str, str], asset: Asset
) -> None:
    zalo.success(answer)
    assert await Uploads(client, MovedClock()).upload(name, content) == asset
    assert zalo.asked[0].path == f"/api/v2.0/oa/upload/{path}"
    assert content in zalo.asked[0].body


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.exe", b"MZ"),
        ("pdf", b"%PDF-1.7"),
        ("a.png", b""),
        ("a.png", picture("JPEG")),
        ("a.png", picture("PNG") + b"x" * MEGABYTE),
        ("a.gif", b"GIF89a" + b"x" * 5 * MEGABYTE),
        ("a.pdf", b"<html>"),
        ("a.docx", archive("xl/workbook.xml")),
        ("a.docx", b"PK\x03\x04 broken"),
        ("a.csv", b"\xff\xfe\x00"),
        ("a.csv", b"a\x00b"),
    ],
)
async def test_what_it_would_not_take_is_not_sent(
    zalo: ScriptedZalo, client: ZaloClient, name: str, content: bytes
) -> None:
    with pytest.raises(Refused) as refused:
        await Uploads(client, MovedClock()).upload(name, content)
    assert refused.value.why is RefusedReason.WRONG_MESSAGE
    assert zalo.asked == []


async def test_an_answer_without_an_id(zalo: ScriptedZalo, client: ZaloClient) -> None:
    zalo.success({"attachment_id": "not for files"})
    with pytest.raises(Unreachable):
        await Uploads(client, MovedClock()).upload("a.pdf", b"%PDF-1.7")
