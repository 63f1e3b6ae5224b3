"""Articles, broadcasts and templates of the emulated Zalo: background work, moderators, hours, quotas, receipts."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from emulators.zalo import Fault, ZaloEmulator
from tests.emulators.zalo_bench import AN, BINH, CHAU, DAY, DUNG, Api, Hook, template

ARTICLE = {
    "type": "normal",
    "title": "Hướng dẫn đăng ký khai sinh",
    "author": "Sở Tư pháp Mẫu",
    "description": "Thủ tục, giấy tờ, thời hạn",
    "cover": {"cover_type": "photo", "photo_url": "https://cdn.example/c.jpg"},
    "body": [{"type": "text", "content": "Bước 1"}, {"type": "image", "url": "https://cdn.example/1.jpg"}],
}
CREATE, VERIFY = "/v2.0/article/create", "/v2.0/article/verify"
V2 = "/v2.0/oa/message"
UID, PHONE = "/v3.0/oa/message/template", "/message/template"
DATA = {"ho_ten": "Nguyễn Văn An", "ma_ho_so": "H57.132", "trang_thai": "Đã có kết quả"}
BY_PHONE = {"phone": "84912000345", "template_id": "412345", "template_data": DATA, "tracking_id": "hs-1"}
BY_UID = {"user_id": AN, "template_id": "412345", "template_data": DATA}
NIGHT = 10 * 3600  # from noon on


async def article(api: Api, **change: Any) -> str:
    """A new article's id."""
    token = (await api.post(CREATE, {**ARTICLE, **change}))["data"]["token"]
    answers = [await api.post(VERIFY, {"token": token}) for _ in range(3)]
    assert [answer["error"] for answer in answers] == [-214, -214, 0]
    return str(answers[-1]["data"]["id"])


def broadcast(*articles: str, **target: Any) -> dict[str, Any]:
    elements = [{"media_type": "article", "attachment_id": one} for one in articles]
    message = {"attachment": template(template_type="media", elements=elements)}
    return {"recipient": {"target": target}, "message": message}


async def test_an_article_is_made_in_the_background_and_hidden(api: Api) -> None:
    key = await article(api)
    detail = (await api.get("/v2.0/article/getdetail", id=key))["data"]
    assert {name: detail[name] for name in ARTICLE} == ARTICLE
    assert (detail["status"], detail["comment"]) == ("hide", "show")
    token = (await api.post("/v2.0/article/update", {**ARTICLE, "id": key, "status": "show"}))["data"]["token"]
    assert [await api.code(VERIFY, {"token": token}) for _ in range(3)] == [-214, -214, 0]
    listed = (await api.get("/v2.0/article/getslice", offset="0", limit="10", type="normal"))["data"]
    assert [(one["id"], one["status"]) for one in listed["medias"]] == [(key, "show")]
    assert [await api.code("/v2.0/article/remove", {"id": key}) for _ in range(2)] == [0, -201]
    assert (await api.get("/v2.0/article/getdetail", id=key))["error"] == -201


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"title": "a" * 151}, -210),
        ({"author": "a" * 51}, -210),
        ({"description": "a" * 301}, -210),
        ({"title": ""}, -201),
        ({"status": "secret"}, -201),
        ({"cover": {"cover_type": "photo"}}, -201),
        ({"cover": {"cover_type": "none"}}, -201),
        ({"body": []}, -201),
        ({"body": [{"type": "table", "content": "a"}]}, -201),
        ({"body": [{"type": "image", "url": "http://localhost/1.jpg"}]}, -201),
        ({"type": "poem"}, -201),
    ],
)
async def test_articles_that_are_refused(api: Api, change: dict[str, Any], error: int) -> None:
    assert await api.code(CREATE, {**ARTICLE, **change}) == error


async def test_videos(api: Api) -> None:
    token = (await api.upload("/v2.0/article/upload_video/preparevideo", "a.mp4", b"mp4"))["data"]["token"]
    api.headers["token"] = token
    data = (await api.get("/v2.0/article/upload_video/verify"))["data"]
    assert data["status"] == 1
    video = {"type": "video", "title": "a", "description": "b", "avatar": "https://cdn.example/a.jpg"}
    assert await api.code(CREATE, {**video, "video_id": data["video_id"]}) == 0
    assert (await api.upload("/v2.0/article/upload_video/preparevideo", "a.txt", b"a"))["error"] == -201


