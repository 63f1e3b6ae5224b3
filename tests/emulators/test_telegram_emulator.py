"""The emulated Telegram as a whole: a bot of the library, the controls over HTTP, the phones on its page."""

from __future__ import annotations

import asyncio
import base64
import re
import signal
import sys
from pathlib import Path
from typing import Any, AsyncIterator

import aiohttp
import pytest
import telegram
from telegram.request import HTTPXRequest

from tests.emulators.telegram_line import AN, PNG, TOKEN, Line, open_line, until

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with open_line() as line:
        yield line


async def put(line: Line, what: str, status: int = 200, **body: Any) -> Any:
    async with line.http.put(f"/_control/{what}", json=body) as response:
        assert response.status == status, await response.text()
        return await response.json() if status == 200 else None


async def act(line: Line, path: str, status: int = 200, **body: Any) -> Any:
    async with line.http.post(path, json=body) as response:
        assert response.status == status, await response.text()
        return await response.json() if status == 200 else None


async def look(line: Line, after: int = 0) -> dict[str, Any]:
    async with line.http.get(f"/_chat/{AN}/messages?after={after}") as response:
        state: dict[str, Any] = await response.json()
        return state


async def test_a_bot_of_the_library(line: Line) -> None:
    """Its forms, uploads, errors and downloads."""
    address = line.emulator.url
    limits = HTTPXRequest(httpx_kwargs={"trust_env": False})
    polls = HTTPXRequest(httpx_kwargs={"trust_env": False})
    async with telegram.Bot(TOKEN, f"{address}/bot", f"{address}/file/bot", limits, polls) as bot:
        await line.emulator.citizen_sends_photo(AN, PNG, "giấy hẹn")
        (update,) = await bot.get_updates()
        assert update.message is not None
        file = await update.message.photo[-1].get_file()
        assert bytes(await file.download_as_bytearray()) == PNG
        button = telegram.InlineKeyboardButton("Có", callback_data="a.1")
        sent = await update.message.reply_html(
            "<b>Đáp</b>", reply_markup=telegram.InlineKeyboardMarkup([[button]]), do_quote=True
        )
        assert sent.reply_to_message == update.message
        with pytest.raises(telegram.error.BadRequest, match="Message is not modified"):
            await sent.edit_reply_markup(sent.reply_markup)
        await line.emulator.citizen_presses(AN, sent.message_id, "a.1")
        (_, press) = await bot.get_updates()
        assert press.callback_query is not None
        assert await press.callback_query.answer("Đã chọn")
        assert (await bot.send_photo(AN, PNG, caption="phiếu")).caption == "phiếu"
        assert await bot.set_my_commands([telegram.BotCommand("trogiup", "Trợ giúp")])
        assert (await bot.get_my_commands())[0].command == "trogiup"
        line.emulator.block(AN)
        with pytest.raises(telegram.error.Forbidden):
            await bot.send_message(AN, "x")


async def test_a_citizen_s_acts_over_http(line: Line) -> None:
    said = (await act(line, "/_control/citizen_says", user_id=AN, text="xin chào"))["result"]
    await act(line, "/_control/citizen_edits", user_id=AN, message_id=said, text="chào")
    picture = base64.b64encode(PNG).decode()
    await act(line, "/_control/citizen_sends_photo", user_id=AN, content=picture, caption="ảnh")
    group = (await act(line, "/_control/new_group", title="Tổ 4", supergroup=True))["result"]
    await act(line, "/_control/group_says", group=group, user_id=AN, text="hỏi", mention=True)
    await act(line, "/_control/block", user_id=AN)
    updates = await line.updates()
    assert [next(kind for kind in update if kind != "update_id") for update in updates] == [
        "message", "edited_message", "message", "my_chat_member", "message", "my_chat_member",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("citizen_says", {}),
        ("citizen_edits", {"user_id": AN, "message_id": 77, "text": "x"}),
        ("citizen_sends_photo", {"user_id": AN, "content": "???"}),
        ("group_says", {"group": -5, "user_id": AN, "text": "x"}),
        ("citizen_says", {"user_id": AN, "text": 5}),
    ],
)
async def test_acts_that_do_not_fit(line: Line, path: str, body: dict[str, Any]) -> None:
    await act(line, f"/_control/{path}", status=400, **body)


async def test_faults_switches_and_clock_over_http(line: Line) -> None:
    await put(line, "faults", faults=["server_error"], times=1, path="getMe")
    await line.call("getWebhookInfo")
    assert (await line.refusal("getMe"))[0] == 500
    await line.call("getMe")
    await put(line, "faults", 400, faults=["gremlins"])
    before = line.emulator.now()
    await put(line, "clock", advance_seconds=60)
    assert (line.emulator.now() - before).total_seconds() == 60
    await put(line, "clock", 400, advance_seconds="soon")
    switches = await put(line, "switches", flood_limits=False, retry_scale=0.5)
    assert (switches["flood_limits"], switches["retry_scale"], switches["privacy_mode"]) == (False, 0.5, True)
    assert (line.emulator.flood_limits, line.emulator.retry_scale) == (False, 0.5)
    await put(line, "switches", 400, seed=2)


