"""People, chats and messages of Telegram in miniature, and how each of them looks on the wire."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import itertools
import random
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any, Callable, Mapping, NamedTuple, Optional, Sequence

from emulators.telegram_markup import Entity, Marked

# Nobody of these exists.
_NAMES = (
    ("An", "Nguyễn Văn"), ("Bình", "Trần Thị"), ("Chi", "Lê Ngọc"), ("Dũng", "Phạm Minh"), ("Giang", "Hoàng Thanh"),
    ("Hà", "Võ Thị"), ("Khánh", "Đặng Đức"), ("Lan", "Bùi Ngọc"), ("Mai", "Đỗ Thị"), ("Nam", "Hồ Văn"),
)  # fmt: skip
_FIRST_SUPERGROUP = 1_000_000_000_000


@dataclass(frozen=True)
class Person:
    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    is_bot: bool = False

    @property
    def full_name(self) -> str:
        """In the order that Vietnamese use."""
        return f"{self.last_name} {self.first_name}".strip()

    def wire(self) -> dict[str, Any]:
        names = {"last_name": self.last_name, "username": self.username, "language_code": self.language_code}
        return {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name, **_present(names)}


# Whose phones the page shows.
DEMO_PEOPLE = (
    Person(700_000_001, "An", "Nguyễn Văn", language_code="vi"),
    Person(700_000_002, "Bình", "Trần Thị", language_code="vi"),
    Person(700_000_003, "Mary", "Sample", language_code="en"),
)


@dataclass(frozen=True)
class Chat:
    """``type``: private, group or supergroup. A private chat has the id of its person."""

    id: int
    type: str
    title: str = ""
    person: Optional[Person] = None

    def wire(self) -> dict[str, Any]:
        if self.person is None:
            return {"id": self.id, "type": self.type, "title": self.title}
        names = {"last_name": self.person.last_name, "username": self.person.username}
        return {"id": self.id, "type": self.type, "first_name": self.person.first_name, **_present(names)}


@dataclass(frozen=True)
class Button:
    """With ``data`` it is pressed, with ``url`` it opens a page."""

    text: str
    data: str = ""
    url: str = ""

    def wire(self) -> dict[str, str]:
        return {"text": self.text, **_present({"callback_data": self.data, "url": self.url})}


Keyboard = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True)
class Message:
    """``content`` is what is not text, as on the wire; ``text`` is the caption when ``content`` is a file.

    ``change`` rises with everything that happens in the world, so that a page can ask for what is new.
    """

    message_id: int
    chat: Chat
    sender: Person
    at: dt.datetime
    text: str = ""
    entities: tuple[Entity, ...] = ()
    keyboard: Keyboard = ()
    content: Mapping[str, Any] = field(default_factory=dict)
    reply_to: Optional[Message] = None
    edited_at: Optional[dt.datetime] = None
    change: int = 0

    @property
    def has_caption(self) -> bool:
        return any(kind in self.content for kind in ("photo", "document", "voice", "audio", "video", "animation"))

    def wire(self) -> dict[str, Any]:
        text, entities = ("caption", "caption_entities") if self.has_caption else ("text", "entities")
        answered = replace(self.reply_to, reply_to=None).wire() if self.reply_to else None
        rows = [[button.wire() for button in row] for row in self.keyboard]
        parts = {
            "reply_to_message": answered,
            "edit_date": int(self.edited_at.timestamp()) if self.edited_at else None,
            text: self.text,
            entities: [entity.wire() for entity in self.entities],
            "reply_markup": {"inline_keyboard": rows} if rows else None,
        }
        return {
            "message_id": self.message_id,
            "from": self.sender.wire(),
            "chat": self.chat.wire(),
            "date": int(self.at.timestamp()),
            **self.content,
            **_present(parts),
        }


def _present(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


@dataclass(frozen=True)
class Sent:
    """What the bot has sent, for those who check it."""

    message_id: int
    chat_id: int
    text: str
    entities: tuple[Entity, ...]
    keyboard: Keyboard
    at: dt.datetime
    content: Mapping[str, Any]


class Tallied(NamedTuple):
    """All that is kept of a message to a chat that is none of the world's. ``at``: seconds since 1970."""

    message_id: int
    chat_id: int
    at: float


def _sent(message: Message) -> Sent:
    return Sent(
        message.message_id, message.chat.id, message.text, message.entities, message.keyboard, message.at,
        message.content,
    )  # fmt: skip


@dataclass(frozen=True)
class StoredFile:
    file_id: str
    path: str
    content: bytes
    mime_type: str

    def wire(self) -> dict[str, Any]:
        unique = hashlib.sha256(self.file_id.encode()).hexdigest()[:16]
        return {"file_id": self.file_id, "file_unique_id": unique, "file_size": len(self.content)}


