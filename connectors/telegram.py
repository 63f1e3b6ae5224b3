"""Telegram as a way out: sends what was drawn when it is its turn, and finds out what may have been sent."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
from collections import OrderedDict
from typing import Any, Iterator, Mapping, Optional, Sequence, Union

import httpx
import telegram
from async_timeout import timeout
from telegram.constants import ChatAction, ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from connectors.channel import Interrupted, Limits, Part, Purpose
from connectors.errors import ChannelError, Misconfigured, Refused, RefusedReason, TooFast, Unknowable, Unreachable
from connectors.messages import Address, Attachment, IncomingMessage, Reply
from connectors.pacing import Turns
from connectors.pictures import Assets, Handed, PictureStore, file_name
from connectors.telegram_commands import MENU
from connectors.telegram_drawing import LIMITS, PICTURE, Texts, draw
from connectors.telegram_settings import TelegramSettings
from connectors.telegram_updates import CHANNEL, KINDS, NOTHING, Identity, Press, chat_and_number, message_id

logger = logging.getLogger(__name__)

CONNECTIONS = 40
POLL_SECONDS = 25
WEBHOOK_CONNECTIONS = 40
_SECONDS = 10.0
_FETCH_SECONDS = 30.0
_FLOOD_FOR_ALL = 1.0
_PROBED_BEYOND = 30
_MOST_PROBES = 1_000
_MOST_PUT_OFF = 5
_PUT_OFF_REMEMBERED = 1_000
_LAST_GROUP = -1_000_000_000_000  # the ids of supergroups lie below
# Telegram never got the request.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
# What of Telegram's words tells why; a message is wrong when nothing does.
_REASONS: Mapping[str, RefusedReason] = {
    "chat not found": RefusedReason.NO_SUCH_PERSON,
    "user not found": RefusedReason.NO_SUCH_PERSON,
    "peer_id_invalid": RefusedReason.NO_SUCH_PERSON,
    "not enough rights": RefusedReason.RESTRICTED,
    "have no rights": RefusedReason.RESTRICTED,
    "chat_write_forbidden": RefusedReason.RESTRICTED,
    "topic_closed": RefusedReason.RESTRICTED,
}
# At these levels they would write addresses, which hold the token, and what was said.
_QUIET = {"httpx": logging.WARNING, "httpcore": logging.WARNING, "telegram": logging.CRITICAL}


class TelegramChannel:
    """connectors.channel.Channel. ``texts`` are those of ``telegram_drawing``, and "command_<name>" for the menu.

    After a crash ``find_sent`` looks at the message ids themselves: in private chats and basic groups all messages of a
    bot share one growing sequence, in a supergroup its own, so a message that was sent has an id above the highest one
    known when its sending began (the bookmark; in a supergroup the message it answers). Each such id that is not known
    to be another message's is given, by way of trial, the very keyboard that the part has. "Not modified", or no error,
    says that it is ours; any other refusal, that it is somebody else's or not there.

    Without ``pictures`` only the text of a reply goes.
    """

    def __init__(
        self, settings: TelegramSettings, texts: Texts, pace: Turns, pictures: Optional[PictureStore] = None
    ) -> None:
        self._texts, self._pace = texts, pace
        self._assets = None if pictures is None else Assets(pictures, CHANNEL)
        for name, level in _QUIET.items():
            logging.getLogger(name).setLevel(level)
        self._requests = [_request(1), _request(CONNECTIONS)]
        polling, others = self._requests
        self._bot = telegram.Bot(
            settings.token,
            base_url=f"{settings.api_url}/bot",
            base_file_url=f"{settings.api_url}/file/bot",
            request=others,
            get_updates_request=polling,
        )
        self._highest = 0
        self._absent: set[tuple[int, int]] = set()  # looked for in vain: whoever was interrupted goes on from there
        self._put_off: OrderedDict[tuple[int, str], int] = OrderedDict()  # how often, by chat and bookmark
        self._moved: dict[int, int] = {}  # basic groups that became supergroups; rare

    @property
    def name(self) -> str:
        return CHANNEL

    @property
    def limits(self) -> Limits:
        return LIMITS

    def draw(self, reply: Reply, mark: str, quoted: Optional[str] = None) -> Sequence[Part]:
        return draw(reply, mark, quoted, self._texts)

    async def turn(self, address: Address, purpose: Purpose) -> None:
        chat = self._chat(address)
        await self._pace.turn(str(chat), purpose, group=chat < 0)

    async def send(self, address: Address, part: Part) -> str:
        chat = self._chat(address)
        if PICTURE in part and self._assets is not None:
            sent = await self._send_picture(chat, part, self._assets)
        else:
            sent = await self._send_text(chat, part)
        identifier = message_id(chat, sent.message_id)
        self.learn(identifier)
        return identifier

    async def _send_text(self, chat: int, part: Part) -> telegram.Message:
        with self._errors(chat):
            return await self._bot.send_message(
                chat,
                part["text"],
                parse_mode=ParseMode.HTML,
                reply_markup=_keyboard(part),
                reply_parameters=_quotation(part),
                link_preview_options=telegram.LinkPreviewOptions(is_disabled=True),
            )

    async def _send_picture(self, chat: int, part: Part, assets: Assets) -> telegram.Message:
        """By the name that Telegram gave the picture when the first person was sent its content."""
        sent: Optional[telegram.Message] = None

        async def hand(content: bytes) -> Handed:
            nonlocal sent
            sent = await self._send_photo(chat, part, telegram.InputFile(content, file_name(content)))
            return Handed(sent.photo[-1].file_id)

        try:
            asset = await assets.of(part[PICTURE], hand)
            return sent or await self._send_photo(chat, part, asset)
        except _WrongMessage as error:
            if sent is not None or not error.is_unknown_file:
                raise
            asset = await assets.of(part[PICTURE], hand, refused=asset)
        return sent or await self._send_photo(chat, part, asset)

    async def _send_photo(self, chat: int, part: Part, photo: Union[str, telegram.InputFile]) -> telegram.Message:
        with self._errors(chat):
            return await self._bot.send_photo(
                chat,
                photo,
                caption=part["text"],
                parse_mode=ParseMode.HTML,
                reply_markup=_keyboard(part),
                reply_parameters=_quotation(part),
            )

    def learn(self, identifier: str) -> None:
        """A message of this id is known to exist: the next ones have higher ids."""
        known = chat_and_number(identifier)
        if known is not None and known[0] > _LAST_GROUP:
            self._highest = max(self._highest, known[1])

    def bookmark(self) -> str:
        return str(self._highest)

    async def find_sent(self, interrupted: Interrupted) -> Optional[str]:
        chat = self._chat(interrupted.address)
        known = [both for both in map(chat_and_number, interrupted.known) if both is not None]
        if chat > _LAST_GROUP:
            taken = {number for other, number in known if other > _LAST_GROUP}
            first = interrupted.bookmark
        else:
            taken = {number for other, number in known if other == chat}
            first = interrupted.part.get("reply_to", "")
        if not first.isdecimal():
            raise Unknowable("nothing is known about the ids of this chat")
        sending = (chat, interrupted.bookmark)
        await self._expect_no_updates(sending)
        highest = max({int(first), *taken, self._highest if chat > _LAST_GROUP else 0})
        numbers = range(int(first) + 1, highest + _PROBED_BEYOND + 1)
        candidates = [number for number in numbers if number not in taken and (chat, number) not in self._absent]
        if len(candidates) > _MOST_PROBES:
            raise Unknowable("too many messages have come since")
        found: Optional[str] = None
        for number in candidates:
            if await self._is_there(chat, number, interrupted.part):
                found = message_id(chat, number)
                break
            self._absent.add((chat, number))
        self._absent.difference_update((chat, number) for number in numbers)
        self._put_off.pop(sending, None)
        return found

    async def acknowledge(self, message: IncomingMessage) -> None:
        try:
            await self._bot.send_chat_action(self._chat(message.address), ChatAction.TYPING)
        except TelegramError as error:
            logger.info("nobody saw that an answer is being written: %s", type(error).__name__)

    async def fetch(self, attachment: Attachment, most_bytes: int) -> bytes:
        with self._errors():
            file = await self._bot.get_file(attachment.source)
        if not file.file_path or (file.file_size or 0) > most_bytes:
            raise Refused(RefusedReason.WRONG_MESSAGE, "a citizen's file is too large")
        content = bytearray()
        try:
            async with (
                timeout(_FETCH_SECONDS),
                httpx.AsyncClient(timeout=_SECONDS) as http,
                http.stream("GET", file.file_path) as response,
            ):
                if response.status_code != httpx.codes.OK:
                    raise Unreachable(f"a citizen's file could not be fetched: status {response.status_code}")
                async for chunk in response.aiter_bytes():
                    content += chunk
                    if len(content) > most_bytes:
                        raise Refused(RefusedReason.WRONG_MESSAGE, "a citizen's file is too large")
        except (httpx.HTTPError, httpx.InvalidURL, asyncio.TimeoutError) as error:
            raise Unreachable(f"a citizen's file could not be fetched: {type(error).__name__}") from None
        return bytes(content)

    async def introduce(self) -> Identity:
        """Who we are; the menu of commands is told to Telegram."""
        with self._errors():
            me = await self._bot.get_me()
            for language, code in (("vi", None), ("en", "en")):  # Vietnamese is the menu of all other languages too
                words = self._texts[language]
                menu = [telegram.BotCommand(name, words[f"command_{name}"]) for name in MENU]
                await self._bot.set_my_commands(menu, language_code=code)
        return Identity(me.id, me.username or "")

    async def open_webhook(self, url: str, secret: str) -> None:
        with self._errors():
            await self._bot.set_webhook(
                url, secret_token=secret, allowed_updates=KINDS, max_connections=WEBHOOK_CONNECTIONS
            )

    async def close_webhook(self) -> None:
        """Telegram hands out updates only to those who ask, or only over the webhook."""
        with self._errors():
            await self._bot.delete_webhook()

    async def poll(self, offset: Optional[int]) -> Sequence[Any]:
        """The updates from ``offset`` on as JSON; waits for one. Those before the offset are forgotten by Telegram."""
        wanted = {"timeout": POLL_SECONDS, "allowed_updates": list(KINDS), "offset": offset}
        with self._errors():
            # The library's own method reads a batch as a whole and fails as a whole; this one leaves the reading to
            # us. It warns when a method is named as one of its own, hence the spelling.
            updates = await self._bot.do_api_request("get_Updates", wanted, read_timeout=POLL_SECONDS + _SECONDS)
        if not isinstance(updates, list):
            raise Unreachable("Telegram's answer is no list of updates")
        return updates

    async def answer_press(self, press: Press) -> None:
        """Stops the button's waiting sign."""
        try:
            with self._errors():
                await self._bot.answer_callback_query(press.query)
        except ChannelError as error:  # too old: the answer is on its way all the same
            logger.info("a pressed button was not told that it was noticed: %s", error)

    async def close_keyboard(self, press: Press) -> None:
        """Leaves of the keyboard only what was chosen."""
        # Whoever waits for an answer goes first.
        await self._pace.turn(str(press.chat), Purpose.NOTICE, group=press.chat < 0)
        chosen = _markup([[f"✓ {press.title}", NOTHING]])
        try:
            with self._errors(press.chat):
                await self._bot.edit_message_reply_markup(press.chat, press.message, reply_markup=chosen)
        except ChannelError as error:  # pressed twice, or gone: the answer is on its way all the same
            logger.info("a pressed keyboard was not closed: %s", error)

    async def close(self) -> None:
        for request in self._requests:
            await request.shutdown()

    async def _expect_no_updates(self, sending: tuple[int, str]) -> None:
        """Raises Unreachable while they are still to come. Where they never end, it is looked all the same."""
        with self._errors():
            pending = (await self._bot.get_webhook_info()).pending_update_count
        times = self._put_off.get(sending, 0)
        if pending and times < _MOST_PUT_OFF:
            self._put_off[sending] = times + 1
            if len(self._put_off) > _PUT_OFF_REMEMBERED:
                self._put_off.popitem(last=False)
            raise Unreachable("updates are still to come, and with them ids that are not ours")

    async def _is_there(self, chat: int, number: int, part: Part) -> bool:
        while True:
            await self._pace.turn(str(chat), Purpose.REPLY, group=chat < 0)
            try:
                with self._errors(chat):
                    await self._bot.edit_message_reply_markup(chat, number, reply_markup=_keyboard(part))
                return True
            except _WrongMessage as error:
                return error.is_not_modified
            except TooFast as error:  # its pause is kept by the next turn
                logger.info("looking for a message that may have been sent: %s", error)

    def _chat(self, address: Address) -> int:
        chat = int(address.id.partition("/")[0])
        return self._moved.get(chat, chat)

    @contextlib.contextmanager
    def _errors(self, chat: Optional[int] = None) -> Iterator[None]:
        """Our errors instead of the library's, whose texts may hold the token or what was said."""
        try:
            yield
        except RetryAfter as error:
            raise self._too_fast(error, chat) from None
        except ChatMigrated as error:
            if chat is not None:
                self._moved[chat] = error.new_chat_id
            raise Unreachable("the group has become a supergroup") from None
        except TelegramError as error:
            raise _translated(error) from None

    def _too_fast(self, error: RetryAfter, chat: Optional[int]) -> TooFast:
        """Telegram does not say whose limit it was: the chat waits, and all others a moment."""
        wait = error.retry_after
        seconds = wait.total_seconds() if isinstance(wait, dt.timedelta) else float(wait)
        if chat is not None:
            self._pace.hold(seconds, str(chat))
        self._pace.hold(min(seconds, _FLOOD_FOR_ALL))
        return TooFast("Telegram asks for a pause", seconds)


