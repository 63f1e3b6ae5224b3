"""The way out to Telegram, against the emulated Bot API."""

from __future__ import annotations

import datetime as dt
import logging
import struct
import zlib
from typing import Optional

import pytest
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpServer

from connectors.channel import Interrupted, Part, Purpose
from connectors.errors import ChannelError, Misconfigured, Refused, RefusedReason, TooFast, Unknowable, Unreachable
from connectors.messages import Address, Attachment, AttachmentKind, Choice, IncomingMessage, Reply
from connectors.pacing import Pace
from connectors.telegram import TelegramChannel
from connectors.telegram_settings import TelegramSettings
from connectors.telegram_updates import Press
from emulators.telegram import TOKEN, Fault, TelegramEmulator
from tests.connectors.scripted_talk import PAPERS
from tests.connectors.telegram.kept_inbox import BOT, TEXTS, QuickTime, private

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.timezone.utc)
HELLO: Part = {"text": "Chào bà"}


def interrupted(address: Address, part: Part, bookmark: str, *known: str) -> Interrupted:
    return Interrupted(address, part, NOW, bookmark, frozenset(known))


def picture(bytes_of_noise: int = 0) -> bytes:
    """A PNG of one dot."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(b"\0\0")), chunk(b"tEXt", b"x" * bytes_of_noise)
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")


async def test_a_reply_is_sent_as_it_was_drawn(telegram: TelegramEmulator, channel: TelegramChannel) -> None:
    citizen = await telegram.citizen_says(501, "khai sinh")
    (part,) = channel.draw(PAPERS, "42")
    identifier = await channel.send(private(501), part)
    (sent,) = telegram.ledger
    assert identifier == f"m501.{sent.message_id}"
    assert sent.message_id > citizen
    assert sent.text == PAPERS.text
    assert [[button.text, button.data] for (button,) in sent.keyboard] == part["buttons"]
    assert channel.bookmark() == str(sent.message_id)


async def test_in_a_group_the_question_is_quoted(telegram: TelegramEmulator, channel: TelegramChannel) -> None:
    group = telegram.new_group("Tổ dân phố")
    asked = await telegram.group_says(group, 501, "khai sinh", mention=True)
    (part,) = channel.draw(Reply("Cần hai giấy tờ."), "42", str(asked))
    identifier = await channel.send(Address("telegram", f"{group}/501"), part)
    sent = telegram.world.messages[group][int(identifier.rpartition(".")[2])]
    assert sent.reply_to is not None
    assert sent.reply_to.message_id == asked


async def test_a_message_that_is_gone_is_answered_all_the_same(
    telegram: TelegramEmulator, channel: TelegramChannel
) -> None:
    group = telegram.new_group("Tổ dân phố")
    await channel.send(Address("telegram", f"{group}/501"), {**HELLO, "reply_to": "999"})
    assert [sent.text for sent in telegram.ledger] == ["Chào bà"]


async def refusal(channel: TelegramChannel, address: Address, part: Part = HELLO) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        await channel.send(address, part)
    assert TOKEN not in str(caught.value)
    return caught.value


async def test_who_blocked_us_has_left(telegram: TelegramEmulator, channel: TelegramChannel) -> None:
    await telegram.citizen_says(501, "x")
    telegram.block(501)
    error = await refusal(channel, private(501))
    assert isinstance(error, Refused)
    assert error.why is RefusedReason.LEFT


async def test_nobody_lives_at_an_unknown_address(channel: TelegramChannel) -> None:
    error = await refusal(channel, private(987654))
    assert isinstance(error, Refused)
    assert error.why is RefusedReason.NO_SUCH_PERSON


async def test_markup_that_telegram_does_not_take(telegram: TelegramEmulator, channel: TelegramChannel) -> None:
    await telegram.citizen_says(501, "x")
    error = await refusal(channel, private(501), {"text": "<secret>Bà An"})
    assert isinstance(error, Refused)
    assert error.why is RefusedReason.WRONG_MESSAGE
    assert str(error) == "wrong_message: can't parse entities"


@pytest.mark.parametrize(
    "words",
    [
        "not enough rights to send text messages to the chat",
        "have no rights to send a message",
        "CHAT_WRITE_FORBIDDEN",
        "TOPIC_CLOSED",
    ],
)
async def test_a_chat_where_we_may_not_write_is_not_the_messages_fault(
    aiohttp_server: AiohttpServer, words: str
) -> None:
    async def refuse(_: web.Request) -> web.Response:
        answer = {"ok": False, "error_code": 400, "description": f"Bad Request: {words}"}
        return web.json_response(answer, status=400)

    app = web.Application()
    app.router.add_post("/{any:.*}", refuse)
    server = await aiohttp_server(app)
    channel = TelegramChannel(TelegramSettings(TOKEN, api_url=str(server.make_url(""))), TEXTS, Pace())
    error = await refusal(channel, Address("telegram", "-44/501"))
    await channel.close()
    assert isinstance(error, Refused)
    assert error.why is RefusedReason.RESTRICTED


async def test_a_pause_that_telegram_asks_for_is_kept(
    telegram: TelegramEmulator, channel: TelegramChannel, time: QuickTime
) -> None:
    await telegram.citizen_says(501, "x")
    telegram.faults.switch_on(Fault.FLOOD, times=1)
    error = await refusal(channel, private(501))
    assert isinstance(error, TooFast)
    assert error.retry_after == 3
    assert time.naps == []
    await channel.turn(private(501), Purpose.REPLY)
    assert sum(time.naps) == 3


@pytest.mark.parametrize("fault", [Fault.LOST_RESPONSE, Fault.RESET, Fault.BAD_GATEWAY, Fault.SERVER_ERROR])
async def test_what_may_have_been_sent_is_said_to_be_so(
    telegram: TelegramEmulator, channel: TelegramChannel, fault: Fault
) -> None:
    await telegram.citizen_says(501, "x")
    telegram.faults.switch_on(fault, times=1)
    error = await refusal(channel, private(501))
    assert isinstance(error, Unreachable)
    assert error.maybe_sent


async def test_what_was_never_sent_is_said_to_be_so(telegram: TelegramEmulator, channel: TelegramChannel) -> None:
    await telegram.stop()
    error = await refusal(channel, private(501))
    assert isinstance(error, Unreachable)
    assert not error.maybe_sent


async def test_a_wrong_token_is_for_a_person_and_stays_secret(
    telegram: TelegramEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    token = "110000001:another-token-than-the-right-one"
    channel = TelegramChannel(TelegramSettings(token, api_url=telegram.url), TEXTS, Pace())
    with caplog.at_level(logging.DEBUG), pytest.raises(Misconfigured) as caught:
        await channel.introduce()
    assert token not in caplog.text
    assert token not in str(caught.value)
    assert token not in repr(channel)
    assert token not in repr(TelegramSettings(token))
    await channel.close()


async def test_a_group_that_became_a_supergroup_is_found_again(
    telegram: TelegramEmulator, channel: TelegramChannel
) -> None:
    group = telegram.new_group("Tổ dân phố")
    new = telegram.upgrade_group(group)
    address = Address("telegram", f"{group}/501")
    error = await refusal(channel, address)
    assert isinstance(error, Unreachable)
    assert not error.maybe_sent
    await channel.send(address, HELLO)
    assert [sent.chat_id for sent in telegram.ledger] == [new]


@pytest.mark.parametrize("choices", [(), (Choice("Có", "/yes"), Choice("Không", "/no"))])
async def test_a_message_whose_answer_was_lost_is_found(
    telegram: TelegramEmulator, channel: TelegramChannel, choices: tuple[Choice, ...]
) -> None:
    seen = [f"m{user}.{await telegram.citizen_says(user, 'x')}" for user in (501, 502)]
    for identifier in seen:
        channel.learn(identifier)
    bookmark = channel.bookmark()
    other = await channel.send(private(502), HELLO)
    (part,) = channel.draw(Reply("Ông cần gì?", choices=choices), "42")
    telegram.faults.switch_on(Fault.LOST_RESPONSE, times=1)
    with pytest.raises(Unreachable):
        await channel.send(private(501), part)
    later = f"m501.{await telegram.citizen_says(501, 'y')}"
    telegram.updates.pending.clear()
    found = await channel.find_sent(interrupted(private(501), part, bookmark, *seen, other, later))
    assert found == f"m501.{telegram.ledger[-1].message_id}"
    assert telegram.messages_to(501)[-1].keyboard == telegram.ledger[-1].keyboard


async def test_a_message_that_was_never_sent_is_not_found(
    telegram: TelegramEmulator, channel: TelegramChannel, time: QuickTime
) -> None:
    telegram.flood_limits = False
    channel.learn(f"m501.{await telegram.citizen_says(501, 'x')}")
    bookmark = channel.bookmark()
    await telegram.citizen_says(501, "not known yet")
    await channel.send(private(501), HELLO)
    other = f"m501.{telegram.ledger[-1].message_id}"
    telegram.faults.switch_on(Fault.FLOOD, times=2, path="editMessageReplyMarkup")
    telegram.updates.pending.clear()
    assert await channel.find_sent(interrupted(private(501), HELLO, bookmark, other)) is None
    assert sum(time.naps) > 6
    assert telegram.calls["editMessageReplyMarkup"] == 33


@pytest.mark.parametrize("was_sent", [True, False])
async def test_a_supergroup_counts_for_itself(
    telegram: TelegramEmulator, channel: TelegramChannel, was_sent: bool
) -> None:
    telegram.flood_limits = False
    group = telegram.new_group("Cả phường", supergroup=True)
    asked = await telegram.group_says(group, 501, "khai sinh", mention=True)
    address = Address("telegram", f"{group}/501")
    (part,) = channel.draw(Reply("Cần hai giấy tờ."), "42", str(asked))
    identifier: Optional[str] = None
    if was_sent:
        identifier = await channel.send(address, part)
    telegram.updates.pending.clear()
    assert await channel.find_sent(interrupted(address, part, "4000", "m501.4001")) == identifier


async def test_in_a_supergroup_nothing_can_be_told_without_a_question(channel: TelegramChannel) -> None:
    with pytest.raises(Unknowable):
        await channel.find_sent(interrupted(Address("telegram", "-1000000000001/501"), HELLO, "4000"))


async def test_too_many_unknown_messages_are_not_tried(telegram: TelegramEmulator, channel: TelegramChannel) -> None:
    with pytest.raises(Unknowable):
        await channel.find_sent(interrupted(private(501), HELLO, "1", "m501.5000"))
    assert telegram.calls["editMessageReplyMarkup"] == 0


async def test_nothing_is_tried_while_updates_are_still_to_come(
    telegram: TelegramEmulator, channel: TelegramChannel
) -> None:
    await telegram.citizen_says(501, "x")
    with pytest.raises(Unreachable):
        await channel.find_sent(interrupted(private(501), HELLO, "1"))
    assert telegram.calls["editMessageReplyMarkup"] == 0


async def test_updates_that_never_end_do_not_put_it_off_for_ever(
    telegram: TelegramEmulator, channel: TelegramChannel
) -> None:
    telegram.flood_limits = False
    await telegram.citizen_says(501, "x")
    for bookmark in ("1", "2"):
        search = interrupted(private(501), HELLO, bookmark)
        for _ in range(5):
            with pytest.raises(Unreachable):
                await channel.find_sent(search)
        assert await channel.find_sent(search) is None
    with pytest.raises(Unreachable):
        await channel.find_sent(search)


async def test_a_search_that_was_cut_short_goes_on_where_it_was(
    telegram: TelegramEmulator, channel: TelegramChannel
) -> None:
    telegram.flood_limits = False
    await telegram.citizen_says(501, "x")
    telegram.faults.switch_on(Fault.RESET, times=1, path="editMessageReplyMarkup")
    search = interrupted(private(501), HELLO, "1")
    telegram.updates.pending.clear()
    with pytest.raises(Unreachable):
        await channel.find_sent(search)
    assert await channel.find_sent(search) is None
    assert telegram.calls["editMessageReplyMarkup"] == 31


async def test_a_photo_is_fetched_by_its_id(telegram: TelegramEmulator, channel: TelegramChannel) -> None:
    await telegram.citizen_sends_photo(501, picture())
    (file_id,) = telegram.world.files
    photo = Attachment(AttachmentKind.IMAGE, file_id)
    assert await channel.fetch(photo, 1_000) == picture()
    with pytest.raises(Refused) as caught:
        await channel.fetch(photo, 10)
    assert caught.value.why is RefusedReason.WRONG_MESSAGE
    with pytest.raises(Refused):
        await channel.fetch(Attachment(AttachmentKind.IMAGE, "no such file"), 1_000)


async def test_somebody_is_seen_at_work(telegram: TelegramEmulator, channel: TelegramChannel) -> None:
    await telegram.citizen_says(501, "x")
    await channel.acknowledge(IncomingMessage("m501.1", private(501), "x", NOW))
    assert 501 in telegram.world.typing_until
    telegram.block(501)
    await channel.acknowledge(IncomingMessage("m501.2", private(501), "x", NOW))
    assert telegram.calls["sendChatAction"] == 2


async def test_a_pressed_keyboard_shows_only_what_was_chosen(
    telegram: TelegramEmulator, channel: TelegramChannel
) -> None:
    await telegram.citizen_says(501, "x")
    (part,) = channel.draw(PAPERS, "42")
    await channel.send(private(501), part)
    message = telegram.ledger[-1].message_id
    query = await telegram.citizen_presses(501, message, "42.1")
    pressed = Press(query, 501, message, "Nộp ở đâu?")
    await channel.answer_press(pressed)
    await channel.close_keyboard(pressed)
    assert [answer.query_id for answer in telegram.callback_answers] == [query]
    (((button,),),) = [sent.keyboard for sent in telegram.messages_to(501)]
    assert (button.text, button.data) == ("✓ Nộp ở đâu?", ".")
    await channel.answer_press(Press("of long ago"))
    await channel.close_keyboard(pressed)
    assert telegram.calls["answerCallbackQuery"] == telegram.calls["editMessageReplyMarkup"] == 2


async def test_closing_a_keyboard_waits_for_its_turn_and_keeps_a_pause(
    telegram: TelegramEmulator, channel: TelegramChannel, time: QuickTime
) -> None:
    await telegram.citizen_says(501, "x")
    (part,) = channel.draw(PAPERS, "42")
    await channel.send(private(501), part)
    pressed = Press("1", 501, telegram.ledger[-1].message_id, "Nộp ở đâu?")
    for _ in range(4):
        await channel.close_keyboard(pressed)
    assert sum(time.naps) == pytest.approx(1)
    telegram.faults.switch_on(Fault.FLOOD, times=1)
    await channel.close_keyboard(pressed)
    before = sum(time.naps)
    await channel.turn(private(501), Purpose.REPLY)
    assert sum(time.naps) - before == pytest.approx(3)


async def test_we_introduce_ourselves_with_a_menu_in_two_languages(
    telegram: TelegramEmulator, channel: TelegramChannel
) -> None:
    assert await channel.introduce() == BOT
    for language, word in (("vi", "Lệnh"), ("en", "Command")):
        menu = telegram.account.menu(language)
        assert [line["command"] for line in menu] == ["start", "thutuc", "tracuu", "huy", "ngonngu", "trogiup"]
        assert menu[0]["description"] == f"{word} start"
