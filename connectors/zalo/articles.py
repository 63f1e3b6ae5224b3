"""Articles of the official account, and their broadcast to its followers."""

from __future__ import annotations

import asyncio
import datetime as dt
import unicodedata
from dataclasses import dataclass
from typing import Any, Awaitable, Callable, Mapping, Optional, Sequence, Union

from connectors.errors import Refused, RefusedReason, Unreachable
from connectors.zalo.account import moment
from connectors.zalo.answers import fields, rows, text, whole_number
from connectors.zalo.client import ZaloClient
from connectors.zalo.oauth import Clock
from connectors.zalo.reactions import StillProcessing
from connectors.zalo.windows import is_broadcast_hour

MOST_CHARACTERS = {"title": 150, "author": 50, "description": 300}
MOST_IN_A_BROADCAST = 5
POLLS = 20
# What a target may name, by Zalo's numbers; the reference lists what they mean.
TARGETS = {
    "gender": range(3),
    "ages": range(8),
    "locations": range(3),
    "cities": range(64),
    "platform": range(1, 4),
}


@dataclass(frozen=True)
class TextBlock:
    content: str


@dataclass(frozen=True)
class ImageBlock:
    """``url`` must be readable for everybody."""

    url: str
    caption: str = ""


@dataclass(frozen=True)
class Article:
    """``cover_url``: a picture that everybody can read. ``shown``: on the account's page."""

    title: str
    author: str
    description: str
    cover_url: str
    body: tuple[Union[TextBlock, ImageBlock], ...]
    shown: bool = True
    comments: bool = False


@dataclass(frozen=True)
class ArticleSummary:
    id: str
    title: str
    shown: bool
    created_at: Optional[dt.datetime]
    views: Optional[int]
    shares: Optional[int]


class Articles:
    """Everything raises ChannelError; what is refused here already is told with the same words as Zalo's refusals."""

    def __init__(
        self, client: ZaloClient, clock: Clock, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._client, self._clock, self._sleep = client, clock, sleep

    async def create(self, article: Article) -> str:
        """A token: Zalo makes the article later, see ``wait_for``."""
        return await self._token("/v2.0/article/create", drawn(article))

    async def update(self, id: str, article: Article) -> str:
        """A token, as ``create``."""
        return await self._token("/v2.0/article/update", {"id": id, **drawn(article)})

    async def _token(self, path: str, body: Mapping[str, Any]) -> str:
        token = text((await self._client.post(path, body)).get("token"))
        if not token:
            raise Unreachable("Zalo took an article and gave no token for it", maybe_sent=True)
        return token

    async def verify(self, token: str) -> str:
        """The article's id. Raises StillProcessing while Zalo makes it."""
        id = text((await self._client.post("/v2.0/article/verify", {"token": token})).get("id"))
        if not id:
            raise Unreachable("Zalo gave no id of an article")
        return id

    async def wait_for(self, token: str) -> str:
        """The article's id, asked for until it is there. Raises StillProcessing after ten minutes: ask again later."""
        for _ in range(POLLS - 1):
            try:
                return await self.verify(token)
            except StillProcessing as error:
                await self._sleep(error.retry_after)
        return await self.verify(token)

    async def get(self, id: str) -> ArticleSummary:
        return _summary({"id": id, **fields(await self._client.read("/v2.0/article/getdetail", {"id": id}))})

    async def page(self, offset: int = 0, limit: int = 10) -> list[ArticleSummary]:
        parameters = {"offset": str(offset), "limit": str(limit), "type": "normal"}
        data = await self._client.read("/v2.0/article/getslice", parameters)
        return [_summary(row) for row in rows(fields(data).get("medias", data))]

    async def remove(self, id: str) -> None:
        await self._client.post("/v2.0/article/remove", {"id": id})

    async def broadcast(self, ids: Sequence[str], target: Optional[Mapping[str, Sequence[int]]] = None) -> str:
        """The message id; Zalo looks at the content for half an hour and tells nobody what it refuses then.

        ``target`` narrows the followers, by the names and numbers of TARGETS. There is no way to see whether one that
        ended with ``maybe_sent`` was sent: never repeat it.
        """
        if not 1 <= len(ids) <= MOST_IN_A_BROADCAST:
            raise Refused(RefusedReason.WRONG_MESSAGE, f"a broadcast has 1 to {MOST_IN_A_BROADCAST} articles")
        chosen = drawn_target(target or {})
        if not is_broadcast_hour(self._clock()):
            raise Refused(RefusedReason.QUIET_HOURS, "a broadcast is sent between 06:00 and 22:00")
        elements = [{"media_type": "article", "attachment_id": id} for id in ids]
        payload = {"template_type": "media", "elements": elements}
        message = {"attachment": {"type": "template", "payload": payload}}
        body = {"recipient": {"target": chosen}, "message": message}
        return text((await self._client.post("/v2.0/oa/message", body)).get("message_id"))


def drawn(article: Article) -> dict[str, Any]:
    """The article as Zalo wants it. Raises Refused with what is too long or missing."""
    texts = {name: unicodedata.normalize("NFC", getattr(article, name).strip()) for name in MOST_CHARACTERS}
    for name, most in MOST_CHARACTERS.items():
        if not 0 < len(texts[name]) <= most:
            raise Refused(RefusedReason.WRONG_MESSAGE, f"the {name} of an article has 1 to {most} characters")
    if not article.body:
        raise Refused(RefusedReason.WRONG_MESSAGE, "an article needs a body")
    return {
        "type": "normal",
        **texts,
        "status": "show" if article.shown else "hide",
        "comment": "show" if article.comments else "hide",
        "cover": {"cover_type": "photo", "photo_url": article.cover_url, "status": "show"},
        "body": [_drawn_block(block) for block in article.body],
    }


def _drawn_block(block: Union[TextBlock, ImageBlock]) -> dict[str, str]:
    if isinstance(block, TextBlock):
        return {"type": "text", "content": unicodedata.normalize("NFC", block.content)}
    return {"type": "image", "url": block.url, "caption": unicodedata.normalize("NFC", block.caption)}


def drawn_target(target: Mapping[str, Sequence[int]]) -> dict[str, str]:
    """The numbers separated by commas. Raises Refused for what Zalo does not know."""
    for name, numbers in target.items():
        if name not in TARGETS or not numbers or any(number not in TARGETS[name] for number in numbers):
            raise Refused(RefusedReason.WRONG_MESSAGE, f"a target takes numbers of {', '.join(TARGETS)}")
    return {name: ",".join(map(str, numbers)) for name, numbers in target.items()}


def _summary(data: Mapping[str, Any]) -> ArticleSummary:
    return ArticleSummary(
        id=text(data.get("id")),
        title=text(data.get("title")),
        shown=data.get("status") == "show",
        created_at=moment(data.get("create_date")),
        views=whole_number(data.get("total_view")),
        shares=whole_number(data.get("total_share")),
    )
