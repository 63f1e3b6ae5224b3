"""One citizen's message, step by step: recognise, store, ask the assistant, word, store the answer."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import logging
import re
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import AsyncIterator, Callable, Collection, Optional, Sequence

from async_timeout import timeout

from actions.choices import Payload
from actions.leaving import wants_to_leave
from bot.announcing import Announcements
from bot.house_rules import Rules
from bot.privacy import hide_numbers, visible
from bot.records import Citizen, Citizens, Transcript
from bot.wording.wording import Wording
from connectors.channel import Entry
from connectors.messages import Address, Choice, IncomingMessage, Reply
from nlu.assistant import Assistant, Utterance
from nlu.vietnamese.folding import fold

LONGEST_TEXT = 2_000
OFFERS_REMEMBERED = 20
_NUMBER = re.compile(r"\(?([0-9]{1,2})[.)]?")
# Of one of our lines by its number, or of a campaign's delivery.
_CHOICE = re.compile(r"(b?)([0-9]{1,18})\.([0-9]{1,2})")
# What speaks of one person's matter is not said where others read it.
PRIVATE = re.compile("dossier|watch|link|last_four")
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
        messengers: Collection[str] = (),
        rules: Callable[[], Rules] = Rules,
    ) -> None:
        """``messengers`` are the channels of messaging platforms: they draw choices as numbered lines, and the language
        that they name is that of the person's telephone, a hint at most. ``rules`` gives the house rules of the moment.
        """
        self._citizens = citizens
        self._transcript = transcript
        self._assistant = assistant
        self._wording = wording
        self._language_of = language_of
        self._turn_seconds = turn_seconds
        self._messengers = messengers
        self._announcements = Announcements(rules, transcript)
        self._turns: dict[str, _Turn] = {}
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

    async def handle(
        self, message: IncomingMessage, said: Optional[Utterance] = None, silent: bool = False
    ) -> Sequence[Entry]:
        """As connectors.channel.Talk says. ``said`` is the answer when there is nothing to understand; ``silent``:
        somebody else answers. Who wants no more notices is answered in any case.
        """
        citizen = await self._citizens.recognise(message.address, message.language)
        async with self._in_turn(citizen.id):
            message = await self._resolve(masked(message))
            stored = await self._transcript.add_message(message)
            if stored.answers:  # a repeat of a message that was answered
                return [stored.entry, *stored.answers]
            leaves = _leaves(message)  # heard whoever else answers, and while nothing else is
            if silent and not leaves:
                return [stored.entry]
            if not leaves:
                said = self._announcements.instead() or said
            replies = await self._answer(message, said, stored.entry.seq)
            answers = await self._transcript.add_answers(message.address, stored.entry.seq, replies)
            return [stored.entry, *answers]

    async def note(self, address: Address, reply: Reply) -> None:
        """Write down what somebody else said to this citizen."""
        await self._transcript.add_answers(address, None, [reply])

    async def history(self, address: Address, after: int = 0) -> Sequence[Entry]:
        return await self._transcript.history(address, after)

    async def forget(self, address: Address) -> None:
        """Nothing is kept about this person any more; call it after it was erased."""
        citizen = self._citizens.known(address)
        self._citizens.forget([address])
        if citizen is not None:
            await self._assistant.forget(citizen.id)

    async def _answer(self, message: IncomingMessage, said: Optional[Utterance], line: int) -> list[Reply]:
        assistant, wording = self._assistant, self._wording
        citizen = await self._citizens.recognise(message.address)  # again: while it waited they may have been joined
        language = citizen.language
        try:
            language = self._language(message, citizen.language)
            utterances = [said] if said else await self._ask(assistant, citizen, message)
            for utterance in utterances:
                if utterance.name == "language_changed":
                    language = utterance.facts["language"]
            replies = [wording.word(utterance, language) for utterance in utterances]
        except Exception:  # whatever fails, the citizen gets one honest sentence and the log one entry
            logger.exception("no answer to line %s", line)  # a message id may name a person
            replies = [wording.word(Utterance("failed"), language)]
        if language != citizen.language:
            self._citizens.speak(message.address, language)
        return [*await self._announcements.before(message, language, wording), *replies]

    async def _ask(self, assistant: Assistant, citizen: Citizen, message: IncomingMessage) -> Sequence[Utterance]:
        async with timeout(self._turn_seconds):
            answer = await assistant.answer(citizen.id, message.text, pressed=message.pressed)
        if message.public and any(PRIVATE.search(utterance.name) for utterance in answer.utterances):
            await assistant.forget(citizen.id)
            return [Utterance("ask_privately")]
        if any(utterance.name == "link_done" for utterance in answer.utterances):
            await self._forget_joined(assistant, citizen, message.address)
        return answer.utterances

    async def _forget_joined(self, assistant: Assistant, gone: Citizen, address: Address) -> None:
        """Nobody is ``gone`` any more; what its new owner proved on another phone is not proved here."""
        await assistant.forget(gone.id)
        owner = await self._citizens.recognise(address)
        async with self._in_turn(owner.id):  # a turn of theirs that is under way would store it again
            await assistant.forget(owner.id)

    def _language(self, message: IncomingMessage, used: str) -> str:
        """The channel's own switch; else the language typed, when that is clear; else the one used so far."""
        switched = None if self._is_messenger(message) else message.language
        if message.pressed or message.by_menu:
            return switched or used
        return self._language_of(message.text) or switched or used

    def _is_messenger(self, message: IncomingMessage) -> bool:
        return message.address.channel in self._messengers

    async def _resolve(self, message: IncomingMessage) -> IncomingMessage:
        """The message with what it chose as its text. Only what we offered counts as pressed: typed text must not give
        orders to the dialogue engine.
        """
        address, text = message.address, message.text.strip()
        if message.choice:
            named = _CHOICE.fullmatch(message.choice)
            if named is None:
                return replace(message, pressed=False)
            find = self._transcript.notice if named[1] else self._transcript.line
            return _choose(message, await find(address, int(named[2])), int(named[3]))
        number = _NUMBER.fullmatch(text) if self._is_messenger(message) else None
        if not number and not text.startswith("/"):
            return replace(message, pressed=False)
        lines = await self._transcript.history(address, limit=2 * OFFERS_REMEMBERED)
        if number:
            return _choose(message, _last_offer(lines), int(number[1]) - 1)
        offered = (choice.payload for line in lines if line.reply for choice in line.reply.choices)
        return replace(message, pressed=text in offered)

    @asynccontextmanager
    async def _in_turn(self, citizen_id: str) -> AsyncIterator[None]:
        """One citizen's messages one after another, different citizens' side by side."""
        turn = self._turns.setdefault(citizen_id, _Turn())
        turn.waiting += 1
        self._begun += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.waiting -= 1
            if not turn.waiting:
                self._turns.pop(citizen_id, None)


