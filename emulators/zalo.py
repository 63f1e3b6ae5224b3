"""Zalo's Official Account platform in miniature: OAuth, API, webhook and a phone on one port, faults and a clock."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any, Callable, Mapping, Optional

from aiohttp import web

from emulators.chat_page import ChatPage
from emulators.control import Control
from emulators.movable_clock import MovableClock
from emulators.portal_world import VIETNAM_TIME
from emulators.zalo_articles import Articles
from emulators.zalo_broadcasts import Broadcasts
from emulators.zalo_chat import ZaloChat
from emulators.zalo_contents import Contents
from emulators.zalo_faults import Fault, Switches, ZaloFaults
from emulators.zalo_followers import Followers
from emulators.zalo_gate import Gate
from emulators.zalo_oauth import Grants, OAuth
from emulators.zalo_policy import Policy
from emulators.zalo_sending import Sending
from emulators.zalo_templates import Templates
from emulators.zalo_uploads import Uploads
from emulators.zalo_webhook import Delivery, Webhook
from emulators.zalo_world import OA_NAME, PEOPLE, Content, Identity, Person, Sent, Tallied, World

__all__ = ["Delivery", "Fault", "Sent", "ZaloEmulator"]

_LARGEST_BODY = 64 * 1024 * 1024
_SHUTDOWN_SECONDS = 0.2
_ACTS = (
    "citizen_says", "citizen_presses", "citizen_sees", "anonymous_says", "official_says", "event", "follow", "unfollow",
    "withdraw", "authorise", "revoke", "set_webhook", "probe", "settle", "advance",
    "take_limits_off",
)  # fmt: skip
_READABLE = ("ledger", "tally", "deliveries", "calls", "people", "balance", "webhook_url", "webhook_disabled")


def _vietnam_now() -> dt.datetime:
    return dt.datetime.now(VIETNAM_TIME)


class ZaloEmulator:
    """``start`` gives the one address of the OAuth, API and business hosts, of the page (``/``) and of ``/_control/``,
    which does over HTTP what the methods do in a program.

    ``ladder_scale`` shortens the pauses of the webhook's ladder; they also end when the clock is moved. ``switches``
    holds what is uncertain or can be enforced, ``faults`` what goes wrong, ``grants`` the tokens, ``people`` the
    citizens (whoever is named and unknown is made up).
    """

    def __init__(
        self,
        *,
        app_id: str = "1002003004005006007",
        app_secret: str = "demo-app-secret",  # noqa: S107 - opens nothing but this program
        oa_id: str = "7001112223334445556",
        oa_secret_key: str = "demo-oa-secret-key",  # noqa: S107
        now: Callable[[], dt.datetime] = _vietnam_now,
        ladder_scale: float = 1.0,
        seed: int = 1,
        connections: int = 50,
    ) -> None:
        self.identity = Identity(app_id, app_secret, oa_id, oa_secret_key)
        self.faults = ZaloFaults()
        self.switches = Switches()
        dice = random.Random(seed)
        self._clock = MovableClock(now)
        self._webhook = Webhook(self.identity, self._clock, self.faults, self.switches, dice, ladder_scale, connections)
        self._world = World(self.identity, self._clock, self.switches, self._webhook.publish, dice)
        self._chat = ZaloChat(self._world, self.switches)
        self.grants = Grants(self.identity, self._clock, self.switches)
        self._gate = Gate(self.identity, self.grants, self.faults, self.switches, self._world)
        self._runner: Optional[web.AppRunner] = None
        self.url = ""

    # The outside

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Serves until ``stop``; gives the address. Port 0 lets the machine choose."""
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        self.url = self._world.url = f"http://{host}:{self._runner.addresses[0][1]}"
        await self._webhook.open()
        return self.url

    async def stop(self) -> None:
        await self._webhook.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _application(self) -> web.Application:
        application = web.Application(middlewares=[self._gate.passing], client_max_size=_LARGEST_BODY)
        policy, uploads, articles = Policy(self._world), Uploads(self._world), Articles(self._world)
        contents = Contents(uploads, self.switches)
        broadcasts = Broadcasts(self._world, policy, articles, self.faults)
        people = {person.id: person.name for person in PEOPLE}
        for part in (
            OAuth(self.grants, self.identity),
            Sending(self._world, policy, contents, broadcasts, self.faults),
            Followers(self._world),
            uploads,
            articles,
            Templates(self._world, policy),
            Control(self, Fault, self.switches, _ACTS, _READABLE),
            self._chat,
            ChatPage(self._chat, OA_NAME, "zalo", people, "Tài khoản OA · máy giả lập"),
        ):
            part.add_routes(application.router)
        return application

    def now(self) -> dt.datetime:
        return self._clock.now()

    def advance(self, seconds: float) -> None:
        """Moves the clock; what was planned for the time between happens."""
        self._world.advance(seconds)

    def take_limits_off(self) -> None:
        """For load tests; whoever has an id of ``zalo_faults.CROWD`` can be written to."""
        self.switches.take_limits_off()
        self.balance = 10**12

    # What an administrator does

    def authorise(self, challenge: str = "") -> str:
        """Presses "Allow" on the permission page; gives the code."""
        return self.grants.authorise(challenge)

    def revoke(self) -> None:
        """Takes the permission back: every token is dead."""
        self.grants.revoke()
        self._webhook.publish("permission_revoked", {"oa_id": self.identity.oa_id})

    async def official_says(self, user_id: str, text: str) -> str:
        """An official answers by hand in the account's own chat."""
        return self._world.send(user_id, Content("text", text), admin_id="admin_1").message_id

    @property
    def webhook_url(self) -> Optional[str]:
        return self._webhook.url

    @webhook_url.setter
    def webhook_url(self, url: Optional[str]) -> None:
        self._webhook.url = url

    def set_webhook(self, url: Optional[str]) -> None:
        self.webhook_url = url

    @property
    def webhook_disabled(self) -> bool:
        return self._webhook.disabled

    async def probe(self) -> Delivery:
        """The unsigned call that comes when the console saves the address."""
        return await self._webhook.probe()

    # What citizens do

    async def citizen_says(
        self,
        user_id: str,
        text: str = "",
        *,
        kind: str = "text",
        payload: Optional[Mapping[str, Any]] = None,
        content: bytes = b"",
        content_type: str = "image/png",
        name: str = "",
        quote: str = "",
    ) -> str:
        """``kind``: text, image, gif, link, audio, video, sticker, location, business_card or file, with the payload of
        its attachment or its ``content``. Gives the message's id; the event is queued."""
        return self._world.hear(user_id, self._content(kind, text, payload, content, content_type, name), quote=quote)

    async def anonymous_says(self, anonymous_id: str, text: str, conversation_id: str = "cv_11cc22dd") -> str:
        return self._world.hear(anonymous_id, Content("text", text), conversation_id=conversation_id)

    async def citizen_presses(self, user_id: str, payload: str, *, hidden: bool = False) -> str:
        """A button or an entry of the menu; gives the id of the message that it becomes."""
        return self._chat.press_payload(user_id, payload, hidden=hidden)

    async def citizen_sees(self, user_id: str, *message_ids: str) -> None:
        self._world.sees(user_id, [*message_ids])

    async def event(self, name: str, user_id: str, **fields: Any) -> None:
        """Any other event, by its name in Zalo's catalogue; ``fields`` are added to or replace what it usually has."""
        self._world.event(name, user_id, fields)

    def follow(self, user_id: str) -> None:
        self._world.follow(user_id)

    def unfollow(self, user_id: str) -> None:
        self._world.follow(user_id, on=False)

    def withdraw(self, user_id: str) -> None:
        """The person wants everything about them erased."""
        self._world.event("user_withdraw", user_id, {})

    # What was seen

    @property
    def people(self) -> dict[str, Person]:
        return self._world.people

    @property
    def ledger(self) -> list[Sent]:
        """Everything that the account has sent successfully, in order."""
        self._world.catch_up()
        return self._world.ledger

    @property
    def tally(self) -> list[Tallied]:
        """What the account has sent to the crowd, in order."""
        return self._world.tally

    def messages_to(self, user_id: str) -> list[Sent]:
        return [sent for sent in self.ledger if sent.user_id == user_id]

    def reactions_to(self, user_id: str) -> dict[str, str]:
        """Message id to icon, of what has one."""
        return {sent.message_id: sent.reaction for sent in self._world.conversations[user_id] if sent.reaction}

    @property
    def deliveries(self) -> list[Delivery]:
        return self._webhook.deliveries

    @property
    def calls(self) -> dict[str, int]:
        """How often each path of the API was called."""
        return self._gate.calls

    @property
    def balance(self) -> int:
        """The account's money, in VND."""
        return self._world.balance

    @balance.setter
    def balance(self, money: int) -> None:
        self._world.balance = money

    async def settle(self, timeout: float = 30.0) -> None:
        """Until every queued event is delivered or given up. Raises asyncio.TimeoutError."""
        await self._webhook.settle(timeout)

    def _content(
        self, kind: str, text: str, payload: Optional[Mapping[str, Any]], content: bytes, content_type: str, name: str
    ) -> Content:
        if content:
            payload = {**self._world.keep_media(content, content_type, name), **(payload or {})}
        return Content(kind, text, url=str((payload or {}).get("url", "")), payload=payload or {})
