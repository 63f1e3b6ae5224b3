"""The emulated Zalo from outside: what another process can order, the phone on its page, its command."""

from __future__ import annotations

import base64
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from emulators.zalo import ZaloEmulator
from tests.emulators.zalo_bench import AN, BINH, CS, Api, Hook, reply, template

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


async def act(api: Api, order: str, **arguments: object) -> object:
    async with api.http.post(f"/_control/{order}", json=arguments) as answer:
        assert answer.status == 200, await answer.text()
        return (await answer.json())["result"]


async def test_acts(api: Api, zalo: ZaloEmulator, hook: Hook) -> None:
    zalo.webhook_url = None
    await act(api, "set_webhook", url=hook.url)
    await act(api, "follow", user_id=AN)
    picture = base64.b64encode(b"\x89PNG").decode()
    said = await act(api, "citizen_says", user_id=AN, text="Phiếu", kind="image", content=picture)
    await act(api, "event", name="user_click_chatnow", user_id=BINH)
    await act(api, "settle", timeout=5)
    assert hook.events("user_send_image")[0]["message"]["msg_id"] == said
    assert len(hook.events("follow", "user_click_chatnow")) == 2
    tokens = await api.token(grant_type="authorization_code", code=str(await act(api, "authorise")))
    assert "access_token" in tokens


async def test_what_can_be_read(api: Api, zalo: ZaloEmulator, hook: Hook) -> None:
    await zalo.citizen_says(AN, "Xin chào")
    await api.post(CS, reply("Chào"))
    await zalo.settle(5)
    async with api.http.get("/_control/state") as answer:
        state = await answer.json()
    assert [sent["content"]["text"] for sent in state["ledger"]] == ["Chào"]
    assert len(state["deliveries"]) == 3
    assert (state["webhook_url"], state["webhook_disabled"]) == (hook.url, False)
    assert state["calls"][CS] == 1
    assert state["switches"]["reply_quota"] is None
    async with api.http.get("/_control/ledger") as answer:
        assert (await answer.json()) == {"ledger": state["ledger"]}


async def test_faults_clock_and_switches(api: Api, zalo: ZaloEmulator) -> None:
    before = zalo.now()
    faults = {"faults": ["server_error", "lost_answer"], "times": 2, "path": "/cs"}
    async with api.http.put("/_control/faults", json=faults) as answer:
        assert (await answer.json())["on"] == ["server_error", "lost_answer"]
    async with api.http.put("/_control/clock", json={"advance_seconds": 60}) as answer:
        assert answer.status == 200
    assert (zalo.now() - before).total_seconds() == 60
    async with api.http.put("/_control/switches", json={"reply_quota": 8, "buttons_allowed": False}) as answer:
        assert (await answer.json())["reply_quota"] == 8
    assert not zalo.switches.buttons_allowed


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "faults", '{"faults": ["gremlins"]}'),
        ("PUT", "faults", "{"),
        ("PUT", "clock", '{"advance_seconds": "soon"}'),
        ("PUT", "clock", '{"advance_seconds": 1e300}'),
        ("PUT", "switches", '{"magic": true}'),
        ("PUT", "switches", '{"calls_per_minute": true}'),
        ("PUT", "switches", '{"echoes": 1}'),
        ("POST", "citizen_says", '{"text": "a"}'),
        ("POST", "citizen_says", '{"user_id": "1", "content": "no base64"}'),
        ("POST", "follow", "[]"),
    ],
)
async def test_a_wrong_order_is_explained(api: Api, method: str, path: str, body: str) -> None:
    async with api.http.request(method, f"/_control/{path}", data=body) as answer:
        assert answer.status == 400
        assert await answer.text()


async def test_an_unknown_act(api: Api) -> None:
    async with api.http.post("/_control/stop", json={}) as answer:
        assert answer.status in (404, 405)


