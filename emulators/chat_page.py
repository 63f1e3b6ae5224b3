"""The page of an emulated messenger: a phone with a chat, the same for every messenger but for its skin.

The emulator gives a ``ChatWorld``; ``ChatPage(...).add_routes(router)`` serves the page at ``/``, what it is made of at
``/_chat/static/`` and this JSON, where ``<person>`` is one of the ids given as ``people``:

* ``GET /_chat/<person>/messages?after=<seq>`` gives ``{"now", "follows", "typing", "menu", "messages"}``: the
  emulator's time (ISO 8601), whether the person follows the account (null: this messenger has no such thing, the switch
  is hidden), whether "is typing" is shown, the entries of the account's menu (``[{"title", "payload"}]``) and, in
  the order of the conversation, what is new or has changed since ``after``:
  ``{"seq", "id", "mine", "at", "text", "entities", "image", "file", "rows", "note"}``.
  ``seq`` rises with every change; a message with a known ``id`` replaces the one shown. ``mine``: the person wrote it.
  ``entities``: ``[{"kind", "offset", "length", "url"}]`` in UTF-16 units; kinds: bold, italic, underline,
  strikethrough, code, pre, link. ``image`` is an address on this server, ``file`` a file's name, "" if there is none.
  ``rows``: rows of buttons ``{"title", "payload", "url"}``; one with a ``url`` opens it, another is pressed.
  ``note``: small words under the message (a reaction, "edited").
* ``POST /_chat/<person>/say {"text"}`` and ``POST /_chat/<person>/press {"payload", "message_id"}`` (``message_id`` is
  "" for an entry of the menu); both answer ``{"toast"}``: words shown for a moment, "" for none.
* ``POST /_chat/<person>/photo``: multipart with the file ``photo`` and the text ``caption``.
* ``POST /_chat/<person>/follow {"on"}`` and ``POST /_chat/clock {"advance_seconds"}``.

All answer 404 for somebody who is not among ``people``, 400 for a body that does not fit. Telegram calls a payload
``callback_data``; the page calls it ``payload`` everywhere.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import html
import json
from pathlib import Path
from string import Template
from typing import Any, Mapping, Optional, Protocol

from aiohttp import web

_FOLDER = Path(__file__).parent / "static"
_KINDS = {"chat_page.css": "text/css", "chat_page.js": "text/javascript"}
# What the switch stands for that lets the account write to the person.
_FOLLOWING = {"zalo": "Quan tâm trang", "telegram": "Không chặn bot"}
_LONGEST_TEXT = 10_000
_LARGEST_PHOTO = 10 * 1024 * 1024
# Nothing is loaded from elsewhere, and nothing that a bot writes can run.
_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"


@dataclasses.dataclass(frozen=True)
class ChatButton:
    title: str
    payload: str = ""
    url: str = ""


@dataclasses.dataclass(frozen=True)
class ChatEntity:
    kind: str
    offset: int
    length: int
    url: str = ""


@dataclasses.dataclass(frozen=True)
class ChatMessage:
    """As in the contract above; ``at`` is ISO 8601."""

    seq: int
    id: str
    mine: bool
    at: str
    text: str = ""
    entities: tuple[ChatEntity, ...] = ()
    image: str = ""
    file: str = ""
    rows: tuple[tuple[ChatButton, ...], ...] = ()
    note: str = ""


@dataclasses.dataclass(frozen=True)
class ChatState:
    now: str
    messages: tuple[ChatMessage, ...] = ()
    follows: Optional[bool] = None
    typing: bool = False
    menu: tuple[ChatButton, ...] = ()


@dataclasses.dataclass(frozen=True)
class Photo:
    content: bytes
    content_type: str
    name: str


class ChatWorld(Protocol):
    """What the page needs from its emulator. What is returned by ``say`` and ``press`` is shown for a moment."""

    def look(self, person: str, after: int) -> ChatState: ...

    async def say(self, person: str, text: str) -> str: ...

    async def press(self, person: str, payload: str, message_id: str) -> str: ...

    async def send_photo(self, person: str, photo: Photo, caption: str) -> None: ...

    async def follow(self, person: str, on: bool) -> None: ...

    def advance(self, seconds: float) -> None: ...


def chat_page(title: str, skin: str, people: Mapping[str, str], subtitle: str = "") -> str:
    """The page's HTML. ``skin`` is "zalo" or "telegram", ``people`` maps ids of invented citizens to their names."""
    options = "".join(
        f'<option value="{html.escape(person)}">{html.escape(name)}</option>' for person, name in people.items()
    )
    page = Template((_FOLDER / "chat_page.html").read_text(encoding="utf-8"))
    initial = title.strip()[:1].upper()
    escaped = {
        "title": title, "subtitle": subtitle, "skin": skin, "initial": initial, "following": _FOLLOWING[skin],
    }  # fmt: skip
    return page.substitute({name: html.escape(text) for name, text in escaped.items()}, people=options)


