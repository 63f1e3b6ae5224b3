"""The phones of three invented people: what the shared chat page shows and does in the emulated Telegram."""

from __future__ import annotations

import asyncio
from typing import Callable

from aiohttp import web

from emulators.chat_page import ChatButton, ChatEntity, ChatMessage, ChatState, Photo, iso
from emulators.telegram_citizens import Citizens
from emulators.telegram_markup import Entity
from emulators.telegram_world import Message, World, picture_size

_START = ChatButton("Bắt đầu", "/start")
_PATIENCE_SECONDS = 5.0
_KINDS = {"text_link": "link", "url": "link"}
_ATTACHED = {
    "sticker": "Nhãn dán", "location": "Vị trí", "contact": "Danh thiếp", "voice": "Tin nhắn thoại",
}  # fmt: skip


class Phones:
    """Implements the page's ``ChatWorld``; following stands for not having blocked the bot."""

    def __init__(
        self,
        citizens: Citizens,
        world: World,
        menu: Callable[[str], list[dict[str, str]]],
        advance: Callable[[float], None],
    ) -> None:
        self.advance = advance
        self._citizens = citizens
        self._world = world
        self._menu = menu

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/_chat/files/{file_id}", self._show_file)

    def look(self, person: str, after: int) -> ChatState:
        user_id, now = int(person), self._world.now()
        commands = self._menu(self._world.person(user_id).language_code)
        messages = sorted(self._world.messages.get(user_id, {}).values(), key=lambda message: message.message_id)
        menu = [ChatButton(f"/{one['command']} – {one['description']}", f"/{one['command']}") for one in commands]
        return ChatState(
            now=iso(now),
            messages=tuple(self._drawn(message) for message in messages if message.change > after),
            follows=user_id not in self._world.closed,
            typing=self._world.typing_until.get(user_id, now) > now,
            menu=tuple(menu) if messages and menu else (_START,),
        )

    async def say(self, person: str, text: str) -> str:
        await self._citizens.citizen_says(int(person), text)
        return ""

    async def press(self, person: str, payload: str, message_id: str) -> str:
        """An entry of the menu is a command that is sent; a button waits for what the bot shows."""
        if not message_id:
            return await self.say(person, payload)
        if not message_id.isdigit() or int(message_id) not in self._world.messages.get(int(person), {}):
            raise web.HTTPBadRequest(text="message_id: a message of this chat")
        query = await self._citizens.citizen_presses(int(person), int(message_id), payload)
        try:
            return await asyncio.wait_for(asyncio.shield(self._citizens.presses[query].answered), _PATIENCE_SECONDS)
        except asyncio.TimeoutError:
            return "Bot chưa trả lời"

    async def send_photo(self, person: str, photo: Photo, caption: str) -> None:
        if picture_size(photo.content) is None:
            raise web.HTTPBadRequest(text="photo: PNG or JPEG")
        await self._citizens.citizen_sends_photo(int(person), photo.content, caption)

    async def follow(self, person: str, on: bool) -> None:
        if on and int(person) in self._world.closed:
            self._citizens.unblock(int(person))
        elif not on and int(person) not in self._world.closed:
            self._citizens.block(int(person))

    def _drawn(self, message: Message) -> ChatMessage:
        attached = next((name for kind, name in _ATTACHED.items() if kind in message.content), "")
        photo, document = message.content.get("photo"), message.content.get("document")
        return ChatMessage(
            seq=message.change,
            id=str(message.message_id),
            mine=message.sender is not self._world.bot,
            at=iso(message.at),
            text=message.text,
            entities=tuple(_entity(message.text, entity) for entity in message.entities),
            image=f"/_chat/files/{photo[-1]['file_id']}" if photo else "",
            file=document["file_name"] if document else attached,
            rows=tuple(
                tuple(ChatButton(button.text, button.data, button.url) for button in row) for row in message.keyboard
            ),
            note="đã sửa" if message.edited_at and not message.keyboard else "",
        )

    async def _show_file(self, request: web.Request) -> web.Response:
        file = self._world.files.get(request.match_info["file_id"])
        if file is None or picture_size(file.content) is None:
            raise web.HTTPNotFound
        kind = "image/png" if file.content.startswith(b"\x89PNG") else "image/jpeg"
        return web.Response(body=file.content, content_type=kind, headers={"X-Content-Type-Options": "nosniff"})


def _entity(text: str, entity: Entity) -> ChatEntity:
    url = str(entity.more.get("url", entity.covered(text) if entity.type == "url" else ""))
    return ChatEntity(_KINDS.get(entity.type, entity.type), entity.offset, entity.length, url)
