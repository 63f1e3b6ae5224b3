"""The house behind one channel: doors, inbox, outbox and conversation at work over one database, in real HTTP."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any, Awaitable, Callable, Coroutine, Optional, Protocol, Sequence

import sqlalchemy as sa
from aiohttp import web
from aiohttp.test_utils import unused_port

from bot.alerts import Alerts
from bot.contacts import Contact, Contacts
from bot.conversation import Conversation
from bot.inbox import Inbox
from bot.outbox import Outbox
from bot.reception import Reception
from bot.records import Citizens, Transcript
from bot.settings import MESSENGERS
from bot.storage import Database
from bot.tables import inbox, outbox
from bot.tasks import end
from connectors.channel import Channel
from connectors.guard import add_guard
from connectors.limits import DoorLimits, Rate
from connectors.messages import Address
from emulators.movable_clock import MovableClock
from tests.connectors.contract.parrot import Parrot, Words

# What a test does must not be taken for somebody who writes too much.
PATIENT = DoorLimits(sender=Rate(60_000, 1_000), address=Rate(60_000, 1_000))
_OPEN_STATES = ("waiting", "working", "sending")


class Side(Protocol):
    """One channel as people have it: their telephones and the platform between them and us. ``differences`` names what
    only some sides can do besides.
    """

    name: str
    longest: Optional[int]
    """What one message can hold; None when a message may be as long as it likes."""
    wrong: Sequence[Any]
    """Documents of a shape that this channel does not have."""

    async def open(self, clock: MovableClock) -> None:
        """The platform runs."""

    async def close(self) -> None: ...

    async def join(self, office: Office, app: web.Application) -> Optional[Channel]:
        """Our door on the application, and our way out."""

    def works(self) -> Sequence[Coroutine[Any, Any, None]]:
        """What our door does for as long as the application runs, from when it is served."""

    async def leave(self) -> None:
        """Our door is gone."""

    async def say(self, person: int, text: str) -> Any:
        """Given to the platform; the message's id there."""

    async def again(self, person: int, text: str, said: Any) -> None:
        """The same message comes once more."""

    async def press(self, person: int, number: int) -> None:
        """Chooses the one of this number, from 1, among those offered last: with its button, else by the number."""

    async def show(self, document: Any) -> int:
        """Our door is given a document as the platform gives it; the HTTP status, or the nearest one."""

    def answers(self, person: int) -> list[str]: ...

    def address(self, person: int) -> Address: ...

    def was_refused(self, office: Office) -> bool:
        """We had no room for what came last, and the platform knows."""

    async def settle(self) -> None:
        """Everything was brought to our door."""


class Office:
    """``statuses``: what our door has answered over HTTP."""

    def __init__(self, url: str, side: Side, clock: MovableClock) -> None:
        self.url, self.side, self.clock = url, side, clock
        self.parrot = Parrot()
        self.statuses: list[int] = []
        self.port = unused_port()
        self.address = f"http://127.0.0.1:{self.port}"

    async def open(self) -> None:
        self.database = Database(self.url)
        channels: dict[str, Channel] = {}
        self.alerts = Alerts(self.database, (), lambda *what: self.outbox.enqueue_text(*what))
        page, now = self.alerts.page, self.clock.now
        talk = Conversation(
            Citizens(self.database), Transcript(self.database), self.parrot, Words(), lambda _: None,
            messengers=MESSENGERS,
        )  # fmt: skip
        self.outbox = Outbox(self.database, channels, page, self.alerts.over, lambda a: self.inbox.ready(a), now)
        reception = Reception(talk, Contacts(self.database), channels, self.database, page, now)
        self.inbox = Inbox(self.database, talk, reception, channels, self.outbox, page, now)
        app = web.Application(middlewares=[self._note_status])
        add_guard(app)
        channel = await self.side.join(self, app)
        if channel is not None:
            channels[channel.name] = channel
        self._server = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
        await self._server.setup()
        await web.TCPSite(self._server, "127.0.0.1", self.port).start()
        self._lanes = [asyncio.create_task(lane.run()) for lane in (self.inbox, self.outbox)]
        self._works = [asyncio.create_task(work) for work in self.side.works()]

    async def close(self, seconds: float = 5.0) -> None:
        """What is under way has so long to be finished."""
        await end(self._works)
        await self._server.cleanup()
        await self.inbox.close(seconds)
        await self.outbox.close(seconds)
        await asyncio.gather(*self._lanes)
        await self.side.leave()
        await self.database.close()

    async def restart(self) -> None:
        """Everything anew on the same database; nothing that was under way is finished before."""
        await self.close(seconds=0)
        await self.open()

    async def stored(self, count: int) -> None:
        """Until so many messages and events were stored."""

        async def are_there() -> bool:
            return len(await self.states()) >= count

        await self.until(are_there)

    async def quiet(self) -> None:
        """Until everything was brought in, answered and sent; time passes quickly."""
        await self.in_time(self._is_quiet)
        await self.side.settle()
        await self.in_time(self._is_quiet)

    async def states(self) -> list[str]:
        """Of what was stored as it came in."""
        return await self._read(sa.select(inbox.c.state).order_by(inbox.c.seq))

    async def sendings(self) -> list[str]:
        """What became of each part that we sent."""
        return await self._read(sa.select(outbox.c.state).order_by(outbox.c.seq))

    async def contact(self, person: int) -> Contact:
        return await Contacts(self.database).get(self.side.address(person))

    async def until(self, holds: Callable[[], bool | Awaitable[bool]], pass_seconds: float = 0.0) -> None:
        for _ in range(2_000):
            found = holds()
            if await found if inspect.isawaitable(found) else found:
                return
            await asyncio.sleep(0.01)
            if pass_seconds:
                self.clock.advance(pass_seconds)
        raise AssertionError((self.parrot.heard, await self.states(), await self.sendings(), self.statuses))

    async def in_time(self, holds: Callable[[], bool | Awaitable[bool]]) -> None:
        """As ``until``, while time passes quickly."""
        await self.until(holds, pass_seconds=5.0)

    async def _is_quiet(self) -> bool:
        return not {*_OPEN_STATES} & {*await self.states(), *await self.sendings()}

    async def _read(self, query: Any) -> list[str]:
        return list(await self.database.run(lambda connection: connection.execute(query).scalars().all()))

    @web.middleware
    async def _note_status(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        response = await handler(request)
        self.statuses.append(response.status)
        return response
