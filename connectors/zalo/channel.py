"""Zalo as a way out: draws replies, sends them when it is their turn, and looks for those that may have been sent."""

from __future__ import annotations

import datetime as dt
import logging
import unicodedata
from collections import OrderedDict
from typing import Any, Mapping, Optional, Sequence

from connectors.channel import Interrupted, Limits, Part, Purpose
from connectors.errors import (
    ChannelError,
    Misconfigured,
    Refused,
    RefusedReason,
    TooFast,
    Unknowable,
    Unreachable,
    nothing_sent_yet,
)
from connectors.messages import Address, Attachment, IncomingMessage, Reply
from connectors.pacing import Turns
from connectors.pictures import Assets, Handed, PictureStore, file_name
from connectors.zalo.answers import fields, rows, text, whole_number
from connectors.zalo.client import ZaloClient
from connectors.zalo.drawing import (
    BUTTON_TITLE,
    BUTTONS,
    PICTURE,
    TEXT_CHARACTERS,
    Texts,
    draw_details_request,
    draw_reply,
    with_attachment,
    without_picture,
)
from connectors.zalo.events import ANONYMOUS, CHANNEL
from connectors.zalo.media import fetch_media, is_local
from connectors.zalo.oauth import Clock
from connectors.zalo.reactions import JITTER, NEXT_MINUTE, AssetExpired, GrantDead, TokenRejected
from connectors.zalo.settings import ZaloSettings
from connectors.zalo.uploads import Uploads
from connectors.zalo.vehicles import Vehicles

logger = logging.getLogger(__name__)

MESSAGE_PATH = "/v3.0/oa/message/cs"
OLDER_MESSAGE_PATH = "/v2.0/oa/message"  # for people without a name, and for reactions
CONVERSATION_PATH = "/v2.0/oa/conversation"

RECEIVED = "/-strong"  # a raised thumb: says nothing about the matter itself
_OF_A_PERSON = ("reply", "welcome_msg")  # the other quotas belong to the whole account
_PERSONS_REMEMBERED = 10_000
_PAGE = 10  # what Zalo gives at most
_PAGES = 5
_CLOCKS_DIFFER = dt.timedelta(seconds=60)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.timezone.utc)


