"""The Bot API's methods about messages: sending, editing, "is typing", the answer to a pressed button."""

from __future__ import annotations

import datetime as dt
import mimetypes
import re
from dataclasses import dataclass, replace
from typing import Any, Awaitable, Callable, Mapping, Optional

from emulators.telegram_calls import Fields, Refusal, bad_request, read_keyboard
from emulators.telegram_citizens import Press
from emulators.telegram_faults import CROWD, FloodLimits, Switches
from emulators.telegram_markup import BadMarkup, Marked, read_marked, units
from emulators.telegram_world import Chat, Message, Person, StoredFile, World, document_of, photo_of, picture_size

Method = Callable[[Fields], Awaitable[Any]]

_LONGEST_TEXT = 4096
_LONGEST_CAPTION = 1024
_LONGEST_TOAST = 200
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)
_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
_ACTIONS = (
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
)  # fmt: skip


@dataclass(frozen=True)
class CallbackAnswer:
    query_id: str
    text: str
    show_alert: bool
    at: dt.datetime


class MessageMethods:
    """What a bot may do in chats. Raises Refusal in Telegram's words."""

    def __init__(self, world: World, limits: FloodLimits, presses: Mapping[str, Press], switches: Switches) -> None:
        self.callback_answers: list[CallbackAnswer] = []
        self.methods: dict[str, Method] = {
            "sendMessage": self._send_message,
            "sendPhoto": self._send_photo,
            "sendDocument": self._send_document,
            "sendChatAction": self._send_chat_action,
            "editMessageText": self._edit_text,
            "editMessageReplyMarkup": self._edit_keyboard,
            "answerCallbackQuery": self._answer_callback,
        }
        self._world = world
        self._limits = limits
        self._presses = presses
        self._switches = switches

    async def _send_message(self, fields: Fields) -> dict[str, Any]:
        chat = self._open_chat(fields)
        options = fields.mapping("link_preview_options")
        content = {"link_preview_options": dict(options)} if options else {}
        return self._send(chat, fields, _marked_text(fields), content)

    async def _send_photo(self, fields: Fields) -> dict[str, Any]:
        chat = self._open_chat(fields)
        file, _ = self._file_of(fields, "photo")
        if picture_size(file.content) is None:
            raise bad_request("IMAGE_PROCESS_FAILED")
        return self._send(chat, fields, _caption(fields), photo_of(file))

    async def _send_document(self, fields: Fields) -> dict[str, Any]:
        chat = self._open_chat(fields)
        file, name = self._file_of(fields, "document")
        return self._send(chat, fields, _caption(fields), document_of(file, name))

    def _send(self, chat: Chat, fields: Fields, marked: Marked, content: Mapping[str, Any]) -> dict[str, Any]:
        keyboard, answered = read_keyboard(fields), self._answered(chat, fields)
        self._pace(chat)
        return self._world.add_message(chat, self._world.bot, marked, content, keyboard, answered).wire()

    async def _send_chat_action(self, fields: Fields) -> bool:
        chat = self._open_chat(fields)
        if fields.text("action") not in _ACTIONS:
            raise bad_request("wrong parameter action in request")
        self._world.typing_until[chat.id] = self._world.now() + dt.timedelta(seconds=5)
        return True

    async def _edit_text(self, fields: Fields) -> dict[str, Any]:
        before = self._own_message(fields)
        if before.has_caption:
            raise bad_request("there is no text in the message to edit")
        marked = _marked_text(fields)
        return self._edit(before, replace(before, text=marked.text, entities=marked.entities), fields)

    async def _edit_keyboard(self, fields: Fields) -> dict[str, Any]:
        before = self._own_message(fields)
        return self._edit(before, before, fields)

    def _edit(self, before: Message, after: Message, fields: Fields) -> dict[str, Any]:
        """A call without a keyboard takes the message's keyboard away, as Telegram does."""
        after = replace(after, keyboard=read_keyboard(fields))
        if after == before:
            raise bad_request(_NOT_MODIFIED)
        return self._world.keep(replace(after, edited_at=self._world.now())).wire()

    async def _answer_callback(self, fields: Fields) -> bool:
        press = self._presses.get(fields.text("callback_query_id"))
        now = self._world.now()
        if press is None or (now - press.at).total_seconds() > self._switches.callback_seconds:
            raise bad_request(_TOO_OLD)
        text = fields.text("text")
        if units(text) > _LONGEST_TOAST:
            raise bad_request("MESSAGE_TOO_LONG")
        self.callback_answers.append(CallbackAnswer(press.query_id, text, fields.flag("show_alert"), now))
        if not press.answered.done():
            press.answered.set_result(text)
        return True

    def _known_chat(self, fields: Fields) -> Chat:
        raw = fields.text("chat_id")
        if not raw:
            raise bad_request("chat_id is empty")
        chat_id = int(raw) if re.fullmatch(r"-?[0-9]{1,19}", raw) else 0
        if chat_id in self._world.migrated:
            new = self._world.migrated[chat_id]
            raise Refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=new)
        if chat_id in self._world.chats:
            return self._world.chats[chat_id]
        if self._switches.crowd and chat_id in CROWD:
            return Chat(chat_id, "private", person=Person(chat_id, "Dân", "Người"))
        if chat_id in self._world.people:
            raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")
        raise bad_request("chat not found")

    def _open_chat(self, fields: Fields) -> Chat:
        """Where the bot may write."""
        chat = self._known_chat(fields)
        if chat.id in self._world.closed:
            raise Refusal(403, f"Forbidden: {self._world.closed[chat.id]}")
        return chat

    def _pace(self, chat: Chat) -> None:
        seconds = self._limits.seconds_too_early(chat.id)
        if seconds:
            raise Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)

    def _own_message(self, fields: Fields) -> Message:
        chat = self._known_chat(fields)
        self._pace(chat)
        message = self._world.messages.get(chat.id, {}).get(fields.number("message_id"))
        if message is None:
            raise bad_request("message to edit not found")
        if message.sender is not self._world.bot:
            raise bad_request("message can't be edited")
        return message

    def _answered(self, chat: Chat, fields: Fields) -> Optional[Message]:
        if not fields.mapping("reply_parameters"):
            return None
        asked = Fields(fields.mapping("reply_parameters"), {})
        message = self._world.messages.get(chat.id, {}).get(asked.number("message_id"))
        if message is None and not asked.flag("allow_sending_without_reply"):
            raise bad_request("message to be replied not found")
        return message

    def _file_of(self, fields: Fields, kind: str) -> tuple[StoredFile, str]:
        upload = fields.upload(kind)
        if upload is not None:
            if not upload.content:
                raise bad_request("file must be non-empty")
            extension = (mimetypes.guess_extension(upload.mime_type) or ".bin").lstrip(".")
            return self._world.add_file(upload.content, f"{kind}s", extension, upload.mime_type), upload.name
        if not fields.has(kind):
            raise bad_request(f"there is no {kind} in the request")
        file = self._world.files.get(fields.text(kind))
        if file is None:
            raise bad_request("wrong remote file identifier specified: Wrong string length")
        return file, file.path.rpartition("/")[2]


def _marked_text(fields: Fields) -> Marked:
    marked = _marked(fields, "text", "entities")
    if not fields.text("text"):
        raise bad_request("message text is empty")
    if not marked.text:
        raise bad_request("text must be non-empty")
    if units(marked.text) > _LONGEST_TEXT:
        raise bad_request("message is too long")
    return marked


def _caption(fields: Fields) -> Marked:
    marked = _marked(fields, "caption", "caption_entities")
    if units(marked.text) > _LONGEST_CAPTION:
        raise bad_request("message caption is too long")
    return marked


def _marked(fields: Fields, text: str, entities: str) -> Marked:
    try:
        return read_marked(fields.text(text), fields.text("parse_mode"), fields.sequence(entities) or ())
    except BadMarkup as error:
        raise bad_request(str(error)) from None
