"""What Zalo's webhook says, read into messages, events and receipts."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
import re
from dataclasses import dataclass, replace
from typing import Any, Callable, Mapping, Optional, Union

from connectors.limits import can_be_stored
from connectors.messages import Address, Attachment, AttachmentKind, Event, EventKind, IncomingMessage, Receipt

CHANNEL = "zalo"
ANONYMOUS = "anonymous"

Told = Union[IncomingMessage, Event, Receipt]

# What the entries of the account's own menu ask; its other entries say what they ask by themselves.
MENU: Mapping[str, str] = {
    "#thutuc": "Có những thủ tục nào?",
    "#tracuu": "Tra cứu hồ sơ",
    "#trogiup": "Bạn giúp được gì?",
    "#gapcanbo": "Tôi muốn gặp cán bộ",
}

_SENT: Mapping[str, Optional[AttachmentKind]] = {
    "text": None,
    "image": AttachmentKind.IMAGE,
    "gif": AttachmentKind.STICKER,
    "link": AttachmentKind.LINK,
    "audio": AttachmentKind.AUDIO,
    "video": AttachmentKind.VIDEO,
    "sticker": AttachmentKind.STICKER,
    "location": AttachmentKind.LOCATION,
    "business_card": AttachmentKind.CONTACT,
    "file": AttachmentKind.FILE,
}
_FETCHED = (AttachmentKind.IMAGE, AttachmentKind.FILE)
_READABLE: Mapping[AttachmentKind, str] = {AttachmentKind.FILE: "name", AttachmentKind.LINK: "url"}
# Whatever stands beside these may be somebody's phone number or place.
_WORDLESS = (AttachmentKind.LOCATION, AttachmentKind.CONTACT)

_HAPPENED: Mapping[str, EventKind] = {
    "follow": EventKind.FOLLOWED,
    "unfollow": EventKind.LEFT,
    "user_withdraw": EventKind.WITHDRAWN,
    "user_submit_info": EventKind.SHARED_DETAILS,
    "user_click_chatnow": EventKind.INTERACTED,
    "user_reply_consent": EventKind.INTERACTED,
    "user_call_oa": EventKind.INTERACTED,
    "widget_interaction_accepted": EventKind.INTERACTED,
}
_ECHOED = ("text", "image", "gif", "list", "file", "sticker", "template", "link", "request_user_info")
_OF_NO_USE = (
    "update_user_info", "user_reacted_message", "add_user_to_tag", "remove_user_from_tag", "remove_tag",
    "oa_reacted_message", "oa_send_consent", "oa_call_user", "widget_failed_to_sync_user_external_id", "user_feedback",
    "user_click_response_button", "change_template_status", "change_template_quality", "change_template_quota",
    "change_oa_daily_quota", "change_oa_template_tags", "event_journey_time_out", "event_journey_acknowledged",
    "extension_purchased", "shop_has_order",
)  # fmt: skip

_STRANGE = re.compile(r"\W", re.ASCII)
_LONGEST_NAME = 60
_PERSON = re.compile(r"[\w.=+-]{1,90}", re.ASCII)
_MILLISECONDS = re.compile(r"[0-9]{12,13}")
_WRAPPED = re.compile(r"query:[0-9]+:[^:]*:(.*)", re.DOTALL)
_TAP = re.compile(r"#([0-9]{1,18}\.[0-9]{1,2})")
_EARLIEST = dt.datetime(2020, 1, 1, tzinfo=dt.timezone.utc)
_LONGEST_TEXT = 4_000
_LONGEST_URL = 2_000
_LONGEST_ID = 64
_MOST_ATTACHMENTS = 10


class EventMalformed(ValueError):
    """This is no event, or not one of the shape that its name promises. The text names the field, never its value."""


@dataclass(frozen=True)
class Notice:
    """What a webhook's body says of itself, not read further yet. Numbers are texts, as they were written.

    ``name`` can be logged, "" when there is none; ``app_id`` is whatever stands there.
    """

    name: str
    app_id: Any
    timestamp: str
    fields: Mapping[str, Any]


def open_notice(body: bytes) -> Notice:
    """Raises EventMalformed when the body is no event at all."""
    try:
        # Ids have more digits than a float can hold, and the signature covers the timestamp as it was written.
        fields = json.loads(body.decode("utf-8"), parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise EventMalformed("the body is no JSON") from error
    if not isinstance(fields, dict):
        raise EventMalformed("the body is no object")
    name, timestamp = (_plain(fields.get(key)) for key in ("event_name", "timestamp"))
    return Notice(_STRANGE.sub("?", name[:_LONGEST_NAME]), fields.get("app_id"), timestamp, fields)


def is_known(name: str) -> bool:
    """Whether the event is one we read or leave aside on purpose."""
    return name in _READERS or name in _OF_NO_USE or _is_of_group(name)


def read_notice(notice: Notice, oa_id: str, now: dt.datetime) -> list[Told]:
    """What it tells about the account ``oa_id``; [] for what is of no use to us. Raises EventMalformed."""
    reader = _READERS.get(notice.name)
    try:
        if reader is None or not _concerns(notice.fields, oa_id):
            return []
        return reader(_Reading(notice.name, notice.fields, _moment(notice.timestamp, now), oa_id))
    except EventMalformed as error:
        raise EventMalformed(f"{notice.name}: {error}") from error


@dataclass(frozen=True)
class _Reading:
    name: str
    fields: Mapping[str, Any]
    at: dt.datetime
    oa_id: str

    @property
    def message(self) -> Mapping[str, Any]:
        return _object(self.fields, "message")

    def person(self, *places: str) -> str:
        """The first id found among the places: "user_id" is a field, others objects with an "id"."""
        found = [self.fields.get(place) if place == "user_id" else _object(self.fields, place).get("id")
                 for place in places]  # fmt: skip
        return _person_id(next((one for one in found if one is not None), None), " or ".join(places))

    def address(self, *places: str, anonymous: bool = False) -> Address:
        person = self.person(*places)
        if not anonymous:
            return Address(CHANNEL, person)
        conversation = _person_id(self.message.get("conversation_id"), "conversation_id")
        return Address(CHANNEL, f"{ANONYMOUS}:{person}:{conversation}")

    def own_id(self, subject: str) -> str:
        """For events that Zalo gives no id: the same for a repeat of the event."""
        return _digest(f"{self.name}\n{subject}\n{self.fields.get('timestamp', '')}")


_Reader = Callable[[_Reading], list[Told]]


def _read_message(told: _Reading, kind: Optional[AttachmentKind], anonymous: bool) -> list[Told]:
    text = "" if kind in _WORDLESS else _text(told.message, "text")
    attachments = () if kind is None else _attachments(told.message, kind)
    message = IncomingMessage(
        id=_message_id(told.message.get("msg_id")),
        address=told.address("sender", anonymous=anonymous),
        text=text,
        received_at=told.at,
        attachments=attachments,
    )
    if kind is None:
        message = _as_meant(message)
    return [message] if message.text or message.choice or attachments else []


def _as_meant(message: IncomingMessage) -> IncomingMessage:
    """Pressing a button or an entry of the menu arrives as a text of its own kind."""
    wrapped = _WRAPPED.fullmatch(message.text)
    text = wrapped[1].strip() if wrapped else message.text
    tap = _TAP.fullmatch(text)
    if tap:
        return replace(message, text=text, pressed=True, choice=tap[1])
    asked = MENU.get(text.lower())
    if asked is None and text.startswith("#"):
        text = text.lstrip("# ") or text
    return replace(message, text=asked or text, by_menu=asked is not None)


def _attachments(message: Mapping[str, Any], kind: AttachmentKind) -> tuple[Attachment, ...]:
    listed = message.get("attachments") or [{}]
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise EventMalformed("attachments")
    payloads = [_object(one, "payload") for one in listed[:_MOST_ATTACHMENTS]]
    return tuple(
        Attachment(
            kind,
            source=_url(payload) if kind in _FETCHED else "",
            text=_text(payload, _READABLE[kind]) if kind in _READABLE else "",
        )
        for payload in payloads
    )


def _read_echo(told: _Reading, anonymous: bool) -> list[Told]:
    """What we sent comes back too; only what a person typed names its author."""
    if not _object(told.fields, "sender").get("admin_id"):
        return []
    address = told.address("recipient", anonymous=anonymous)
    message_id = _message_id(told.message.get("msg_id"))
    return [Event(EventKind.OFFICIAL_WROTE, message_id, address, told.at, _text(told.message, "text"))]


def _read_event(told: _Reading, kind: EventKind) -> list[Told]:
    person = told.person("sender", "follower", "user_id")
    return [Event(kind, told.own_id(person), Address(CHANNEL, person), told.at)]


def _read_revocation(told: _Reading) -> list[Told]:
    return [Event(EventKind.GRANT_REVOKED, told.own_id(told.oa_id), Address(CHANNEL, told.oa_id), told.at)]


def _read_receipt(told: _Reading, seen: bool) -> list[Told]:
    """Of a template sent by phone number the recipient is the number: only ids are read."""
    ids = told.message.get("msg_ids")
    if ids is None:
        ids = [told.message.get("msg_id")]
    if not isinstance(ids, list):
        raise EventMalformed("msg_ids")
    at = _moment(told.message.get("delivery_time"), told.at)
    return [Receipt(CHANNEL, tuple(_stored_text(one, "msg_id") for one in ids), seen, at)] if ids else []


_READERS: Mapping[str, _Reader] = {
    **{f"user_send_{what}": functools.partial(_read_message, kind=kind, anonymous=False)
       for what, kind in _SENT.items()},
    **{f"anonymous_send_{what}": functools.partial(_read_message, kind=kind, anonymous=True)
       for what, kind in _SENT.items()},
    **{f"oa_send_{what}": functools.partial(_read_echo, anonymous=False) for what in _ECHOED},
    **{f"oa_send_anonymous_{what}": functools.partial(_read_echo, anonymous=True) for what in _ECHOED},
    **{name: functools.partial(_read_event, kind=kind) for name, kind in _HAPPENED.items()},
    "user_received_message": functools.partial(_read_receipt, seen=False),
    "user_seen_message": functools.partial(_read_receipt, seen=True),
    "permission_revoked": _read_revocation,
}  # fmt: skip


def _plain(value: object) -> str:
    return value if isinstance(value, str) else ""


def _is_of_group(name: str) -> bool:
    return "group" in name.split("_")


def _concerns(fields: Mapping[str, Any], oa_id: str) -> bool:
    """One app may serve several accounts."""
    if fields.get("oa_id") is not None:
        return bool(fields["oa_id"] == oa_id)
    both = [_object(fields, place).get("id") for place in ("sender", "recipient")]
    return oa_id in both or None in both


def _moment(value: object, otherwise: dt.datetime) -> dt.datetime:
    """Milliseconds as text; a moment that cannot be is replaced."""
    if not isinstance(value, str) or not _MILLISECONDS.fullmatch(value):
        return otherwise
    at = dt.datetime.fromtimestamp(int(value) / 1000, dt.timezone.utc)
    return at if _EARLIEST <= at <= otherwise + dt.timedelta(days=1) else otherwise


def _object(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = fields.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise EventMalformed(name)
    return value


def _text(fields: Mapping[str, Any], name: str) -> str:
    """What a citizen wrote: never refused for a character, because Zalo would repeat it and then cut us off."""
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise EventMalformed(name)
    value = value[:_LONGEST_TEXT].strip()
    return value if can_be_stored(value) else "".join(filter(can_be_stored, value)).strip()


def _url(payload: Mapping[str, Any]) -> str:
    url = _text(payload, "url")
    return url if len(url) <= _LONGEST_URL else ""


def _person_id(value: object, name: str) -> str:
    if not isinstance(value, str) or not _PERSON.fullmatch(value):
        raise EventMalformed(name)
    return value


def _stored_text(value: object, name: str) -> str:
    if not isinstance(value, str) or not value or not can_be_stored(value):
        raise EventMalformed(name)
    return value


def _message_id(value: object) -> str:
    message_id = _stored_text(value, "msg_id")
    return message_id if len(message_id) <= _LONGEST_ID else _digest(message_id)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
