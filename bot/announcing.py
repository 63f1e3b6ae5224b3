"""What the agency wants said whatever is asked: its banner, and one sentence while the assistant is stopped."""

from __future__ import annotations

import datetime as dt
from typing import Callable, Optional

from bot.agency import in_language
from bot.house_rules import Rules
from bot.records import Transcript
from bot.wording.wording import Wording
from connectors.messages import IncomingMessage, Reply
from knowledge.calendar import VIETNAM_TIME
from nlu.assistant import Utterance


class Announcements:
    def __init__(self, rules: Callable[[], Rules], transcript: Transcript) -> None:
        self._rules, self._transcript = rules, transcript

    def instead(self) -> Optional[Utterance]:
        """The answer to every message but a farewell to our notices, while nobody wants the assistant to answer."""
        return Utterance("assistant_stopped") if self._rules().assistant_stopped else None

    async def before(self, message: IncomingMessage, language: str, wording: Wording) -> list[Reply]:
        """What comes before the answer to this message: the banner, unless it was said here today."""
        text = in_language(self._rules().banner, language)
        if not text:
            return []
        banner = wording.word(Utterance("banner", {"text": text}), language)
        morning = message.received_at.astimezone(VIETNAM_TIME).replace(hour=0, minute=0, second=0, microsecond=0)
        was_said = await self._transcript.was_said(message.address, banner, morning.astimezone(dt.timezone.utc))
        return [] if was_said else [banner]
