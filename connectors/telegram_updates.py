"""Reads Telegram's updates: what a citizen said, pressed or did, and which updates are not for us."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from typing import Annotated, Any, Mapping, Optional, Sequence

import msgspec

from connectors.channel import Incoming
from connectors.limits import can_be_stored
from connectors.messages import Address, Attachment, AttachmentKind, Event, EventKind, IncomingMessage
from connectors.telegram_commands import read_command, sentence_of

CHANNEL = "telegram"
KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
NOTHING = "."  # the data of a button that was pressed already
LARGEST_PHOTO = 5 * 1024 * 1024
_TEXT = 4096
_EDITABLE_SECONDS = 48 * 3600
_LONGEST_ID = 64
_CHOICE = re.compile(r"[\w-]{1,55}\.\d{1,3}", re.ASCII)
_ID = re.compile(r"[me](-?\d+)\.(\d+)(?:\.\d+)?")
_HELP = "/trogiup"

_Id = Annotated[int, msgspec.Meta(ge=-(2**62), le=2**62)]
_Seconds = Annotated[int, msgspec.Meta(ge=0, le=200_000_000_000)]  # what still is a year of four digits


class UpdateUnreadable(Exception):
    """Skip it: it would not be readable the next time either. The text holds nothing of what it says."""


class _User(msgspec.Struct):
    id: _Id
    is_bot: bool = False
    language_code: str = ""


class _Chat(msgspec.Struct):
    id: _Id
    type: str


class _File(msgspec.Struct):
    file_id: str = ""  # a place, a business card or a poll has none
    file_size: int = 0
    file_name: str = ""
    mime_type: str = ""


class _Button(msgspec.Struct):
    text: str
    callback_data: str = ""


class _Keyboard(msgspec.Struct):
    inline_keyboard: Sequence[Sequence[_Button]] = ()


class _Quoted(msgspec.Struct):
    message_id: _Id
    sender: Optional[_User] = msgspec.field(default=None, name="from")


class _Message(msgspec.Struct):
    message_id: _Id
    chat: _Chat
    date: _Seconds = 0
    sender: Optional[_User] = msgspec.field(default=None, name="from")
    sender_chat: Optional[_Chat] = None  # somebody who hides behind a group or channel
    edit_date: _Seconds = 0
    text: str = ""
    caption: str = ""
    reply_to_message: Optional[_Quoted] = None
    reply_markup: _Keyboard = msgspec.field(default_factory=_Keyboard)
    photo: Sequence[_File] = ()
    document: Optional[_File] = None
    sticker: Optional[_File] = None
    animation: Optional[_File] = None
    dice: Optional[_File] = None
    location: Optional[_File] = None
    venue: Optional[_File] = None
    contact: Optional[_File] = None
    voice: Optional[_File] = None
    audio: Optional[_File] = None
    video: Optional[_File] = None
    video_note: Optional[_File] = None
    poll: Optional[_File] = None
    story: Optional[_File] = None
    game: Optional[_File] = None
    paid_media: Optional[_File] = None
    checklist: Optional[_File] = None
    giveaway: Optional[_File] = None
    invoice: Optional[_File] = None


class _Pressed(msgspec.Struct):
    id: str
    sender: _User = msgspec.field(name="from")
    message: Optional[_Message] = None
    data: str = ""


class _Member(msgspec.Struct):
    status: str


class _MemberChange(msgspec.Struct):
    chat: _Chat
    date: _Seconds
    old_chat_member: _Member
    new_chat_member: _Member


class _Update(msgspec.Struct):
    update_id: _Id
    message: Optional[_Message] = None
    edited_message: Optional[_Message] = None
    callback_query: Optional[_Pressed] = None
    my_chat_member: Optional[_MemberChange] = None


# Telegram sends the whole of an animation as a document too: what comes first here decides.
_ATTACHMENTS: Mapping[str, AttachmentKind] = {
    "animation": AttachmentKind.STICKER,
    "sticker": AttachmentKind.STICKER,
    "dice": AttachmentKind.STICKER,
    "venue": AttachmentKind.LOCATION,
    "location": AttachmentKind.LOCATION,
    "contact": AttachmentKind.CONTACT,
    "voice": AttachmentKind.AUDIO,
    "audio": AttachmentKind.AUDIO,
    "video": AttachmentKind.VIDEO,
    "video_note": AttachmentKind.VIDEO,
    "document": AttachmentKind.FILE,
    # Not read, but whoever sends it hears so, as with a file.
    **dict.fromkeys(("poll", "story", "game", "paid_media", "checklist", "giveaway", "invoice"), AttachmentKind.FILE),
}
# What holds a code that is worth looking at.
_FETCHED = (AttachmentKind.IMAGE, AttachmentKind.FILE)


@dataclass(frozen=True)
class Identity:
    """Who we are on Telegram."""

    id: int
    username: str


@dataclass(frozen=True)
class Press:
    """A pressed button: Telegram wants to hear that we noticed, and the keyboard is not to be pressed again.

    ``title`` is what the button said, "" when there is nothing to close.
    """

    query: str
    chat: int = 0
    message: int = 0
    title: str = ""


@dataclass(frozen=True)
class News:
    """What an update says. ``seen`` is the id of the message it brought, whether it is for us or not."""

    incoming: Optional[Incoming] = None
    press: Optional[Press] = None
    seen: Optional[str] = None


def message_id(chat: int, number: int) -> str:
    """The id by which the house knows a message."""
    return f"m{chat}.{number}"


def chat_and_number(identifier: str) -> Optional[tuple[int, int]]:
    """What ``message_id`` was made of; None for the ids of other things."""
    match = _ID.fullmatch(identifier)
    return (int(match[1]), int(match[2])) if match else None


def read_update(document: Any, me: Identity, now: dt.datetime) -> News:
    """Raises UpdateUnreadable."""
    try:
        update = msgspec.convert(document, _Update)
    except (msgspec.ValidationError, RecursionError, UnicodeError) as error:  # UnicodeError: half a surrogate pair
        raise UpdateUnreadable(type(error).__name__) from None
    if update.message is not None:
        return News(_read_message(update.message, me), seen=_own_id(update.message))
    if update.edited_message is not None:
        return News(_read_edited(update.edited_message, me))
    if update.callback_query is not None:
        return _read_pressed(update.callback_query, now)
    if update.my_chat_member is not None:
        return News(_read_member_change(update.my_chat_member, update.update_id))
    return News()


def _read_message(message: _Message, me: Identity) -> Optional[Incoming]:
    text = _said(message, me)
    attachments = tuple(_attachments(message))
    if text is None or message.sender is None or not (text or attachments):
        return None
    return _incoming(message, message.sender, _own_id(message), text, attachments)


def _read_edited(message: _Message, me: Identity) -> Optional[Incoming]:
    """A mended question is asked anew. A place that moves on comes as an edit as well, without a text."""
    text = _said(message, me)
    if not text or message.sender is None or message.edit_date - message.date > _EDITABLE_SECONDS:
        return None
    identifier = f"e{message.chat.id}.{message.message_id}.{message.edit_date}"
    return _incoming(message, message.sender, identifier, text, tuple(_attachments(message)))


def _incoming(
    message: _Message, sender: _User, identifier: str, text: str, attachments: tuple[Attachment, ...]
) -> Incoming:
    language = _language(sender)
    at = dt.datetime.fromtimestamp(message.edit_date or message.date, dt.timezone.utc)
    address, public = _address(message.chat, sender), _is_group(message.chat)
    command = read_command(text)
    if command is not None:
        sentence = sentence_of(command)
        if sentence is None:
            return Event(EventKind.FOLLOWED, identifier, address, at, language=language)
        text = sentence
    quoted = str(message.message_id) if public else None
    return IncomingMessage(
        identifier,
        address,
        text,
        at,
        language=language,
        attachments=attachments,
        public=public,
        by_menu=command is not None and text != command.words,
        quoted=quoted,
    )


def _said(message: _Message, me: Identity) -> Optional[str]:
    """The text or the caption, without our name; None when the message is not for us."""
    if message.sender is None or message.sender.is_bot or message.sender_chat is not None:
        return None
    text = _storable(message.text or message.caption).strip()[:_TEXT]
    if message.chat.type == "private":
        return text
    return _said_in_group(message, text, me) if _is_group(message.chat) else None


def _said_in_group(message: _Message, text: str, me: Identity) -> Optional[str]:
    command = read_command(text)
    if command is not None:
        return text if command.bot.lower() in ("", me.username.lower()) else None
    unnamed, times = re.subn(rf"(?<!\w)@{re.escape(me.username)}(?!\w)", "", text, flags=re.IGNORECASE)
    quoted = message.reply_to_message
    if times:
        return unnamed.strip(" ,:\n") or ("" if _attachments(message) else _HELP)
    return text if quoted is not None and quoted.sender is not None and quoted.sender.id == me.id else None


def _attachments(message: _Message) -> Sequence[Attachment]:
    if message.photo:
        fitting = [photo for photo in message.photo if photo.file_size <= LARGEST_PHOTO]
        largest = max(fitting, key=lambda photo: photo.file_size, default=_File())
        return [Attachment(AttachmentKind.IMAGE, _storable(largest.file_id))]
    for name, kind in _ATTACHMENTS.items():
        file: Optional[_File] = getattr(message, name)
        if file is not None:
            if file.mime_type.startswith("image/") and kind is AttachmentKind.FILE:
                kind = AttachmentKind.IMAGE  # a photo sent "as a file", not to lose its sharpness
            source = _storable(file.file_id) if kind in _FETCHED else ""
            return [Attachment(kind, source, _storable(file.file_name) if kind in _FETCHED else "")]
    return []


def _read_pressed(pressed: _Pressed, now: dt.datetime) -> News:
    message = pressed.message
    if message is None or not _CHOICE.fullmatch(pressed.data) or pressed.sender.is_bot:
        return News(press=Press(pressed.id))
    public, asked = _is_group(message.chat), message.reply_to_message
    if public and (asked is None or asked.sender is None or asked.sender.id != pressed.sender.id):
        return News(press=Press(pressed.id))  # the keyboard belongs to whoever asked
    buttons = (button for row in message.reply_markup.inline_keyboard for button in row)
    title = next((_storable(button.text) for button in buttons if button.callback_data == pressed.data), "")
    incoming = IncomingMessage(
        _callback_id(pressed.id),
        _address(message.chat, pressed.sender),
        "",
        now,
        pressed=True,
        language=_language(pressed.sender),
        choice=pressed.data,
        public=public,
        # Their own question, not ours: the answer's keyboard is to be theirs as well.
        quoted=str(asked.message_id) if public and asked is not None else None,
    )
    return News(incoming, Press(pressed.id, message.chat.id, message.message_id, title))


def _read_member_change(change: _MemberChange, number: int) -> Optional[Event]:
    """Blocking and unblocking. Who else is in a group is not told: there a refused message says that we are out."""
    was_out, is_out = (one.status in ("kicked", "left") for one in (change.old_chat_member, change.new_chat_member))
    if change.chat.type != "private" or was_out == is_out:
        return None
    kind = EventKind.LEFT if is_out else EventKind.CAME_BACK
    at = dt.datetime.fromtimestamp(change.date, dt.timezone.utc)
    return Event(kind, f"u{number}", Address(CHANNEL, str(change.chat.id)), at)


def _own_id(message: _Message) -> str:
    return message_id(message.chat.id, message.message_id)


def _is_group(chat: _Chat) -> bool:
    return chat.type in ("group", "supergroup")


def _address(chat: _Chat, sender: _User) -> Address:
    """In a group everybody has a conversation of their own."""
    return Address(CHANNEL, f"{chat.id}/{sender.id}" if _is_group(chat) else str(chat.id))


def _language(sender: _User) -> Optional[str]:
    """The telephone's language: a hint that tells a foreigner. Many who read Vietnamese keep theirs in English."""
    return "en" if sender.language_code.lower().startswith("en") else None


def _callback_id(query: str) -> str:
    identifier = f"c{query}"
    if len(identifier) <= _LONGEST_ID and can_be_stored(identifier):
        return identifier
    return f"c{hashlib.sha256(query.encode('utf-8', 'surrogatepass')).hexdigest()[: _LONGEST_ID - 1]}"


def _storable(text: str) -> str:
    return text if can_be_stored(text) else "".join(filter(can_be_stored, text))
