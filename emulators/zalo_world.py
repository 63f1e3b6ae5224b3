"""The account, the people and what they said to each other, as Zalo's servers know it. Everybody here is invented."""

from __future__ import annotations

import copy
import datetime as dt
import hashlib
import random
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import Any, Callable, Mapping, NamedTuple, Optional, Protocol

from emulators.movable_clock import MovableClock
from emulators.zalo_faults import CROWD, Switches
from emulators.zalo_wire import Refusal, invalid, millis

OA_NAME = "Trung tâm Hành chính công Mẫu"


@dataclass(frozen=True)
class Identity:
    """What the console shows of the app and the account."""

    app_id: str
    app_secret: str = field(repr=False)
    oa_id: str
    oa_secret_key: str = field(repr=False)


@dataclass(frozen=True)
class Button:
    """``value``: the payload of a query, the address, or the number to call."""

    title: str
    type: str
    value: str


@dataclass(frozen=True)
class Content:
    """What a message is. ``kind``: text, image, gif, sticker, file, request_user_info, list, template, article or what
    a citizen can send besides; ``text`` is all that can be read of it."""

    kind: str
    text: str = ""
    buttons: tuple[Button, ...] = ()
    url: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sent:
    """One message. ``user_id`` is the citizen in the conversation, whoever wrote it."""

    message_id: str
    user_id: str
    content: Content
    at: dt.datetime
    seq: int
    from_citizen: bool = False
    reaction: str = ""

    @property
    def text(self) -> str:
        return self.content.text

    @property
    def buttons(self) -> tuple[Button, ...]:
        return self.content.buttons

    @property
    def kind(self) -> str:
        return self.content.kind


class Tallied(NamedTuple):
    """All that is kept of a message to one of the crowd. ``at``: seconds since 1970."""

    message_id: str
    user_id: str
    at: float


@dataclass
class Person:
    """``replies``: what the account wrote since the last interaction. ``gender`` and the rest as targets count them."""

    id: str
    name: str
    phone: str
    gender: int = 1
    ages: int = 3
    cities: int = 9
    locations: int = 0
    platform: int = 2
    follows: bool = False
    left: bool = False
    chatted: bool = False
    banned: bool = False
    last_interaction: Optional[dt.datetime] = None
    replies: int = 0
    refuses: set[str] = field(default_factory=set)
    tags: list[str] = field(default_factory=list)
    shared: dict[str, Any] = field(default_factory=dict)
    alias: str = ""
    broadcasts: list[dt.datetime] = field(default_factory=list)

    @property
    def id_by_app(self) -> str:
        return f"555{self.id[-16:]}"


PEOPLE = (
    Person("8123450000000000001", "Nguyễn Văn An", "84912000345"),
    Person("8123450000000000002", "Trần Thị Bình", "84913000456", gender=2, ages=4, cities=4, locations=2, platform=1),
    Person("8123450000000000003", "Lê Minh Châu", "84914000567", gender=2, ages=2, cities=20, locations=1),
    Person("8123450000000000004", "Phạm Văn Dũng", "84915000678", ages=6, cities=9, platform=1),
)


# Events without sender and recipient, and those that open the window.
_FLAT = ("user_click_chatnow", "user_withdraw", "update_user_info", "add_user_to_tag", "remove_user_from_tag",
         "remove_tag", "widget_interaction_accepted", "widget_failed_to_sync_user_external_id", "permission_revoked",
         "change_oa_daily_quota", "change_template_status")  # fmt: skip
# What is told of besides: nobody is told who got a broadcast.
_ECHOED = ("text", "image", "gif", "list", "file", "sticker", "template", "request_user_info")
_INTERACTIONS = ("user_click_chatnow", "user_call_oa", "user_reply_consent", "widget_interaction_accepted")


class Publish(Protocol):
    def __call__(self, name: str, fields: Mapping[str, Any], *, about_template: bool = False) -> None: ...


