"""The REST door: the same dialogue for programs, as Rasa's REST channel defines it."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import logging
import uuid
from dataclasses import dataclass
from typing import Any, Callable, Mapping, Optional, Sequence

from aiohttp import web

from connectors.channel import Entry, Talk
from connectors.json_answers import json_answer
from connectors.limits import BodyBroken, BodyTooLarge, BodyTooSlow, DoorLimits, Gate, can_be_stored, read_body
from connectors.messages import Address, IncomingMessage

logger = logging.getLogger(__name__)

CHANNEL = "rest"
LANGUAGES = ("vi", "en")
ID_CHARACTERS = 200

REFUSALS: Mapping[str, tuple[int, str, str]] = {
    "not_json": (400, "Nội dung gửi lên phải là một đối tượng JSON.", "The body must be a JSON object."),
    "wrong_sender": (
        400,
        f"Cần có «sender» là chuỗi không rỗng, dài nhất {ID_CHARACTERS} ký tự.",
        f"'sender' must be a non-empty string of at most {ID_CHARACTERS} characters.",
    ),
    "wrong_message": (
        400,
        "Cần có «message» là chuỗi không rỗng.",
        "'message' must be a non-empty string.",
    ),
    "wrong_message_id": (
        400,
        f"«message_id» phải là chuỗi không rỗng, dài nhất {ID_CHARACTERS} ký tự.",
        f"'message_id' must be a non-empty string of at most {ID_CHARACTERS} characters.",
    ),
    "wrong_metadata": (400, "«metadata» phải là một đối tượng JSON.", "'metadata' must be a JSON object."),
    "too_slow": (408, "Nội dung gửi lên quá chậm.", "The body took too long to arrive."),
    "too_large": (413, "Nội dung gửi lên quá lớn.", "The body is too large."),
    "too_long": (413, "Tin nhắn quá dài. Xin viết ngắn lại.", "The message is too long. Please shorten it."),
    "too_fast": (
        429,
        "Quá nhiều tin nhắn trong thời gian ngắn. Xin chờ một chút rồi gửi lại.",
        "Too many messages in a short time. Please wait a moment and send again.",
    ),
    "unavailable": (
        503,
        "Trợ lý ảo đang gặp sự cố. Xin gửi lại sau ít phút.",
        "The assistant has a problem right now. Please send again in a few minutes.",
    ),
}


class Refusal(Exception):
    """Answer with the status and the sentence of ``name`` in REFUSALS."""

    def __init__(self, name: str, retry_after: Optional[int] = None) -> None:
        super().__init__(name)
        self.name = name
        self.retry_after = retry_after


@dataclass(frozen=True)
class RestMessage:
    sender: str
    text: str
    id: str
    language: Optional[str]


class RestDoor:
    """``POST /webhooks/rest/webhook`` and ``GET /webhooks/rest/``."""

    def __init__(
        self,
        talk: Talk,
        limits: Optional[DoorLimits] = None,
        gate: Optional[Gate] = None,
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.timezone.utc),
    ) -> None:
        self._talk = talk
        self._limits = limits or DoorLimits()
        self._gate = gate or Gate(self._limits)
        self._now = now
        # For clients that number nothing; counted, because asking the system for random bytes costs a tenth of a turn.
        self._prefix, self._numbers = uuid.uuid4().hex, itertools.count(1)

    def _own_id(self) -> str:
        return f"{self._prefix}-{next(self._numbers)}"

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/webhooks/rest/", self._say_alive)
        app.router.add_post("/webhooks/rest/webhook", self._receive)

    async def _say_alive(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _receive(self, request: web.Request) -> web.Response:
        try:
            entries = await self._answer(await self._read(request))
        except Refusal as refusal:
            return _draw_refusal(refusal)
        return json_answer(draw_replies(entries))

    async def _read(self, request: web.Request) -> RestMessage:
        try:
            body = await read_body(request, self._limits)
        except BodyTooLarge as error:
            raise Refusal("too_large") from error
        except BodyTooSlow as error:
            raise Refusal("too_slow") from error
        except BodyBroken as error:
            raise Refusal("not_json") from error
        message = parse_message(body)
        if len(message.text) > self._limits.text_characters:
            raise Refusal("too_long")
        return message

    async def _answer(self, message: RestMessage) -> _Answer:
        wait = self._gate.admit(f"{CHANNEL}:{message.sender}")
        if wait:
            raise Refusal("too_fast", retry_after=wait)
        # Clients number their messages 1, 2, 3 for each sender: the sender makes the number unique.
        number = f"{len(message.sender)}:{message.sender}:{message.id or self._own_id()}"
        incoming = IncomingMessage(
            id=str(uuid.uuid5(uuid.NAMESPACE_URL, number)),
            address=Address(CHANNEL, message.sender),
            text=message.text,
            received_at=self._now(),
            language=message.language,
        )
        try:
            return _Answer(message.sender, await self._talk.handle(incoming))
        except Exception as error:
            # Rasa answers 200 and an empty list here, which a client cannot tell from silence.
            logger.exception("message %s could not be answered", incoming.id)
            raise Refusal("unavailable") from error


@dataclass(frozen=True)
class _Answer:
    recipient: str
    entries: Sequence[Entry]


def parse_message(body: bytes) -> RestMessage:
    """Raises Refusal with the name of what is wrong."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refusal("not_json") from error
    if not isinstance(document, dict):
        raise Refusal("not_json")
    metadata = document.get("metadata")
    if metadata is not None and not isinstance(metadata, dict):
        raise Refusal("wrong_metadata")
    language = (metadata or {}).get("language")
    message_id = document.get("message_id")
    return RestMessage(
        sender=_required_id(document.get("sender"), "wrong_sender"),
        text=_required_text(document.get("message")),
        id="" if message_id is None else _required_id(message_id, "wrong_message_id"),
        language=language if language in LANGUAGES else None,
    )


def _required_id(value: object, refusal: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > ID_CHARACTERS or not can_be_stored(value):
        raise Refusal(refusal)
    return value


def _required_text(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or not can_be_stored(value):
        raise Refusal("wrong_message")
    return value


def draw_replies(answer: _Answer) -> list[dict[str, Any]]:
    """Our own lines as Rasa's REST channel draws them: no empty keys."""
    drawn = []
    for entry in answer.entries:
        if entry.reply is None:
            continue
        message: dict[str, Any] = {"recipient_id": answer.recipient}
        if entry.reply.text:
            message["text"] = entry.reply.text
        if entry.reply.choices:
            message["buttons"] = [
                {"title": choice.title, "payload": choice.payload} for choice in entry.reply.choices
            ]
        if entry.reply.custom:
            message["custom"] = dict(entry.reply.custom)
        drawn.append(message)
    return drawn


def _draw_refusal(refusal: Refusal) -> web.Response:
    status, vietnamese, english = REFUSALS[refusal.name]
    headers = {} if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
    return json_answer({"error": refusal.name, "vi": vietnamese, "en": english}, status, headers)