async def test_a_broadcast_reaches_followers_after_the_moderators(api: Api, zalo: ZaloEmulator, hook: Hook) -> None:
    key = await article(api)
    for person in (AN, BINH, CHAU):
        zalo.follow(person)
    zalo.unfollow(CHAU)
    await zalo.citizen_says(DUNG, "Tôi không theo dõi")
    assert (await api.post(V2, broadcast(key)))["data"].keys() == {"message_id"}
    zalo.advance(1799)
    assert zalo.ledger == []
    zalo.advance(1)
    assert [(sent.user_id, sent.kind, sent.text) for sent in zalo.ledger] == [
        (person, "article", ARTICLE["title"]) for person in (AN, BINH)
    ]
    await zalo.settle(5)
    assert hook.events("oa_send_article", "user_received_message") == []


async def test_a_rejected_broadcast_reaches_nobody(api: Api, zalo: ZaloEmulator) -> None:
    key = await article(api)
    zalo.follow(AN)
    zalo.faults.switch_on(Fault.ARTICLE_REJECTED, 1)
    assert await api.code(V2, broadcast(key)) == 0
    zalo.advance(3600)
    assert zalo.ledger == []


@pytest.mark.parametrize(
    ("target", "reached"),
    [
        ({"gender": "2"}, [BINH, CHAU]),
        ({"gender": 1}, [AN, DUNG]),
        ({"gender": "0"}, [AN, BINH, CHAU, DUNG]),
        ({"ages": "2,3"}, [AN, CHAU]),
        ({"ages": [4, "6"]}, [BINH, DUNG]),
        ({"cities": "9", "locations": "2"}, [AN, DUNG]),
        ({"locations": 2}, [BINH]),
        ({"platform": "1", "gender": "1"}, [DUNG]),
    ],
)
async def test_targets_in_three_spellings(
    api: Api, zalo: ZaloEmulator, target: dict[str, Any], reached: list[str]
) -> None:
    for person in (AN, BINH, CHAU, DUNG):
        zalo.follow(person)
    assert await api.code(V2, broadcast(await article(api), **target)) == 0
    zalo.advance(1800)
    assert [sent.user_id for sent in zalo.ledger] == reached


@pytest.mark.parametrize("target", [{"ages": "8"}, {"gender": "x"}, {"shoes": "1"}, {"cities": 64}, {"ages": None}])
async def test_targets_that_are_refused(api: Api, target: dict[str, Any]) -> None:
    assert await api.code(V2, broadcast(await article(api), **target)) == -201


async def test_broadcasts_that_are_refused(api: Api, zalo: ZaloEmulator) -> None:
    key = await article(api)
    text = {"recipient": {"target": {}}, "message": {"text": "Tin"}}
    codes = [await api.code(V2, body) for body in (broadcast(*[key] * 6), broadcast("art_none"), broadcast(), text)]
    assert codes == [-210, -201, -201, -201]
    zalo.advance(NIGHT - 1)
    assert await api.code(V2, broadcast(key)) == 0
    zalo.advance(1)
    assert await api.code(V2, broadcast(key)) == -234
    zalo.advance(8 * 3600)
    assert await api.code(V2, broadcast(*[key] * 5)) == 0


async def test_once_a_day_and_four_times_a_month(api: Api, zalo: ZaloEmulator) -> None:
    zalo.switches.token_seconds = 100 * DAY
    await api.authorise()
    key = await article(api)
    zalo.follow(AN)
    for _ in range(12):
        for _ in range(2):
            assert await api.code(V2, broadcast(key)) == 0
        zalo.advance(DAY)
    # From 20 November to 1 December.
    assert [sent.at.day for sent in zalo.ledger] == [20, 21, 22, 23, 1]


async def test_a_template_by_phone(api: Api, zalo: ZaloEmulator, hook: Hook) -> None:
    answer = await api.post(PHONE, BY_PHONE)
    (sent,) = zalo.ledger
    assert answer["data"] == {
        "msg_id": sent.message_id,
        "sent_time": "1795150800000",
        "sending_mode": "1",
        "quota": {"dailyQuota": "500", "remainingQuota": "499"},
    }
    assert (sent.user_id, sent.kind) == (AN, "template")
    assert sent.text == "Ông/bà Nguyễn Văn An: hồ sơ H57.132 – Đã có kết quả."
    await zalo.settle(5)
    (call,) = hook.calls
    assert call.headers["X-ZEvent-Server"] == "ZNS"
    event = call.event
    assert (event["event_name"], event["recipient"]["id"]) == ("user_received_message", "84912000345")
    assert event["message"] == {"delivery_time": "1795150800000", "msg_id": sent.message_id, "tracking_id": "hs-1"}
    assert (await api.get("/message/status", message_id=sent.message_id))["data"]["status"] == 1
    assert (await api.get("/message/status", message_id="none"))["data"]["status"] == -1
    assert (await api.get("/message/quota"))["data"] == {"dailyQuota": "500", "remainingQuota": "499"}


