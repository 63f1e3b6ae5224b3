"""Telegram in miniature: the Bot API for one bot over loopback, the people who write to it, faults and a clock."""

from __future__ import annotations

import asyncio
import datetime as dt
import hmac
from collections import Counter
from typing import Any, Callable, Optional

from aiohttp import web

from emulators.chat_page import ChatPage
from emulators.control import Control
from emulators.movable_clock import MovableClock
from emulators.telegram_account import AccountMethods
from emulators.telegram_calls import Refusal, read_fields
from emulators.telegram_citizens import Citizens
from emulators.telegram_faults import Fault, FloodLimits, Switches, TelegramFaults
from emulators.telegram_methods import CallbackAnswer, MessageMethods
from emulators.telegram_page import Phones
from emulators.telegram_updates import Updates
from emulators.telegram_webhook import Delivery
from emulators.telegram_world import DEMO_PEOPLE, Person, Sent, Tallied, World

__all__ = ["CallbackAnswer", "Delivery", "Fault", "Sent", "TelegramEmulator"]

TOKEN = "110000001:demo-token-of-the-emulator"  # noqa: S105 - of nothing but this emulator
_SHUTDOWN_SECONDS = 0.2
_ACTS = (
    "citizen_says", "citizen_edits", "citizen_presses", "citizen_sends_photo", "citizen_sends_document",
    "citizen_sends_voice", "citizen_sends_sticker", "citizen_sends_location", "citizen_sends_contact",
    "block", "unblock", "deactivate", "new_group", "group_says", "remove_from_group", "upgrade_group",
    "settle", "advance", "take_limits_off",
)  # fmt: skip
_READABLE = ("ledger", "tally", "deliveries", "calls", "callback_answers", "pending")
_LARGEST_UPLOAD = 50 * 1024 * 1024