class World:
    """``publish`` is told of every event."""

    def __init__(
        self, identity: Identity, clock: MovableClock, switches: Switches, publish: Publish, dice: random.Random
    ) -> None:
        self.identity = identity
        self.clock = clock
        self.switches = switches
        self.publish = publish
        self.people = {person.id: person for person in copy.deepcopy(PEOPLE)}
        self.conversations: dict[str, list[Sent]] = defaultdict(list)
        self.messages: dict[str, Sent] = {}
        self.ledger: list[Sent] = []
        self.tally: list[Tallied] = []
        self.media: dict[str, tuple[bytes, str]] = {}
        self.anonymous: dict[str, str] = {}
        self.balance = 100_000
        self.url = ""
        self._dice = dice
        self._seq = 0
        self._plans: list[tuple[dt.datetime, Callable[[], None]]] = []

    def new_id(self, prefix: str = "") -> str:
        return f"{prefix}{self._dice.getrandbits(64):016x}"

    def meet(self, user_id: str) -> Person:
        """The person of this id; somebody new if there was none."""
        if user_id not in self.people:
            serial = len(self.people)
            phone = f"849{serial % 100:02d}000{serial // 100 % 1000:03d}"
            self.people[user_id] = Person(user_id, f"Người dân {serial}", phone)
        return self.people[user_id]

    def find(self, user_id: Any) -> Person:
        """Raises Refusal."""
        person = self.people.get(user_id) if isinstance(user_id, str) else None
        if person is not None:
            return person
        if not self._is_of_crowd(user_id):
            raise invalid("user_id")
        return Person(user_id, "Người dân", "", follows=True, chatted=True)

    def _is_of_crowd(self, user_id: Any) -> bool:
        return self.switches.crowd and isinstance(user_id, str) and user_id.isdecimal() and int(user_id) in CROWD

    def plan(self, seconds: float, action: Callable[[], None]) -> None:
        self._plans.append((self.clock.now() + dt.timedelta(seconds=seconds), action))

    def advance(self, seconds: float) -> None:
        """Moves the clock, with a stop at every moment for which something is planned."""
        left = seconds
        while self._plans:
            due = min(moment for moment, _ in self._plans)
            step = max((due - self.clock.now()).total_seconds(), 0)
            if step > left:
                break
            self.clock.advance(step)
            left -= step
            self.catch_up()
        self.clock.advance(left)

    def catch_up(self) -> None:
        """Does what was planned for a moment that has come."""
        now = self.clock.now()
        due = [action for moment, action in self._plans if moment <= now]
        self._plans = [plan for plan in self._plans if plan[0] > now]
        for action in due:
            action()

    def interact(self, person: Person) -> None:
        person.last_interaction = self.clock.now()
        person.replies = 0

    def event(self, name: str, user_id: str, fields: Mapping[str, Any]) -> None:
        """What happens besides messages and following, in the shape that this event has."""
        person = self.meet(user_id)
        if name in _INTERACTIONS:
            self.interact(person)
        if name == "user_submit_info":
            person.shared = dict(fields.get("info", {}))
        if name in _FLAT:
            ends: dict[str, Any] = {"oa_id": self.identity.oa_id, "user_id": user_id}
        else:
            ends = {"sender": {"id": user_id}, "recipient": {"id": self.identity.oa_id}}
        self.publish(name, {**ends, "user_id_by_app": person.id_by_app, **fields})

    def follow(self, user_id: str, on: bool = True) -> None:
        person = self.meet(user_id)
        person.follows, person.left = on, not on
        if on:
            self.interact(person)
        follower = {"oa_id": self.identity.oa_id, "follower": {"id": user_id}, "user_id_by_app": person.id_by_app}
        self.publish("follow" if on else "unfollow", {**follower, "source": "oa_profile"})

    def hear(
        self, user_id: str, content: Content, *, quote: str = "", hidden: bool = False, conversation_id: str = ""
    ) -> str:
        """A citizen writes; gives the message's id. ``hidden``: the chat does not show it (a button's payload)."""
        message_id = self.new_id()
        message: dict[str, Any] = {"msg_id": message_id, "text": content.text}
        if quote:
            message["quote_msg_id"] = quote
        if content.kind != "text":
            # A business card comes as a link whose description is JSON.
            kind = "link" if content.kind == "business_card" else content.kind
            message["attachments"] = [{"type": kind, "payload": content.payload}]
        envelope = {"sender": {"id": user_id}, "recipient": {"id": self.identity.oa_id}, "message": message}
        if not hidden:
            self._keep(Sent(message_id, user_id, content, self.clock.now(), self._next(), from_citizen=True))
        if conversation_id:
            self.anonymous[user_id] = conversation_id
            message["conversation_id"] = conversation_id
            self.publish(f"anonymous_send_{content.kind}", envelope)
            return message_id
        person = self.meet(user_id)
        self.interact(person)
        person.chatted, person.left = True, False
        self.publish(f"user_send_{content.kind}", {**envelope, "user_id_by_app": person.id_by_app})
        return message_id

    def send(
        self, user_id: str, content: Content, *, anonymous: bool = False, admin_id: str = "", silent: bool = False
    ) -> Sent:
        """The account writes: into the ledger, the conversation and, unless ``silent``, as events. A message of a human
        official (``admin_id``) is not in the ledger."""
        sent = Sent(self.new_id(), user_id, content, self.clock.now(), self._next())
        if self._is_of_crowd(user_id):
            self.tally.append(Tallied(sent.message_id, user_id, sent.at.timestamp()))
        else:
            self._keep(sent)
            if not admin_id:
                self.ledger.append(sent)
        ends = {"sender": {"id": self.identity.oa_id}, "recipient": {"id": user_id}}
        if silent or content.kind not in _ECHOED:
            return sent
        if self.switches.echoes:
            sender = {**ends["sender"], **({"admin_id": admin_id} if admin_id else {})}
            echo: dict[str, Any] = {"msg_id": sent.message_id, "text": content.text}
            if content.payload:
                echo["attachments"] = [{"type": content.kind, "payload": content.payload}]
            name = f"oa_send_{'anonymous_' if anonymous else ''}{content.kind}"
            self.publish(name, {**ends, "sender": sender, "message": echo})
        if self.switches.receipts and not anonymous and not admin_id:
            self.publish("user_received_message", {**ends, "message": {"msg_id": sent.message_id}})
        return sent

    def react(self, user_id: str, message_id: str, icon: str) -> None:
        """Raises Refusal when there is no such message."""
        talk = self.conversations[user_id]
        for place in range(len(talk) - 1, -1, -1):
            if talk[place].message_id == message_id:
                talk[place] = replace(talk[place], reaction=icon, seq=self._next())
                return
        raise invalid("react_message_id")

    def sees(self, user_id: str, message_ids: list[str]) -> None:
        ends = {"sender": {"id": self.identity.oa_id}, "recipient": {"id": user_id}}
        self.publish("user_seen_message", {**ends, "message": {"msg_ids": message_ids}})

    def keep_media(self, content: bytes, content_type: str, name: str) -> dict[str, Any]:
        """The payload of an attachment whose content this server holds."""
        key = self.new_id()
        self.media[key] = (content, content_type)
        url = f"{self.url}/_media/{key}"
        if content_type.startswith("image/"):
            return {"thumbnail": url, "url": url}
        checksum = hashlib.md5(content, usedforsecurity=False).hexdigest()
        kind = name.rpartition(".")[2]
        return {"url": url, "name": name, "size": str(len(content)), "type": kind, "checksum": checksum}

    def charge(self, price: int) -> None:
        """Raises Refusal when the account has no money left."""
        if self.balance < price:
            raise Refusal(-321, "ZBS account does not have enough money")
        self.balance -= price

    def stamp(self) -> str:
        return millis(self.clock.now())

    def _keep(self, sent: Sent) -> None:
        self.conversations[sent.user_id].append(sent)
        self.messages[sent.message_id] = sent

    def _next(self) -> int:
        self._seq += 1
        return self._seq
