"""What is sent to Zalo, what Zalo says to it, and how a sending of which nobody knows is found again."""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from typing import Any, AsyncIterator, Callable, Mapping, Optional, Union

import aiohttp
import pytest
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpServer

from connectors.channel import Channel, Interrupted, Purpose
from connectors.errors import Misconfigured, Refused, RefusedReason, TooFast, Unreachable
from connectors.messages import Address, Attachment, AttachmentKind, Choice, IncomingMessage, Reply
from connectors.pacing import Pace
from connectors.zalo.channel import RECEIVED, ZaloChannel
from connectors.zalo.client import ZaloClient
from connectors.zalo.settings import ZaloSettings

AN = Address("zalo", "8123450000000000001")
NOBODY = Address("zalo", "anonymous:an_77aa:cv_11cc")
BEGAN = dt.datetime(2026, 11, 20, 2, 0, tzinfo=dt.timezone.utc)
TEXTS = {"vi": {"answer_by_number": "Trả lời bằng số:"}, "en": {"answer_by_number": "Answer with a number:"}}
CS, OLDER = "/v3.0/oa/message/cs", "/v2.0/oa/message"

Answer = Union[Mapping[str, Any], Callable[[Mapping[str, Any]], Mapping[str, Any]]]


class Zalo:
    """Zalo's side of the wire: keeps what comes and gives the prepared answers, the last one for ever."""

    def __init__(self) -> None:
        self.url = ""
        self.posts: list[tuple[str, Any]] = []
        self.answers: list[Mapping[str, Any]] = [sent()]
        self.lines: list[Mapping[str, Any]] = []  # of one conversation, the newest first

    async def take(self, request: web.Request) -> web.Response:
        assert request.headers["access_token"] == "token"
        self.posts.append((request.path, await request.json()))
        return web.json_response(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])

    async def show(self, request: web.Request) -> web.Response:
        wanted = json.loads(request.query["data"])
        assert wanted["user_id"] == AN.id
        page = self.lines[wanted["offset"] : wanted["offset"] + wanted["count"]]
        return web.json_response({"error": 0, "message": "Success", "data": page})


class Token:
    """One access token that never ends."""

    async def access_token(self) -> str:
        return "token"

    async def renewed(self, rejected: str) -> str:
        raise Misconfigured("there is no other token")


