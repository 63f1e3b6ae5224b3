"""Messages to one citizen: what Zalo takes and refuses, windows and quotas, reactions, people without a name."""

from __future__ import annotations

from typing import Any

import pytest

from emulators.zalo import Fault, ZaloEmulator
from tests.emulators.zalo_bench import AN, BINH, CS, DAY, DUNG, Api, Hook, reply, template

V2 = "/v2.0/oa/message"
QUOTA = "/v3.0/oa/quota/message"
ASK = {"title": "Trung tâm Mẫu", "subtitle": "Xin số điện thoại", "image_url": "https://cdn.example/logo.png"}
IMAGE = {"media_type": "image", "url": "https://cdn.example/map.png"}


def button(kind: str = "oa.query.show", payload: Any = "#tracuu", title: str = "Tra cứu") -> dict[str, Any]:
    return {"title": title, "type": kind, "payload": payload}


def attached(**payload: Any) -> dict[str, Any]:
    return {"attachment": template(**payload)}


async def test_a_reply_is_answered_kept_and_echoed(api: Api, zalo: ZaloEmulator, hook: Hook) -> None:
    asked = await zalo.citizen_says(AN, "Xin chào")
    answer = await api.post(CS, reply("Chào anh", quote_message_id=asked))
    (sent,) = zalo.ledger
    assert answer == {
        "error": 0,
        "message": "Success",
        "data": {
            "message_id": sent.message_id,
            "user_id": AN,
            "sent_time": "1795150800000",
            "quota": {"quota_type": "reply", "remain": "8", "total": "8"},
        },
    }
    assert (sent.user_id, sent.text, sent.kind, sent.at, sent.buttons) == (AN, "Chào anh", "text", zalo.now(), ())
    assert zalo.messages_to(AN) == [sent]
    assert zalo.messages_to(BINH) == []
    await zalo.settle(5)
    (echo,) = hook.events("oa_send_text")
    assert (echo["sender"]["id"], echo["recipient"]["id"]) == (zalo.identity.oa_id, AN)
    assert echo["message"] == {"msg_id": sent.message_id, "text": "Chào anh"}
    (receipt,) = hook.events("user_received_message")
    assert receipt["message"] == {"msg_id": sent.message_id}


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ({"text": "a" * 2000}, "text"),
        ({"text": "e\u0302\u0301" * 2000}, "text"),
        ({"text": "Sơ đồ", **attached(template_type="media", elements=[IMAGE])}, "image"),
        (attached(template_type="media", elements=[{**IMAGE, "media_type": "gif", "width": 1, "height": 1}]), "gif"),
        (attached(template_type="media", elements=[{"media_type": "sticker", "attachment_id": "bfe458"}]), "sticker"),
        (attached(template_type="request_user_info", elements=[ASK]), "request_user_info"),
        ({"text": "Chọn", **attached(buttons=[button(title="a" * 100, payload="b" * 1000)] * 5)}, "text"),
        ({"text": "Mở", **attached(buttons=[button("oa.open.url", {"url": "https://dichvucong.example"})])}, "text"),
        ({"text": "Gọi", **attached(buttons=[button("oa.open.phone", {"phone_code": "841022"})])}, "text"),
        (
            {"text": "Nhắn", **attached(buttons=[button("oa.open.sms", {"content": "a", "phone_code": "841022"})])},
            "text",
        ),
    ],
)
async def test_what_is_taken(api: Api, zalo: ZaloEmulator, message: dict[str, Any], kind: str) -> None:
    await zalo.citizen_says(AN, "Xin chào")
    assert await api.code(CS, {"recipient": {"user_id": AN}, "message": message}) == 0
    assert [sent.kind for sent in zalo.ledger] == [kind]


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("Chào", -201),
        ({}, -201),
        ({"text": ""}, -201),
        ({"text": " \n"}, -201),
        ({"text": 5}, -201),
        ({"text": "a" * 2001}, -210),
        ({"text": "a", "colour": "red"}, -201),
        ({"text": "a", "quote_message_id": "gone"}, -201),
        ({"text": "a", "attachment": {"type": "image", "payload": {"url": "https://cdn.example/a.png"}}}, -201),
        ({"text": "a", "attachment": {"type": "template", "payload": []}}, -201),
        ({"text": "a", **attached(template_type="carousel")}, -201),
        (attached(buttons=[button()]), -201),
        ({"text": "a", **attached(buttons=[])}, -201),
        ({"text": "a", **attached(buttons=[button()] * 6)}, -210),
        ({"text": "a", **attached(buttons=[button(title="a" * 101)])}, -210),
        ({"text": "a", **attached(buttons=[button(payload="a" * 1001)])}, -210),
        ({"text": "a", **attached(buttons=[button(payload={"a": 1})])}, -201),
        ({"text": "a", **attached(buttons=[button("oa.click")])}, -201),
        ({"text": "a", **attached(buttons=[button("oa.open.url", "https://a.example")])}, -201),
        ({"text": "a", **attached(buttons=[button("oa.open.url", {"url": "javascript:1"})])}, -201),
        ({"text": "a", **attached(buttons=[button("oa.open.sms", {"content": "a" * 161, "phone_code": "8"})])}, -210),
        (attached(template_type="media", elements=[IMAGE, IMAGE]), -210),
        (attached(template_type="media", elements=[{"media_type": "image"}]), -201),
        (attached(template_type="media", elements=[{**IMAGE, "attachment_id": "a"}]), -201),
        (attached(template_type="media", elements=[{"media_type": "image", "attachment_id": "a"}]), -201),
        (attached(template_type="media", elements=[{**IMAGE, "url": "http://localhost/a.png"}]), -201),
        (attached(template_type="media", elements=[{**IMAGE, "url": "http://127.0.0.1:80/a.png"}]), -201),
        (attached(template_type="media", elements=[{**IMAGE, "media_type": "gif"}]), -201),
        (attached(template_type="media", elements=[{**IMAGE, "media_type": "sticker"}]), -201),
        (attached(template_type="media", elements=[{"media_type": "article", "attachment_id": "a"}]), -201),
        (attached(template_type="request_user_info", elements=[ASK, ASK]), -210),
        (attached(template_type="request_user_info", elements=[{**ASK, "title": "a" * 101}]), -210),
        (attached(template_type="list", elements=[{"title": "a", "subtitle": "b"}]), -233),
        ({"attachment": {"type": "file", "payload": {"token": "made up"}}}, -201),
    ],
)
async def test_what_is_refused(api: Api, zalo: ZaloEmulator, message: Any, error: int) -> None:
    await zalo.citizen_says(AN, "Xin chào")
    answer = await api.post(CS, {"recipient": {"user_id": AN}, "message": message})
    assert answer["error"] == error
    assert set(answer) == {"error", "message"}
    assert zalo.ledger == []