class TelegramEmulator(Citizens):
    """``<url>/bot<token>/<method>``, ``<url>/file/bot<token>/<path>``, a phone at ``/``, ``/_control/`` for programs.

    What citizens do are its own methods; ``faults`` holds what goes wrong, ``switches`` what can be set.
    """

    def __init__(
        self,
        *,
        token: str = TOKEN,
        username: str = "motcua_demo_bot",
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.timezone.utc),
        seed: int = 1,
    ) -> None:
        clock = MovableClock(now)
        bot = Person(int(token.partition(":")[0]), "Một Cửa", username=username, is_bot=True)
        self.faults = TelegramFaults()
        self.switches = Switches()
        self.world = World(bot, clock.now, seed)
        self.updates = Updates(clock, self.faults, self.switches)
        super().__init__(self.world, self.updates, self.switches)
        limits = FloodLimits(clock.now, self.switches)
        self.messages = MessageMethods(self.world, limits, self.presses, self.switches)
        self.account = AccountMethods(self.world, self.updates)
        self.calls: Counter[str] = Counter()
        """What came with the right token, by method."""
        self.url = ""
        self.token = token
        self._clock = clock
        self._runner: Optional[web.AppRunner] = None
        table = {**self.messages.methods, **self.account.methods}
        self._methods = {name.lower(): (name, method) for name, method in table.items()}

    @property
    def ledger(self) -> list[Sent]:
        """What the bot has sent, in order, as it was sent."""
        return self.world.ledger

    @property
    def tally(self) -> list[Tallied]:
        """What the bot has sent to the crowd, in order."""
        return self.world.tally

    @property
    def deliveries(self) -> list[Delivery]:
        return self.updates.deliveries

    @property
    def callback_answers(self) -> list[CallbackAnswer]:
        return self.messages.callback_answers

    @property
    def pending(self) -> list[int]:
        """The ids of the updates that are neither delivered nor confirmed."""
        return [*self.updates.pending]

    @property
    def flood_limits(self) -> bool:
        return self.switches.flood_limits

    @flood_limits.setter
    def flood_limits(self, on: bool) -> None:
        self.switches.flood_limits = on

    @property
    def retry_scale(self) -> float:
        return self.switches.retry_scale

    @retry_scale.setter
    def retry_scale(self, scale: float) -> None:
        self.switches.retry_scale = scale

    def take_limits_off(self) -> None:
        """For load tests; whoever has an id of ``telegram_faults.CROWD`` has started the bot."""
        self.switches.take_limits_off()

    def messages_to(self, chat_id: int) -> list[Sent]:
        """What the bot has sent to a chat, edits applied."""
        return self.world.messages_to(chat_id)

    def now(self) -> dt.datetime:
        return self._clock.now()

    def advance(self, seconds: float) -> None:
        self._clock.advance(seconds)

    async def settle(self, timeout: float = 10.0) -> None:
        """Until every update is delivered or confirmed. Raises asyncio.TimeoutError."""
        await self.updates.settle(timeout)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Serves until ``stop``; gives the address. Port 0 lets the machine choose."""
        self._runner = web.AppRunner(
            self._application(), access_log=None, handler_cancellation=True, shutdown_timeout=_SHUTDOWN_SECONDS
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port, backlog=2048).start()
        self.url = f"http://{host}:{self._runner.addresses[0][1]}"
        return self.url

    async def stop(self) -> None:
        await self.updates.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=_LARGEST_UPLOAD)
        application.router.add_route("*", "/bot{token:[^/]+}/{method:[^/]+}", self._answer_call)
        application.router.add_get("/file/bot{token:[^/]+}/{path:.+}", self._download)
        Control(self, Fault, self.switches, _ACTS, _READABLE).add_routes(application.router)
        phones = Phones(self, self.world, self.account.menu, self.advance)
        people = {str(person.id): person.full_name for person in DEMO_PEOPLE}
        ChatPage(phones, self.world.bot.first_name, "telegram", people, "bot").add_routes(application.router)
        phones.add_routes(application.router)
        return application

    async def _answer_call(self, request: web.Request) -> web.Response:
        if not self._knows(request.match_info["token"]):
            return _refused(Refusal(401, "Unauthorized"))
        name, method = self._methods.get(request.match_info["method"].lower(), ("", None))
        if method is None:
            return _refused(Refusal(404, "Not Found: method not found"))
        self.calls[name] += 1
        if self.faults.strikes(Fault.RESET, name):
            return _cut(request)
        try:
            await self._spoil(name)
            result = await method(await read_fields(request))
            response = web.json_response({"ok": True, "result": result})
        except Refusal as refusal:
            response = _refused(refusal)
        except web.HTTPRequestEntityTooLarge:
            response = _refused(Refusal(413, "Request Entity Too Large"))
        return _cut(request) if self.faults.strikes(Fault.LOST_RESPONSE, name) else response

    async def _spoil(self, method: str) -> None:
        if self.faults.strikes(Fault.SLOW, method):
            await asyncio.sleep(self.faults.slow_seconds)
        if self.faults.strikes(Fault.SERVER_ERROR, method):
            raise Refusal(500, "Internal Server Error")
        if self.faults.strikes(Fault.BAD_GATEWAY, method):
            raise Refusal(502, "Bad Gateway")
        if self.faults.strikes(Fault.FLOOD, method):
            seconds = self.faults.retry_after
            raise Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)

    async def _download(self, request: web.Request) -> web.Response:
        if not self._knows(request.match_info["token"]):
            return _refused(Refusal(401, "Unauthorized"))
        path = request.match_info["path"]
        file = next((file for file in self.world.files.values() if file.path == path), None)
        if file is None:
            return _refused(Refusal(404, "Not Found"))
        return web.Response(body=file.content, content_type="application/octet-stream")

    def _knows(self, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self.token.encode())


def _refused(refusal: Refusal) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    return web.json_response(body, status=refusal.code)


def _cut(request: web.Request) -> web.Response:
    """The connection ends; what is returned reaches nobody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
