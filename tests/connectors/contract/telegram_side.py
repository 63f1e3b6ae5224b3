"""Telegram: the emulated Bot API, which calls our webhook or is asked for news."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Coroutine, Optional, Sequence

import aiohttp
from aiohttp import web

from bot.wording.channels import channel_texts
from connectors.channel import Channel
from connectors.messages import Address
from connectors.pacing import Pace
from connectors.telegram import TelegramChannel
from connectors.telegram_door import PATH, SECRET_HEADER, TelegramDoor
from connectors.telegram_drawing import LIMITS
from connectors.telegram_settings import TelegramSettings
from emulators.movable_clock import MovableClock
from emulators.telegram import TOKEN, Fault, TelegramEmulator
from tests.connectors.contract.office import Office

SECRET = "the-secret-of-the-webhook"
_FIRST_PERSON = 700_000_000
MESSAGE: dict[str, Any] = {
    "message_id": 900_001,
    "date": 1_795_312_800,
    "chat": {"id": 700_000_009, "type": "private", "first_name": "An"},
    "from": {"id": 700_000_009, "is_bot": False, "first_name": "An", "language_code": "vi"},
    "text": "làm khai sinh",
}
STRANGER: dict[str, Any] = {"update_id": 900_000_100, "poll_answer": {"poll_id": "1", "option_ids": [0]}}


class TelegramSide:
    """By long polling. The platform hands out nothing but updates, each with its number."""

    name = "telegram-polling"
    mode = "polling"
    longest = LIMITS.text_characters
    wrong = tuple(
        {"update_id": 900_000_000 + number, **update}
        for number, update in enumerate(
            (
                {"message": 7},
                {"message": []},
                {"message": {}},
                {"message": {**MESSAGE, "text": 7}},
                {"message": {**MESSAGE, "text": ""}},
                {"message": {**MESSAGE, "chat": None}},
                {"message": {**MESSAGE, "message_id": "bảy"}},
                {"message": {**MESSAGE, "photo": {}}},
                {"callback_query": {"id": 5, "from": {}}},
                {"my_chat_member": {"chat": MESSAGE["chat"]}},
                {"edited_message": "chào"},
                {"edited_message": "\ud800"},
                {"message": {"\ud800": 7}},
            )
        )
    )
    stranger = STRANGER

    async def open(self, clock: MovableClock) -> None:
        self._telegram = TelegramEmulator(now=clock.now)
        self._telegram.flood_limits = False  # of their own accord they would depend on the speed of the machine
        self._telegram.retry_scale = 0.02
        self._url = await self._telegram.start()
        self._clock = clock

    async def close(self) -> None:
        await self._telegram.stop()

    async def join(self, office: Office, app: web.Application) -> Optional[Channel]:
        self._http = aiohttp.ClientSession()
        settings = TelegramSettings(TOKEN, self.mode, self._url, office.address, SECRET)
        pace = Pace(1_000, 0.001, 60_000, clock=lambda: self._clock.now().timestamp(), sleep=self._clock.pause)
        texts = dict.fromkeys(("vi", "en"), channel_texts(lambda text: text))
        self._channel = TelegramChannel(settings, texts, pace)
        alerts = office.alerts
        self._door = TelegramDoor(
            office.inbox, self._channel, settings, alerts.page, alerts.over, self._clock.now, self._sleep
        )
        self._door.add_routes(app)
        self._hook = f"{office.address}{PATH}"
        return self._channel

    def works(self) -> Sequence[Coroutine[Any, Any, None]]:
        return [self._door.run()]

    async def leave(self) -> None:
        await self._door.close()
        await self._channel.close()
        await self._http.close()

    async def say(self, person: int, text: str) -> int:
        self._polls_before = self._telegram.calls["getUpdates"]
        return await self._telegram.citizen_says(_FIRST_PERSON + person, text)

    async def again(self, person: int, text: str, said: int) -> None:
        chat = _FIRST_PERSON + person
        self._telegram.updates.put("message", chat, self._telegram.world.messages[chat][said].wire())

    async def press(self, person: int, number: int) -> None:
        chat = _FIRST_PERSON + person
        sent = next(sent for sent in reversed(self._telegram.messages_to(chat)) if sent.keyboard)
        buttons = [button for row in sent.keyboard for button in row]
        if number <= len(buttons):
            await self._telegram.citizen_presses(chat, sent.message_id, buttons[number - 1].data)
        else:
            await self.say(person, str(number))

    async def show(self, document: Any) -> int:
        self._telegram.updates.allowed = ()
        (kind,) = set(document) - {"update_id"}
        self._telegram.updates.put(kind, _FIRST_PERSON, document[kind])
        await self.settle()
        return 200

    def answers(self, person: int) -> list[str]:
        return [sent.text for sent in self._telegram.ledger if sent.chat_id == _FIRST_PERSON + person]

    def address(self, person: int) -> Address:
        return Address("telegram", str(_FIRST_PERSON + person))

    def was_refused(self, office: Office) -> bool:
        """It gave out the update, was asked again, and has it still."""
        polls = self._telegram.calls["getUpdates"] - self._polls_before
        return polls >= 2 and bool(self._telegram.updates.pending)

    async def settle(self) -> None:
        await self._telegram.settle(20)

    # What not every side can

    async def forge(self) -> list[int]:
        """There is no door for anybody to come in by."""
        return [await self._send({"update_id": 1, "message": MESSAGE}, {SECRET_HEADER: SECRET})]

    def swap(self) -> None:
        self._telegram.faults.switch_on(Fault.OUT_OF_ORDER, 2)

    def go_down(self) -> None:
        self._telegram.faults.switch_on(Fault.RESET, path="sendMessage")

    def come_back(self) -> None:
        self._telegram.faults.switch_off()

    def flood(self) -> None:
        self._telegram.faults.switch_on(Fault.FLOOD, 1, "sendMessage")

    def lose_answer(self) -> None:
        self._telegram.faults.switch_on(Fault.LOST_RESPONSE, 1, "sendMessage")

    def block(self, person: int) -> None:
        self._telegram.block(_FIRST_PERSON + person)

    @property
    def tries(self) -> int:
        return self._telegram.calls["sendMessage"]

    async def _sleep(self, seconds: float) -> None:
        await self._clock.pause(seconds, 0.02)

    async def _send(self, document: Any, headers: dict[str, str]) -> int:
        return await self._send_bytes(json.dumps(document).encode(), headers)

    async def _send_bytes(self, body: bytes, headers: dict[str, str]) -> int:
        async with self._http.post(self._hook, data=body, headers=headers) as response:
            return response.status


class TelegramWebhookSide(TelegramSide):
    name = "telegram-webhook"
    mode = "webhook"
    wrong = (*TelegramSide.wrong, {"message": MESSAGE}, {"update_id": "1", "message": MESSAGE}, {"update_id": None})
    too_large = json.dumps({"update_id": 1, "message": {**MESSAGE, "text": "a" * 300_000}}).encode()

    def was_refused(self, office: Office) -> bool:
        return 503 in office.statuses

    async def show(self, document: Any) -> int:
        return await self.post(json.dumps(document).encode())

    async def post(self, body: bytes) -> int:
        while True:
            status = await self._send_bytes(body, {SECRET_HEADER: SECRET})
            if status != 503:  # our door has just been opened and does not know its own name yet
                return status
            await asyncio.sleep(0.01)

    async def forge(self) -> list[int]:
        document = {"update_id": 1, "message": MESSAGE}
        wrong = ({}, {SECRET_HEADER: ""}, {SECRET_HEADER: "guessed"}, {SECRET_HEADER: SECRET + "x"})
        return [await self._send(document, headers) for headers in wrong]
