"""What is sent to Zalo, what Zalo says to it, and how a sending of which nobody knows is found again."""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from dataclasses import replace
from typing import Any, AsyncIterator, Mapping, Optional

import pytest
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpServer

from connectors.channel import Channel, Interrupted, Purpose
from connectors.errors import Refused, RefusedReason, TooFast, Unknowable, Unreachable
from connectors.messages import Address, Attachment, AttachmentKind, Choice, IncomingMessage, Reply
from connectors.pacing import Pace
from connectors.zalo.channel import RECEIVED, ZaloChannel
from connectors.zalo.client import ZaloClient
from tests.connectors.zalo.scripted_zalo import ScriptedZalo, Tokens, scripted_zalo

AN = Address("zalo", "8123450000000000001")
NOBODY = Address("zalo", "anonymous:an_77aa:cv_11cc")
BEGAN = dt.datetime(2026, 11, 20, 2, 0, tzinfo=dt.timezone.utc)
TEXTS = {"vi": {"answer_by_number": "Trả lời bằng số:"}, "en": {"answer_by_number": "Answer with a number:"}}
CS, OLDER = "/v3.0/oa/message/cs", "/v2.0/oa/message"


class SkippedTime:
    """A clock that stands still but for the sleeping, which is done at once."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


def granted(**quota: Any) -> Mapping[str, Any]:
    return {"message_id": "m1", "user_id": AN.id, **({"quota": quota} if quota else {})}


def posts(zalo: ScriptedZalo) -> list[tuple[str, Any]]:
    return [(asked.path.removeprefix("/api"), asked.json) for asked in zalo.asked]


def lay_conversation(zalo: ScriptedZalo, lines: list[Mapping[str, Any]]) -> None:
    """The newest first, as Zalo gives it: in pages of ten, the last one shorter."""
    for start in range(0, len(lines) + 1, 10):
        zalo.success(lines[start : start + 10])


def line(message_id: str, text: str, seconds: float = 1, src: int = 0) -> Mapping[str, Any]:
    at = int((BEGAN + dt.timedelta(seconds=seconds)).timestamp() * 1000)
    return {"src": src, "time": at, "type": "text", "message": text, "message_id": message_id}


def interrupted(text: Optional[str] = "Xin chào", known: frozenset[str] = frozenset(), to: Address = AN) -> Interrupted:
    part = {"attachment": {}} if text is None else {"text": text}
    return Interrupted(to, part, BEGAN, "", known)


@pytest.fixture
def time() -> SkippedTime:
    return SkippedTime()


@pytest.fixture
async def served(time: SkippedTime) -> AsyncIterator[tuple[ScriptedZalo, ZaloChannel]]:
    async with scripted_zalo() as (zalo, settings, http):
        settings = replace(settings, buttons=True)
        pace = Pace(clock=time, sleep=time.sleep)
        yield zalo, ZaloChannel(ZaloClient(settings, Tokens(), http), settings, pace, TEXTS)


@pytest.fixture
def zalo(served: tuple[ScriptedZalo, ZaloChannel]) -> ScriptedZalo:
    return served[0]


@pytest.fixture
def channel(served: tuple[ScriptedZalo, ZaloChannel]) -> ZaloChannel:
    return served[1]


async def test_a_reply_is_sent_to_a_person(zalo: ScriptedZalo, channel: ZaloChannel) -> None:
    zalo.success(granted())
    (part,) = channel.draw(Reply("Xin chào"), "k1")
    assert await channel.send(AN, part) == "m1"
    assert posts(zalo) == [(CS, {"recipient": {"user_id": AN.id}, "message": {"text": "Xin chào"}})]


async def test_a_reply_is_sent_to_a_person_without_an_account(zalo: ScriptedZalo, channel: ZaloChannel) -> None:
    zalo.success(granted())
    await channel.send(NOBODY, {"text": "Xin chào"})
    recipient = {"anonymous_id": "an_77aa", "conversation_id": "cv_11cc"}
    assert posts(zalo) == [(OLDER, {"recipient": recipient, "message": {"text": "Xin chào"}})]


async def test_buttons_that_are_not_taken_are_left_out(zalo: ScriptedZalo, channel: ZaloChannel) -> None:
    zalo.failure(-201)
    zalo.success({"message_id": "m2"})
    (part,) = channel.draw(Reply("Chọn:", choices=(Choice("Lệ phí", "/fee"),)), "k1", quoted="a1b2")
    assert await channel.send(AN, part) == "m2"
    first, second = [body["message"] for _path, body in posts(zalo)]
    assert set(first) == {"text", "attachment", "quote_message_id"}
    assert second == {"text": "Chọn:\n\nTrả lời bằng số:\n1. Lệ phí"}


async def test_a_text_that_is_not_taken_is_not_sent_again(zalo: ScriptedZalo, channel: ZaloChannel) -> None:
    for part in ({"text": "Xin chào"}, {"attachment": {"type": "template"}}):
        zalo.failure(-201)
        with pytest.raises(Refused):
            await channel.send(AN, part)
    assert len(posts(zalo)) == 2


async def test_a_closed_window_is_told(zalo: ScriptedZalo, channel: ZaloChannel) -> None:
    zalo.failure(-230)
    with pytest.raises(Refused) as error:
        await channel.send(AN, {"text": "Xin chào", "attachment": {}})
    assert error.value.why is RefusedReason.WINDOW_CLOSED
    assert len(posts(zalo)) == 1


async def test_everybody_waits_when_zalo_finds_us_too_fast(
    zalo: ScriptedZalo, channel: ZaloChannel, time: SkippedTime
) -> None:
    zalo.failure(-32)
    zalo.success(granted())
    with pytest.raises(TooFast):
        await channel.send(AN, {"text": "Xin chào"})
    await channel.turn(Address("zalo", "8123450000000000002"), Purpose.REPLY)
    assert time.now >= 60


async def test_a_sending_without_an_id_may_have_happened(zalo: ScriptedZalo, channel: ZaloChannel) -> None:
    zalo.success()
    with pytest.raises(Unreachable) as error:
        await channel.send(AN, {"text": "Xin chào"})
    assert error.value.maybe_sent


async def test_what_zalo_still_grants_a_person_is_remembered(zalo: ScriptedZalo, channel: ZaloChannel) -> None:
    quotas = [
        {"quota_type": "reply", "remain": "7", "total": "8"},
        {"quota_type": "welcome_msg", "remain": 2, "total": 3},
        {"quota_type": "sub_quota", "remain": "499", "total": "500"},
        {"quota_type": "reply", "remain": "many"},
    ]
    seen = [channel.replies_left(AN.id)]
    for quota in quotas:
        zalo.success(granted(**quota))
        await channel.send(AN, {"text": "Xin chào"})
        seen.append(channel.replies_left(AN.id))
    assert seen == [None, 7, 2, None, None]


async def test_a_sent_message_is_found_again(zalo: ScriptedZalo, channel: ZaloChannel) -> None:
    text = "Hồ sơ  đã được\ntiếp nhận."
    lay_conversation(
        zalo,
        [
            line("m9", "Xin chào", 30),
            line("m8", unicodedata.normalize("NFD", "Hồ sơ đã được tiếp nhận. "), 5),
            line("m7", "Hồ sơ đã được tiếp nhận.", 4, src=1),
            line("m6", "Hồ sơ đã được tiếp nhận.", -61),
        ],
    )
    assert await channel.find_sent(interrupted(text)) == "m8"


async def test_the_oldest_of_several_that_are_not_known_is_ours(zalo: ScriptedZalo, channel: ZaloChannel) -> None:
    lay_conversation(zalo, [line("m3", "Xin chào", 3), line("m2", "Xin chào", 2), line("m1", "Xin chào", 1)])
    assert await channel.find_sent(interrupted(known=frozenset({"m1"}))) == "m2"


async def test_a_message_that_was_not_sent_is_not_found(zalo: ScriptedZalo, channel: ZaloChannel) -> None:
    lay_conversation(zalo, [{"src": 0}, line("m1", "Xin chào", -90)])
    assert await channel.find_sent(interrupted()) is None
    lay_conversation(zalo, [])
    assert await channel.find_sent(interrupted()) is None


async def test_a_long_conversation_is_leafed_through(zalo: ScriptedZalo, channel: ZaloChannel) -> None:
    talk = [line(f"c{number}", "Vâng ạ", 100 - number, src=1) for number in range(25)]
    lay_conversation(zalo, [*talk, line("m1", "Xin chào")])
    assert await channel.find_sent(interrupted()) == "m1"
    wanted = [json.loads(asked.query["data"]) for asked in zalo.asked]
    assert wanted == [{"user_id": AN.id, "offset": offset, "count": 10} for offset in (0, 10, 20)]


@pytest.mark.parametrize("what", [interrupted(None), interrupted(to=NOBODY)])
async def test_what_zalo_does_not_show_cannot_be_told(channel: ZaloChannel, what: Interrupted) -> None:
    with pytest.raises(Unknowable):
        await channel.find_sent(what)


async def test_too_long_a_conversation_cannot_be_told(zalo: ScriptedZalo, channel: ZaloChannel) -> None:
    lay_conversation(zalo, [line(f"c{number}", "Vâng ạ", 100, src=1) for number in range(60)])
    with pytest.raises(Unknowable):
        await channel.find_sent(interrupted())


async def test_a_message_is_acknowledged_by_a_sign(zalo: ScriptedZalo, channel: ZaloChannel) -> None:
    await channel.acknowledge(IncomingMessage("a1b2", AN, "Xin chào", BEGAN))
    action = {"react_icon": RECEIVED, "react_message_id": "a1b2"}
    assert posts(zalo) == [(OLDER, {"recipient": {"user_id": AN.id}, "sender_action": action})]


async def test_no_sign_for_a_hidden_press_or_somebody_without_an_account(
    zalo: ScriptedZalo, channel: ZaloChannel
) -> None:
    await channel.acknowledge(IncomingMessage("a1b2", AN, "", BEGAN, pressed=True, choice="k1.0"))
    await channel.acknowledge(IncomingMessage("a1b2", NOBODY, "Xin chào", BEGAN))
    assert posts(zalo) == []


@pytest.mark.parametrize("code", [-32, -216, -201, -230, 999])
async def test_a_sign_that_is_not_taken_does_no_harm(zalo: ScriptedZalo, channel: ZaloChannel, code: int) -> None:
    for _ in range(2):  # with a rejected token it is asked again
        zalo.failure(code)
    await channel.acknowledge(IncomingMessage("a1b2", AN, "Xin chào", BEGAN))
    assert {path for path, _body in posts(zalo)} == {OLDER}


async def test_an_attachment_without_an_address_is_refused(channel: ZaloChannel) -> None:
    with pytest.raises(Refused):
        await channel.fetch(Attachment(AttachmentKind.IMAGE), 100)


async def test_a_photo_is_fetched_from_the_emulator(aiohttp_server: AiohttpServer, channel: ZaloChannel) -> None:
    async def give(_request: web.Request) -> web.Response:
        return web.Response(body=b"\x89PNG", content_type="image/png")

    app = web.Application()
    app.router.add_get("/photo", give)
    photo = str((await aiohttp_server(app)).make_url("/photo"))
    assert await channel.fetch(Attachment(AttachmentKind.IMAGE, photo), 100) == b"\x89PNG"


async def test_a_card_asks_for_name_and_phone_when_a_person_may_call_back() -> None:
    words = {"answer_by_number": "Trả lời bằng số:", "request_info_title": "Liên hệ", "request_info_subtitle": "Để gọi"}
    async with scripted_zalo() as (_, settings, http):
        settings = replace(settings, contact_image="https://cdn.example.gov.vn/logo.png")
        channel = ZaloChannel(ZaloClient(settings, Tokens(), http), settings, Pace(), {"vi": words})
        parts = channel.draw(Reply("Xin gọi 1800 1096.", asks_contact=True), "5")
        assert parts[1]["attachment"]["payload"]["elements"][0]["title"] == "Liên hệ"
        assert len(channel.draw(Reply("Xin chào"), "6")) == 1


async def test_it_is_one_of_the_houses_channels(channel: ZaloChannel) -> None:
    house: Channel = channel
    assert (house.name, house.limits.text_characters, house.limits.choices) == ("zalo", 2_000, 5)
    assert len(house.bookmark()) <= 40