class _WrongMessage(Refused):
    def __init__(self, error: BadRequest) -> None:
        words = error.message.lower()
        why = next((why for phrase, why in _REASONS.items() if phrase in words), RefusedReason.WRONG_MESSAGE)
        # What follows the colon may quote the text.
        super().__init__(why, words.partition(":")[0][:80])
        self.is_not_modified = "message is not modified" in words
        self.is_unknown_file = "file identifier" in words


def _translated(error: TelegramError) -> ChannelError:
    if isinstance(error, Forbidden):
        return Refused(RefusedReason.LEFT, "Telegram: forbidden")
    if isinstance(error, InvalidToken):
        return Misconfigured("Telegram does not take the token: TELEGRAM_TOKEN must be the one that BotFather gave")
    if isinstance(error, Conflict):
        return Misconfigured("another program receives this bot's messages: only one may, or a webhook is set")
    if isinstance(error, BadRequest):
        return _WrongMessage(error)
    # A request that got an answer of the kind of 502 may have been carried out behind it.
    maybe_sent = not (isinstance(error, NetworkError) and isinstance(error.__cause__, _NOT_SENT))
    cause = error.__cause__ or error
    return Unreachable(f"Telegram: {type(cause).__name__}", maybe_sent)


def _request(connections: int) -> HTTPXRequest:
    return HTTPXRequest(connections, _SECONDS, _SECONDS, _SECONDS, pool_timeout=_SECONDS)


def _keyboard(part: Mapping[str, Any]) -> Optional[telegram.InlineKeyboardMarkup]:
    return _markup(part["buttons"]) if part.get("buttons") else None


def _markup(buttons: Sequence[Sequence[str]]) -> telegram.InlineKeyboardMarkup:
    rows = [[telegram.InlineKeyboardButton(title, callback_data=data)] for title, data in buttons]
    return telegram.InlineKeyboardMarkup(rows)


def _quotation(part: Mapping[str, Any]) -> Optional[telegram.ReplyParameters]:
    if "reply_to" not in part:
        return None
    return telegram.ReplyParameters(int(part["reply_to"]), allow_sending_without_reply=True)