async def test_the_phone(zalo: ZaloEmulator, api: Api, hook: Hook) -> None:
    async with api.http.post(f"/_chat/{AN}/follow", json={"on": True}) as answer:
        assert answer.status == 200
    buttons = template(buttons=[{"title": "Có", "type": "oa.query.hide", "payload": "#co"}])
    sent = (await api.post(CS, reply("Tra cứu?", attachment=buttons)))["data"]["message_id"]
    async with api.http.get(f"/_chat/{AN}/messages?after=0") as answer:
        state = await answer.json()
    (message,) = state["messages"]
    assert (state["follows"], message["id"], message["mine"], message["text"]) == (True, sent, False, "Tra cứu?")
    assert message["rows"] == [[{"title": "Có", "payload": "#co", "url": ""}]]
    await zalo.settle(5)
    assert [event["message"]["msg_ids"] for event in hook.events("user_seen_message")] == [[sent]]
    async with api.http.post(f"/_chat/{AN}/press", json={"payload": "#co", "message_id": sent}) as answer:
        assert answer.status == 200
    async with api.http.get(f"/_chat/{AN}/messages?after={message['seq']}") as answer:
        assert (await answer.json())["messages"] == []
    await zalo.settle(5)
    (pressed,) = hook.events("user_send_text")
    assert pressed["message"]["text"] == "#co"


async def test_a_reaction_does_not_move_its_message(zalo: ZaloEmulator, api: Api) -> None:
    first, second = [await zalo.citizen_says(AN, text) for text in ("một", "hai")]
    action = {"react_icon": "/-heart", "react_message_id": first}
    assert await api.code("/v2.0/oa/message", {"recipient": {"user_id": AN}, "sender_action": action}) == 0
    async with api.http.get(f"/_chat/{AN}/messages?after=0") as answer:
        messages = (await answer.json())["messages"]
    assert [(one["id"], one["note"]) for one in messages] == [(first, "❤️"), (second, "")]
    async with api.http.get(f"/_chat/{AN}/messages?after={messages[1]['seq']}") as answer:
        assert [one["id"] for one in (await answer.json())["messages"]] == [first]


async def test_details_are_shared_by_a_button(zalo: ZaloEmulator, api: Api, hook: Hook) -> None:
    await zalo.citizen_says(AN, "Xin chào")
    element = {"title": "Trung tâm", "subtitle": "Xin số", "image_url": "https://cdn.example/logo.png"}
    message = {"attachment": template(template_type="request_user_info", elements=[element])}
    sent = (await api.post(CS, {"recipient": {"user_id": AN}, "message": message}))["data"]["message_id"]
    async with api.http.post(f"/_chat/{AN}/press", json={"payload": "share", "message_id": sent}) as answer:
        assert (await answer.json())["toast"] == "Đã cung cấp thông tin"
    await zalo.settle(5)
    (event,) = hook.events("user_submit_info")
    assert event["info"]["phone"] == "84912000345"


@pytest.mark.skipif(shutil.which(CHROMIUM) is None, reason=f"{CHROMIUM} is missing")
async def test_the_page_in_a_browser(zalo: ZaloEmulator, api: Api) -> None:
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = await browser.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(zalo.url)
        await page.fill("#text", "Xin chào <b>bạn</b>\ndòng hai")
        await page.keyboard.press("Enter")
        await expect(page.locator(".mine .bubble")).to_contain_text("Xin chào <b>bạn</b>\ndòng hai")
        buttons = template(buttons=[{"title": "Tra cứu", "type": "oa.query.show", "payload": "#tracuu"}])
        await api.post(CS, reply("Bạn cần gì?", attachment=buttons))
        await page.get_by_role("button", name="Tra cứu").last.focus()
        await page.locator(".row button").click()
        await expect(page.locator(".mine .bubble").last).to_contain_text("#tracuu")
        await page.set_input_files("#photo", {"name": "a.png", "mimeType": "image/png", "buffer": b"\x89PNG"})
        await expect(page.locator(".mine img")).to_have_count(1)
        await page.locator("#follows").check()
        await page.locator("#person").select_option(BINH)
        await expect(page.locator(".message")).to_have_count(0)
        await expect(page.locator("#follows")).not_to_be_checked()
        await browser.close()
    assert zalo.people[AN].follows
    assert complaints == []


def test_the_command_serves_until_interrupted() -> None:
    command = [
        sys.executable,
        "-m",
        "emulators",
        "zalo",
        "--port",
        "0",
        "--webhook",
        "http://127.0.0.1:1/webhooks/zalo",
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        greeting = [process.stdout.readline() for _ in range(3)]
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
    assert re.search(r"http://127\.0\.0\.1:\d+", greeting[0])
    assert "webhooks/zalo" in greeting[2]
    assert (process.returncode, errors) == (0, "")
