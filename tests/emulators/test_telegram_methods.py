"""The Bot API's methods: what is done, and what is refused in which words."""

from __future__ import annotations

import json
from typing import Any, AsyncIterator

import aiohttp
import pytest

from tests.emulators.telegram_line import AN, NOW, PNG, TOKEN, Line, open_line

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with open_line() as line:
        await line.emulator.citizen_says(AN, "/start")
        yield line


def keyboard(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"inline_keyboard": [[button] for button in buttons]}


YES = keyboard({"text": "Có", "callback_data": "a.1"})


async def test_a_message_is_in_the_ledger_as_it_was_sent(line: Line) -> None:
    sent = await line.call("sendMessage", chat_id=AN, text="<b>Chào</b> bà", parse_mode="HTML", reply_markup=YES)
    await line.call("editMessageText", chat_id=AN, message_id=sent["message_id"], text="Tạm biệt")
    (first,) = line.emulator.ledger
    assert (first.message_id, first.chat_id, first.text, first.at) == (2, AN, "Chào bà", NOW)
    assert [(one.type, one.offset, one.length) for one in first.entities] == [("bold", 0, 4)]
    assert [[(one.text, one.data) for one in row] for row in first.keyboard] == [[("Có", "a.1")]]
    (now,) = line.emulator.messages_to(AN)
    assert (now.message_id, now.text, now.keyboard) == (2, "Tạm biệt", ())
    assert line.emulator.calls == {"sendMessage": 1, "editMessageText": 1}


@pytest.mark.parametrize("as_form", [True, False])
async def test_forms_and_addresses_carry_the_same(line: Line, as_form: bool) -> None:
    fields = {"chat_id": str(AN), "text": "x", "reply_markup": json.dumps(YES)}
    address = f"/bot{TOKEN}/sendmessage"
    async with line.http.post(address, data=fields) if as_form else line.http.get(address, params=fields) as response:
        assert (await response.json())["result"]["reply_markup"] == YES


@pytest.mark.parametrize(
    ("fields", "description"),
    [
        ({"chat_id": ""}, "chat_id is empty"),
        ({"chat_id": 999}, "chat not found"),
        ({"chat_id": "@nobody"}, "chat not found"),
        ({"text": ""}, "message text is empty"),
        ({"text": " \n "}, "text must be non-empty"),
        ({"text": "<b></b>", "parse_mode": "HTML"}, "text must be non-empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        ({"text": "a<b", "parse_mode": "HTML"},
         'can\'t parse entities: Unclosed start tag at byte offset 1'),
        ({"parse_mode": "Latex"}, "unsupported parse_mode"),
        ({"reply_markup": "{"}, "can't parse reply markup JSON object"),
        ({"reply_markup": []}, "object expected as reply markup"),
        ({"reply_markup": {"inline_keyboard": {}}},
         'can\'t parse reply keyboard markup JSON object: Field "inline_keyboard" must be of type Array'),
        ({"reply_markup": keyboard({"text": "", "callback_data": "x"})},
         "inline keyboard button text must be non-empty"),
        ({"reply_markup": keyboard({"callback_data": "x"})},
         'can\'t parse inline keyboard button: Field "text" must be of type String'),
        ({"reply_markup": keyboard({"text": "x"})},
         "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        ({"reply_markup": keyboard({"text": "x", "callback_data": ""})}, "BUTTON_DATA_INVALID"),
        ({"reply_markup": keyboard({"text": "x", "callback_data": "đ" * 33})}, "BUTTON_DATA_INVALID"),
        ({"reply_markup": keyboard({"text": "x", "url": "xa"})},
         "inline keyboard button URL 'xa' is invalid: Wrong HTTP URL"),
        ({"reply_markup": keyboard(*[{"text": "x", "callback_data": "y"}] * 101)}, "REPLY_MARKUP_TOO_LONG"),
        ({"text": "\ud83d"}, "strings must be encoded in UTF-8"),
        ({"chat_id": "--5"}, "chat not found"),
        ({"reply_parameters": {"message_id": []}}, "message id must be an integer"),
        ({"reply_parameters": {"message_id": 77}}, "message to be replied not found"),
    ],
)  # fmt: skip
async def test_a_message_is_refused(line: Line, fields: dict[str, Any], description: str) -> None:
    whole = {"chat_id": AN, "text": "x", **fields}
    assert await line.refusal("sendMessage", **whole) == (400, f"Bad Request: {description}")
    assert line.emulator.ledger == []


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "x" * 4096},
        {"text": "<b>" + "x" * 4096 + "</b>", "parse_mode": "HTML"},
        {"reply_markup": keyboard({"text": "x", "callback_data": "đ" * 32})},
        {"reply_markup": keyboard(*[{"text": "x", "callback_data": "y"}] * 100)},
        {"reply_parameters": {"message_id": 77, "allow_sending_without_reply": True}},
        {"reply_markup": {"force_reply": True}},
    ],
)
async def test_what_just_fits_is_sent(line: Line, fields: dict[str, Any]) -> None:
    await line.call("sendMessage", **{"chat_id": AN, "text": "x", **fields})
    assert len(line.emulator.ledger) == 1


