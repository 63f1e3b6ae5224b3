"""The web chat's addresses: page, frame for other sites, form without scripts, socket, assets."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from dataclasses import replace
from typing import Callable, Mapping, Optional, Sequence
from urllib.parse import parse_qs

from aiohttp import web

from connectors.channel import Entry, Talk
from connectors.limits import (
    BodyBroken,
    BodyTooLarge,
    BodyTooSlow,
    Gate,
    Seats,
    can_be_stored,
    network_address,
    read_body,
)
from connectors.messages import Address, IncomingMessage
from connectors.webchat.assets import Assets
from connectors.webchat.frames import LANGUAGES, is_message_id, known_language
from connectors.webchat.pages import Pages, Texts, View
from connectors.webchat.settings import WebChatSettings
from connectors.webchat.sockets import CHANNEL, Switchboard, stored_id
from connectors.webchat.tokens import VISITOR_LIFETIME, Visitor, Visitors

logger = logging.getLogger(__name__)

VISITOR_COOKIE = "mc_visitor"
FRAME_COOKIE = "mc_frame"
LANGUAGE_COOKIE = "mc_language"
WIDGET_TEXTS = ("title", "widget_open", "widget_unread")
_YEAR = 365 * 24 * 3600


class WebChat:
    """``texts`` maps a language to the strings that ``bot.wording.webchat`` lists."""

    def __init__(
        self,
        talk: Talk,
        texts: Texts,
        settings: WebChatSettings,
        gate: Optional[Gate] = None,
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.timezone.utc),
    ) -> None:
        self._talk = talk
        self._settings = settings
        self._now = now
        self._gate = gate or Gate(settings.limits)
        self._visitors = Visitors(settings.secret, now)
        self._assets = Assets({code: {key: texts[code][key] for key in WIDGET_TEXTS} for code in LANGUAGES})
        self._pages = Pages(texts, settings, self._assets)
        self._switchboard = Switchboard(talk, self._pages, texts, self._visitors, self._gate, settings, now)
        self._seats = Seats(settings.limits.sockets_per_address)

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/", self._show_page)
        app.router.add_get("/widget", self._show_widget)
        app.router.add_post("/chat", self._take_form)
        app.router.add_get("/chat/socket", self._open_socket)
        self._assets.add_routes(app)
        app.on_shutdown.append(self._close)

    def announce(self, address: Address) -> None:
        """Something was stored for this citizen that no message of theirs asked for: their open pages fetch it."""
        self._switchboard.announce(address.id)

    async def _close(self, _app: web.Application) -> None:
        await self._switchboard.close()

    async def _show_page(self, request: web.Request) -> web.Response:
        visitor = self._visitor(request)
        return await self._draw(request, visitor, self._view(request, visitor))

    async def _show_widget(self, request: web.Request) -> web.Response:
        """On another site the page's cookie neither comes nor stays: the frame has one of its own for each site."""
        visitor = self._visitors.recognise_or_name(self._known_token(request))
        response = await self._draw(request, visitor, replace(self._view(request, visitor), embedded=True))
        if visitor.token is not None and self._settings.secure_cookies:
            self._keep_in_frame(response, visitor.token)
        return response

    async def _take_form(self, request: web.Request) -> web.Response:
        visitor = self._visitor(request)
        try:
            fields = await self._read_form(request)
        except BodyTooLarge:
            return await self._refuse(request, visitor, 413, "too_long")
        except BodyTooSlow:
            return await self._refuse(request, visitor, 408, "form_expired")
        except (BodyBroken, ValueError):
            return await self._refuse(request, visitor, 400, "form_expired")
        choice = fields.get("choice", "")
        text = choice or fields.get("text", "").strip()
        draft = "" if choice else text
        message_id = fields.get("message_id", "")
        if not is_message_id(message_id) or not self._visitors.is_own_form(visitor, fields.get("form_token", "")):
            return await self._refuse(request, visitor, 400, "form_expired", draft)
        if not text or not can_be_stored(text):
            return await self._refuse(request, visitor, 400, "empty")
        if len(text) > self._settings.limits.text_characters:
            return await self._refuse(request, visitor, 413, "too_long", draft)
        address = network_address(request, self._settings.proxies)
        wait = self._gate.admit(f"{CHANNEL}:{visitor.id}", address)
        if wait:
            return await self._refuse(request, visitor, 429, "too_fast_form", draft, {"Retry-After": str(wait)})
        message = IncomingMessage(
            # The text is part of the id: after "back" the old form may carry a new question.
            id=stored_id(visitor, str(uuid.uuid5(uuid.UUID(message_id), text))),
            address=Address(CHANNEL, visitor.id),
            text=text,
            received_at=self._now(),
            pressed=bool(choice),
            language=_chosen_language(request),
        )
        try:
            await self._talk.handle(message)
        except Exception:
            logger.exception("message %s could not be answered", message.id)
            return await self._refuse(request, visitor, 503, "unavailable", draft)
        self._switchboard.announce(visitor.id)
        location = "/?plain=1#latest" if _is_plain(request) else "/#latest"
        return web.Response(status=303, headers={"Location": location, "Cache-Control": "no-store"})

    async def _read_form(self, request: web.Request) -> Mapping[str, str]:
        body = await read_body(request, self._settings.limits)
        fields = parse_qs(body.decode(errors="replace"), keep_blank_values=True, max_num_fields=20)
        return {name: values[0].replace("\r\n", "\n") for name, values in fields.items()}

    async def _refuse(
        self,
        request: web.Request,
        visitor: Visitor,
        status: int,
        trouble: str,
        draft: str = "",
        headers: Optional[Mapping[str, str]] = None,
    ) -> web.Response:
        view = replace(self._view(request, visitor), draft=draft, trouble=trouble)
        response = await self._draw(request, visitor, view, status)
        response.headers.update(headers or {})
        return response

    async def _draw(self, request: web.Request, visitor: Visitor, view: View, status: int = 200) -> web.Response:
        entries: Sequence[Entry] = ()
        try:
            entries = await self._talk.history(Address(CHANNEL, visitor.id))
        except Exception:
            logger.exception("a conversation could not be read")
            view, status = replace(view, trouble="unavailable"), 503
        response = self._pages.page(view, entries, request.host, status)
        if visitor.token is not None:
            self._keep(response, VISITOR_COOKIE, visitor.token, int(VISITOR_LIFETIME.total_seconds()))
        if known_language(request.query.get("lang")):
            self._keep(response, LANGUAGE_COOKIE, view.language, _YEAR)
        return response

    def _keep_in_frame(self, response: web.Response, token: str) -> None:
        # Written by hand: the standard library does not know Partitioned yet. Browsers take it over HTTPS only, and
        # it is what is left when they refuse a frame on another site all other memory.
        seconds = int(VISITOR_LIFETIME.total_seconds())
        response.headers.add(
            "Set-Cookie",
            f"{FRAME_COOKIE}={token}; Max-Age={seconds}; Path=/; HttpOnly; Secure; SameSite=None; Partitioned",
        )

    def _known_token(self, request: web.Request) -> Optional[str]:
        tokens = (request.cookies.get(name) for name in (VISITOR_COOKIE, FRAME_COOKIE))
        return next((token for token in tokens if self._visitors.is_known(token)), None)

    def _keep(self, response: web.Response, name: str, value: str, seconds: int) -> None:
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            path="/",
            httponly=True,
            # Not Strict: a link from the agency's own site would then look like a first visit and lose the history.
            samesite="Lax",
            secure=self._settings.secure_cookies,
        )

    async def _open_socket(self, request: web.Request) -> web.StreamResponse:
        if not self._is_own_page(request):
            raise web.HTTPForbidden
        address = network_address(request, self._settings.proxies)
        if not self._seats.take(address):
            raise web.HTTPTooManyRequests(headers={"Retry-After": "30"})
        try:
            return await self._switchboard.serve(request, self._known_token(request), address)
        finally:
            self._seats.free(address)

    def _is_own_page(self, request: web.Request) -> bool:
        """Browsers always name the page's origin here; without this check any site could open a visitor's chat."""
        origin = request.headers.get("Origin", "")
        return origin in (self._settings.public_origin, f"http://{request.host}", f"https://{request.host}")

    def _visitor(self, request: web.Request) -> Visitor:
        return self._visitors.recognise_or_name(request.cookies.get(VISITOR_COOKIE))

    def _view(self, request: web.Request, visitor: Visitor) -> View:
        chosen = _chosen_language(request)
        return View(
            language=chosen or LANGUAGES[0],
            chosen=chosen is not None,
            scripted=not _is_plain(request),
            form_token=self._visitors.sign_form(visitor),
        )


def _chosen_language(request: web.Request) -> Optional[str]:
    return known_language(request.query.get("lang")) or known_language(request.cookies.get(LANGUAGE_COOKIE))


def _is_plain(request: web.Request) -> bool:
    """The page without its script, for networks that let no socket through."""
    return "plain" in request.query