class _Turn:
    """A lock that is dropped when nobody waits for it any more."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.waiting = 0


def masked(message: IncomingMessage) -> IncomingMessage:
    """The message as it may be stored: without anybody's numbers, and not longer than anybody needs."""
    at = message.received_at.astimezone(dt.timezone.utc)  # SQLite keeps no zone
    attachments = tuple(replace(one, text=hide_numbers(one.text)) for one in message.attachments)
    text = hide_numbers(visible(message.text))[:LONGEST_TEXT]
    return replace(message, text=text, attachments=attachments, received_at=at)


def _leaves(message: IncomingMessage) -> bool:
    if message.pressed:
        return message.text.startswith(str(Payload("unsubscribe")))
    return wants_to_leave(fold(message.text))


def _last_offer(lines: Sequence[Entry]) -> Optional[Entry]:
    """Of what we said since the citizen's last words, the newest line that has choices."""
    ours = itertools.takewhile(lambda line: line.reply is not None, reversed(lines))
    return next((line for line in ours if line.reply and line.reply.choices), None)


def _choose(message: IncomingMessage, offer: Optional[Entry], index: int) -> IncomingMessage:
    reply = offer.reply if offer else None
    if reply is None or not 0 <= index < len(reply.choices):
        return replace(message, pressed=False)
    return replace(message, text=_payload(reply.choices[index], reply), pressed=True)


def _payload(choice: Choice, reply: Reply) -> str:
    """What a choice says; that of a notice says of which one too: somebody may leave because of it."""
    campaign = reply.custom.get("campaign")
    if campaign is None:
        return choice.payload
    return str(replace(Payload.parse(choice.payload), campaign=str(campaign)))
