"""Template messages (ZBS) by phone and by user id: approved texts, parameters, a daily quota, receipts by webhook."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any, Mapping, Optional

from aiohttp import web

from emulators.portal_world import VIETNAM_TIME
from emulators.zalo_policy import Policy
from emulators.zalo_wire import Refusal, invalid, millis, object_of, read_body, success
from emulators.zalo_world import Content, Person, Sent, World

_PROMOTION = 3
_LONGEST_TRACKING = 48
_PRICES = {"phone": 200, "uid": 140}


@dataclass(frozen=True)
class Template:
    """``limits``: parameter to its most characters. ``tag``: 1 transaction, 2 customer care, 3 promotion."""

    id: str
    name: str
    text: str
    limits: Mapping[str, int]
    tag: int = 1
    approved: bool = True
    by_uid: bool = True


TEMPLATES = (
    Template(
        "412345",
        "Trạng thái hồ sơ",
        "Ông/bà {ho_ten}: hồ sơ {ma_ho_so} – {trang_thai}.",
        {"ho_ten": 30, "ma_ho_so": 30, "trang_thai": 100},
    ),
    Template("412346", "Hẹn trả kết quả", "Hồ sơ {ma_ho_so} hẹn trả ngày {ngay}.", {"ma_ho_so": 30, "ngay": 20}, tag=2),
    Template("412347", "Thông báo chính sách", "{ho_ten}: {noi_dung}", {"ho_ten": 30, "noi_dung": 200}, tag=_PROMOTION),
    Template("412348", "Mẫu chờ duyệt", "{ho_ten}", {"ho_ten": 30}, approved=False),
    Template("412349", "Mẫu cũ", "{ho_ten}", {"ho_ten": 30}, by_uid=False),
)


class Templates:
    """Answers the business host and /v3.0/oa/message/template. ``admins``: phones that may get drafts."""

    def __init__(self, world: World, policy: Policy) -> None:
        self._world = world
        self._policy = policy
        self._templates = {template.id: template for template in TEMPLATES}
        self._in_day: dict[str, int] = {}
        self._tracked: dict[str, Sent] = {}
        self.admins = {"84912000345"}

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/v3.0/oa/message/template", self._by_uid)
        router.add_post("/message/template", self._by_phone)
        router.add_post("/message/template/hashphone", self._by_digest)
        router.add_get("/message/status", self._status)
        router.add_get("/message/quota", self._quota)
        router.add_get("/quality", self._quality)
        router.add_get("/template/all", self._all)
        router.add_get("/template/info/v2", self._info)

    async def _by_uid(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        if not set(body) <= {"user_id", "template_id", "template_data"}:
            raise invalid("body")
        person = self._world.find(body.get("user_id"))
        template = self._templates.get(str(body.get("template_id")))
        if template is None or not template.approved:
            raise invalid("template_id")
        if not template.by_uid:
            raise Refusal(-249, "Template cannot be sent by user id")
        try:
            text = _filled(template, body.get("template_data"))
        except Refusal as refused:
            raise invalid("template_data") from refused
        if template.tag == _PROMOTION:
            self._policy.allow_hour()
        self._policy.allow_template(person, f"tag{template.tag}")
        self._world.charge(_PRICES["uid"])
        sent = self._world.send(person.id, Content("template", text))
        quota = {"quota_type": "sub_quota", "remain": "1999"}
        return success({"message_id": sent.message_id, "sent_time": millis(sent.at), "quota": quota})

    async def _by_phone(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        phone = _normalised(body.get("phone"))
        person = next((one for one in self._world.people.values() if one.phone == phone), None)
        return self._send(body, person, phone)

    async def _by_digest(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        digest = body.get("hash_phone")
        if not isinstance(digest, str) or not re.fullmatch("[0-9a-f]{64}", digest):
            raise Refusal(-108, "Phone number invalid")
        people = self._world.people.values()
        person = next((one for one in people if hashlib.sha256(one.phone.encode()).hexdigest() == digest), None)
        return self._send(body, person, digest)

    def _send(self, body: Mapping[str, Any], person: Optional[Person], recipient: str) -> web.Response:
        tracking_id = body.get("tracking_id", "")
        if not isinstance(tracking_id, str) or len(tracking_id) > _LONGEST_TRACKING:
            raise Refusal(-132, "Parameter invalid: tracking_id")
        template = self._templates.get(str(body.get("template_id")))
        if template is None:
            raise Refusal(-109, "Template id invalid")
        draft = body.get("mode") == "development"
        if not template.approved and not draft:
            raise Refusal(-131, "Template is not approved")
        text = _filled(template, body.get("template_data"))
        if person is None:
            raise Refusal(-118, "Zalo account does not exist")
        if draft and person.phone not in self.admins:
            raise Refusal(-127, "Only administrators can get messages of the development mode")
        self._allow_by_phone(person, template)
        remaining = self._spend_day()
        if not draft:
            self._pay()
        sent = self._world.send(person.id, Content("template", text), silent=True)
        self._tracked[sent.message_id] = sent
        self._tell(sent, recipient, tracking_id)
        mode = "3" if draft else "1"
        quota = {"dailyQuota": str(self._world.switches.templates_per_day), "remainingQuota": str(remaining)}
        return success({"msg_id": sent.message_id, "sent_time": millis(sent.at), "sending_mode": mode, "quota": quota})

    def _allow_by_phone(self, person: Person, template: Template) -> None:
        if person.banned:
            raise Refusal(-119, "Account cannot receive messages")
        if f"tag{template.tag}" in person.refuses:
            raise Refusal(-139, "User refused this type of message")
        if template.tag == _PROMOTION:
            self._policy.allow_hour(-133)

    def _spend_day(self) -> int:
        day = self._day()
        total, used = self._world.switches.templates_per_day, self._in_day.get(day, 0)
        if self._world.switches.quotas_enforced and used >= total:
            raise Refusal(-144, "OA exceeded its daily quota")
        self._in_day[day] = used + 1
        return max(total - used - 1, 0)

    def _pay(self) -> None:
        try:
            self._world.charge(_PRICES["phone"])
        except Refusal:
            raise Refusal(-115, "ZBS account is out of money") from None

    def _tell(self, sent: Sent, recipient: str, tracking_id: str) -> None:
        message = {"delivery_time": millis(sent.at), "msg_id": sent.message_id, "tracking_id": tracking_id}
        ends = {"sender": {"id": self._world.identity.oa_id}, "recipient": {"id": recipient}}
        self._world.publish("user_received_message", {**ends, "message": message}, about_template=True)

    def _day(self) -> str:
        return self._world.clock.now().astimezone(VIETNAM_TIME).date().isoformat()

    async def _status(self, request: web.Request) -> web.Response:
        sent = self._tracked.get(request.query.get("message_id", ""))
        if sent is None:
            return success({"status": -1, "message": "The message was not sent"})
        return success({"delivery_time": millis(sent.at), "status": 1, "message": "Message was delivered"})

    async def _quota(self, _: web.Request) -> web.Response:
        total = self._world.switches.templates_per_day
        left = max(total - self._in_day.get(self._day(), 0), 0)
        return success({"dailyQuota": str(total), "remainingQuota": str(left)})

    async def _quality(self, _: web.Request) -> web.Response:
        return success({"oaCurrentQuality": "HIGH", "oa7dayQuality": "HIGH"})

    async def _all(self, _: web.Request) -> web.Response:
        return success([_described(template) for template in self._templates.values()])

    async def _info(self, request: web.Request) -> web.Response:
        template = self._templates.get(request.query.get("template_id", ""))
        if template is None:
            raise Refusal(-109, "Template id invalid")
        names = [{"name": name, "require": True, "maxLength": most} for name, most in template.limits.items()]
        return success({**_described(template), "listParams": names})


def _described(template: Template) -> dict[str, Any]:
    status = "ENABLE" if template.approved else "PENDING_REVIEW"
    return {"templateId": template.id, "templateName": template.name, "status": status, "templateTag": template.tag}


def _normalised(phone: Any) -> str:
    """As 84 and nine digits. Raises Refusal."""
    found = re.fullmatch(r"(?:\+?84|0)?([35789]\d{8})", phone) if isinstance(phone, str) else None
    if found is None:
        raise Refusal(-108, "Phone number invalid")
    return f"84{found[1]}"


def _filled(template: Template, data: Any) -> str:
    values = object_of(data, "template_data")
    for name, most in template.limits.items():
        value = values.get(name)
        if value is None:
            raise Refusal(-1121, f"Template data is missing: {name}")
        if not isinstance(value, (str, int)) or not str(value).strip():
            raise Refusal(-112, f"Template data is invalid: {name}")
        if len(str(value)) > most:
            raise Refusal(-1122, f"Template data is too long: {name}")
    return template.text.format(**{name: values[name] for name in template.limits})
