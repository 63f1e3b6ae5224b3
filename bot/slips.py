"""Reads the dossier code off what came with a message: the QR code on a photographed slip, a link, a file's name."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
from typing import Any, AsyncContextManager, Mapping, Optional, Union

import zxingcpp
from PIL import Image, UnidentifiedImageError

from connectors.channel import Channel
from connectors.errors import ChannelError
from connectors.messages import Attachment, AttachmentKind, IncomingMessage
from knowledge.dossiers import DossierCode
from nlu.assistant import Utterance

MOST_BYTES = 5 * 1024 * 1024
# A small file may unpack to a picture that fills the memory; a JPEG unpacks to a smaller one in grey.
MOST_PIXELS, MOST_PIXELS_OF_JPEG = 16_000_000, 40_000_000
_LONGEST_SIDE = 4_000  # pixels; a larger picture is made smaller, a QR code bears it

# What is said when nothing was found in what came.
_SAID: Mapping[AttachmentKind, str] = {
    AttachmentKind.IMAGE: "photo_not_read",
    AttachmentKind.FILE: "file_not_read",
    AttachmentKind.LINK: "link_not_opened",
    AttachmentKind.AUDIO: "voice_not_heard",
    AttachmentKind.VIDEO: "voice_not_heard",
    AttachmentKind.LOCATION: "location_not_used",
    AttachmentKind.STICKER: "sticker_seen",
    AttachmentKind.CONTACT: "contact_not_needed",
}
_PICTURES = (AttachmentKind.IMAGE, AttachmentKind.FILE)

logger = logging.getLogger(__name__)


class PictureUnreadable(Exception):
    """Not a picture, or too large a one: ask for another."""


async def read_attachments(
    message: IncomingMessage,
    channel: Optional[Channel],
    its_turn: AsyncContextManager[Any] = contextlib.nullcontext(),  # noqa: B008 (has no state)
) -> Union[str, Utterance]:
    """A text that the citizen might have typed instead, or what to say when there is none.

    ``its_turn`` is what pictures are unpacked under: a semaphore, that not many fill the memory together.
    """
    words = [message.text, *(attachment.text for attachment in message.attachments)]
    for attachment in message.attachments:
        if channel is not None and attachment.source and attachment.kind in _PICTURES:
            words += await _read_picture(attachment, channel, its_turn)
    code = next(filter(None, map(DossierCode.find, words)), None)
    if code is not None:
        return str(code)
    if message.text.strip():  # a caption is a question like any other
        return message.text
    return Utterance(_SAID[message.attachments[0].kind])


async def _read_picture(attachment: Attachment, channel: Channel, its_turn: AsyncContextManager[Any]) -> list[str]:
    try:
        content = await channel.fetch(attachment, MOST_BYTES)
        async with its_turn:
            return await asyncio.to_thread(read_codes, content)
    except (ChannelError, PictureUnreadable) as error:
        logger.info("an attachment was not read: %s", error)
        return []


def read_codes(content: bytes) -> list[str]:
    """The texts of the QR codes and bar codes in a picture (PNG, JPEG, GIF, WebP). Raises PictureUnreadable."""
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "GIF", "WEBP")) as picture:
            most = MOST_PIXELS_OF_JPEG if picture.format == "JPEG" else MOST_PIXELS
            if picture.width * picture.height > most:
                raise PictureUnreadable("too many pixels")
            picture.draft("L", (_LONGEST_SIDE, _LONGEST_SIDE))
            grey = picture.convert("L")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise PictureUnreadable(type(error).__name__) from error
    grey.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    return [found.text for found in zxingcpp.read_barcodes(grey)]
