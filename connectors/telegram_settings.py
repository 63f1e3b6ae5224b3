"""What an installation says about its Telegram bot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional

MODES = ("polling", "webhook")


@dataclass(frozen=True)
class TelegramSettings:
    """``mode`` "polling" asks Telegram for news and needs no public address; "webhook" is told by Telegram at
    ``public_origin``, with ``webhook_secret`` in a header. ``messages_per_second``: what Telegram allows this bot.
    """

    token: str = field(repr=False)
    mode: str = "polling"
    api_url: str = "https://api.telegram.org"
    public_origin: Optional[str] = None
    webhook_secret: str = field(default="", repr=False)
    messages_per_second: float = 30.0