class ChatPage:
    """Serves the page and its JSON over ``world``."""

    def __init__(self, world: ChatWorld, title: str, skin: str, people: Mapping[str, str], subtitle: str = "") -> None:
        self._world = world
        self._people = people
        self._html = chat_page(title, skin, people, subtitle)

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/", self._page)
        router.add_get("/_chat/static/{name}", self._static)
        router.add_get("/_chat/{person}/messages", self._messages)
        router.add_post("/_chat/clock", self._clock)
        router.add_post("/_chat/{person}/say", self._say)
        router.add_post("/_chat/{person}/press", self._press)
        router.add_post("/_chat/{person}/photo", self._photo)
        router.add_post("/_chat/{person}/follow", self._follow)

    async def _page(self, _: web.Request) -> web.Response:
        return web.Response(text=self._html, content_type="text/html", headers={"Content-Security-Policy": _POLICY})

    async def _static(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in _KINDS:
            raise web.HTTPNotFound
        body = (_FOLDER / name).read_bytes()
        return web.Response(
            body=body, content_type=_KINDS[name], charset="utf-8", headers={"Cache-Control": "no-cache"}
        )

    async def _messages(self, request: web.Request) -> web.Response:
        person = self._person(request)
        try:
            after = int(request.query.get("after", "0"))
        except ValueError:
            raise web.HTTPBadRequest(text="after: a whole number") from None
        return web.json_response(dataclasses.asdict(self._world.look(person, after)))

    async def _say(self, request: web.Request) -> web.Response:
        person, body = self._person(request), await _fields(request, text=str)
        if not body["text"].strip() or len(body["text"]) > _LONGEST_TEXT:
            raise web.HTTPBadRequest(text=f"text: 1 to {_LONGEST_TEXT} characters")
        return web.json_response({"toast": await self._world.say(person, body["text"])})

    async def _press(self, request: web.Request) -> web.Response:
        person, body = self._person(request), await _fields(request, payload=str, message_id=str)
        return web.json_response({"toast": await self._world.press(person, body["payload"], body["message_id"])})

    async def _photo(self, request: web.Request) -> web.Response:
        person = self._person(request)
        form = await request.clone(client_max_size=_LARGEST_PHOTO).post()
        photo, caption = form.get("photo"), form.get("caption", "")
        if not isinstance(photo, web.FileField) or not isinstance(caption, str):
            raise web.HTTPBadRequest(text="photo: a file; caption: a text")
        sent = Photo(photo.file.read(), photo.content_type, photo.filename)
        await self._world.send_photo(person, sent, caption)
        return web.json_response({"toast": ""})

    async def _follow(self, request: web.Request) -> web.Response:
        person, body = self._person(request), await _fields(request, on=bool)
        await self._world.follow(person, body["on"])
        return web.json_response({"toast": ""})

    async def _clock(self, request: web.Request) -> web.Response:
        body = await _fields(request, advance_seconds=(int, float))
        try:
            self._world.advance(body["advance_seconds"])
        except OverflowError:
            raise web.HTTPBadRequest(text="advance_seconds: too far") from None
        return web.json_response({"toast": ""})

    def _person(self, request: web.Request) -> str:
        person = request.match_info["person"]
        if person not in self._people:
            raise web.HTTPNotFound(text="nobody of this name")
        return person


async def _fields(request: web.Request, **kinds: Any) -> Mapping[str, Any]:
    """The body's fields, each of its kind, or 400."""
    try:
        body = json.loads(await request.text())
    except ValueError:
        body = None
    if not isinstance(body, dict) or not all(isinstance(body.get(name), kind) for name, kind in kinds.items()):
        raise web.HTTPBadRequest(text=f"a JSON object with {', '.join(kinds)}")
    return body


def iso(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="seconds")