async def test_tokens_methods_and_bodies(line: Line) -> None:
    async with line.http.get("/bot1:wrong/getMe") as response:
        assert response.status == 401
        assert await response.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}
    assert await line.refusal("makeTea") == (404, "Not Found: method not found")
    async with line.http.post(
        f"/bot{TOKEN}/getMe", data=b"{", headers={"Content-Type": "application/json"}
    ) as response:  # fmt: skip
        assert response.status == 400


async def test_who_cannot_be_written_to(line: Line) -> None:
    send = {"text": "x"}
    line.emulator.block(AN)
    assert await line.refusal("sendMessage", chat_id=AN, **send) == (403, "Forbidden: bot was blocked by the user")
    line.emulator.unblock(AN)
    await line.call("sendMessage", chat_id=AN, **send)
    line.emulator.deactivate(AN)
    assert await line.refusal("sendMessage", chat_id=AN, **send) == (403, "Forbidden: user is deactivated")
    group = line.emulator.new_group("Tổ 4", by=5)
    initiate = "Forbidden: bot can't initiate conversation with a user"
    assert await line.refusal("sendMessage", chat_id=5, **send) == (403, initiate)
    new = line.emulator.upgrade_group(group)
    answer = await line.answer("sendMessage", chat_id=group, **send)
    assert answer["parameters"] == {"migrate_to_chat_id": new}
    assert answer["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    await line.call("sendMessage", chat_id=new, **send)
    line.emulator.remove_from_group(new)
    kicked = "Forbidden: bot was kicked from the supergroup chat"
    assert await line.refusal("sendMessage", chat_id=new, **send) == (403, kicked)


async def test_who_writes_to_a_blocked_bot_has_unblocked_it(line: Line) -> None:
    line.emulator.block(AN)
    await line.emulator.citizen_says(AN, "lại đây")
    *_, back, said = await line.updates()
    assert back["my_chat_member"]["new_chat_member"]["status"] == "member"
    assert said["message"]["text"] == "lại đây"
    await line.call("sendMessage", chat_id=AN, text="Chào mừng trở lại")


async def test_message_ids(line: Line) -> None:
    """One counter for private chats and basic groups, one for each supergroup."""
    basic, large = line.emulator.new_group("Nhỏ"), line.emulator.new_group("Lớn", supergroup=True)
    ids = [(await line.call("sendMessage", chat_id=chat, text="x"))["message_id"] for chat in (AN, basic, large, AN)]
    assert ids == [2, 3, 1, 4]
    assert await line.emulator.group_says(large, AN, "x") == 2


async def test_edits(line: Line) -> None:
    line.emulator.flood_limits = False
    theirs = await line.emulator.citizen_says(AN, "của tôi")
    mine = (await line.call("sendMessage", chat_id=AN, text="một", reply_markup=YES))["message_id"]

    async def refused(method: str, message_id: int, **fields: Any) -> tuple[int, str]:
        return await line.refusal(method, chat_id=AN, message_id=message_id, **fields)

    missing = (400, "Bad Request: message to edit not found")
    assert await refused("editMessageReplyMarkup", mine + 1, reply_markup=YES) == missing
    foreign = (400, "Bad Request: message can't be edited")
    assert await refused("editMessageReplyMarkup", theirs, reply_markup=YES) == foreign
    assert await refused("editMessageReplyMarkup", mine, reply_markup=YES) == (400, NOT_MODIFIED)
    assert await refused("editMessageText", mine, text=" một ", reply_markup=YES) == (400, NOT_MODIFIED)
    # A call without a keyboard takes it away.
    edited = await line.call("editMessageReplyMarkup", chat_id=AN, message_id=mine)
    assert "reply_markup" not in edited
    assert edited["edit_date"] == int(NOW.timestamp())
    assert await refused("editMessageReplyMarkup", mine) == (400, NOT_MODIFIED)
    await line.call("editMessageText", chat_id=AN, message_id=mine, text="<i>một</i>", parse_mode="HTML")


async def test_a_pressed_button_is_answered_in_time(line: Line) -> None:
    mine = (await line.call("sendMessage", chat_id=AN, text="một", reply_markup=YES))["message_id"]
    query = await line.emulator.citizen_presses(AN, mine, "a.1")
    assert (await line.updates())[-1]["callback_query"]["data"] == "a.1"
    assert await line.call("answerCallbackQuery", callback_query_id=query, text="Đã chọn", show_alert=True)
    (answer,) = line.emulator.callback_answers
    assert (answer.query_id, answer.text, answer.show_alert) == (query, "Đã chọn", True)
    too_old = (400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
    assert await line.refusal("answerCallbackQuery", callback_query_id="77") == too_old
    too_long = (400, "Bad Request: MESSAGE_TOO_LONG")
    assert await line.refusal("answerCallbackQuery", callback_query_id=query, text="x" * 201) == too_long
    line.emulator.advance(16)
    assert await line.refusal("answerCallbackQuery", callback_query_id=query) == too_old


async def test_typing_lasts_five_seconds_or_until_the_message(line: Line) -> None:
    typing = line.emulator.world.typing_until
    await line.call("sendChatAction", chat_id=AN, action="typing")
    assert (typing[AN] - NOW).total_seconds() == 5
    await line.call("sendMessage", chat_id=AN, text="x")
    assert typing == {}
    wrong = (400, "Bad Request: wrong parameter action in request")
    assert await line.refusal("sendChatAction", chat_id=AN, action="sleeping") == wrong


async def test_files_in_and_out(line: Line) -> None:
    form = aiohttp.FormData({"chat_id": str(AN), "caption": "<b>phiếu</b>", "parse_mode": "HTML"})
    form.add_field("photo", "attach://file0")
    form.add_field("file0", PNG, filename="phieu.png", content_type="image/png")
    async with line.http.post(f"/bot{TOKEN}/sendPhoto", data=form) as response:
        sent = (await response.json())["result"]
    assert sent["caption_entities"] == [{"type": "bold", "offset": 0, "length": 5}]
    again = await line.call("sendPhoto", chat_id=AN, photo=sent["photo"][-1]["file_id"])
    stored = await line.call("getFile", file_id=again["photo"][-1]["file_id"])
    async with line.http.get(f"/file/bot{TOKEN}/{stored['file_path']}") as response:
        assert await response.read() == PNG
    form = aiohttp.FormData({"chat_id": str(AN)})
    form.add_field("document", b"%PDF-1.4", filename="mau-don.pdf", content_type="application/pdf")
    async with line.http.post(f"/bot{TOKEN}/sendDocument", data=form) as response:
        document = (await response.json())["result"]["document"]
    assert (document["file_name"], document["mime_type"], document["file_size"]) == (
        "mau-don.pdf", "application/pdf", 8,
    )  # fmt: skip
    assert [sorted(one.content) for one in line.emulator.ledger] == [["photo"], ["photo"], ["document"]]


async def test_files_that_are_refused(line: Line) -> None:
    picture = {"chat_id": AN, "photo": "nonsense"}
    wrong = (400, "Bad Request: wrong remote file identifier specified: Wrong string length")
    assert await line.refusal("sendPhoto", **picture) == wrong
    assert await line.refusal("sendPhoto", chat_id=AN) == (400, "Bad Request: there is no photo in the request")
    await line.emulator.citizen_sends_document(AN, b"text", "a.txt", "text/plain")
    file_id = (await line.updates())[-1]["message"]["document"]["file_id"]
    assert await line.refusal("sendPhoto", chat_id=AN, photo=file_id) == (400, "Bad Request: IMAGE_PROCESS_FAILED")
    caption = {"caption": "x" * 1025, "document": file_id, "chat_id": AN}
    assert await line.refusal("sendDocument", **caption) == (400, "Bad Request: message caption is too long")
    assert await line.refusal("getFile", file_id="nonsense") == (400, "Bad Request: invalid file_id")
    large = bytes(20 * 1024 * 1024 + 1)
    await line.emulator.citizen_sends_document(AN, large, "to.bin", "application/octet-stream")
    file_id = (await line.updates())[-1]["message"]["document"]["file_id"]
    assert await line.refusal("getFile", file_id=file_id) == (400, "Bad Request: file is too big")
    for path in (f"/file/bot{TOKEN}/photos/nothing.jpg", "/file/bot1:wrong/photos/file_1.jpg"):
        async with line.http.get(path) as response:
            assert response.status == (404 if TOKEN in path else 401)


async def test_commands_by_scope_and_language(line: Line) -> None:
    vietnamese, english = [{"command": "trogiup", "description": "Trợ giúp"}], [{"command": "a", "description": "Help"}]
    await line.call("setMyCommands", commands=vietnamese)
    await line.call("setMyCommands", commands=english, language_code="en")
    assert await line.call("getMyCommands") == vietnamese
    assert await line.call("getMyCommands", language_code="en") == english
    assert await line.call("getMyCommands", scope={"type": "all_group_chats"}) == []
    assert [line.emulator.account.menu(language)[0]["description"] for language in ("vi", "en")] == [
        "Trợ giúp", "Help",
    ]  # fmt: skip
    for commands, words in (
        ([{"command": "Trợ giúp", "description": "x"}], "BOT_COMMAND_INVALID"),
        ([{"command": "a", "description": ""}], "BOT_COMMAND_DESCRIPTION_INVALID"),
        (vietnamese * 101, "BOT_COMMANDS_TOO_MUCH"),
    ):
        assert await line.refusal("setMyCommands", commands=commands) == (400, f"Bad Request: {words}")


async def test_floods(line: Line) -> None:
    send = {"chat_id": AN, "text": "x"}
    for _ in range(5):
        await line.call("sendMessage", **send)
    answer = await line.answer("sendMessage", **send)
    assert answer["description"] == "Too Many Requests: retry after 1"
    assert (answer["error_code"], answer["parameters"]) == (429, {"retry_after": 1})
    line.emulator.advance(1)
    await line.call("sendMessage", **send)
    group = line.emulator.new_group("Tổ 4", supergroup=True)
    for _ in range(20):
        await line.call("sendMessage", chat_id=group, text="x")
    assert (await line.answer("sendMessage", chat_id=group, text="x"))["parameters"] == {"retry_after": 3}


async def test_thirty_a_second_in_all(line: Line) -> None:
    people = range(1, 32)
    for person in people:
        await line.emulator.citizen_says(person, "x")
    answers = [await line.answer("sendMessage", chat_id=person, text="x") for person in people]
    assert [answer["ok"] for answer in answers] == [True] * 30 + [False]
    line.emulator.flood_limits = False
    await line.call("sendMessage", chat_id=31, text="x")


async def test_what_a_group_shows_the_bot(line: Line) -> None:
    group = line.emulator.new_group("Tổ 4")
    mine = (await line.call("sendMessage", chat_id=group, text="x"))["message_id"]
    await line.emulator.group_says(group, AN, "chuyện riêng")
    await line.emulator.group_says(group, AN, "/xoa@another_bot")
    await line.emulator.group_says(group, AN, "gọi bot", mention=True)
    await line.emulator.group_says(group, AN, "/trogiup@motcua_demo_bot")
    await line.emulator.group_says(group, AN, "/trogiup")
    await line.emulator.group_says(group, AN, "đáp bot", reply_to=mine)
    line.emulator.switches.privacy_mode = False
    await line.emulator.group_says(group, AN, "ai cũng thấy")
    seen = [update["message"]["text"] for update in await line.updates() if "message" in update]
    assert seen[1:] == [
        "@motcua_demo_bot gọi bot", "/trogiup@motcua_demo_bot", "/trogiup", "đáp bot", "ai cũng thấy",
    ]  # fmt: skip
