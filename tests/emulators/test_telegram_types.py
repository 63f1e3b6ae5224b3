"""What the emulator says, read by python-telegram-bot: every object is understood and nothing of it is lost."""

from __future__ import annotations

import json
from typing import Any, AsyncIterator

import aiohttp
import pytest
import telegram

from emulators.telegram import TOKEN
from tests.emulators.telegram_line import AN, PNG, Line, open_line


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with open_line() as line:
        yield line


def understood(kind: type[telegram.TelegramObject], wire: dict[str, Any]) -> Any:
    read = kind.de_json(wire, None)
    assert read is not None
    assert without_defaults(json.loads(read.to_json())) == without_defaults(wire)
    assert_known(read)
    return read


def without_defaults(value: Any) -> Any:
    """The library adds fields that are False."""
    if isinstance(value, dict):
        return {name: without_defaults(part) for name, part in value.items() if part is not False}
    return [*map(without_defaults, value)] if isinstance(value, list) else value


def assert_known(value: Any) -> None:
    """No field that the library has no name for."""
    if isinstance(value, telegram.TelegramObject):
        assert value.api_kwargs == {}
        assert_known([*value.to_dict(recursive=False).values()])
    elif isinstance(value, (list, tuple)):
        for part in value:
            assert_known(part)


async def everything_happens(line: Line) -> int:
    """Leaves one update of each kind and content; gives how many."""
    world = line.emulator
    first = await world.citizen_says(AN, "/start hs_abc xem https://xa.vn")
    await world.citizen_edits(AN, first, "đã sửa")
    await world.citizen_says(AN, "trả lời", reply_to=first)
    await world.citizen_sends_photo(AN, PNG, "giấy hẹn #1")
    await world.citizen_sends_document(AN, b"%PDF-1.4", "don.pdf", "application/pdf")
    await world.citizen_sends_sticker(AN)
    await world.citizen_sends_voice(AN, b"OggS")
    await world.citizen_sends_location(AN, 10.5, 106.5)
    await world.citizen_sends_contact(AN, "0912000345")
    await world.citizen_says(AN, video={"file_id": "v", "file_unique_id": "u", "width": 1, "height": 1, "duration": 2})
    keyboard = {"inline_keyboard": [[{"text": "Có", "callback_data": "a.1"}, {"text": "Web", "url": "https://xa.vn/"}]]}
    sent = await line.call("sendMessage", chat_id=AN, text="Chọn", reply_markup=keyboard)
    await world.citizen_presses(AN, sent["message_id"], "a.1")
    world.block(AN)
    world.unblock(AN)
    for supergroup in (True, False):
        group = world.new_group("Tổ dân phố 4", supergroup=supergroup)
        await world.group_says(group, AN, "xin chào", mention=True)
    world.upgrade_group(group)
    world.remove_from_group(world.new_group("Họ hàng"))
    return 21


async def test_updates(line: Line) -> None:
    expected = await everything_happens(line)
    updates = await line.updates()
    assert len(updates) == expected
    kinds = [understood(telegram.Update, update) for update in updates]
    assert [one.update_id for one in kinds] == [*range(updates[0]["update_id"], updates[0]["update_id"] + expected)]
    assert {kind for update in updates for kind in update} == {
        "update_id", "message", "edited_message", "callback_query", "my_chat_member",
    }  # fmt: skip
    assert kinds[0].message.parse_entities() == {
        kinds[0].message.entities[0]: "/start",
        kinds[0].message.entities[1]: "https://xa.vn",
    }


async def test_sent_messages(line: Line) -> None:
    question = await line.emulator.citizen_says(AN, "hỏi")
    sent = await line.call(
        "sendMessage",
        chat_id=AN,
        text="<b>Đáp</b> 😀 <a href='https://xa.vn'>nút</a>",
        parse_mode="HTML",
        reply_parameters={"message_id": question},
        link_preview_options={"is_disabled": True},
        reply_markup={"inline_keyboard": [[{"text": "Có", "callback_data": "a.1"}]]},
    )
    read = understood(telegram.Message, sent)
    assert read.text_html == '<b>Đáp</b> 😀 <a href="https://xa.vn">nút</a>'
    assert read.reply_to_message.text == "hỏi"
    edited = await line.call("editMessageText", chat_id=AN, message_id=sent["message_id"], text="khác")
    assert understood(telegram.Message, edited).reply_markup is None


async def test_sent_pictures(line: Line) -> None:
    await line.emulator.citizen_says(AN, "/start")
    form = aiohttp.FormData({"chat_id": str(AN), "caption": "<b>Sơ đồ</b>", "parse_mode": "HTML"})
    form.add_field("photo", PNG, filename="so-do.png", content_type="image/png")
    async with line.http.post(f"/bot{TOKEN}/sendPhoto", data=form) as response:
        read = understood(telegram.Message, (await response.json())["result"])
    assert read.caption_html == "<b>Sơ đồ</b>"
    again = understood(
        telegram.Message, await line.call("sendPhoto", chat_id=AN, photo=read.photo[-1].file_id, caption="Sơ đồ")
    )
    assert again.photo == read.photo


async def test_the_rest(line: Line) -> None:
    await line.emulator.citizen_sends_photo(AN, PNG)
    update = understood(telegram.Update, (await line.updates())[0])
    assert len(update.message.photo) == 2
    understood(telegram.File, await line.call("getFile", file_id=update.message.photo[-1].file_id))
    understood(telegram.User, await line.call("getMe"))
    understood(telegram.WebhookInfo, await line.call("getWebhookInfo"))
    chat = await line.call("getChat", chat_id=AN)
    assert telegram.ChatFullInfo.de_json(chat, None).full_name == "An Nguyễn Văn"