class ZaloChannel:
    """connectors.channel.Channel. ``texts`` are those of ``connectors.zalo.drawing``.

    Parts of ``connectors.zalo.vehicles`` are sent like any other. Without ``pictures`` only the text of a reply goes.
    """

    def __init__(
        self,
        client: ZaloClient,
        settings: ZaloSettings,
        pace: Turns,
        texts: Texts,
        pictures: Optional[PictureStore] = None,
        clock: Clock = _now,
    ) -> None:
        self._client, self._settings, self._pace, self._texts = client, settings, pace, texts
        self._vehicles, self._uploads = Vehicles(client, clock), Uploads(client, clock)
        self._assets = None if pictures is None else Assets(pictures, CHANNEL)
        self._replies_left: OrderedDict[str, int] = OrderedDict()

    @property
    def name(self) -> str:
        return CHANNEL

    @property
    def limits(self) -> Limits:
        return Limits(TEXT_CHARACTERS, BUTTONS if self._settings.buttons else 0, BUTTON_TITLE, TEXT_CHARACTERS)

    def replies_left(self, person: str) -> Optional[int]:
        """How many free messages Zalo still granted this person at the last one; None when it set no number."""
        return self._replies_left.get(person)

    def draw(self, reply: Reply, mark: str, quoted: Optional[str] = None) -> Sequence[Part]:
        parts = draw_reply(reply, mark, quoted, self._texts, self._settings.buttons)
        if reply.asks_contact and self._settings.contact_image:
            words = self._texts.get(reply.language, self._texts["vi"])
            parts = [*parts, draw_details_request(words, self._settings.contact_image)]
        return parts

    async def turn(self, address: Address, purpose: Purpose) -> None:
        await self._pace.turn(address.id, purpose)

    async def send(self, address: Address, part: Part) -> str:
        if self._vehicles.carry(part):
            return await self._vehicles.send(address, part)
        try:
            sent = await self._post_drawn(address, part)
        except Refused as refused:
            if refused.why is not RefusedReason.WRONG_MESSAGE or "text" not in part or len(part) == 1:
                raise
            # Not every account takes buttons, and a picture or a quoted message may be gone; the text says everything.
            logger.warning("Zalo did not take all of a message (%s): only the text is sent", refused)
            sent = await self._post(address, {"text": part["text"]})
        message_id = text(sent.get("message_id"))
        if not message_id:
            raise Unreachable("Zalo gave a sent message no id", maybe_sent=True)
        self._remember_quota(address.id, fields(sent.get("quota")))
        return message_id

    def bookmark(self) -> str:
        return ""  # a conversation is looked up by time

    async def find_sent(self, interrupted: Interrupted) -> Optional[str]:
        sent, person = interrupted.part.get("text"), interrupted.address.id
        if not isinstance(sent, str) or "anonymous_id" in _recipient(interrupted.address):
            raise Unknowable("Zalo does not show what was sent without a text or to a person without a name")
        since, oldest_match = interrupted.began_at - _CLOCKS_DIFFER, None
        for page in range(_PAGES):
            wanted = {"user_id": person, "offset": page * _PAGE, "count": _PAGE}
            try:
                lines = rows(await self._client.get(CONVERSATION_PATH, wanted))
            except (TokenRejected, GrantDead):
                raise
            except Misconfigured as error:
                raise Unknowable(f"the conversation may not be read: {error}") from error
            recent = [line for line in lines if _moment(line) >= since]
            for line in recent:  # the newest first
                message_id = text(line.get("message_id"))
                if text(line.get("src")) != "0" or not message_id or message_id in interrupted.known:
                    continue
                if _words(line) == _folded(sent):
                    oldest_match = message_id
                elif PICTURE in interrupted.part and not _words(line):
                    raise Unknowable("Zalo shows something of ours without its words")
            if len(recent) < _PAGE:
                return oldest_match
        raise Unknowable("too much was said since to find one message of ours")

    async def acknowledge(self, message: IncomingMessage) -> None:
        recipient = _recipient(message.address)
        if message.pressed or "user_id" not in recipient:
            return
        action = {"react_icon": RECEIVED, "react_message_id": message.id}
        try:
            await self._client.post(OLDER_MESSAGE_PATH, {"recipient": recipient, "sender_action": action})
        except ChannelError as error:
            logger.debug("message %s got no sign of receipt: %s", message.id, error)

    async def fetch(self, attachment: Attachment, most_bytes: int) -> bytes:
        return await fetch_media(attachment.source, most_bytes, is_local(self._settings.api_url))

    async def _post_drawn(self, address: Address, part: Part) -> Mapping[str, Any]:
        picture = part.get(PICTURE)
        if picture is None or self._assets is None:
            return await self._post(address, without_picture(part))
        with nothing_sent_yet():
            asset = await self._assets.of(picture, self._upload)
        try:
            return await self._post(address, with_attachment(part, asset))
        except AssetExpired:
            with nothing_sent_yet():
                asset = await self._assets.of(picture, self._upload, refused=asset)
        return await self._post(address, with_attachment(part, asset))

    async def _upload(self, content: bytes) -> Handed:
        asset = await self._uploads.upload(file_name(content), content)
        return Handed(asset.id, asset.expires_at)

    async def _post(self, address: Address, message: Part) -> Mapping[str, Any]:
        recipient = _recipient(address)
        path = MESSAGE_PATH if "user_id" in recipient else OLDER_MESSAGE_PATH
        try:
            return await self._client.post(path, {"recipient": recipient, "message": message})
        except TooFast as error:
            # A quota that lasts for hours concerns this message; the calls of a minute concern everybody.
            if error.retry_after <= NEXT_MINUTE + JITTER:
                self._pace.hold(error.retry_after)
            raise

    def _remember_quota(self, person: str, quota: Mapping[str, Any]) -> None:
        left = whole_number(quota.get("remain")) if quota.get("quota_type") in _OF_A_PERSON else None
        self._replies_left.pop(person, None)
        if left is not None:
            self._replies_left[person] = left
        if len(self._replies_left) > _PERSONS_REMEMBERED:
            self._replies_left.popitem(last=False)


def _recipient(address: Address) -> Mapping[str, str]:
    """The door names a person without an account "anonymous:<id>:<conversation>"."""
    kind, _, rest = address.id.partition(":")
    if kind != ANONYMOUS:
        return {"user_id": address.id}
    person, _, conversation = rest.partition(":")
    return {"anonymous_id": person, "conversation_id": conversation}


def _moment(line: Mapping[str, Any]) -> dt.datetime:
    milliseconds = whole_number(line.get("time")) or 0
    return dt.datetime.fromtimestamp(min(max(milliseconds, 0), 10**13) / 1000, dt.timezone.utc)


def _words(line: Mapping[str, Any]) -> str:
    """Those of a picture may stand in its description."""
    return _folded(text(line.get("message")) or text(line.get("description")))


def _folded(words: str) -> str:
    return " ".join(unicodedata.normalize("NFC", words).split())