class World:
    """Everything that is so in this Telegram, seen from one bot."""

    def __init__(self, bot: Person, now: Callable[[], dt.datetime], seed: int) -> None:
        self.bot = bot
        self.now = now
        self.people = {person.id: person for person in DEMO_PEOPLE}
        self.chats: dict[int, Chat] = {}
        self.closed: dict[int, str] = {}
        """Why the bot may not write to a chat, in Telegram's words."""
        self.migrated: dict[int, int] = {}
        self.messages: dict[int, dict[int, Message]] = {}
        self.ledger: list[Sent] = []
        self.tally: list[Tallied] = []
        self.files: dict[str, StoredFile] = {}
        self.typing_until: dict[int, dt.datetime] = {}
        self._seed = seed
        self._changes = itertools.count(1)
        self._group_numbers = itertools.count(1)
        # Private chats and basic groups share the bot's own counter; each supergroup has one of its own.
        self._message_ids: Counter[int] = Counter()

    def person(self, person_id: int) -> Person:
        """Who this is; invented at the first mention, the same for the same seed."""
        if person_id not in self.people:
            first, last = random.Random(f"{self._seed}-{person_id}").choice(_NAMES)
            self.people[person_id] = Person(person_id, first, last, language_code="vi")
        return self.people[person_id]

    def private_chat(self, person_id: int) -> Chat:
        """Opened by the person at the first call."""
        person = self.person(person_id)
        return self.chats.setdefault(person_id, Chat(person_id, "private", person=person))

    def add_group(self, title: str, supergroup: bool) -> Chat:
        number = next(self._group_numbers)
        chat = Chat(-_FIRST_SUPERGROUP - number, "supergroup", title) if supergroup else Chat(-number, "group", title)
        self.chats[chat.id] = chat
        return chat

    def next_message_id(self, chat: Chat) -> int:
        counter = chat.id if chat.type == "supergroup" else 0
        self._message_ids[counter] += 1
        return self._message_ids[counter]

    def add_message(
        self,
        chat: Chat,
        sender: Person,
        marked: Marked,
        content: Mapping[str, Any],
        keyboard: Keyboard = (),
        reply_to: Optional[Message] = None,
    ) -> Message:
        number = self.next_message_id(chat)
        message = Message(number, chat, sender, self.now(), marked.text, marked.entities, keyboard, content, reply_to)
        if chat.id not in self.chats:
            self.tally.append(Tallied(number, chat.id, message.at.timestamp()))
            return message
        if sender is self.bot:
            self.typing_until.pop(chat.id, None)
            self.ledger.append(_sent(message))
        return self.keep(message)

    def keep(self, message: Message) -> Message:
        """As it is now, in place of what it was before."""
        changed = replace(message, change=next(self._changes))
        self.messages.setdefault(message.chat.id, {})[message.message_id] = changed
        return changed

    def messages_to(self, chat_id: int) -> list[Sent]:
        """What the bot has sent to a chat, as it is now."""
        return [_sent(message) for message in self.messages.get(chat_id, {}).values() if message.sender is self.bot]

    def add_file(self, content: bytes, folder: str, extension: str, mime_type: str) -> StoredFile:
        number = len(self.files) + 1
        digest = hashlib.sha256(f"{self._seed}-{number}".encode()).digest()
        file_id = "BQACAgUAAx" + base64.urlsafe_b64encode(digest).decode().rstrip("=")
        stored = StoredFile(file_id, f"{folder}/file_{number}.{extension}", content, mime_type)
        self.files[file_id] = stored
        return stored


def picture_size(content: bytes) -> Optional[tuple[int, int]]:
    """Width and height of a PNG or JPEG, None for anything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")
    at = 2
    while content.startswith(b"\xff\xd8") and at + 9 < len(content) and content[at] == 0xFF:
        # SOF0, SOF1, SOF2: the segments that hold height and width.
        if content[at + 1] in (0xC0, 0xC1, 0xC2):
            return int.from_bytes(content[at + 7 : at + 9], "big"), int.from_bytes(content[at + 5 : at + 7], "big")
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return None


def photo_of(file: StoredFile) -> dict[str, Any]:
    """The message's ``photo``: a small and a large size. Every size is served from the same bytes."""
    size = picture_size(file.content)
    if size is None:
        raise ValueError("neither PNG nor JPEG")
    scale = min(1.0, 90 / max(size))
    sizes: Sequence[tuple[int, int]] = ((max(1, int(size[0] * scale)), max(1, int(size[1] * scale))), size)
    return {"photo": [{**file.wire(), "width": width, "height": height} for width, height in sizes]}


def document_of(file: StoredFile, name: str) -> dict[str, Any]:
    return {"document": {**file.wire(), "file_name": name, "mime_type": file.mime_type}}