class SkippedTime:
    """A clock that stands still but for the sleeping, which is done at once."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


def sent(message_id: str = "m1", **quota: Any) -> Mapping[str, Any]:
    data = {"message_id": message_id, "user_id": AN.id, **({"quota": quota} if quota else {})}
    return {"error": 0, "message": "Success", "data": data}


def refused(code: int) -> Mapping[str, Any]:
    return {"error": code, "message": "no"}


def line(message_id: str, text: str, seconds: float = 1, src: int = 0) -> Mapping[str, Any]:
    at = int((BEGAN + dt.timedelta(seconds=seconds)).timestamp() * 1000)
    return {"src": src, "time": at, "type": "text", "message": text, "message_id": message_id}


def interrupted(text: Optional[str] = "Xin chào", known: frozenset[str] = frozenset(), to: Address = AN) -> Interrupted:
    part = {"attachment": {}} if text is None else {"text": text}
    return Interrupted(to, part, BEGAN, "", known)


@pytest.fixture
async def zalo(aiohttp_server: AiohttpServer) -> Zalo:
    zalo = Zalo()
    app = web.Application()
    app.router.add_get("/v2.0/oa/conversation", zalo.show)
    app.router.add_post("/{path:.*}", zalo.take)
    zalo.url = str((await aiohttp_server(app)).make_url("")).rstrip("/")
    return zalo


@pytest.fixture
def time() -> SkippedTime:
    return SkippedTime()


@pytest.fixture
async def channel(zalo: Zalo, time: SkippedTime) -> AsyncIterator[ZaloChannel]:
    settings = ZaloSettings("1", "2", "3", "4", api_url=zalo.url, buttons=True)
    async with aiohttp.ClientSession() as http:
        pace = Pace(clock=time, sleep=time.sleep)
        yield ZaloChannel(ZaloClient(settings, Token(), http), settings, pace, TEXTS)


async def test_a_reply_is_sent_to_a_person(zalo: Zalo, channel: ZaloChannel) -> None:
    (part,) = channel.draw(Reply("Xin chào"), "k1")
    assert await channel.send(AN, part, Purpose.REPLY) == "m1"
    assert zalo.posts == [(CS, {"recipient": {"user_id": AN.id}, "message": {"text": "Xin chào"}})]


async def test_a_reply_is_sent_to_a_person_without_an_account(zalo: Zalo, channel: ZaloChannel) -> None:
    await channel.send(NOBODY, {"text": "Xin chào"}, Purpose.REPLY)
    recipient = {"anonymous_id": "an_77aa", "conversation_id": "cv_11cc"}
    assert zalo.posts == [(OLDER, {"recipient": recipient, "message": {"text": "Xin chào"}})]


async def test_buttons_that_are_not_taken_are_left_out(zalo: Zalo, channel: ZaloChannel) -> None:
    zalo.answers = [refused(-201), sent("m2")]
    (part,) = channel.draw(Reply("Chọn:", choices=(Choice("Lệ phí", "/fee"),)), "k1", quoted="a1b2")
    assert await channel.send(AN, part, Purpose.REPLY) == "m2"
    first, second = [body["message"] for _path, body in zalo.posts]
    assert set(first) == {"text", "attachment", "quote_message_id"}
    assert second == {"text": "Chọn:\n\nTrả lời bằng số:\n1. Lệ phí"}


async def test_a_text_that_is_not_taken_is_not_sent_again(zalo: Zalo, channel: ZaloChannel) -> None:
    zalo.answers = [refused(-201)]
    for part in ({"text": "Xin chào"}, {"attachment": {"type": "template"}}):
        with pytest.raises(Refused):
            await channel.send(AN, part, Purpose.REPLY)
    assert len(zalo.posts) == 2


async def test_a_closed_window_is_told(zalo: Zalo, channel: ZaloChannel) -> None:
    zalo.answers = [refused(-230)]
    with pytest.raises(Refused) as error:
        await channel.send(AN, {"text": "Xin chào", "attachment": {}}, Purpose.REPLY)
    assert error.value.why is RefusedReason.WINDOW_CLOSED
    assert len(zalo.posts) == 1


async def test_everybody_waits_when_zalo_finds_us_too_fast(zalo: Zalo, channel: ZaloChannel, time: SkippedTime) -> None:
    zalo.answers = [refused(-32), sent()]
    with pytest.raises(TooFast):
        await channel.send(AN, {"text": "Xin chào"}, Purpose.REPLY)
    await channel.send(Address("zalo", "8123450000000000002"), {"text": "Xin chào"}, Purpose.REPLY)
    assert time.now >= 60


async def test_a_sending_without_an_id_may_have_happened(zalo: Zalo, channel: ZaloChannel) -> None:
    zalo.answers = [{"error": 0, "message": "Success", "data": {}}]
    with pytest.raises(Unreachable) as error:
        await channel.send(AN, {"text": "Xin chào"}, Purpose.REPLY)
    assert error.value.maybe_sent


async def test_what_zalo_still_grants_a_person_is_remembered(zalo: Zalo, channel: ZaloChannel) -> None:
    zalo.answers = [
        sent(quota_type="reply", remain="7", total="8"),
        sent(quota_type="welcome_msg", remain=2, total=3),
        sent(quota_type="sub_quota", remain="499", total="500"),
        sent(quota_type="reply", remain="many"),
    ]
    seen = [channel.replies_left(AN.id)]
    for _ in range(4):
        await channel.send(AN, {"text": "Xin chào"}, Purpose.REPLY)
        seen.append(channel.replies_left(AN.id))
    assert seen == [None, 7, 2, None, None]


async def test_a_sent_message_is_found_again(zalo: Zalo, channel: ZaloChannel) -> None:
    text = "Hồ sơ  đã được\ntiếp nhận."
    zalo.lines = [
        line("m9", "Xin chào", 30),
        line("m8", unicodedata.normalize("NFD", "Hồ sơ đã được tiếp nhận. "), 5),
        line("m7", "Hồ sơ đã được tiếp nhận.", 4, src=1),
        line("m6", "Hồ sơ đã được tiếp nhận.", -61),
    ]
    assert await channel.find_sent(interrupted(text)) == "m8"


async def test_the_oldest_of_several_that_are_not_known_is_ours(zalo: Zalo, channel: ZaloChannel) -> None:
    zalo.lines = [line("m3", "Xin chào", 3), line("m2", "Xin chào", 2), line("m1", "Xin chào", 1)]
    assert await channel.find_sent(interrupted(known=frozenset({"m1"}))) == "m2"


async def test_a_message_that_was_not_sent_is_not_found(zalo: Zalo, channel: ZaloChannel) -> None:
    zalo.lines = [{"src": 0}, line("m1", "Xin chào", -90)]
    assert await channel.find_sent(interrupted()) is None
    zalo.lines = []
    assert await channel.find_sent(interrupted()) is None


async def test_a_long_conversation_is_leafed_through(zalo: Zalo, channel: ZaloChannel) -> None:
    talk = [line(f"c{number}", "Vâng ạ", 100 - number, src=1) for number in range(25)]
    zalo.lines = [*talk, line("m1", "Xin chào")]
    assert await channel.find_sent(interrupted()) == "m1"


@pytest.mark.parametrize("what", [interrupted(None), interrupted(to=NOBODY)])
async def test_what_zalo_does_not_show_cannot_be_told(channel: ZaloChannel, what: Interrupted) -> None:
    with pytest.raises(Unreachable):
        await channel.find_sent(what)


async def test_too_long_a_conversation_cannot_be_told(zalo: Zalo, channel: ZaloChannel) -> None:
    zalo.lines = [line(f"c{number}", "Vâng ạ", 100, src=1) for number in range(60)]
    with pytest.raises(Unreachable):
        await channel.find_sent(interrupted())


async def test_a_message_is_acknowledged_by_a_sign(zalo: Zalo, channel: ZaloChannel) -> None:
    await channel.acknowledge(IncomingMessage("a1b2", AN, "Xin chào", BEGAN))
    action = {"react_icon": RECEIVED, "react_message_id": "a1b2"}
    assert zalo.posts == [(OLDER, {"recipient": {"user_id": AN.id}, "sender_action": action})]


async def test_no_sign_for_a_hidden_press_or_somebody_without_an_account(zalo: Zalo, channel: ZaloChannel) -> None:
    await channel.acknowledge(IncomingMessage("a1b2", AN, "", BEGAN, pressed=True, choice="k1.0"))
    await channel.acknowledge(IncomingMessage("a1b2", NOBODY, "Xin chào", BEGAN))
    assert zalo.posts == []


@pytest.mark.parametrize("code", [-32, -216, -201, -230, 999])
async def test_a_sign_that_is_not_taken_does_no_harm(zalo: Zalo, channel: ZaloChannel, code: int) -> None:
    zalo.answers = [refused(code)]
    await channel.acknowledge(IncomingMessage("a1b2", AN, "Xin chào", BEGAN))
    assert len(zalo.posts) == 1


async def test_an_attachment_without_an_address_is_refused(channel: ZaloChannel) -> None:
    with pytest.raises(Refused):
        await channel.fetch(Attachment(AttachmentKind.IMAGE), 100)


async def test_a_photo_is_fetched_from_the_emulator(
    aiohttp_server: AiohttpServer, zalo: Zalo, channel: ZaloChannel
) -> None:
    async def give(_request: web.Request) -> web.Response:
        return web.Response(body=b"\x89PNG", content_type="image/png")

    app = web.Application()
    app.router.add_get("/photo", give)
    photo = str((await aiohttp_server(app)).make_url("/photo"))
    assert await channel.fetch(Attachment(AttachmentKind.IMAGE, photo), 100) == b"\x89PNG"


async def test_it_is_one_of_the_houses_channels(channel: ZaloChannel) -> None:
    house: Channel = channel
    assert (house.name, house.limits.text_characters, house.limits.choices) == ("zalo", 2_000, 5)
    assert len(house.bookmark()) <= 40
