"""Draws the page, the widget's frame and single entries as HTML, with the headers that keep them safe."""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Mapping, Optional, Sequence

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from connectors.channel import Entry
from connectors.messages import Link
from connectors.webchat.assets import Assets
from connectors.webchat.frames import LANGUAGES
from connectors.webchat.settings import WebChatSettings

Texts = Mapping[str, Mapping[str, str]]

VIETNAM = dt.timezone(dt.timedelta(hours=7), "Asia/Ho_Chi_Minh")
_TEMPLATES = Path(__file__).parent / "templates"
_HOST = re.compile(r"[\w.-]+(:\d+)?|\[[0-9a-fA-F:]+\](:\d+)?")
# What the script says; the rest of the texts is drawn here.
_SCRIPT_TEXTS = (
    *("sending", "waiting", "offline", "online", "pressed", "new_messages", "typing"),
    *("size_normal", "size_large", "size_largest", "bot", "person"),
)


@dataclass(frozen=True)
class View:
    """What differs from one drawing of the page to the next.

    ``form_token`` is missing where no form can work (a frame on another site has no cookies). ``chosen`` is true
    when the citizen chose the language. ``trouble`` names the text of what went wrong.
    """

    language: str
    chosen: bool = False
    embedded: bool = False
    scripted: bool = True
    form_token: Optional[str] = None
    draft: str = ""
    trouble: Optional[str] = None


class Pages:
    def __init__(self, texts: Texts, settings: WebChatSettings, assets: Assets) -> None:
        self._texts = texts
        self._settings = settings
        self._assets = assets
        environment = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters["clock"] = clock
        environment.globals.update(asset=assets.address, new_id=lambda: str(uuid.uuid4()), is_web_link=is_web_link)
        self._page = environment.get_template("chat.html")
        self._entry = environment.get_template("entry.html")

    def page(self, view: View, entries: Sequence[Entry], host: str, status: int = 200) -> web.Response:
        texts, today = self._texts[view.language], self._settings.today()
        notices = (today.banner.get(view.language), self._settings.notice.get(view.language))
        body = self._page.render(
            view=view,
            action=form_action(view),
            texts=texts,
            languages=LANGUAGES,
            script_texts=json.dumps({key: texts[key] for key in _SCRIPT_TEXTS}, ensure_ascii=False),
            agency=self._settings.agency[view.language],
            hotline=today.hotline,
            hours=today.hours[view.language],
            notices=[*filter(None, notices)],
            author=next((entry.reply.author for entry in reversed(entries) if entry.reply), "bot"),
            longest=self._settings.limits.text_characters,
            drawn=self._draw(view, entries),
        )
        return web.Response(
            text=body, content_type="text/html", status=status, headers=self._headers(view, host)
        )

    def entry(self, entry: Entry, language: str) -> str:
        """One line of the conversation, for a page that is already open."""
        return self._draw_entry(View(language), entry, entry.text, frozenset(), latest=0)

    def _draw(self, view: View, entries: Sequence[Entry]) -> list[Markup]:
        """A pressed choice is stored by its payload; it is shown by its title, and marked where it was offered."""
        offered: dict[str, tuple[int, str]] = {}
        pressed: dict[int, set[str]] = {}
        shown: list[tuple[Entry, str]] = []
        for entry in entries:
            seq, title = offered.get(entry.text, (0, entry.text)) if entry.reply is None else (0, "")
            if seq:
                pressed.setdefault(seq, set()).add(entry.text)
            for choice in entry.reply.choices if entry.reply else ():
                offered[choice.payload] = (entry.seq, choice.title)
            shown.append((entry, title))
        latest = max((entry.seq for entry in entries if entry.reply is None), default=0)
        return [
            # Markup: the entry's own template has escaped it.
            Markup(self._draw_entry(view, entry, title, frozenset(pressed.get(entry.seq, ())), latest))  # noqa: S704
            for entry, title in shown
        ]

    def _draw_entry(self, view: View, entry: Entry, text: str, pressed: frozenset[str], latest: int) -> str:
        return self._entry.render(
            view=view,
            action=form_action(view),
            texts=self._texts[view.language],
            entry=entry,
            text=text,
            pressed=pressed,
            latest=latest,
            today=today(),
        )

    def _headers(self, view: View, host: str) -> dict[str, str]:
        # Older Safari does not count our own socket as 'self'.
        sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
        ancestors = " ".join(("'self'", *(self._settings.embedding_sites if view.embedded else ())))
        headers = {
            "Content-Security-Policy": (
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
                f"connect-src 'self'{sockets}; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
            ),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        }
        if not view.embedded:
            headers["X-Frame-Options"] = "SAMEORIGIN"
        return headers


def form_action(view: View) -> str:
    return "/chat" if view.scripted else "/chat?plain=1"


def today() -> dt.date:
    return dt.datetime.now(VIETNAM).date()


def clock(moment: dt.datetime, today: dt.date) -> str:
    """08:31 for today, 08:31 20/11/2026 for another day; always Vietnam's time."""
    local = moment.astimezone(VIETNAM)
    return local.strftime("%H:%M" if local.date() == today else "%H:%M %d/%m/%Y")


def is_web_link(link: Optional[Link]) -> bool:
    """A link comes from imported data: javascript: and the like are not shown."""
    return link is not None and re.match(r"https?://[^/]", link.url, re.IGNORECASE) is not None
