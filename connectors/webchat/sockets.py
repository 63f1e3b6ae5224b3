"""The socket: every open page of a visitor is kept up to date from the stored conversation."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections import defaultdict
from typing import Callable, Coroutine, Optional

from aiohttp import WSCloseCode, WSMsgType, web

from connectors.channel import Entry, Talk
from connectors.limits import Gate, Seats
from connectors.messages import Address, IncomingMessage
from connectors.webchat.frames import FrameRefused, Hello, Said, read_frame, write_frame
from connectors.webchat.pages import Pages, Texts
from connectors.webchat.settings import WebChatSettings
from connectors.webchat.tokens import Visitor, Visitors

logger = logging.getLogger(__name__)

CHANNEL = "webchat"
_ANSWERS_UNDER_WAY = 20
_WRONG_FRAMES = 20  # our own page sends none


def stored_id(visitor: Visitor, message_id: str) -> str:
    """A page's message id, made unique in the channel: no visitor can name another's message."""
    return f"{visitor.id}.{message_id}"


class PageGone(Exception):
    """Let the page go: it fetches what it missed when it comes back."""


class Line:
    """One open page. Nothing is queued for it: it is woken and reads what it has not yet shown."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        visitor: Visitor,
        hello: Hello,
        draw: Callable[[Entry, str], str],
        talk: Talk,
        send_seconds: float,
    ) -> None:
        self.visitor = visitor
        self.language = hello.language
        self._after = hello.after
        self._socket = socket
        self._draw = draw
        self._talk = talk
        self._send_seconds = send_seconds
        self._news = asyncio.Event()
        self._news.set()
        self._typing = self._typing_shown = False

    def wake(self, typing: bool) -> None:
        self._typing = typing
        self._news.set()

    async def keep_up(self) -> None:
        """Until cancelled or the page stops reading. Asking the store each time keeps order and leaves no gap."""
        address = Address(CHANNEL, self.visitor.id)
        is_ready = False
        while True:
            await self._news.wait()
            self._news.clear()
            if self._typing and not self._typing_shown:
                await self._show_typing()
            for entry in await self._talk.history(address, self._after):
                await self.show(entry)
                self._after = entry.seq
            if not is_ready:
                is_ready = True
                await self.send("ready")
            if self._typing != self._typing_shown:
                await self._show_typing()

    async def show(self, entry: Entry) -> None:
        await self.send(
            "entry",
            seq=entry.seq,
            id=None if entry.message_id is None else entry.message_id.rpartition(".")[2],
            author="citizen" if entry.reply is None else entry.reply.author,
            say=entry.text if entry.reply is None else entry.reply.text,
            html=self._draw(entry, self.language),
        )

    async def show_again(self, entry: Entry) -> None:
        """The page asks about a message that it was told of before: it missed the first telling."""
        if entry.seq <= self._after:
            await self.show(entry)

    async def _show_typing(self) -> None:
        self._typing_shown = self._typing
        await self.send("typing", on=self._typing)

    async def send(self, kind: str, **values: object) -> None:
        """Raises PageGone, also when the page is there but does not read."""
        try:
            await asyncio.wait_for(self._socket.send_str(write_frame(kind, **values)), self._send_seconds)
        except (asyncio.TimeoutError, ConnectionError) as error:
            raise PageGone(type(error).__name__) from error


