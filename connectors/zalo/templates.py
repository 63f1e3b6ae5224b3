"""Messages from templates that Zalo approved before: to a follower by user id, to anybody by phone number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Mapping, Optional

from connectors.errors import Refused, RefusedReason
from connectors.zalo.answers import fields, text, whole_number
from connectors.zalo.client import ZaloClient
from connectors.zalo.reactions import Host

TRACKING_CHARACTERS = 48
_BETWEEN_DIGITS = re.compile(r"[\s.()-]")
_MOBILE = re.compile(r"(?:\+?84|0)?([35789][0-9]{8})")


@dataclass(frozen=True)
class SentTemplate:
    """``left``: how many more may be sent, None when Zalo does not say."""

    message_id: str
    left: Optional[int]


@dataclass(frozen=True)
class DailyQuota:
    total: Optional[int]
    left: Optional[int]


class Templates:
    """``facts``: what is filled into the template, by the names in it. Everything raises ChannelError."""

    def __init__(self, client: ZaloClient) -> None:
        self._client = client

    async def send_to_user(self, user_id: str, template_id: str, facts: Mapping[str, str]) -> SentTemplate:
        """Zalo knows no repeat here: after ``maybe_sent`` look before sending again."""
        body = {"user_id": user_id, "template_id": template_id, "template_data": dict(facts)}
        data = await self._client.post("/v3.0/oa/message/template", body)
        return SentTemplate(text(data.get("message_id")), whole_number(fields(data.get("quota")).get("remain")))

    async def send_to_phone(
        self, phone: str, template_id: str, facts: Mapping[str, str], tracking_id: str
    ) -> SentTemplate:
        """``tracking_id`` names this message and comes back with its receipt."""
        if not 0 < len(tracking_id) <= TRACKING_CHARACTERS:
            raise Refused(RefusedReason.WRONG_MESSAGE, f"a tracking id has 1 to {TRACKING_CHARACTERS} characters")
        body = {
            "phone": international(phone),
            "template_id": template_id,
            "template_data": dict(facts),
            "tracking_id": tracking_id,
        }
        data = await self._client.post("/message/template", body, Host.BUSINESS)
        return SentTemplate(text(data.get("msg_id")), _daily_quota(data.get("quota")).left)

    async def daily_quota(self) -> DailyQuota:
        """What may be sent by phone number on this day."""
        return _daily_quota(await self._client.read("/message/quota", {}, Host.BUSINESS))


def _daily_quota(data: Any) -> DailyQuota:
    quota = fields(data)
    return DailyQuota(whole_number(quota.get("dailyQuota")), whole_number(quota.get("remainingQuota")))


def international(phone: str) -> str:
    """A Vietnamese mobile number as 84 and nine digits. Raises Refused; the number is in no text of it."""
    match = _MOBILE.fullmatch(_BETWEEN_DIGITS.sub("", phone))
    if match is None:
        raise Refused(RefusedReason.NO_SUCH_PERSON, "not a Vietnamese mobile number")
    return f"84{match[1]}"
