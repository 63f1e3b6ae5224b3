"""The page of an emulated messenger: its contract, what it refuses, and that no text of a bot becomes markup."""

from __future__ import annotations

from typing import Any, AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from emulators.chat_page import ChatButton, ChatEntity, ChatMessage, ChatPage, ChatState, Photo, chat_page

PEOPLE = {"1": "Nguyễn Văn An", "2": "Trần <Thị> Bình"}


class Notebook:
    """A world that writes down what the page asks of it."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def look(self, person: str, after: int) -> ChatState:
        message = ChatMessage(
            after + 1,
            "m1",
            mine=False,
            at="2026-11-20T10:30:00+07:00",
            text="<b>đậm</b>",
            entities=(ChatEntity("bold", 0, 3),),
            rows=((ChatButton("Tra cứu", "#tracuu"),),),
        )
        return ChatState(now="2026-11-20T10:30:00+07:00", messages=(message,), follows=True)

    async def say(self, person: str, text: str) -> str:
        self.heard.append((person, text))
        return ""

    async def press(self, person: str, payload: str, message_id: str) -> str:
        self.heard.append((person, payload, message_id))
        return "Đã bấm"

    async def send_photo(self, person: str, photo: Photo, caption: str) -> None:
        self.heard.append((person, photo, caption))

    async def follow(self, person: str, on: bool) -> None:
        self.heard.append((person, on))

    def advance(self, seconds: float) -> None:
        self.heard.append(seconds)


@pytest.fixture
def world() -> Notebook:
    return Notebook()


@pytest.fixture
async def phone(world: Notebook) -> AsyncIterator[aiohttp.ClientSession]:
    application = web.Application()
    ChatPage(world, "Phường Mẫu", "zalo", PEOPLE).add_routes(application.router)
    async with (
        TestServer(application, host="127.0.0.1") as server,
        aiohttp.ClientSession(f"http://127.0.0.1:{server.port}") as http,
    ):
        yield http


def test_names_are_escaped() -> None:
    page = chat_page('Phường "Mẫu" & <script>', "telegram", PEOPLE)
    assert "Trần &lt;Thị&gt; Bình" in page
    assert "Phường &quot;Mẫu&quot; &amp; &lt;script&gt;" in page
    assert '<body class="telegram">' in page
    assert "$" not in page


async def test_the_page_loads_nothing_from_elsewhere(phone: aiohttp.ClientSession) -> None:
    async with phone.get("/") as answer:
        page = await answer.text()
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "http:" not in page
    assert "https:" not in page
    for name, kind in {"chat_page.css": "text/css", "chat_page.js": "text/javascript"}.items():
        assert f"/_chat/static/{name}" in page
        async with phone.get(f"/_chat/static/{name}") as answer:
            assert (answer.status, answer.content_type) == (200, kind)
    async with phone.get("/_chat/static/chat_page.html") as answer:
        assert answer.status == 404


async def test_what_is_new(phone: aiohttp.ClientSession) -> None:
    async with phone.get("/_chat/1/messages?after=6") as answer:
        state = await answer.json()
    (message,) = state.pop("messages")
    assert state == {"now": "2026-11-20T10:30:00+07:00", "follows": True, "typing": False, "menu": []}
    assert message["seq"] == 7
    assert message["text"] == "<b>đậm</b>"
    assert message["entities"] == [{"kind": "bold", "offset": 0, "length": 3, "url": ""}]
    assert message["rows"] == [[{"title": "Tra cứu", "payload": "#tracuu", "url": ""}]]


async def test_what_a_citizen_does_reaches_the_world(phone: aiohttp.ClientSession, world: Notebook) -> None:
    async with phone.post("/_chat/1/say", json={"text": "Xin chào"}) as answer:
        assert await answer.json() == {"toast": ""}
    async with phone.post("/_chat/2/press", json={"payload": "#a", "message_id": "m1"}) as answer:
        assert await answer.json() == {"toast": "Đã bấm"}
    form = aiohttp.FormData({"caption": "Phiếu"})
    form.add_field("photo", b"\x89PNG", filename="phieu.png", content_type="image/png")
    async with phone.post("/_chat/1/photo", data=form) as answer:
        assert answer.status == 200
    async with phone.post("/_chat/1/follow", json={"on": False}) as answer:
        assert answer.status == 200
    async with phone.post("/_chat/clock", json={"advance_seconds": 3600}) as answer:
        assert answer.status == 200
    assert world.heard == [
        ("1", "Xin chào"),
        ("2", "#a", "m1"),
        ("1", Photo(b"\x89PNG", "image/png", "phieu.png"), "Phiếu"),
        ("1", False),
        3600,
    ]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/_chat/9/say", '{"text": "a"}', 404),
        ("/_chat/1/say", '{"text": " "}', 400),
        ("/_chat/1/say", '{"text": 5}', 400),
        ("/_chat/1/say", "{", 400),
        ("/_chat/1/press", '{"payload": "#a"}', 400),
        ("/_chat/1/photo", "photo=1", 400),
        ("/_chat/1/follow", '{"on": "yes"}', 400),
        ("/_chat/clock", "[]", 400),
    ],
)
async def test_what_does_not_fit_is_refused(
    phone: aiohttp.ClientSession, world: Notebook, path: str, body: str, status: int
) -> None:
    async with phone.post(path, data=body) as answer:
        assert answer.status == status
    assert world.heard == []


async def test_a_place_in_the_conversation_is_a_number(phone: aiohttp.ClientSession) -> None:
    async with phone.get("/_chat/1/messages?after=x") as answer:
        assert answer.status == 400
