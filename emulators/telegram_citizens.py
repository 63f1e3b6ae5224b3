"""What people do in the emulated Telegram: they write, send, press, block, and talk in groups."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any, Optional

from emulators.telegram_faults import Switches
from emulators.telegram_markup import Entity, read_marked
from emulators.telegram_updates import Updates
from emulators.telegram_world import Chat, Message, Person, World, document_of, photo_of


@dataclass(frozen=True)
class Press:
    """A button pressed; ``answered`` gets the words that the bot shows for it."""

    query_id: str
    at: dt.datetime
    answered: asyncio.Future[str] = field(compare=False)


class Citizens:
    """Everything is done by a person's id; who is not known yet is invented. Each act queues its update and is over."""

    def __init__(self, world: World, updates: Updates, switches: Switches) -> None:
        self.presses: dict[str, Press] = {}
        self._switches = switches
        self._world = world
        self._updates = updates

    async def citizen_says(
        self,
        user_id: int,
        text: str = "",
        chat_id: Optional[int] = None,
        reply_to: Optional[int] = None,
        **content: Any,
    ) -> int:
        """Gives the message's id. ``content``: fields of the Bot API's Message, such as ``location={...}``."""
        chat = self._chat(user_id, chat_id)
        if chat.id == user_id and user_id in self._world.closed:
            self.unblock(user_id)
        answered = self._world.messages[chat.id][reply_to] if reply_to else None
        message = self._world.add_message(
            chat, self._world.person(user_id), read_marked(text), content, reply_to=answered
        )
        self._arrives("message", message)
        return message.message_id

    async def citizen_edits(self, user_id: int, message_id: int, text: str, chat_id: Optional[int] = None) -> None:
        """Raises KeyError for a message that is not there."""
        before, marked = self._world.messages[chat_id or user_id][message_id], read_marked(text)
        edited = replace(before, text=marked.text, entities=marked.entities, edited_at=self._world.now())
        self._arrives("edited_message", self._world.keep(edited))

    async def citizen_presses(self, user_id: int, message_id: int, data: str, chat_id: Optional[int] = None) -> str:
        """Gives the query's id. Any ``data`` goes: a changed client may send what no button holds."""
        message = self._world.messages[chat_id or user_id][message_id]
        number = str(4_000_000_000_000_000_000 + len(self.presses))
        self.presses[number] = Press(number, self._world.now(), asyncio.get_running_loop().create_future())
        query = {
            "id": number,
            "from": self._world.person(user_id).wire(),
            "message": message.wire(),
            "chat_instance": str(7_000_000_000_000_000_000 + abs(message.chat.id)),
            "data": data,
        }
        self._updates.put("callback_query", message.chat.id, query)
        return number

    async def citizen_sends_photo(self, user_id: int, content: bytes, caption: str = "", **where: Any) -> int:
        """A PNG or JPEG. Raises ValueError for anything else."""
        file = self._world.add_file(content, "photos", "jpg", "image/jpeg")
        return await self.citizen_says(user_id, caption, **where, **photo_of(file))

    async def citizen_sends_document(
        self, user_id: int, content: bytes, name: str, mime_type: str, caption: str = "", **where: Any
    ) -> int:
        file = self._world.add_file(content, "documents", name.rpartition(".")[2], mime_type)
        return await self.citizen_says(user_id, caption, **where, **document_of(file, name))

    async def citizen_sends_voice(self, user_id: int, content: bytes, duration: int = 3, **where: Any) -> int:
        file = self._world.add_file(content, "voice", "oga", "audio/ogg")
        voice = {**file.wire(), "duration": duration, "mime_type": file.mime_type}
        return await self.citizen_says(user_id, **where, voice=voice)

    async def citizen_sends_sticker(self, user_id: int, emoji: str = "👍", **where: Any) -> int:
        file = self._world.add_file(b"RIFF\x00\x00\x00\x00WEBP", "stickers", "webp", "image/webp")
        shape = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        return await self.citizen_says(user_id, **where, sticker={**file.wire(), **shape, "emoji": emoji})

    async def citizen_sends_location(self, user_id: int, latitude: float, longitude: float, **where: Any) -> int:
        return await self.citizen_says(user_id, **where, location={"latitude": latitude, "longitude": longitude})

    async def citizen_sends_contact(self, user_id: int, phone_number: str, **where: Any) -> int:
        contact = {"phone_number": phone_number, "first_name": self._world.person(user_id).first_name}
        return await self.citizen_says(user_id, **where, contact={**contact, "user_id": user_id})

    def block(self, user_id: int) -> None:
        self._world.closed[self._chat(user_id).id] = "bot was blocked by the user"
        self._membership(self._chat(user_id), self._world.person(user_id), "member", "kicked")

    def unblock(self, user_id: int) -> None:
        self._world.closed.pop(user_id, None)
        self._membership(self._chat(user_id), self._world.person(user_id), "kicked", "member")

    def deactivate(self, user_id: int) -> None:
        """The account is no more; the bot is told when it writes."""
        self._world.closed[self._chat(user_id).id] = "user is deactivated"

    def new_group(self, title: str, supergroup: bool = False, by: int = 1) -> int:
        """A group into which ``by`` has taken the bot; gives the chat's id."""
        chat = self._world.add_group(title, supergroup)
        self._membership(chat, self._world.person(by), "left", "member")
        return chat.id

    async def group_says(
        self, group: int, user_id: int, text: str, mention: bool = False, reply_to: Optional[int] = None
    ) -> int:
        """``mention`` puts the bot's name in front."""
        named = f"@{self._world.bot.username} {text}" if mention else text
        return await self.citizen_says(user_id, named, group, reply_to)

    def remove_from_group(self, group: int, by: int = 1) -> None:
        chat = self._world.chats[group]
        self._world.closed[group] = f"bot was kicked from the {chat.type} chat"
        self._membership(chat, self._world.person(by), "member", "kicked")

    def upgrade_group(self, group: int, by: int = 1) -> int:
        """A basic group becomes a supergroup; gives the new id, the old one is refused from now on."""
        old, person = self._world.chats[group], self._world.person(by)
        new = self._world.add_group(old.title, supergroup=True)
        self._world.migrated[group] = new.id
        for chat, service in ((old, {"migrate_to_chat_id": new.id}), (new, {"migrate_from_chat_id": group})):
            message = self._world.add_message(chat, person, read_marked(""), service)
            self._updates.put("message", chat.id, message.wire())
        return new.id

    def _chat(self, user_id: int, chat_id: Optional[int] = None) -> Chat:
        if chat_id is None or chat_id == user_id:
            return self._world.private_chat(user_id)
        return self._world.chats[chat_id]

    def _arrives(self, kind: str, message: Message) -> None:
        if message.chat.type == "private" or not self._switches.privacy_mode or self._concerns_bot(message):
            self._updates.put(kind, message.chat.id, message.wire())

    def _concerns_bot(self, message: Message) -> bool:
        if message.reply_to is not None and message.reply_to.sender is self._world.bot:
            return True
        return any(self._names_bot(message.text, entity) for entity in message.entities)

    def _names_bot(self, text: str, entity: Entity) -> bool:
        """A command without a name is for every bot of the group."""
        name = entity.covered(text).partition("@")[2]
        if entity.type == "bot_command" and not name:
            return True
        return entity.type in ("mention", "bot_command") and name.lower() == self._world.bot.username.lower()

    def _membership(self, chat: Chat, person: Person, before: str, after: str) -> None:
        old, new = (
            {"user": self._world.bot.wire(), "status": status, **({"until_date": 0} if status == "kicked" else {})}
            for status in (before, after)
        )
        parts = {"old_chat_member": old, "new_chat_member": new}
        moment = int(self._world.now().timestamp())
        update = {"chat": chat.wire(), "from": person.wire(), "date": moment, **parts}
        self._updates.put("my_chat_member", chat.id, update)