@pytest.mark.parametrize("phone", ["+84912000345", "0912000345", "912000345"])
async def test_spellings_of_a_phone(api: Api, zalo: ZaloEmulator, phone: str) -> None:
    assert await api.code(PHONE, {**BY_PHONE, "phone": phone}) == 0
    assert [sent.user_id for sent in zalo.ledger] == [AN]


async def test_a_digest_of_the_phone(api: Api, zalo: ZaloEmulator) -> None:
    body = {name: value for name, value in BY_PHONE.items() if name != "phone"}
    digest = hashlib.sha256(b"84912000345").hexdigest()
    assert await api.code(f"{PHONE}/hashphone", {**body, "hash_phone": digest}) == 0
    assert await api.code(f"{PHONE}/hashphone", {**body, "hash_phone": "0" * 64}) == -118
    assert await api.code(f"{PHONE}/hashphone", {**body, "hash_phone": "84912000345"}) == -108
    assert [sent.user_id for sent in zalo.ledger] == [AN]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"phone": "123"}, -108),
        ({"phone": 84912000345}, -108),
        ({"phone": "84912000999"}, -118),
        ({"template_id": "1"}, -109),
        ({"template_id": "412348"}, -131),
        ({"template_data": {}}, -1121),
        ({"template_data": {**DATA, "ho_ten": "a" * 31}}, -1122),
        ({"template_data": {**DATA, "ho_ten": []}}, -112),
        ({"tracking_id": "a" * 49}, -132),
        ({"phone": "84913000456", "mode": "development"}, -127),
    ],
)
async def test_templates_by_phone_that_are_refused(
    api: Api, zalo: ZaloEmulator, change: dict[str, Any], error: int
) -> None:
    assert await api.code(PHONE, {**BY_PHONE, **change}) == error
    assert zalo.ledger == []


async def test_drafts_go_to_administrators_for_nothing(api: Api, zalo: ZaloEmulator) -> None:
    zalo.balance = 0
    draft = {**BY_PHONE, "template_id": "412348", "mode": "development"}
    assert (await api.post(PHONE, draft))["data"]["sending_mode"] == "3"
    assert await api.code(PHONE, BY_PHONE) == -115


async def test_the_daily_quota(api: Api, zalo: ZaloEmulator) -> None:
    zalo.switches.templates_per_day = 1
    assert [await api.code(PHONE, BY_PHONE) for _ in range(2)] == [0, -144]
    await api.later(DAY)
    assert await api.code(PHONE, BY_PHONE) == 0


async def test_a_template_by_user_id(api: Api, zalo: ZaloEmulator, hook: Hook) -> None:
    assert await api.code(UID, BY_UID) == -232
    zalo.follow(AN)
    await api.later(364 * DAY)
    data = (await api.post(UID, BY_UID))["data"]
    assert data["message_id"] == zalo.ledger[0].message_id
    assert data["quota"]["quota_type"] == "sub_quota"
    await zalo.settle(5)
    (receipt,) = hook.events("user_received_message")
    assert receipt["recipient"] == {"id": AN}
    await api.later(2 * DAY)
    assert await api.code(UID, BY_UID) == -232


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"tracking_id": "hs-1"}, -201),
        ({"template_id": "1"}, -201),
        ({"template_id": "412348"}, -201),
        ({"template_id": "412349", "template_data": {"ho_ten": "a"}}, -249),
        ({"template_data": {}}, -201),
        ({"user_id": "1"}, -201),
        ({"user_id": BINH}, -244),
    ],
)
async def test_templates_by_user_id_that_are_refused(
    api: Api, zalo: ZaloEmulator, change: dict[str, Any], error: int
) -> None:
    for person in (AN, BINH):
        zalo.follow(person)
    zalo.people[BINH].refuses.add("tag1")
    assert await api.code(UID, {**BY_UID, **change}) == error


async def test_promotion_sleeps_at_night(api: Api, zalo: ZaloEmulator) -> None:
    zalo.follow(AN)
    promotion = {"template_id": "412347", "template_data": {"ho_ten": "An", "noi_dung": "Tin mới"}}
    zalo.advance(NIGHT)
    assert await api.code(UID, {"user_id": AN, **promotion}) == -234
    assert await api.code(PHONE, {**BY_PHONE, **promotion}) == -133
    assert await api.code(PHONE, BY_PHONE) == 0


async def test_what_templates_there_are(api: Api) -> None:
    assert len((await api.get("/template/all"))["data"]) == 5
    info = (await api.get("/template/info/v2", template_id="412345"))["data"]
    assert [one["name"] for one in info["listParams"]] == ["ho_ten", "ma_ho_so", "trang_thai"]
    assert (await api.get("/template/info/v2", template_id="1"))["error"] == -109
    assert (await api.get("/quality"))["data"]["oaCurrentQuality"] == "HIGH"
