"""Every kind of Zalo's events becomes what the house knows, and what has another shape is refused by one error."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.messages import Address, Attachment, AttachmentKind, Event, EventKind, IncomingMessage, Receipt
from connectors.zalo.events import EventMalformed, Told, is_known, open_notice, read_notice

OA, AN = "7001112223334445556", "8123450000000000001"
NOW = dt.datetime(2026, 11, 20, 2, 0, tzinfo=dt.timezone.utc)
AT = dt.datetime(2026, 11, 20, 1, 30, tzinfo=dt.timezone.utc)
TIMESTAMP = str(int(AT.timestamp() * 1000))


def event(name: str, **fields: Any) -> dict[str, Any]:
    return {"app_id": "1002003004005006007", "event_name": name, "timestamp": TIMESTAMP, **fields}


def said(name: str, **message: Any) -> dict[str, Any]:
    return event(name, sender={"id": AN}, recipient={"id": OA}, message={"msg_id": "a1b2", **message})


def echo(name: str, admin: Any = None, **message: Any) -> dict[str, Any]:
    sender = {"id": OA} if admin is None else {"id": OA, "admin_id": admin}
    return event(name, sender=sender, recipient={"id": AN}, message={"msg_id": "c3d4", **message})


def read(fields: dict[str, Any]) -> list[Told]:
    return read_notice(open_notice(json.dumps(fields).encode()), OA, NOW)


def message(fields: dict[str, Any]) -> IncomingMessage:
    (told,) = read(fields)
    assert isinstance(told, IncomingMessage)
    return told


def test_a_text() -> None:
    assert message(said("user_send_text", text="Xin chào")) == IncomingMessage(
        "a1b2", Address("zalo", AN), "Xin chào", AT
    )


@pytest.mark.parametrize(
    ("what", "payload", "attachment"),
    [
        ("image", {"url": "https://p.example/f.jpg"}, Attachment(AttachmentKind.IMAGE, "https://p.example/f.jpg")),
        ("gif", {"url": "https://p.example/f.gif"}, Attachment(AttachmentKind.STICKER)),
        ("link", {"url": "https://x.example"}, Attachment(AttachmentKind.LINK, text="https://x.example")),
        ("audio", {"url": "https://p.example/f.amr"}, Attachment(AttachmentKind.AUDIO)),
        ("video", {"url": "https://p.example/f.mp4"}, Attachment(AttachmentKind.VIDEO)),
        ("sticker", {"url": "https://p.example/s.png", "id": 7}, Attachment(AttachmentKind.STICKER)),
        ("location", {"coordinates": {"latitude": "10.7", "longitude": "106.6"}}, Attachment(AttachmentKind.LOCATION)),
        (
            "business_card",
            {"description": '{"phone":"0900000123"}', "url": "https://zalo.example/0900000123"},
            Attachment(AttachmentKind.CONTACT),
        ),
        (
            "file",
            {"url": "https://p.example/f.pdf", "name": "giấy hẹn.pdf", "size": "1234", "checksum": "00"},
            Attachment(AttachmentKind.FILE, "https://p.example/f.pdf", "giấy hẹn.pdf"),
        ),
    ],
)
def test_what_is_no_text(what: str, payload: dict[str, Any], attachment: Attachment) -> None:
    told = message(said(f"user_send_{what}", attachments=[{"type": what, "payload": payload}]))
    assert (told.text, told.attachments) == ("", (attachment,))


def test_a_caption_is_the_text_and_several_photos_are_one_message() -> None:
    photos = [{"type": "image", "payload": {"url": f"https://p.example/{n}.jpg"}} for n in range(2)]
    told = message(said("user_send_image", text="ảnh hồ sơ", attachments=photos))
    assert told.text == "ảnh hồ sơ"
    assert [photo.source for photo in told.attachments] == ["https://p.example/0.jpg", "https://p.example/1.jpg"]


@pytest.mark.parametrize("what", ["location", "business_card"])
def test_words_beside_a_place_or_a_phone_number_are_not_kept(what: str) -> None:
    assert message(said(f"user_send_{what}", text="0900000123, 10.7 106.6")).text == ""


def test_a_photo_without_its_address_is_still_a_photo() -> None:
    assert message(said("user_send_image")).attachments == (Attachment(AttachmentKind.IMAGE),)


@pytest.mark.parametrize("payload", ["#42.2", "query:1760000000:abc:#42.2"])
def test_a_pressed_button_names_the_choice(payload: str) -> None:
    told = message(said("user_send_text", text=payload))
    assert (told.choice, told.pressed, told.text) == ("42.2", True, "#42.2")


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("#tracuu", "Tra cứu hồ sơ"),
        ("query:12::#GapCanBo", "Tôi muốn gặp cán bộ"),
        ("query:12:x:lệ phí: bao nhiêu", "lệ phí: bao nhiêu"),
        ("#khai sinh", "khai sinh"),
        ("#k7f3.2", "k7f3.2"),
        ("#", "#"),
        ("query: hồ sơ", "query: hồ sơ"),
        ("/ask_fee{}", "/ask_fee{}"),
    ],
)
def test_an_entry_of_the_menu_and_typed_signs_become_plain_text(typed: str, text: str) -> None:
    told = message(said("user_send_text", text=typed))
    assert (told.text, told.choice, told.pressed) == (text, None, False)


def test_an_empty_text_says_nothing_and_unstorable_characters_are_dropped() -> None:
    assert read(said("user_send_text", text=" \n")) == []
    assert message(said("user_send_text", text="khai\x00 sinh\ud800")).text == "khai sinh"


def test_a_person_without_an_account_is_reached_by_two_ids() -> None:
    told = message(said("anonymous_send_text", text="chào", conversation_id="cv_11"))
    assert told.address == Address("zalo", f"anonymous:{AN}:cv_11")


def test_a_person_of_the_agency_wrote() -> None:
    told = read(echo("oa_send_text", admin="9900", text="Chào bà"))
    assert told == [Event(EventKind.OFFICIAL_WROTE, "c3d4", Address("zalo", AN), AT, "Chào bà")]
    told = read(echo("oa_send_anonymous_text", admin="9900", text="Chào bà", conversation_id="cv_11"))
    assert [one.address.id for one in told if isinstance(one, Event)] == [f"anonymous:{AN}:cv_11"]


def test_our_own_echo_is_left_aside() -> None:
    assert read(echo("oa_send_text", text="Chào bà")) == []


@pytest.mark.parametrize(
    ("name", "fields", "kind"),
    [
        ("follow", {"oa_id": OA, "follower": {"id": AN}, "source": "oa_profile"}, EventKind.FOLLOWED),
        ("unfollow", {"oa_id": OA, "follower": {"id": AN}}, EventKind.LEFT),
        ("user_withdraw", {"user_id": AN, "user_id_by_app": "5550001112223334441"}, EventKind.WITHDRAWN),
        ("user_click_chatnow", {"oa_id": OA, "user_id": int(AN)}, EventKind.INTERACTED),
        ("user_reply_consent", {"sender": {"id": AN}, "message": {"msg_id": "a1b2"}}, EventKind.INTERACTED),
        ("user_call_oa", {"sender": {"id": AN}, "recipient": {"id": OA}}, EventKind.INTERACTED),
        (
            "user_submit_info",
            {"sender": {"id": AN}, "info": {"name": "Trần Thị B", "phone": "84900000123", "full_address": {}}},
            EventKind.SHARED_DETAILS,
        ),
        (
            "user_submit_info",
            {"sender": {"id": AN}, "info": {"name": "Trần Thị B", "phone": "84900000123", "district": "X"}},
            EventKind.SHARED_DETAILS,
        ),
    ],
)
def test_what_happens_besides_messages(name: str, fields: dict[str, Any], kind: EventKind) -> None:
    (told,) = read(event(name, **fields))
    assert isinstance(told, Event)
    assert (told.kind, told.address, told.at, told.text) == (kind, Address("zalo", AN), AT, "")
    assert "84900000123" not in repr(told)


def test_a_repeat_of_an_event_has_the_same_id_and_another_event_has_another() -> None:
    def id_of(name: str, **fields: Any) -> str:
        (told,) = read(event(name, **fields))
        assert isinstance(told, Event)
        return told.id

    first = id_of("follow", follower={"id": AN})
    assert first == id_of("follow", follower={"id": AN})
    others = {
        id_of("unfollow", follower={"id": AN}),
        id_of("follow", follower={"id": "8123450000000000002"}),
        id_of("follow", follower={"id": AN}, timestamp=str(int(TIMESTAMP) + 1)),
        # Not the id of the message it is about: the inbox would take it for a repeat of that.
        id_of("user_reply_consent", sender={"id": AN}, message={"msg_id": "a1b2"}),
    }
    assert len(others - {first, "a1b2"}) == 4
    assert len(first) <= 64


def test_the_account_took_its_grant_back() -> None:
    (told,) = read(event("permission_revoked", oa_id=OA))
    assert isinstance(told, Event)
    assert (told.kind, told.address) == (EventKind.GRANT_REVOKED, Address("zalo", OA))


def test_receipts() -> None:
    ours = {"sender": {"id": OA}, "recipient": {"id": AN}}
    assert read(event("user_received_message", **ours, message={"msg_id": "m1"})) == [
        Receipt("zalo", ("m1",), False, AT)
    ]
    assert read(event("user_seen_message", **ours, message={"msg_ids": ["m1", "m2"]})) == [
        Receipt("zalo", ("m1", "m2"), True, AT)
    ]


def test_a_receipt_of_the_phone_channel_keeps_no_phone_number() -> None:
    delivered = {"msg_id": "m1", "tracking_id": "hs-1", "delivery_time": str(int(TIMESTAMP) - 1000)}
    told = read(event("user_received_message", sender={"id": OA}, recipient={"id": "84900000123"}, message=delivered))
    assert told == [Receipt("zalo", ("m1",), False, AT - dt.timedelta(seconds=1))]


@pytest.mark.parametrize(
    "name", ["update_user_info", "user_reacted_message", "add_user_to_tag", "user_send_group_text", "create_group"]
)
def test_what_is_of_no_use_is_known_and_left_aside(name: str) -> None:
    assert is_known(name)
    assert read(event(name, sender=[], message=7)) == []


def test_unknown_events_say_nothing() -> None:
    assert not is_known("user_send_hologram")
    assert read(said("user_send_hologram")) == []


def test_what_concerns_another_account_of_the_same_app_is_left_aside() -> None:
    assert read(said("user_send_text", text="chào") | {"recipient": {"id": "7009"}}) == []
    assert read(event("follow", oa_id="7009", follower={"id": AN})) == []


@pytest.mark.parametrize("timestamp", [int(TIMESTAMP), TIMESTAMP])
def test_the_time_is_a_number_or_a_text(timestamp: Any) -> None:
    assert message(said("user_send_text", text="a") | {"timestamp": timestamp}).received_at == AT


@pytest.mark.parametrize("timestamp", ["", "soon", "0", "1" * 13, "9" * 13, "9" * 300, -5, 1.5e300, None])
def test_an_absurd_time_becomes_the_present(timestamp: Any) -> None:
    fields = said("user_send_text", text="a")
    fields |= {"timestamp": timestamp} if timestamp is not None else {}
    if timestamp is None:
        del fields["timestamp"]
    assert message(fields).received_at == NOW


def test_a_long_message_id_becomes_a_digest() -> None:
    ids = [message(said("user_send_text", text="a", msg_id="x" * 64 + end)).id for end in ("", "y", "y", "z")]
    assert ids[0] == "x" * 64
    assert ids[1] == ids[2] != ids[3]
    assert [len(one) for one in ids] == [64] * 4


def test_ids_keep_every_digit() -> None:
    body = json.dumps(said("user_send_text", text="a")).replace(f'"{AN}"', AN).encode()
    (told,) = read_notice(open_notice(body), OA, NOW)
    assert isinstance(told, IncomingMessage)
    assert told.address.id == AN


@pytest.mark.parametrize(
    "fields",
    [
        said("user_send_text", text=["a"]),
        said("user_send_text", text="a") | {"message": "a"},
        said("user_send_text", text="a") | {"sender": AN},
        said("user_send_text", text="a") | {"sender": {"id": ""}},
        said("user_send_text", text="a") | {"sender": {"id": "a:b"}},
        said("user_send_text", text="a") | {"sender": {"id": "9" * 91}},
        said("user_send_text", text="a", msg_id=""),
        said("user_send_text", text="a", msg_id=None),
        said("user_send_text", text="a", msg_id="\x00"),
        said("user_send_image", attachments={"0": 1}),
        said("user_send_image", attachments=["x"]),
        said("user_send_image", attachments=[{"payload": []}]),
        said("user_send_image", attachments=[{"payload": {"url": ["https://p.example"]}}]),
        said("anonymous_send_text", text="a"),
        event("follow", oa_id=OA),
        event("follow", follower=[AN]),
        event("user_withdraw", user_id={"id": AN}),
        event("user_seen_message", message={"msg_ids": "m1"}),
        event("user_seen_message", message={"msg_ids": [None]}),
        event("user_received_message", message={}),
        echo("oa_send_text", admin="9", text=5.5, msg_id=[]),
    ],
)
def test_another_shape_is_malformed(fields: dict[str, Any]) -> None:
    with pytest.raises(EventMalformed):
        read(fields)


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"\xff\xfe", b"[" * 30_000, b"ping"],
)
def test_what_is_no_event_at_all(body: bytes) -> None:
    with pytest.raises(EventMalformed):
        open_notice(body)


@pytest.mark.parametrize(
    ("body", "name"),
    [(b"{}", ""), (b'{"event_name":[]}', ""), (b'{"event_name":"a b"}', "a?b"), (b'{"event_name":"x"}', "x"),
     (b'{"event_name":"x","timestamp":[],"app_id":{}}', "x")],
)  # fmt: skip
def test_an_object_is_opened_whatever_it_calls_itself(body: bytes, name: str) -> None:
    notice = open_notice(body)
    assert (notice.name, notice.timestamp) == (name, "")


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from([AN, OA, "#a.1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "url", "payload"]), inner),
    max_leaves=6,
)
_NAMES = ["user_send_text", "user_send_image", "user_send_file", "anonymous_send_text", "oa_send_text", "follow",
          "user_seen_message", "user_submit_info", "permission_revoked", "user_withdraw", "tag"]  # fmt: skip
_FIELDS = ["sender", "recipient", "follower", "oa_id", "user_id", "timestamp", "app_id"]
_MESSAGE = ["msg_id", "msg_ids", "text", "attachments", "conversation_id", "delivery_time"]


@given(
    st.sampled_from(_NAMES),
    st.dictionaries(st.sampled_from(_FIELDS), _VALUES),
    st.dictionaries(st.sampled_from(_MESSAGE), _VALUES) | _VALUES,
)
def test_whatever_comes_is_read_or_malformed(name: str, fields: dict[str, Any], inner: Any) -> None:
    try:
        told = read(said(name) | fields | {"event_name": name, "message": inner})
    except EventMalformed:
        return
    for one in told:
        if not isinstance(one, Receipt):
            assert one.address.channel == "zalo"
            assert 0 < len(one.id) <= 64
            assert len(one.address.id) <= 200
