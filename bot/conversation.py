"""One citizen's message, step by step: store, recognise, ask the assistant, word, store the answer."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import AsyncIterator, Callable, Optional, Sequence

from async_timeout import timeout

from bot.privacy import hide_numbers, visible
from bot.records import Citizens, Transcript
from bot.wording.wording import Wording
from connectors.channel import Entry
from connectors.messages import Address, IncomingMessage, Reply
from nlu.assistant import Assistant, Utterance

LONGEST_TEXT = 2_000
OFFERS_REMEMBERED = 20
TURN_SECONDS = 30.0  # a turn that hangs would keep its citizen's next messages waiting for ever

logger = logging.getLogger(__name__)


class Conversation:
    """What every door talks to (connectors.channel.Talk)."""

    def __init__(
        self,
        citizens: Citizens,
        transcript: Transcript,
        assistant: Assistant,
        wording: Wording,
        language_of: Callable[[str], Optional[str]],
        turn_seconds: float = TURN_SECONDS,
    ) -> None:
        self._citizens = citizens
        self._transcript = transcript
        self._assistant = assistant
        self._wording = wording
        self._language_of = language_of
        self._turn_seconds = turn_seconds
        self._turns: dict[Address, _Turn] = {}
        self._begun = 0

    @property
    def is_idle(self) -> bool:
        """Nobody waits for an answer."""
        return not self._turns

    @property
    def begun(self) -> int:
        """How many messages were taken in so far."""
        return self._begun

    def renew(self, assistant: Assistant, wording: Wording) -> None:
        """From the next turn on; a turn under way ends with those it began with."""
        self._assistant, self._wording = assistant, wording

    async def handle(self, message: IncomingMessage) -> Sequence[Entry]:
        async with self._in_turn(message.address):
            message = replace(message, text=hide_numbers(visible(message.text))[:LONGEST_TEXT])
            stored = await self._transcript.add_message(message)
            if stored.answers:  # a repeat of a message that was answered
                return [stored.entry, *stored.answers]
            replies = await self._answer(message)
            answers = await self._transcript.add_answers(message.address, stored.entry.seq, replies)
            return [stored.entry, *answers]

    async def history(self, address: Address, after: int = 0) -> Sequence[Entry]:
        return await self._transcript.history(address, after)

    async def _answer(self, message: IncomingMessage) -> list[Reply]:
        assistant, wording = self._assistant, self._wording
        citizen = await self._citizens.recognise(message.address)
        pressed = await self._is_offered(message)
        language = self._language(message, pressed, citizen.language)
        try:
            async with timeout(self._turn_seconds):
                answer = await assistant.answer(citizen.id, message.text, pressed=pressed)
            for utterance in answer.utterances:
                if utterance.name == "language_changed":
                    language = utterance.facts["language"]
            replies = [wording.word(utterance, language) for utterance in answer.utterances]
        except Exception:  # whatever fails, the citizen gets one honest sentence and the log one entry
            logger.exception("no answer to message %s", message.id)
            replies = [wording.word(Utterance("failed"), language)]
        if language != citizen.language:
            self._citizens.speak(message.address, language)
        return replies

    def _language(self, message: IncomingMessage, pressed: bool, used: str) -> str:
        """The channel's own switch; else the language typed, when that is clear; else the one used so far."""
        if pressed:
            return message.language or used
        return self._language_of(message.text) or message.language or used

    async def _is_offered(self, message: IncomingMessage) -> bool:
        """Only what we offered counts as pressed: typed text must not give orders to the dialogue engine."""
        if not message.text.startswith("/"):
            return False
        lines = await self._transcript.history(message.address, limit=2 * OFFERS_REMEMBERED)
        return any(c.payload == message.text for line in lines if line.reply for c in line.reply.choices)

    @asynccontextmanager
    async def _in_turn(self, address: Address) -> AsyncIterator[None]:
        """One citizen's messages one after another, different citizens' side by side."""
        turn = self._turns.setdefault(address, _Turn())
        turn.waiting += 1
        self._begun += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.waiting -= 1
            if not turn.waiting:
                self._turns.pop(address, None)


class _Turn:
    """A lock that is dropped when nobody waits for it any more."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.waiting = 0