async def test_lists_where_they_are_allowed(api: Api, zalo: ZaloEmulator) -> None:
    zalo.switches.list_allowed = True
    await zalo.citizen_says(AN, "Xin chào")
    first = {"title": "Thủ tục", "subtitle": "Chọn", "default_action": {"type": "oa.query.hide", "payload": "#x"}}
    second = {"title": "Cổng", "default_action": {"type": "oa.open.url", "url": "https://dichvucong.example"}}
    body = {"recipient": {"user_id": AN}, "message": attached(template_type="list", elements=[first, second])}
    assert await api.code(CS, body) == 0
    assert [(one.type, one.value) for one in zalo.ledger[0].buttons] == [
        ("oa.query.hide", "#x"),
        ("oa.open.url", "https://dichvucong.example"),
    ]


async def test_buttons_may_be_refused(api: Api, zalo: ZaloEmulator) -> None:
    await zalo.citizen_says(AN, "Xin chào")
    body = reply("Chọn", **attached(buttons=[button()]))
    zalo.faults.switch_on(Fault.BUTTONS_REFUSED, 1)
    assert [await api.code(CS, body) for _ in range(2)] == [-201, 0]
    zalo.switches.buttons_allowed = False
    assert await api.code(CS, body) == -201


@pytest.mark.parametrize(
    "recipient", [None, {}, {"user_id": "1"}, {"user_id": 8123450000000000001}, {"message_id": "1"}]
)
async def test_nobody_of_this_id(api: Api, recipient: Any) -> None:
    assert await api.code(CS, {"recipient": recipient, "message": {"text": "a"}}) == -201


async def test_the_windows(api: Api, zalo: ZaloEmulator) -> None:
    assert await api.code(CS, reply("a")) == -232
    await zalo.citizen_says(AN, "Xin chào")
    await api.later(2 * DAY)
    assert "quota" in (await api.post(CS, reply("a")))["data"]
    await api.later(1)
    assert "quota" not in (await api.post(CS, reply("a")))["data"]
    await api.later(5 * DAY)
    assert await api.code(CS, reply("a")) == -230
    await api.later(39 * DAY)
    assert await api.code(CS, reply("a")) == -227
    await zalo.citizen_presses(AN, "#tracuu")
    assert await api.code(CS, reply("a")) == 0


async def test_windows_can_be_left_open(api: Api, zalo: ZaloEmulator) -> None:
    zalo.switches.windows_enforced = False
    assert await api.code(CS, reply("a")) == 0


async def test_a_message_outside_two_days_costs_money(api: Api, zalo: ZaloEmulator) -> None:
    await zalo.citizen_says(AN, "Xin chào")
    await api.later(3 * DAY)
    zalo.balance = 60
    assert [await api.code(CS, reply("a")) for _ in range(2)] == [0, -321]
    assert len(zalo.ledger) == 1


