"""Updates as Telegram sends them, and what the house makes of them."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from connectors.limits import can_be_stored
from connectors.messages import Address, Attachment, AttachmentKind, Event, EventKind, IncomingMessage
from connectors.telegram_updates import News, Press, UpdateUnreadable, chat_and_number, message_id, read_update
from tests.connectors.telegram.kept_inbox import BOT, message_update, private

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.timezone.utc)
SENT_AT = dt.datetime.fromtimestamp(1_790_000_000, dt.timezone.utc)
GROUP = {"id": -44, "type": "group", "title": "Tổ dân phố"}
OTHER_BOT = {"id": 9, "is_bot": True, "first_name": "Khác"}
US = {"id": BOT.id, "is_bot": True, "first_name": "Một Cửa"}
FILE = {"file_id": "F1", "file_unique_id": "u1", "file_size": 10}


def read(update: Any) -> News:
    return read_update(update, BOT, NOW)


def message(update: Any) -> IncomingMessage:
    incoming = read(update).incoming
    assert isinstance(incoming, IncomingMessage)
    return incoming


def press_update(data: str, **fields: Any) -> dict[str, Any]:
    row = [{"text": "Lệ phí", "callback_data": "42.1"}]
    markup = {"inline_keyboard": [[{"text": "Nơi nộp", "callback_data": "42.0"}], row]}
    under = message_update("Chọn:", **{"from": US}, reply_markup=markup)["message"]
    sender = {"id": 501, "is_bot": False, "first_name": "An"}
    query = {"id": "777", "from": sender, "message": under, "chat_instance": "1", "data": data, **fields}
    return {"update_id": 5, "callback_query": query}


def member_update(before: str, after: str, chat: dict[str, Any]) -> dict[str, Any]:
    sides = {"old_chat_member": {"status": before, "user": US}, "new_chat_member": {"status": after, "user": US}}
    sender = {"id": 501, "is_bot": False, "first_name": "An"}
    return {"update_id": 6, "my_chat_member": {"chat": chat, "from": sender, "date": 1_790_000_000, **sides}}


def test_a_text() -> None:
    news = read(message_update("Khai sinh cần gì?"))
    assert news == News(IncomingMessage("m501.7", private(501), "Khai sinh cần gì?", SENT_AT), seen="m501.7")


def test_an_edited_text_is_a_message_of_its_own() -> None:
    edited = message_update("khai tử", edit_date=1_790_000_060)["message"]
    incoming = message({"update_id": 2, "edited_message": edited})
    assert (incoming.id, incoming.text) == ("e501.7.1790000060", "khai tử")
    assert incoming.received_at == SENT_AT + dt.timedelta(seconds=60)


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "khai tử", "edit_date": 1_790_000_000 + 48 * 3600 + 1},
        {"location": {"latitude": 21.0, "longitude": 105.8}, "edit_date": 1_790_000_060},
    ],
)
def test_edits_that_ask_nothing(fields: dict[str, Any]) -> None:
    assert read({"update_id": 2, "edited_message": message_update(**fields)["message"]}) == News()


def test_of_a_photo_the_largest_that_is_not_too_large() -> None:
    sizes = [
        {"file_id": name, "file_unique_id": name, "width": 1, "height": 1, "file_size": size}
        for name, size in (("small", 1_000), ("good", 4_000_000), ("huge", 6_000_000))
    ]
    incoming = message(message_update(photo=sizes, caption="giấy hẹn"))
    assert incoming.attachments == (Attachment(AttachmentKind.IMAGE, "good"),)
    assert incoming.text == "giấy hẹn"


@pytest.mark.parametrize(
    ("fields", "attachment"),
    [
        ({"document": {**FILE, "file_name": "don.pdf"}}, Attachment(AttachmentKind.FILE, "F1", "don.pdf")),
        ({"document": {**FILE, "mime_type": "image/png"}}, Attachment(AttachmentKind.IMAGE, "F1")),
        ({"animation": FILE, "document": FILE}, Attachment(AttachmentKind.STICKER)),
        ({"sticker": FILE}, Attachment(AttachmentKind.STICKER)),
        ({"dice": {"emoji": "🎲", "value": 3}}, Attachment(AttachmentKind.STICKER)),
        ({"location": {"latitude": 21.0, "longitude": 105.8}}, Attachment(AttachmentKind.LOCATION)),
        ({"venue": {"title": "UBND", "address": "1"}}, Attachment(AttachmentKind.LOCATION)),
        ({"contact": {"phone_number": "0900000001", "first_name": "B"}}, Attachment(AttachmentKind.CONTACT)),
        ({"voice": FILE}, Attachment(AttachmentKind.AUDIO)),
        ({"audio": {**FILE, "title": "x"}}, Attachment(AttachmentKind.AUDIO)),
        ({"video": FILE}, Attachment(AttachmentKind.VIDEO)),
        ({"video_note": FILE}, Attachment(AttachmentKind.VIDEO)),
        ({"poll": {"id": "1", "question": "?"}}, Attachment(AttachmentKind.FILE)),
        ({"story": {"chat": {"id": 5, "type": "private"}, "id": 2}}, Attachment(AttachmentKind.FILE)),
        ({"game": {"title": "x", "photo": []}}, Attachment(AttachmentKind.FILE)),
        ({"paid_media": {"star_count": 1, "paid_media": []}}, Attachment(AttachmentKind.FILE)),
        ({"checklist": {"title": "x", "tasks": []}}, Attachment(AttachmentKind.FILE)),
    ],
)
def test_what_is_no_text(fields: dict[str, Any], attachment: Attachment) -> None:
    incoming = message(message_update(**fields))
    assert incoming.attachments == (attachment,)
    assert "0900000001" not in repr(incoming)


def test_a_press_is_a_choice_and_closes_its_keyboard() -> None:
    news = read(press_update("42.1"))
    assert news.press == Press("777", 501, 7, "Lệ phí")
    assert news.incoming == IncomingMessage("c777", private(501), "", NOW, pressed=True, choice="42.1")


@pytest.mark.parametrize("data", [".", "", "42", '/ask_fee{"code":"1"}', "42.1\n", "x" * 64])
def test_a_press_that_is_not_ours_is_only_answered(data: str) -> None:
    assert read(press_update(data)) == News(press=Press("777"))


def test_a_press_under_a_message_that_is_not_told_is_only_answered() -> None:
    assert read(press_update("42.1", message=None)) == News(press=Press("777"))


def asked_in_group(by: int) -> dict[str, Any]:
    quoted = {"message_id": 3, "from": {"id": by, "is_bot": False, "first_name": "An"}}
    return {**press_update("42.1")["callback_query"]["message"], "chat": GROUP, "reply_to_message": quoted}


def test_in_a_group_who_asked_may_press_and_the_answer_is_theirs_again() -> None:
    news = read(press_update("42.1", message=asked_in_group(501)))
    assert news.press == Press("777", -44, 7, "Lệ phí")
    assert isinstance(news.incoming, IncomingMessage)
    assert (news.incoming.address.id, news.incoming.choice) == ("-44/501", "42.1")
    assert (news.incoming.public, news.incoming.quoted) == (True, "3")


@pytest.mark.parametrize(
    "under",
    [
        asked_in_group(502),
        {**asked_in_group(501), "reply_to_message": None},
        {**asked_in_group(501), "reply_to_message": {"message_id": 3}},
    ],
)
def test_in_a_group_a_strangers_press_is_only_answered(under: dict[str, Any]) -> None:
    assert read(press_update("42.1", message=under)) == News(press=Press("777"))


@pytest.mark.parametrize("identifier", ["1" * 80, "a\x00b", "\ud800"])
def test_strange_query_ids_become_ids_that_can_be_stored(identifier: str) -> None:
    stored = message(press_update("42.1", id=identifier)).id
    assert len(stored) == 64
    assert can_be_stored(stored)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [("member", "kicked", EventKind.LEFT), ("kicked", "member", EventKind.CAME_BACK)],
)
def test_blocking_and_unblocking(before: str, after: str, kind: EventKind) -> None:
    news = read(member_update(before, after, {"id": 501, "type": "private"}))
    assert news.incoming == Event(kind, "u6", private(501), SENT_AT)


def test_what_happens_to_us_in_a_group_is_nobodys_affair() -> None:
    assert read(member_update("member", "kicked", GROUP)) == News()
    assert read(member_update("member", "administrator", {"id": 501, "type": "private"})) == News()


def test_start_is_a_hello_and_a_link_from_a_slip_a_wish() -> None:
    assert read(message_update("/start")).incoming == Event(EventKind.FOLLOWED, "m501.7", private(501), SENT_AT)
    assert message(message_update("/start hs_SDU3LjEzMi0yNjA4MDQtMDU4Mw")).text == "theo dõi hồ sơ H57.132-260804-0583"


def test_the_language_of_the_telephone_is_a_hint() -> None:
    person = {"id": 501, "is_bot": False, "first_name": "Ann", "language_code": "en-GB"}
    incoming = message(message_update("/trogiup", **{"from": person}))
    assert (incoming.text, incoming.language, incoming.by_menu) == ("trợ giúp", "en", True)
    greeted = read(message_update("/start", **{"from": person})).incoming
    assert greeted is not None
    assert greeted.language == "en"
    assert message(message_update("help")).language is None


def test_words_behind_a_command_tell_the_language_unless_they_are_a_code() -> None:
    assert not message(message_update("/thutuc birth certificate")).by_menu
    assert message(message_update("/tracuu H57.132-260804-0583")).by_menu


@pytest.mark.parametrize(
    ("text", "fields", "understood"),
    [
        ("@motcua_demo_bot khai sinh cần gì", {}, "khai sinh cần gì"),
        ("khai sinh cần gì @MotCua_Demo_Bot", {}, "khai sinh cần gì"),
        ("@motcua_demo_bot", {}, "trợ giúp"),
        ("/huy@motcua_demo_bot", {}, "hủy"),
        ("/tracuu", {}, "tra cứu hồ sơ"),
        ("còn lệ phí?", {"reply_to_message": {"message_id": 3, "from": US}}, "còn lệ phí?"),
        ("khai sinh cần gì", {}, None),
        ("thư gửi an@motcua_demo_bot2 nhé", {}, None),
        ("/huy@another_bot", {}, None),
        ("ừ", {"reply_to_message": {"message_id": 3, "from": OTHER_BOT}}, None),
    ],
)
def test_in_a_group_only_what_is_said_to_us(text: str, fields: dict[str, Any], understood: str | None) -> None:
    news = read(message_update(text, chat=GROUP, **fields))
    assert news.seen == "m-44.7"
    if understood is None:
        assert news.incoming is None
    else:
        incoming = news.incoming
        assert isinstance(incoming, IncomingMessage)
        assert (incoming.id, incoming.address, incoming.text) == ("m-44.7", Address("telegram", "-44/501"), understood)
        assert (incoming.public, incoming.quoted) == (True, "7")


def test_a_photo_with_our_name_in_a_group_is_looked_at() -> None:
    photo = [{**FILE, "width": 1, "height": 1}]
    incoming = message(message_update(caption="@motcua_demo_bot", photo=photo, chat=GROUP))
    assert (incoming.text, incoming.attachments) == ("", (Attachment(AttachmentKind.IMAGE, "F1"),))


@pytest.mark.parametrize(
    "update",
    [
        message_update("x", **{"from": OTHER_BOT}),
        message_update("x", **{"from": US}),
        message_update("x", sender_chat={"id": -1001, "type": "channel"}),
        message_update("x", chat={"id": -1001, "type": "channel"}),
        message_update(new_chat_title="Tên mới", chat=GROUP),
        message_update(pinned_message={"message_id": 1}),
        {"update_id": 1, "channel_post": message_update("x")["message"]},
        {"update_id": 1, "inline_query": {"id": "1", "query": "x"}},
        {"update_id": 1, "something_of_next_year": {"a": [1, 2]}},
    ],
)
def test_what_is_not_for_us(update: dict[str, Any]) -> None:
    assert read(update).incoming is None
    assert read(update).press is None


@pytest.mark.parametrize(
    "update",
    [
        None,
        [],
        {},
        {"update_id": "1"},
        {"update_id": 1, "message": {"text": "x"}},
        message_update("x", chat={"id": 2**80, "type": "private"}),
        message_update("x", date=10**18),
        message_update(text=["x"]),
    ],
)
def test_what_cannot_be_read_is_said_without_what_it_says(update: Any) -> None:
    with pytest.raises(UpdateUnreadable) as caught:
        read(update)
    assert str(caught.value) == "ValidationError"


def test_what_no_database_takes_is_left_out() -> None:
    update = json.loads(json.dumps(message_update("a\x00b\ud800c " + "d" * 5_000)))
    incoming = message(update)
    assert incoming.text.startswith("abc d")
    assert len(incoming.text) == 4_096


def test_ids_tell_chat_and_number() -> None:
    assert chat_and_number(message_id(-1001, 5)) == (-1001, 5)
    assert chat_and_number("e501.7.1790000060") == (501, 7)
    assert chat_and_number("c777") is None
