"""Followers, details, tags, conversations, uploads of the emulated Zalo: limits, shapes, what is forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from emulators.zalo import ZaloEmulator
from tests.emulators.zalo_bench import AN, BINH, CHAU, CS, DAY, Api, reply, template

LIST = "/v3.0/oa/user/getlist"
DETAIL = "/v3.0/oa/user/detail"
TALK = "/v2.0/oa/conversation"
TAGS = "/v2.0/oa/tag"
PNG = b"\x89PNG\r\n\x1a\n"


async def users(api: Api, **asked: Any) -> list[str]:
    answer = await api.get(LIST, {"offset": 0, "count": 50, **asked})
    return [user["user_id"] for user in answer["data"]["users"]]


async def test_pages_of_followers(api: Api, zalo: ZaloEmulator) -> None:
    people = [f"81234500000002{number:05d}" for number in range(60)]
    for person in people:
        zalo.follow(person)
    first = (await api.get(LIST, {"offset": 0, "count": 50}))["data"]
    assert (first["total"], first["count"], first["offset"]) == (60, 50, 0)
    assert [user["user_id"] for user in first["users"]] == people[:50]
    assert await users(api, offset=50) == people[50:]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"count": 51}, -210),
        ({"count": 0}, -210),
        ({"offset": 9952}, -210),
        ({"offset": -1}, -201),
        ({"count": "many"}, -201),
        ({"last_interaction_period": "L8D"}, -201),
    ],
)
async def test_pages_that_are_refused(api: Api, zalo: ZaloEmulator, data: dict[str, Any], error: int) -> None:
    zalo.follow(AN)
    assert (await api.get(LIST, data))["error"] == error


async def test_the_last_page(api: Api) -> None:
    assert await users(api, offset=9951) == []


@pytest.mark.parametrize("data", ["", "[]", "{", "5"])
async def test_queries_are_one_json_object(api: Api, data: str) -> None:
    assert (await api.get(LIST, data))["error"] == -201
    assert (await api.get(LIST, offset="0", count="50"))["error"] == -201


async def test_filters(api: Api, zalo: ZaloEmulator) -> None:
    zalo.follow(AN)
    await api.later(8 * DAY)
    zalo.follow(BINH)
    await api.later(DAY)
    await zalo.citizen_says(CHAU, "Xin chào")
    await api.post(f"{TAGS}/tagfollower", {"user_id": BINH, "tag_name": "khai sinh"})
    assert await users(api) == [AN, BINH, CHAU]
    assert await users(api, is_follower="true") == await users(api, is_follower=True) == [AN, BINH]
    assert await users(api, is_follower=False) == [CHAU]
    assert await users(api, tag_name="khai sinh") == [BINH]
    assert await users(api, last_interaction_period="TODAY") == [CHAU]
    assert await users(api, last_interaction_period="YESTERDAY") == [BINH]
    assert await users(api, last_interaction_period="L7D") == [BINH, CHAU]
    assert await users(api, last_interaction_period="L30D") == [AN, BINH, CHAU]
    assert await users(api, last_interaction_period="2026_11_20:2026_11_28") == [AN, BINH]


async def test_details(api: Api, zalo: ZaloEmulator) -> None:
    assert (await api.get(DETAIL, {"user_id": AN}))["error"] == -213
    assert (await api.get(DETAIL, {"user_id": "1"}))["error"] == -201
    zalo.follow(AN)
    data = (await api.get(DETAIL, {"user_id": AN}))["data"]
    assert (data["user_id"], data["user_is_follower"]) == (AN, True)
    assert data["user_last_interaction_date"] == "20/11/2026"
    assert "shared_info" not in data
    await zalo.event("user_submit_info", AN, info={"name": "Nguyễn Văn An", "phone": "84912000345"})
    await api.post("/v3.0/oa/user/update", {"user_id": AN, "user_alias": "Anh An", "shared_info": {"city": "Mẫu"}})
    data = (await api.get(DETAIL, {"user_id": AN}))["data"]
    assert data["user_alias"] == "Anh An"
    assert data["shared_info"] == {"name": "Nguyễn Văn An", "phone": "84912000345", "city": "Mẫu"}


async def test_tags_are_a_flat_list(api: Api) -> None:
    body = {"user_id": AN, "tag_name": "đất đai"}
    assert await api.code(f"{TAGS}/tagfollower", body) == 0
    assert await api.code(f"{TAGS}/tagfollower", {**body, "tag_name": "cư trú"}) == 0
    assert (await api.get(f"{TAGS}/gettagsofoa"))["data"] == ["cư trú", "đất đai"]
    assert [await api.code(f"{TAGS}/rmfollowerfromtag", body) for _ in range(2)] == [0, -201]
    assert [await api.code(f"{TAGS}/rmtag", {"tag_name": "cư trú"}) for _ in range(2)] == [0, -201]
    assert (await api.get(f"{TAGS}/gettagsofoa"))["data"] == []


async def test_conversations_newest_first(api: Api, zalo: ZaloEmulator) -> None:
    asked = await zalo.citizen_says(AN, "Xin chào")
    await zalo.citizen_says(BINH, kind="image", content=PNG)
    zalo.advance(1)
    await api.post(CS, reply("Chào anh"))
    ours, theirs = (await api.get(TALK, {"user_id": AN, "offset": 0, "count": 10}))["data"]
    assert (theirs["src"], theirs["message"], theirs["message_id"], theirs["from_id"]) == (1, "Xin chào", asked, AN)
    assert (ours["src"], ours["message"], ours["to_id"], ours["type"]) == (0, "Chào anh", AN, "text")
    assert ours["message_id"] == zalo.ledger[0].message_id
    assert (theirs["time"], ours["time"]) == (1795150800000, 1795150801000)
    assert (await api.get(TALK, {"user_id": AN, "offset": 1, "count": 10}))["data"] == [theirs]
    recent = (await api.get("/v2.0/oa/listrecentchat", {"offset": 0, "count": 10}))["data"]
    assert [(line["type"], line["message"]) for line in recent] == [("text", "Chào anh"), ("photo", "")]
    assert recent[1]["url"].startswith(zalo.url)
    assert (await api.get(TALK, {"user_id": AN, "offset": 0, "count": 11}))["error"] == -210


async def test_the_account(api: Api, zalo: ZaloEmulator) -> None:
    zalo.follow(AN)
    data = (await api.get("/v2.0/oa/getoa"))["data"]
    assert (data["oa_id"], data["num_follower"]) == (zalo.identity.oa_id, 1)


@pytest.mark.parametrize(
    ("kind", "name", "content", "field"),
    [
        ("image", "a.png", PNG, "attachment_id"),
        ("image", "a.JPG", b"\xff\xd8\xff" + bytes(1024 * 1024 - 3), "attachment_id"),
        ("gif", "a.gif", b"GIF89a", "attachment_id"),
        ("file", "a.pdf", b"%PDF-1.7", "token"),
        ("file", "a.docx", b"PK\x03\x04", "token"),
        ("file", "a.csv", "mã,tên".encode(), "token"),
    ],
)
async def test_uploads(api: Api, kind: str, name: str, content: bytes, field: str) -> None:
    answer = await api.upload(f"/v2.0/oa/upload/{kind}", name, content)
    assert answer["error"] == 0
    assert set(answer["data"]) == {field}


@pytest.mark.parametrize(
    ("kind", "name", "content", "error"),
    [
        ("image", "a.png", PNG + bytes(1024 * 1024), -210),
        ("gif", "a.gif", b"GIF89a" + bytes(5 * 1024 * 1024), -210),
        ("file", "a.pdf", b"%PDF" + bytes(5 * 1024 * 1024), -210),
        ("image", "a.gif", b"GIF89a", -201),
        ("image", "a.png", b"%PDF", -201),
        ("gif", "a.gif", PNG, -201),
        ("file", "a.xlsx", b"PK\x03\x04", -201),
        ("file", "a.pdf", b"MZ", -201),
    ],
)
async def test_uploads_that_are_refused(api: Api, kind: str, name: str, content: bytes, error: int) -> None:
    assert (await api.upload(f"/v2.0/oa/upload/{kind}", name, content))["error"] == error


async def test_an_upload_without_a_file(api: Api) -> None:
    assert await api.code("/v2.0/oa/upload/image", {"file": "a"}) == -201


async def test_what_was_uploaded_is_sent_and_forgotten_after_seven_days(api: Api, zalo: ZaloEmulator) -> None:
    image = (await api.upload("/v2.0/oa/upload/image", "a.png", PNG))["data"]["attachment_id"]
    token = (await api.upload("/v2.0/oa/upload/file", "don.pdf", b"%PDF"))["data"]["token"]
    element = {"media_type": "image", "attachment_id": image}
    messages = [
        {"text": "Sơ đồ", "attachment": template(template_type="media", elements=[element])},
        {"attachment": {"type": "file", "payload": {"token": token}}},
    ]
    bodies = [{"recipient": {"user_id": AN}, "message": message} for message in messages]
    await zalo.citizen_says(AN, "Xin chào")
    assert [await api.code(CS, body) for body in bodies] == [0, 0]
    picture, document = zalo.ledger
    assert document.text == "don.pdf"
    async with api.http.get(picture.content.url) as answer:
        assert (answer.status, await answer.read()) == (200, PNG)
    wrong = {"attachment": {"type": "file", "payload": {"token": image}}}
    assert await api.code(CS, {"recipient": {"user_id": AN}, "message": wrong}) == -201
    await api.later(7 * DAY)
    await zalo.citizen_says(AN, "Xin chào")
    assert [await api.code(CS, body) for body in bodies] == [-100, -100]


async def test_media_that_nobody_sent(api: Api) -> None:
    async with api.http.get("/_media/nothing") as answer:
        assert answer.status == 404
