"""What Zalo says about the official account itself, and what it may still send to somebody."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Optional

from connectors.zalo.answers import fields, text, whole_number
from connectors.zalo.client import ZaloClient


@dataclass(frozen=True)
class OfficialAccount:
    id: str
    name: str
    package: str
    verified: bool
    followers: Optional[int]


@dataclass(frozen=True)
class MessageQuota:
    """None: Zalo does not say. ``replies_left``: free answers to their last message."""

    last_interaction_at: Optional[dt.datetime]
    replies_left: Optional[int]
    promotions_left_today: Optional[int]
    promotions_left_this_month: Optional[int]


class Account:
    def __init__(self, client: ZaloClient) -> None:
        self._client = client

    async def about(self) -> OfficialAccount:
        data = fields(await self._client.read("/v2.0/oa/getoa", {}))
        return OfficialAccount(
            id=text(data.get("oa_id")) or text(data.get("oaid")),
            name=text(data.get("name")),
            package=text(data.get("package_name")),
            verified=data.get("is_verified") in (True, 1, "true", "1"),
            followers=whole_number(data.get("num_follower")),
        )

    async def quota(self, user_id: str) -> MessageQuota:
        data = await self._client.post("/v3.0/oa/quota/message", {"user_id": user_id})
        promotion = fields(data.get("promotion"))
        return MessageQuota(
            last_interaction_at=moment(data.get("last_interaction")),
            replies_left=whole_number(fields(data.get("cs_reply")).get("remain")),
            promotions_left_today=whole_number(promotion.get("daily_remain")),
            promotions_left_this_month=whole_number(promotion.get("monthly_remain")),
        )


def moment(milliseconds: Any) -> Optional[dt.datetime]:
    """Zalo's time: milliseconds since 1970, mostly as text; None when it is none."""
    number = whole_number(milliseconds)
    try:
        return None if not number else dt.datetime.fromtimestamp(number / 1000, dt.timezone.utc)
    except (ValueError, OverflowError, OSError):
        return None