async def test_the_state_over_http(line: Line) -> None:
    await line.emulator.citizen_says(AN, "hỏi")
    await line.call("sendMessage", chat_id=AN, text="<b>đáp</b>", parse_mode="HTML")
    async with line.http.get("/_control/state") as response:
        state = await response.json()
    assert state["ledger"][0]["text"] == "đáp"
    assert state["ledger"][0]["entities"] == [{"type": "bold", "offset": 0, "length": 3, "more": {}}]
    assert state["calls"] == {"sendMessage": 1}
    assert len(state["pending"]) == 1


async def test_a_phone(line: Line) -> None:
    async with line.http.get("/") as response:
        assert '<body class="telegram">' in await response.text()
    empty = await look(line)
    assert (empty["messages"], empty["follows"], empty["menu"][0]["payload"]) == ([], True, "/start")
    await act(line, f"/_chat/{AN}/press", payload="/start", message_id="")
    await line.call("setMyCommands", commands=[{"command": "trogiup", "description": "Trợ giúp"}])
    keyboard = {"inline_keyboard": [[{"text": "Có", "callback_data": "a.1"}]]}
    await line.call("sendChatAction", chat_id=AN, action="typing")
    assert (await look(line))["typing"]
    text = "<b>Chọn</b> <a href='https://xa.vn'>trang</a>"
    sent = await line.call("sendMessage", chat_id=AN, text=text, parse_mode="HTML", reply_markup=keyboard)
    state = await look(line)
    assert not state["typing"]
    assert [one["payload"] for one in state["menu"]] == ["/trogiup"]
    start, shown = state["messages"]
    assert (start["mine"], start["text"], shown["mine"], shown["text"]) == (True, "/start", False, "Chọn trang")
    assert shown["entities"] == [
        {"kind": "bold", "offset": 0, "length": 4, "url": ""},
        {"kind": "link", "offset": 5, "length": 5, "url": "https://xa.vn"},
    ]
    assert shown["rows"] == [[{"title": "Có", "payload": "a.1", "url": ""}]]
    await line.call("editMessageText", chat_id=AN, message_id=sent["message_id"], text="xong")
    (edited,) = (await look(line, after=state["messages"][-1]["seq"]))["messages"]
    assert (edited["id"], edited["text"], edited["note"]) == (shown["id"], "xong", "đã sửa")


async def test_a_button_on_a_phone_shows_the_bot_s_words(line: Line) -> None:
    await line.emulator.citizen_says(AN, "/start")
    keyboard = {"inline_keyboard": [[{"text": "Có", "callback_data": "a.1"}]]}
    sent = await line.call("sendMessage", chat_id=AN, text="Chọn", reply_markup=keyboard)
    press = {"payload": "a.1", "message_id": str(sent["message_id"])}
    pressing = asyncio.create_task(act(line, f"/_chat/{AN}/press", **press))
    await until(lambda: line.emulator.presses)
    await line.call("answerCallbackQuery", callback_query_id=next(iter(line.emulator.presses)), text="Đã chọn: Có")
    assert await pressing == {"toast": "Đã chọn: Có"}
    await act(line, f"/_chat/{AN}/press", status=400, payload="a.1", message_id="77")


async def test_a_photo_and_a_block_on_a_phone(line: Line) -> None:
    form = aiohttp.FormData({"caption": "giấy hẹn"})
    form.add_field("photo", PNG, filename="hen.png", content_type="image/png")
    async with line.http.post(f"/_chat/{AN}/photo", data=form) as response:
        assert response.status == 200
    (shown,) = (await look(line))["messages"]
    assert shown["text"] == "giấy hẹn"
    async with line.http.get(shown["image"]) as response:
        assert (response.content_type, await response.read()) == ("image/png", PNG)
    for on in (False, False, True, True):
        await act(line, f"/_chat/{AN}/follow", on=on)
        assert (await look(line))["follows"] is on
    members = [update["my_chat_member"]["new_chat_member"]["status"] for update in (await line.updates())[1:]]
    assert members == ["kicked", "member"]


async def test_its_command_serves_until_it_is_told_to_end() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "emulators", "telegram", "--port", "0", cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    greeting = (await process.stdout.readline()).decode()
    address = re.search(r"http://[\d.:]+\d", greeting)
    assert address is not None, greeting
    async with aiohttp.ClientSession() as http, http.get(f"{address.group()}/bot{TOKEN}/getMe") as response:
        assert (await response.json())["result"]["username"] == "motcua_demo_bot"
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0
