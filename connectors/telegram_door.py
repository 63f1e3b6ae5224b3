"""Telegram's door: updates are stored before Telegram hears that they came, asked for or delivered to a webhook."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import hmac
import json
import logging
from collections import defaultdict
from typing import Any, Awaitable, Callable, Coroutine, Optional, Sequence

from aiohttp import web

from connectors.channel import Inbox, InboxFull
from connectors.errors import ChannelError, Misconfigured, TooFast, Unreachable
from connectors.limits import BodyBroken, BodyTooLarge, BodyTooSlow, DoorLimits, read_body
from connectors.telegram import TelegramChannel
from connectors.telegram_settings import TelegramSettings
from connectors.telegram_updates import Identity, News, Press, UpdateUnreadable, read_update

logger = logging.getLogger(__name__)

PATH = "/webhooks/telegram"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
LIMITS = DoorLimits(body_bytes=256 * 1024)
ALERT = "telegram-door"
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0
_TOLD_EVERY = 300.0  # another program that asks for updates takes the webhook away, and nobody tells us
_MOST_CLOSING = 200  # keyboards at the same time; more only stay open


class TelegramDoor:
    """``run`` asks for updates, or tells Telegram where to call; ``add_routes`` receives the calls.

    ``page`` tells a person what is set up wrongly (a name and a sentence), ``over`` ends that.
    """

    def __init__(
        self,
        inbox: Inbox,
        channel: TelegramChannel,
        settings: TelegramSettings,
        page: Callable[[str, str], Awaitable[None]],
        over: Callable[[str], Awaitable[None]],
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.timezone.utc),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._inbox, self._channel, self._settings = inbox, channel, settings
        self._page, self._over, self._now, self._sleep = page, over, now, sleep
        self._secret = settings.webhook_secret or _secret_of(settings.token)
        self._me: Optional[Identity] = None
        self._offset: Optional[int] = None
        self._answering: set[asyncio.Task[None]] = set()
        self._closing: set[asyncio.Task[None]] = set()

    def add_routes(self, app: web.Application) -> None:
        if self._settings.mode == "webhook":
            app.router.add_post(PATH, self._receive)

    async def run(self) -> None:
        """Asks for updates, or tells Telegram again and again where to call, until it is cancelled."""
        wait, well = 0.0, False
        while True:
            try:
                await self._step()
            except (ChannelError, InboxFull) as error:
                wait, well = await self._wait_after(error, wait), False
                await self._sleep(wait)
            else:
                if not well:  # also at the start: the alert may be from before
                    await self._tell(self._over(ALERT))
                wait, well = 0.0, True
                if self._settings.mode == "webhook":
                    await self._sleep(_TOLD_EVERY)

    async def close(self) -> None:
        works = self._answering | self._closing
        for task in works:
            task.cancel()
        await asyncio.gather(*works, return_exceptions=True)

    async def _step(self) -> None:
        if self._me is None:
            self._me = await self._introduce()
        if self._settings.mode == "webhook":
            origin = (self._settings.public_origin or "").rstrip("/")
            await self._channel.open_webhook(origin + PATH, self._secret)
        else:
            await self._take(await self._channel.poll(self._offset), self._me)

    async def _introduce(self) -> Identity:
        me = await self._channel.introduce()
        if self._settings.mode == "polling":
            await self._channel.close_webhook()
        return me

    async def _wait_after(self, error: Exception, wait: float) -> float:
        """Seconds until the next try. The first of a row of failures is logged, the others say nothing new."""
        if isinstance(error, Misconfigured):
            await self._tell(self._page(ALERT, f"Telegram: {error}"))
            return _LONGEST_WAIT
        if not wait:
            logger.warning("no updates from Telegram for the moment: %s", error)
        if isinstance(error, TooFast):
            return max(error.retry_after, _FIRST_WAIT)
        return min(max(2 * wait, _FIRST_WAIT), _LONGEST_WAIT)

    async def _tell(self, telling: Awaitable[None]) -> None:
        try:
            await telling
        except Exception:  # updates matter more than who hears of them
            logger.exception("nobody could be told how it stands with Telegram")

    async def _take(self, documents: Sequence[Any], me: Identity) -> None:
        """Stores a batch, then moves on. Each person's updates in order, different persons' side by side."""
        by_person: defaultdict[str, list[News]] = defaultdict(list)
        for document in documents:
            news = self._read(document, me)
            by_person[news.incoming.address.id if news.incoming else ""].append(news)
        stored = await asyncio.gather(*map(self._store, by_person.values()), return_exceptions=True)
        for failure in stored:
            if failure is not None:
                raise failure
        numbers = [number for number in map(_update_id, documents) if number is not None]
        if documents and not numbers:  # the same ones would come for ever
            raise Unreachable("Telegram's updates have no numbers")
        if numbers:
            self._offset = max(numbers) + 1

    def _read(self, document: Any, me: Identity) -> News:
        try:
            return read_update(document, me, self._now())
        except UpdateUnreadable as error:
            logger.error("update %s of Telegram cannot be read and is skipped: %s", _update_id(document), error)
            return News()

    async def _store(self, many: Sequence[News]) -> None:
        for news in many:
            if news.seen is not None:
                self._channel.learn(news.seen)
            if news.incoming is not None:
                await self._inbox.put(news.incoming)
            if news.press is not None:
                self._close_press(news.press)

    def _close_press(self, press: Press) -> None:
        """Beside the work: the citizen's answer must not wait for it."""
        _begin(self._channel.answer_press(press), self._answering)
        if press.title and len(self._closing) < _MOST_CLOSING:
            _begin(self._channel.close_keyboard(press), self._closing)

    async def _receive(self, request: web.Request) -> web.Response:
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._secret.encode()):
            return web.Response(status=401)
        try:
            document = json.loads(await read_body(request, LIMITS))
        except BodyTooLarge:
            return web.Response(status=413)
        except BodyTooSlow:
            return web.Response(status=408)
        except (BodyBroken, ValueError, RecursionError):
            return web.Response(status=400)
        if _update_id(document) is None:
            return web.Response(status=400)
        if self._me is None:  # an address in a group cannot be told before we know our own name
            return web.Response(status=503)
        try:
            await self._store([self._read(document, self._me)])
        except InboxFull:
            return web.Response(status=503)
        return web.Response()


def _begin(work: Coroutine[Any, Any, None], among: set[asyncio.Task[None]]) -> None:
    task = asyncio.create_task(work)
    among.add(task)
    task.add_done_callback(among.discard)


def _update_id(document: Any) -> Optional[int]:
    number = document.get("update_id") if isinstance(document, dict) else None
    return number if isinstance(number, int) else None


def _secret_of(token: str) -> str:
    """Known to nobody who does not know the token, and the same after every start."""
    return hmac.new(token.encode(), b"webhook of Telegram", hashlib.sha256).hexdigest()
