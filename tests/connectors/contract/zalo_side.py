"""Zalo: the emulated platform with its signed webhook, and the account's API."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Coroutine, Optional, Sequence

import aiohttp
from aiohttp import web

from bot.grants import SqlGrantStore
from bot.ways_out import open_grants
from bot.wording.channels import channel_texts
from connectors.channel import Channel
from connectors.messages import Address
from connectors.pacing import Pace
from connectors.zalo.channel import MESSAGE_PATH, ZaloChannel
from connectors.zalo.client import ZaloClient
from connectors.zalo.door import SIGNATURE, ZaloDoor
from connectors.zalo.drawing import TEXT_CHARACTERS
from connectors.zalo.oauth import ZaloOAuth
from connectors.zalo.settings import ZaloSettings
from emulators.movable_clock import MovableClock
from emulators.zalo import Fault, Sent, ZaloEmulator
from tests.connectors.contract.office import Office

SECRET = "a secret for the tests, not for a server"
APP_ID, OA_ID, KEY = "1002003004005006007", "7001112223334445556", "demo-oa-secret-key"
PERSON = "8123450000000000{:03}"
EVENT: dict[str, Any] = {
    "app_id": APP_ID,
    "event_name": "user_send_text",
    "timestamp": "1795312800000",
    "sender": {"id": PERSON.format(1)},
    "recipient": {"id": OA_ID},
    "user_id_by_app": "5553450000000000001",
    "message": {"msg_id": "900001", "text": "làm khai sinh"},
}
STRANGER = {**EVENT, "event_name": "user_waved_at_oa"}


class ZaloSide:
    name = "zalo"
    longest = TEXT_CHARACTERS
    wrong = (
        {},
        {**EVENT, "event_name": 7},
        {**EVENT, "message": "chào"},
        {**EVENT, "message": {"text": "không có mã"}},
        {**EVENT, "message": {"msg_id": "1", "text": ["chào"]}},
        {**EVENT, "sender": []},
        {**EVENT, "sender": {"id": {"id": "1"}}},
        {**EVENT, "event_name": "user_send_image", "message": {"msg_id": "1", "attachments": "ảnh"}},
        {**EVENT, "event_name": "user_received_message", "message": {"msg_ids": {}}},
    )
    stranger = STRANGER
    too_large = json.dumps({**EVENT, "message": {"msg_id": "1", "text": "a" * 70_000}}).encode()

    async def open(self, clock: MovableClock) -> None:
        self._zalo = ZaloEmulator(now=clock.now, ladder_scale=0.002)
        self._settings = ZaloSettings(APP_ID, OA_ID, "demo-app-secret", KEY, buttons=True)
        self._url = await self._zalo.start()
        self._clock, self._authorised = clock, False

    async def close(self) -> None:
        await self._zalo.stop()

    async def join(self, office: Office, app: web.Application) -> Optional[Channel]:
        self._http = aiohttp.ClientSession()
        urls = dict.fromkeys(("oauth_url", "api_url", "business_url"), self._url)
        settings = ZaloSettings(APP_ID, OA_ID, "demo-app-secret", KEY, buttons=True, **urls)
        if not self._authorised:
            grant = await ZaloOAuth(settings, self._http, self._clock.now).exchange(self._zalo.authorise())
            await SqlGrantStore(office.database, SECRET, OA_ID, self._clock.now).save(grant)
            self._authorised = True
        self._grants = open_grants(settings, SECRET, office.database, office.alerts, self._http)
        ZaloDoor(office.inbox, settings, office.alerts.page, self._clock.now).add_routes(app)
        self._door = f"{office.address}/webhooks/zalo"
        self._zalo.webhook_url = self._door
        pace = Pace(1_000, 0.001, clock=lambda: self._clock.now().timestamp(), sleep=self._clock.pause)
        texts = {"vi": channel_texts(lambda text: text)}
        return ZaloChannel(ZaloClient(settings, self._grants, self._http), settings, pace, texts)

    def works(self) -> Sequence[Coroutine[Any, Any, None]]:
        return [self._grants.keep_fresh()]

    async def leave(self) -> None:
        await self._grants.close()
        await self._http.close()

    async def say(self, person: int, text: str) -> str:
        return await self._zalo.citizen_says(self.address(person).id, text)

    async def again(self, person: int, text: str, said: str) -> None:
        message = {"msg_id": said, "text": text}
        await self._zalo.event("user_send_text", self.address(person).id, message=message)

    async def press(self, person: int, number: int) -> None:
        buttons = next(sent.buttons for sent in reversed(self._to(person)) if sent.buttons)
        if number <= len(buttons):
            await self._zalo.citizen_presses(self.address(person).id, buttons[number - 1].value, hidden=True)
        else:
            await self.say(person, str(number))

    async def show(self, document: Any) -> int:
        return await self.post(json.dumps(document).encode())

    def answers(self, person: int) -> list[str]:
        return [sent.text for sent in self._to(person)]

    def address(self, person: int) -> Address:
        return Address("zalo", PERSON.format(person))

    def was_refused(self, office: Office) -> bool:
        return 503 in office.statuses

    async def settle(self) -> None:
        await self._zalo.settle(20)

    # What not every side can

    async def post(self, body: bytes) -> int:
        return await self._send(body, {SIGNATURE: signature(body)})

    async def forge(self) -> list[int]:
        body = json.dumps(EVENT).encode()
        other_app = json.dumps({**EVENT, "app_id": "1"}).encode()
        signed_elsewhere = signature(body, "another key")
        return [
            await self._send(body, {}),
            await self._send(body, {SIGNATURE: ""}),
            await self._send(body, {SIGNATURE: "mac=" + "0" * 64}),
            await self._send(body, {SIGNATURE: signed_elsewhere}),
            await self._send(body.replace(b"sinh", b"danh"), {SIGNATURE: signature(body)}),
            await self._send(other_app, {SIGNATURE: signature(other_app)}),
        ]

    def swap(self) -> None:
        self._zalo.faults.switch_on(Fault.OUT_OF_ORDER, 2)

    def go_down(self) -> None:
        self._zalo.faults.switch_on(Fault.CONNECTION_RESET, path=MESSAGE_PATH)

    def come_back(self) -> None:
        self._zalo.faults.switch_off()

    def flood(self) -> None:
        self._zalo.faults.switch_on(Fault.FLOOD, 1, MESSAGE_PATH)

    def lose_answer(self) -> None:
        self._zalo.faults.switch_on(Fault.LOST_ANSWER, 1, MESSAGE_PATH)

    def block(self, person: int) -> None:
        self._zalo.unfollow(self.address(person).id)

    @property
    def tries(self) -> int:
        return self._zalo.calls.get(MESSAGE_PATH, 0)

    def _to(self, person: int) -> list[Sent]:
        return self._zalo.messages_to(self.address(person).id)

    async def _send(self, body: bytes, headers: dict[str, str]) -> int:
        async with self._http.post(self._door, data=body, headers=headers) as response:
            return response.status


def signature(body: bytes, key: str = KEY) -> str:
    """Computed here again, so that a mistake in ours is not repeated."""
    try:
        timestamp = json.loads(body, parse_int=str, parse_float=str, parse_constant=str)["timestamp"]
    except (ValueError, KeyError, TypeError, RecursionError):
        timestamp = ""
    signed = APP_ID.encode() + body + str(timestamp).encode("utf-8", "surrogatepass") + key.encode()
    return "mac=" + hashlib.sha256(signed).hexdigest()