class Switchboard:
    """All open pages of this process, and the answers under way."""

    def __init__(
        self,
        talk: Talk,
        pages: Pages,
        texts: Texts,
        visitors: Visitors,
        gate: Gate,
        settings: WebChatSettings,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._talk = talk
        self._pages = pages
        self._texts = texts
        self._visitors = visitors
        self._gate = gate
        self._settings = settings
        self._now = now
        self._seats = Seats(settings.limits.sockets_per_visitor)
        self._sockets: set[web.WebSocketResponse] = set()
        self._lines: dict[str, set[Line]] = defaultdict(set)
        self._answering: dict[str, set[asyncio.Task[None]]] = defaultdict(set)

    def announce(self, visitor_id: str) -> None:
        """There is something new for this visitor: their pages fetch it."""
        for line in self._lines.get(visitor_id, ()):
            line.wake(typing=visitor_id in self._answering)

    async def serve(self, request: web.Request, cookie: Optional[str], address: str) -> web.WebSocketResponse:
        """Until the page leaves. ``cookie`` is a token that was found good, ``address`` the network address."""
        socket = web.WebSocketResponse(
            heartbeat=self._settings.heartbeat_seconds,
            max_msg_size=self._settings.limits.body_bytes,
            compress=False,
        )
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            hello = await self._await_hello(socket)
            if hello is not None:
                await self._admit(socket, hello, cookie, address)
        except PageGone as error:
            logger.info("a web chat page is gone: %s", error)
            if request.transport is not None:
                request.transport.abort()
        finally:
            self._sockets.discard(socket)
        return socket

    async def close(self) -> None:
        """Say goodbye to every page and finish the answers under way, unless one hangs."""
        for socket in list(self._sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY)
        tasks = [task for tasks in self._answering.values() for task in tasks]
        if not tasks:
            return
        _, hanging = await asyncio.wait(tasks, timeout=self._settings.finish_seconds)
        if hanging:
            logger.warning("%d answers were not finished; their pages will ask again", len(hanging))
        for task in hanging:
            task.cancel()

    async def _await_hello(self, socket: web.WebSocketResponse) -> Optional[Hello]:
        try:
            received = await socket.receive(timeout=self._settings.hello_seconds)
            if received.type is not WSMsgType.TEXT:
                return None
            frame = read_frame(received.data)
            if isinstance(frame, Hello):
                return frame
        except asyncio.TimeoutError:
            logger.info("a web chat page did not say hello in time")
        except FrameRefused as error:
            logger.info("a web chat page did not say hello: %s", error)
        await socket.close(code=WSCloseCode.POLICY_VIOLATION)
        return None

    async def _admit(
        self, socket: web.WebSocketResponse, hello: Hello, cookie: Optional[str], address: str
    ) -> None:
        visitor = self._visitors.recognise_or_name(cookie or hello.token)
        line = Line(socket, visitor, hello, self._pages.entry, self._talk, self._settings.send_seconds)
        if not self._seats.take(visitor.id):
            await self._complain(line, "too_many_tabs")
            await socket.close(code=WSCloseCode.TRY_AGAIN_LATER)
            return
        try:
            # A visitor known by cookie keeps it: scripts never see that token.
            await line.send("welcome", token=None if cookie else visitor.token)
            await self._converse(socket, line, address)
        finally:
            self._seats.free(visitor.id)

    async def _converse(self, socket: web.WebSocketResponse, line: Line, address: str) -> None:
        lines = self._lines[line.visitor.id]
        lines.add(line)
        reading = asyncio.create_task(self._read(socket, line, address))
        keeping_up = asyncio.create_task(line.keep_up())
        try:
            await asyncio.wait({reading, keeping_up}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            lines.discard(line)
            if not lines:
                self._lines.pop(line.visitor.id, None)
            for task in (reading, keeping_up):
                task.cancel()
            outcomes = await asyncio.gather(reading, keeping_up, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, PageGone):
                raise outcome
            if isinstance(outcome, Exception):
                logger.error("a web chat page was closed by our fault", exc_info=outcome)
                await socket.close(code=WSCloseCode.INTERNAL_ERROR)

    async def _read(self, socket: web.WebSocketResponse, line: Line, address: str) -> None:
        wrong_frames = 0
        async for received in socket:
            try:
                frame = read_frame(received.data)
            except FrameRefused as error:
                wrong_frames += 1
                if wrong_frames > _WRONG_FRAMES:
                    await socket.close(code=WSCloseCode.POLICY_VIOLATION)
                    raise PageGone("too many wrong frames") from error
                await self._complain(line, "wrong_frame")
                continue
            if isinstance(frame, Said):
                await self._take(line, frame, address)

    async def _take(self, line: Line, said: Said, address: str) -> None:
        if len(said.text) > self._settings.limits.text_characters:
            await self._complain(line, "too_long", said.id)
            return
        under_way = len(self._answering.get(line.visitor.id, ()))
        wait = self._gate.admit(f"{CHANNEL}:{line.visitor.id}", address)
        if wait or under_way >= _ANSWERS_UNDER_WAY:
            await self._complain(line, "too_fast", said.id, retry_after=wait or 5)
            return
        # Not awaited: the page may leave before the answer is ready, and the answer is stored all the same.
        task = asyncio.create_task(self._answer(line, said))
        self._answering[line.visitor.id].add(task)
        task.add_done_callback(lambda _: self._finished(line.visitor.id, task))
        self.announce(line.visitor.id)

    def _finished(self, visitor_id: str, task: asyncio.Task[None]) -> None:
        self._answering[visitor_id].discard(task)
        if not self._answering[visitor_id]:
            del self._answering[visitor_id]
        self.announce(visitor_id)

    async def _answer(self, line: Line, said: Said) -> None:
        message = IncomingMessage(
            id=stored_id(line.visitor, said.id),
            address=Address(CHANNEL, line.visitor.id),
            text=said.text,
            received_at=self._now(),
            pressed=said.pressed,
            language=said.language,
        )
        try:
            entries = await self._talk.handle(message)
        except Exception:
            logger.exception("message %s could not be answered", message.id)
            await self._tell(self._complain(line, "unavailable", said.id, retry_after=10))
            return
        for entry in entries:
            if entry.message_id is not None:
                await self._tell(line.show_again(entry))

    async def _tell(self, telling: Coroutine[None, None, None]) -> None:
        try:
            await telling
        except PageGone:
            logger.info("a web chat page left before it was told; it will ask again")

    async def _complain(
        self, line: Line, code: str, message_id: Optional[str] = None, retry_after: Optional[int] = None
    ) -> None:
        sentence = self._texts[line.language][code]
        await line.send("error", code=code, text=sentence, id=message_id, retry_after=retry_after)
