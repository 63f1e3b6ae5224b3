"""What is done with each thing that comes in over a messaging platform."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace
from typing import Awaitable, Callable, Mapping, Optional, Sequence

from bot.alerts import REVOKED
from bot.contacts import Contacts
from bot.conversation import Conversation
from bot.erasing import erase
from bot.slips import read_attachments
from bot.storage import Database
from connectors.channel import Channel, Entry, Incoming
from connectors.messages import Address, Event, EventKind, IncomingMessage, Reply
from nlu.assistant import Utterance

OFFICIAL_ANSWERS_FOR = dt.timedelta(minutes=30)

Page = Callable[[str, str], Awaitable[None]]


class Reception:
    """Gives our stored answers. Done again after a crash, it gives the same ones."""

    def __init__(
        self,
        conversation: Conversation,
        contacts: Contacts,
        channels: Mapping[str, Channel],
        database: Database,
        page: Page,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._conversation, self._contacts, self._channels = conversation, contacts, channels
        self._database, self._page, self._clock = database, page, clock
        self._picture = asyncio.Semaphore(1)

    async def receive(self, incoming: Incoming) -> Sequence[Entry]:
        if isinstance(incoming, Event):
            return await self._receive_event(incoming)
        return await self._receive_message(incoming)

    async def apologise(self, incoming: Incoming, number: int) -> Sequence[Entry]:
        """For a message that cannot be answered. On a messenger under another id: tried again later, it gets an answer
        of its own. A page keeps asking until there is an answer to its message.
        """
        if isinstance(incoming, Event):
            return []
        message_id = f"aside-{number}" if incoming.address.channel in self._channels else incoming.id
        return await self._say(message_id, incoming.address, "failed", incoming.language)

    async def _receive_message(self, message: IncomingMessage) -> Sequence[Entry]:
        if await self._official_answers(message.address):
            return await self._conversation.handle(message, silent=True)
        if not message.attachments:
            return await self._conversation.handle(message)
        read = await read_attachments(message, self._channels.get(message.address.channel), self._picture)
        if isinstance(read, Utterance):
            return await self._conversation.handle(message, said=read)
        return await self._conversation.handle(replace(message, text=read))

    async def _receive_event(self, event: Event) -> Sequence[Entry]:
        address = event.address
        if event.kind is EventKind.FOLLOWED:
            await self._contacts.follow(address, True)
            return await self._say(event.id, address, "welcome", event.language)
        if event.kind is EventKind.SHARED_DETAILS:
            return await self._say(event.id, address, "details_received", event.language)
        if event.kind is EventKind.LEFT:
            await self._contacts.leave(address, event.at)
        elif event.kind is EventKind.WITHDRAWN:
            await erase(self._database, address, event.id)
            await self._conversation.forget(address)
        elif event.kind is EventKind.OFFICIAL_WROTE:
            await self._contacts.hand_over(address, event.at + OFFICIAL_ANSWERS_FOR)
            await self._conversation.note(address, Reply(event.text, author="person"))
        elif event.kind is EventKind.GRANT_REVOKED:
            await self._page(REVOKED, f"{address.channel}: the account's permission was withdrawn")
        return []  # CAME_BACK, INTERACTED: what they change was stored when they came in

    async def _say(
        self, message_id: str, address: Address, utterance: str, language: Optional[str]
    ) -> Sequence[Entry]:
        message = IncomingMessage(message_id, address, "", self._clock(), language=language)
        return await self._conversation.handle(message, said=Utterance(utterance))

    async def _official_answers(self, address: Address) -> bool:
        until = (await self._contacts.get(address)).official_until
        return until is not None and until > self._clock()
