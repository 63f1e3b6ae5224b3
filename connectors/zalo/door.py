"""Zalo's webhook: checks who speaks, stores what is said, and only then says that it arrived."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import html
import logging
from typing import Awaitable, Callable, Optional

from aiohttp import web

from connectors.channel import Inbox, InboxFull
from connectors.limits import BodyBroken, BodyTooLarge, BodyTooSlow, DoorLimits, read_body
from connectors.messages import Receipt
from connectors.zalo.events import EventMalformed, Notice, is_known, open_notice, read_notice
from connectors.zalo.settings import ZaloSettings

logger = logging.getLogger(__name__)

LIMITS = DoorLimits(body_bytes=64 * 1024)
SIGNATURE = "X-ZEvent-Signature"
_WRONG_IN_A_ROW = 20  # a stranger may guess, but does not keep Zalo's own from coming
_WRONG_KEY = "the signature is wrong; ZALO_OA_SECRET_KEY is the key of the console's Webhook page"


class ZaloDoor:
    """``POST /webhooks/zalo`` and, when Zalo is to check the domain, ``GET /zalo_verifier<code>.html``.

    A repeat is known by its message id, not by its age: for almost two hours Zalo repeats an event with the time of the
    first attempt. ``page`` tells a person (a name and a sentence).
    """

    def __init__(
        self,
        inbox: Inbox,
        settings: ZaloSettings,
        page: Callable[[str, str], Awaitable[None]],
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.timezone.utc),
        limits: DoorLimits = LIMITS,
    ) -> None:
        self._inbox, self._settings, self._page = inbox, settings, page
        self._now, self._limits = now, limits
        self._wrong = 0  # signatures since the last right one

    def add_routes(self, app: web.Application) -> None:
        app.router.add_post("/webhooks/zalo", self._receive)
        if self._settings.site_verification:
            app.router.add_get("/zalo_verifier{code}.html", self._show_verification)

    async def _receive(self, request: web.Request) -> web.Response:
        try:
            body = await read_body(request, self._limits)
            await self._take(body, request.headers.get(SIGNATURE))
        except BodyTooLarge:
            return web.Response(status=413)
        except BodyTooSlow:
            return web.Response(status=408)
        except (BodyBroken, EventMalformed) as error:
            logger.warning("a webhook of Zalo could not be read: %s", error)
            return web.Response(status=400)
        except _NotZalo as error:
            logger.warning("a webhook was refused: %s", error)
            return web.Response(status=401)
        except InboxFull:
            return web.Response(status=503)
        return web.Response()

    async def _take(self, body: bytes, signature: Optional[str]) -> None:
        try:
            notice = open_notice(body)
        except EventMalformed:
            if signature is None:  # the console tries the address when it is saved
                return
            raise
        if signature is None and not notice.name:
            return
        await self._check(notice, body, signature)
        if not is_known(notice.name):
            logger.info("Zalo sent an event that is not known: %s", notice.name or "it has no name")
        try:
            news = read_notice(notice, self._settings.oa_id, self._now())
        except EventMalformed as error:
            # Refused, it would be sent again for two hours, and then Zalo would call us no more.
            logger.error("an event of Zalo cannot be read: %s", error)  # each; a person is told of the first alone
            await self._tell("zalo-event-unreadable", f"Zalo sent an event that cannot be read: {error}")
            return
        for told in news:
            if isinstance(told, Receipt):
                await self._inbox.note(told)
            else:
                await self._inbox.put(told)

    async def _tell(self, name: str, sentence: str) -> None:
        try:
            await self._page(name, sentence)
        except Exception as error:  # the event comes again, and perhaps somebody can be told then
            raise InboxFull("nobody could be told of an event that was not taken") from error

    async def _check(self, notice: Notice, body: bytes, signature: Optional[str]) -> None:
        if signature is None:
            raise _NotZalo("it is not signed")
        expected = sign(self._settings, body, notice.timestamp)
        given = signature.removeprefix("mac=").strip().lower()
        if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), expected.encode()):
            await self._count_wrong()
            raise _NotZalo(_WRONG_KEY)
        self._wrong = 0
        if notice.app_id is not None and notice.app_id != self._settings.app_id:
            raise _NotZalo("it is for another app")

    async def _count_wrong(self) -> None:
        if self._wrong + 1 == _WRONG_IN_A_ROW:
            await self._tell("zalo-signature-wrong", f"Zalo: {_WRONG_KEY}")
        self._wrong += 1

    async def _show_verification(self, request: web.Request) -> web.Response:
        if request.match_info["code"] != self._settings.site_verification:
            raise web.HTTPNotFound
        page = f'<!doctype html>\n<html lang="vi">\n<head>{verification_tag(self._settings)}</head>\n</html>\n'
        return web.Response(text=page, content_type="text/html")


class _NotZalo(Exception):
    """Answer 401. The text is for the log."""


def sign(settings: ZaloSettings, body: bytes, timestamp: str) -> str:
    """What Zalo computes over the body as it is sent and the timestamp inside it: a plain digest, no HMAC."""
    secret = settings.oa_secret_key.encode()
    signed = settings.app_id.encode() + body + timestamp.encode("utf-8", "surrogatepass") + secret
    return hashlib.sha256(signed).hexdigest()


def verification_tag(settings: ZaloSettings) -> str:
    """For the head of the agency's first page, the other way to show that the domain is ours."""
    return f'<meta name="zalo-platform-site-verification" content="{html.escape(settings.site_verification)}">'
