"""Messages of the account to one citizen: cs, anonymous, reactions, and what is left to send."""

from __future__ import annotations

import datetime as dt
from typing import Any, Mapping

from aiohttp import web

from emulators.zalo_broadcasts import Broadcasts
from emulators.zalo_contents import Contents
from emulators.zalo_faults import Fault, ZaloFaults
from emulators.zalo_policy import Policy
from emulators.zalo_wire import Refusal, invalid, millis, object_of, read_body, success, text_of
from emulators.zalo_world import Content, Person, Sent, World

_ICONS = (":>", "--b", ":-((", "/-strong", "/-heart", ":-h", ":o", "/-remove")
_ANSWERS_TO_ONE = 8
_ANSWER_TIME = dt.timedelta(hours=48)


class Sending:
    """Answers /v3.0/oa/message/cs, /v2.0/oa/message and /v3.0/oa/quota/message."""

    def __init__(
        self, world: World, policy: Policy, contents: Contents, broadcasts: Broadcasts, faults: ZaloFaults
    ) -> None:
        self._world = world
        self._policy = policy
        self._contents = contents
        self._broadcasts = broadcasts
        self._faults = faults
        self._answers: dict[str, int] = {}

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/v3.0/oa/message/cs", self._reply)
        router.add_post("/v2.0/oa/message", self._second_version)
        router.add_post("/v3.0/oa/quota/message", self._quota)

    async def _reply(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        recipient = object_of(body.get("recipient"), "recipient")
        if "message_id" in recipient:
            person = self._asker(recipient["message_id"])
        else:
            person = self._world.find(recipient.get("user_id"))
            self._policy.allow_reply(person)
        message = object_of(body.get("message"), "message")
        content = self._contents.read(message)
        if content.buttons and self._faults.strikes(Fault.BUTTONS_REFUSED, request.path):
            raise invalid("attachment")
        self._check_quote(person, message)
        quota = self._policy.spend_reply(person)
        if "message_id" in recipient:
            self._answers[recipient["message_id"]] = self._answers.get(recipient["message_id"], 0) + 1
        answer = _answer(self._world.send(person.id, content))
        return success(answer if quota is None else {**answer, "quota": quota})

    def _asker(self, message_id: Any) -> Person:
        """Who wrote the message that is answered; it may be somebody who does not follow."""
        asked = self._world.messages.get(message_id) if isinstance(message_id, str) else None
        if asked is None or not asked.from_citizen:
            raise invalid("message_id")
        too_late = self._world.clock.now() - asked.at > _ANSWER_TIME
        used_up = self._answers.get(asked.message_id, 0) >= _ANSWERS_TO_ONE
        if self._world.switches.windows_enforced and (too_late or used_up):
            raise Refusal(-311, "Out of replies to this message")
        return self._world.find(asked.user_id)

    def _check_quote(self, person: Person, message: Mapping[str, Any]) -> None:
        if "quote_message_id" not in message:
            return
        quoted = self._world.messages.get(text_of(message, "quote_message_id"))
        if quoted is None or quoted.user_id != person.id:
            raise invalid("quote_message_id")

    async def _second_version(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        recipient = object_of(body.get("recipient"), "recipient")
        if "target" in recipient:
            return success({"message_id": self._broadcasts.start(recipient["target"], body.get("message"))})
        if "anonymous_id" in recipient:
            return success(self._to_anonymous(recipient, body.get("message")))
        if "sender_action" in body:
            self._react(recipient, object_of(body["sender_action"], "sender_action"))
            return success({"user_id": recipient["user_id"], "message_id": body["sender_action"]["react_message_id"]})
        raise Refusal(-240, "MessageV2 API has been shut down")

    def _to_anonymous(self, recipient: Mapping[str, Any], message: Any) -> dict[str, Any]:
        person, conversation = text_of(recipient, "anonymous_id"), text_of(recipient, "conversation_id")
        if self._world.anonymous.get(person) != conversation:
            raise invalid("conversation_id")
        content: Content = self._contents.read(message)
        if content.kind not in ("text", "image", "file", "sticker") or content.buttons:
            raise Refusal(-233, "Message type is not supported")
        answer = _answer(self._world.send(person, content, anonymous=True))
        del answer["user_id"]
        return {**answer, "anonymous_id": person, "conversation_id": conversation}

    def _react(self, recipient: Mapping[str, Any], action: Mapping[str, Any]) -> None:
        person = self._world.find(recipient.get("user_id"))
        icon, message_id = text_of(action, "react_icon"), text_of(action, "react_message_id")
        if icon not in _ICONS:
            raise invalid("react_icon")
        self._world.react(person.id, message_id, "" if icon == "/-remove" else icon)

    async def _quota(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        if "quota_owner" in body:
            return success([_asset(body)])
        person = self._world.find(body.get("user_id"))
        if person.last_interaction is None:
            raise Refusal(-232, "User has not interacted with the OA")
        total = self._world.switches.reply_quota or 8
        used = person.replies if self._world.switches.reply_quota else 0
        may = int(self._policy.may_get_broadcast(person))
        promotion = {"daily_remain": may, "daily_total": 1, "monthly_remain": 4 * may, "monthly_total": 4}
        reply = {"remain": max(total - used, 0), "total": total}
        return success({"last_interaction": millis(person.last_interaction), "cs_reply": reply, "promotion": promotion})


def _answer(sent: Sent) -> dict[str, Any]:
    return {"message_id": sent.message_id, "user_id": sent.user_id, "sent_time": millis(sent.at)}


def _asset(body: Mapping[str, Any]) -> dict[str, Any]:
    kinds = {name: text_of(body, name) for name in ("product_type", "quota_type")}
    return {"asset_id": "asset_1", **kinds, "valid_through": "2030-12-31", "total": 2000, "remain": 2000}