async def test_the_old_rule_of_eight_replies(api: Api, zalo: ZaloEmulator) -> None:
    zalo.switches.reply_quota = 8
    await zalo.citizen_says(AN, "Xin chào")
    answers = [await api.post(CS, reply("a")) for _ in range(9)]
    assert [one["error"] for one in answers] == [0] * 8 + [-311]
    assert [one["data"]["quota"]["remain"] for one in answers[:8]] == list("76543210")
    await zalo.citizen_says(AN, "Còn đó không?")
    assert await api.code(CS, reply("a")) == 0


async def test_a_new_follower_is_welcomed_three_times(api: Api, zalo: ZaloEmulator) -> None:
    zalo.follow(AN)
    answers = [await api.post(CS, reply("a")) for _ in range(4)]
    assert [one["error"] for one in answers] == [0, 0, 0, -218]
    assert answers[0]["data"]["quota"] == {"quota_type": "welcome_msg", "remain": "2", "total": "3"}


async def test_who_cannot_be_written_to(api: Api, zalo: ZaloEmulator) -> None:
    for person in (AN, BINH, DUNG):
        await zalo.citizen_says(person, "Xin chào")
    zalo.unfollow(AN)
    zalo.people[BINH].banned = True
    zalo.people[DUNG].refuses.add("cs")
    assert [await api.code(CS, reply("a", person)) for person in (AN, BINH, DUNG)] == [-213, -227, -244]
    await zalo.citizen_says(AN, "Tôi hỏi lại")
    assert await api.code(CS, reply("a")) == 0


async def test_an_answer_to_one_message(api: Api, zalo: ZaloEmulator) -> None:
    asked = await zalo.citizen_says(AN, "Xin chào")
    zalo.unfollow(AN)
    body = {"recipient": {"message_id": asked}, "message": {"text": "a"}}
    assert [await api.code(CS, body) for _ in range(9)] == [0] * 8 + [-311]
    assert {sent.user_id for sent in zalo.ledger} == {AN}


async def test_quota_before_sending(api: Api, zalo: ZaloEmulator) -> None:
    assert await api.code(QUOTA, {"user_id": AN}) == -232
    zalo.follow(AN)
    data = (await api.post(QUOTA, {"user_id": AN}))["data"]
    assert data["last_interaction"] == "1795150800000"
    assert data["cs_reply"] == {"remain": 8, "total": 8}
    assert data["promotion"]["daily_remain"] == 1
    owned = {"quota_owner": "OA", "product_type": "cs", "quota_type": "sub_quota"}
    (asset,) = (await api.post(QUOTA, owned))["data"]
    assert (asset["product_type"], asset["quota_type"]) == ("cs", "sub_quota")


async def test_reactions(api: Api, zalo: ZaloEmulator) -> None:
    asked = await zalo.citizen_says(AN, "Xin chào")

    def action(icon: str, message_id: str = asked) -> dict[str, Any]:
        act = {"react_icon": icon, "react_message_id": message_id}
        return {"recipient": {"user_id": AN}, "sender_action": act}

    assert await api.code(V2, action("/-strong")) == 0
    assert zalo.reactions_to(AN) == {asked: "/-strong"}
    assert await api.code(V2, action("thumb")) == -201
    assert await api.code(V2, action("/-heart", "gone")) == -201
    assert await api.code(V2, action("/-remove")) == 0
    assert zalo.reactions_to(AN) == {}
    assert zalo.ledger == []


async def test_people_without_a_name(api: Api, zalo: ZaloEmulator, hook: Hook) -> None:
    await zalo.anonymous_says("an_77aa88bb", "Xin chào", "cv_1")
    await zalo.settle(5)
    (event,) = hook.events("anonymous_send_text")
    assert event["sender"]["id"] == "an_77aa88bb"
    assert event["message"]["conversation_id"] == "cv_1"
    recipient = {"anonymous_id": "an_77aa88bb", "conversation_id": "cv_1"}
    data = (await api.post(V2, {"recipient": recipient, "message": {"text": "Chào"}}))["data"]
    assert {name: data[name] for name in recipient} == recipient
    assert [sent.text for sent in zalo.messages_to("an_77aa88bb")] == ["Chào"]
    wrong = {**recipient, "conversation_id": "cv_2"}
    assert await api.code(V2, {"recipient": wrong, "message": {"text": "Chào"}}) == -201
    await zalo.settle(5)
    assert len(hook.events("oa_send_anonymous_text")) == 1


async def test_second_version_is_shut_down_for_one_to_one(api: Api, zalo: ZaloEmulator) -> None:
    await zalo.citizen_says(AN, "Xin chào")
    assert await api.code(V2, reply("a")) == -240
