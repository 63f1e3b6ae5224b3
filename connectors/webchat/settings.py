"""What an agency chooses about its web chat."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Callable, Mapping, Optional

from connectors.limits import DoorLimits

_SITE = re.compile(r"https?://[a-zA-Z0-9*][a-zA-Z0-9.-]*(:\d{1,5})?")
_SHORTEST_SECRET = 32


class WebChatMisconfigured(ValueError):
    """Correct the setting that the sentence names, then start again."""


@dataclass(frozen=True)
class Today:
    """What the page says of the day it is drawn on: ``hours`` and ``banner`` map a language to what is shown in it."""

    hotline: str
    hours: Mapping[str, str]
    banner: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class WebChatSettings:
    """``agency`` and ``notice`` map a language ("vi", "en") to what is shown in it; ``today`` is asked for each page.

    ``embedding_sites`` are the origins that may show the widget, ``public_origin`` is ours when a proxy hides it,
    ``proxies`` is the number of our own proxies in front of the server. Times are in seconds.
    """

    secret: str
    agency: Mapping[str, str]
    today: Callable[[], Today]
    notice: Mapping[str, str] = field(default_factory=dict)
    embedding_sites: tuple[str, ...] = ()
    public_origin: Optional[str] = None
    secure_cookies: bool = False
    proxies: int = 0
    limits: DoorLimits = field(default_factory=DoorLimits)
    hello_seconds: float = 10.0
    heartbeat_seconds: float = 25.0
    send_seconds: float = 20.0
    finish_seconds: float = 20.0

    def __post_init__(self) -> None:
        if len(self.secret) < _SHORTEST_SECRET:
            raise WebChatMisconfigured(f"the web chat's secret needs at least {_SHORTEST_SECRET} characters")
        # These go into a header as they are: anything but an origin could loosen the whole policy.
        for site in (*self.embedding_sites, *filter(None, [self.public_origin])):
            if not _SITE.fullmatch(site):
                raise WebChatMisconfigured(f"{site!r} is not an origin such as https://phuong.example.vn")
