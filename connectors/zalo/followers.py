"""Who follows the official account, page by page, and what Zalo tells about one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import AsyncIterator

from connectors.errors import Refused, RefusedReason
from connectors.zalo.answers import fields, rows, text, whole_number
from connectors.zalo.client import ZaloClient

PAGE = 50
FARTHEST = 9951  # Zalo pages no further


@dataclass(frozen=True)
class Follower:
    """``last_interaction`` is a day, as Zalo writes it: DD/MM/YYYY. What somebody shared by form is not kept."""

    user_id: str
    name: str
    follows: bool
    last_interaction: str
    tags: tuple[str, ...]


class Followers:
    def __init__(self, client: ZaloClient) -> None:
        self._client = client

    async def ids(self, period: str = "", tag: str = "") -> AsyncIterator[str]:
        """The user ids of all followers, each once; ``period`` of the last interaction (L7D, L30D, ...) and tag narrow.

        Raises Refused at the end when there are more than Zalo lists: ask by periods or tags then.
        """
        narrowed = {"last_interaction_period": period, "tag_name": tag}
        query = {"count": PAGE, "is_follower": "true", **{name: value for name, value in narrowed.items() if value}}
        seen: set[str] = set()
        total = 0
        for offset in range(0, FARTHEST + 1, PAGE):
            page = fields(await self._client.get("/v3.0/oa/user/getlist", {"offset": offset, **query}))
            total = whole_number(page.get("total")) or 0
            found = [text(user.get("user_id")) for user in rows(page.get("users"))]
            for user_id in dict.fromkeys(found):
                if user_id and user_id not in seen:  # who comes while we read shifts the pages
                    seen.add(user_id)
                    yield user_id
            if not found or offset + PAGE >= total:
                return
        raise Refused(
            RefusedReason.WRONG_MESSAGE, f"Zalo lists only the first {FARTHEST + PAGE - 1} of {total} followers"
        )

    async def detail(self, user_id: str) -> Follower:
        data = fields(await self._client.get("/v3.0/oa/user/detail", {"user_id": user_id}))
        tags = fields(data.get("tags_and_notes_info")).get("tag_names")
        return Follower(
            user_id=text(data.get("user_id")) or user_id,
            name=text(data.get("display_name")),
            follows=data.get("user_is_follower") in (True, "true"),
            last_interaction=text(data.get("user_last_interaction_date")),
            tags=tuple(map(text, tags)) if isinstance(tags, list) else (),
        )
