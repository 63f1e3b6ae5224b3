"""Codes are read off photographs of receipt slips, links and file names; everything else is said in words."""

from __future__ import annotations

import asyncio
import io
from typing import Optional

import pytest
import zxingcpp
from PIL import Image

from bot.slips import PictureUnreadable, read_attachments, read_codes
from connectors.channel import Channel
from connectors.errors import Unreachable
from connectors.messages import Address, Attachment, AttachmentKind, IncomingMessage
from nlu.assistant import Utterance
from tests.bot.office import NOW
from tests.bot.paper_channel import PaperChannel

CODE = "H57.132-260804-0583"


def slip(text: str, size: int = 600, format: str = "PNG", turn: int = 0) -> bytes:
    """A photographed slip: a QR code on a page, turned and scaled."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    drawn = Image.fromarray(zxingcpp.write_barcode_to_image(code, scale=6)).convert("L")
    page = Image.new("L", (max(size, drawn.width + 80), max(size, drawn.height + 120)), 235)
    page.paste(drawn, (40, 60))
    file = io.BytesIO()
    page.rotate(turn, fillcolor=235, expand=True).save(file, format)
    return file.getvalue()


class Photos(PaperChannel):
    def __init__(self, content: Optional[bytes]) -> None:
        super().__init__()
        self.content = content

    async def fetch(self, attachment: Attachment, most_bytes: int) -> bytes:
        if self.content is None:
            raise Unreachable("gone")
        return self.content


def came(*attachments: Attachment, text: str = "") -> IncomingMessage:
    return IncomingMessage("m1", Address("zalo", "8123450000000000001"), text, NOW, attachments=attachments)


PHOTO = Attachment(AttachmentKind.IMAGE, source="https://photo.example/f.jpg")


@pytest.mark.parametrize(("format", "turn"), [("PNG", 0), ("JPEG", 7), ("WEBP", 90)])
@pytest.mark.parametrize("text", [CODE, f"https://dichvucong.example.vn/tra-cuu?ma={CODE}", f"Mã hồ sơ: {CODE}; 2"])
async def test_the_code_of_a_photographed_slip_is_looked_up(text: str, format: str, turn: int) -> None:
    assert await read_attachments(came(PHOTO), Photos(slip(text, format=format, turn=turn))) == CODE


@pytest.mark.parametrize("content", [None, b"", b"not a picture", slip("https://example.vn/")])
async def test_without_a_code_it_is_asked_for_in_words(content: Optional[bytes]) -> None:
    assert await read_attachments(came(PHOTO), Photos(content)) == Utterance("photo_not_read")


async def test_a_caption_is_a_question_like_any_other() -> None:
    asked = came(PHOTO, text="giấy này có dùng được không")
    assert await read_attachments(asked, Photos(b"")) == "giấy này có dùng được không"
    assert await read_attachments(came(PHOTO, text=f"hồ sơ {CODE}"), Photos(b"")) == CODE


@pytest.mark.parametrize(
    ("attachment", "answer"),
    [
        (Attachment(AttachmentKind.LINK, text=f"https://dvc.example.vn/{CODE}"), Utterance("link_not_opened")),
        (Attachment(AttachmentKind.LINK, text=f"https://dvc.example.vn/?ma={CODE}"), CODE),
        (Attachment(AttachmentKind.FILE, text=f"{CODE}.pdf"), Utterance("file_not_read")),
        (Attachment(AttachmentKind.FILE, text="don.pdf"), Utterance("file_not_read")),
        (Attachment(AttachmentKind.LOCATION), Utterance("location_not_used")),
        (Attachment(AttachmentKind.STICKER, source="s"), Utterance("sticker_seen")),
        (Attachment(AttachmentKind.AUDIO, source="a"), Utterance("voice_not_heard")),
        (Attachment(AttachmentKind.CONTACT), Utterance("contact_not_needed")),
    ],
)
async def test_everything_else_is_said_in_words(attachment: Attachment, answer: object) -> None:
    channel: Channel = Photos(None)
    assert await read_attachments(came(attachment), channel) == answer


async def test_one_picture_at_a_time() -> None:
    its_turn = asyncio.Semaphore(1)
    async with its_turn:
        second = asyncio.create_task(read_attachments(came(PHOTO), Photos(slip(CODE)), its_turn))
        assert await read_attachments(came(PHOTO, text="xin chào"), None, its_turn) == "xin chào"  # needs no turn
        await asyncio.sleep(0.05)
        assert not second.done()
    assert await second == CODE


@pytest.mark.parametrize(("format", "width"), [("PNG", 4_001), ("GIF", 4_001), ("JPEG", 10_001)])
def test_a_picture_that_unpacks_to_too_much_is_refused(format: str, width: int) -> None:
    file = io.BytesIO()
    Image.new("L", (width, 4_000)).save(file, format)
    with pytest.raises(PictureUnreadable, match="pixels"):
        read_codes(file.getvalue())


def test_a_photograph_may_have_more_pixels_than_a_drawing() -> None:
    assert read_codes(slip(CODE, size=4_200, format="JPEG")) == [CODE]
