"""What goes out over Zalo besides a conversation: approved templates by user id or phone number, articles to followers.

Everything here needs a verified account and a package that answers do not: what stops it stops nothing else.
"""

from __future__ import annotations

import contextlib
from typing import Any, Awaitable, Callable, Iterator, Mapping

from connectors.channel import Part
from connectors.errors import Misconfigured, Refused, RefusedReason, Unreachable, nothing_sent_yet
from connectors.messages import Address
from connectors.zalo.articles import Article, Articles, TextBlock
from connectors.zalo.client import ZaloClient
from connectors.zalo.oauth import Clock
from connectors.zalo.reactions import GrantDead, LookAtThis, TokenRejected
from connectors.zalo.templates import Templates
from connectors.zalo.windows import is_broadcast_hour

# What a part is instead of a message, and where it goes: ids of addresses are user ids, "phone:84..." or "followers:".
TEMPLATE, PHONE_TEMPLATE, ARTICLE = "template", "phone_template", "article"
PHONE, FOLLOWERS = "phone:", "followers:"


def draw_template(template_id: str, facts: Mapping[str, str]) -> Part:
    """For a person who wrote too long ago for anything else."""
    return {TEMPLATE: {"id": template_id, "facts": dict(facts)}}


def draw_phone_template(template_id: str, facts: Mapping[str, str], tracking_id: str) -> Part:
    """For an address "phone:84...". ``tracking_id`` (1 to 48 characters) names this message and no other."""
    return {PHONE_TEMPLATE: {"id": template_id, "facts": dict(facts), "tracking_id": tracking_id}}


def draw_article(title: str, description: str, body: str, cover_url: str, author: str) -> Part:
    """For the address "followers:". Zalo, and so everybody, can read what is behind ``cover_url``. Plain text."""
    words = {"title": title, "description": description, "body": body, "cover_url": cover_url, "author": author}
    return {ARTICLE: words}


class Vehicles:
    def __init__(self, client: ZaloClient, clock: Clock) -> None:
        self._templates, self._articles, self._clock = Templates(client), Articles(client, clock), clock
        self._sending: Mapping[str, Callable[[Address, Mapping[str, Any]], Awaitable[str]]] = {
            TEMPLATE: self._to_user,
            PHONE_TEMPLATE: self._to_phone,
            ARTICLE: self._to_followers,
        }
        # Zalo's tokens of articles that it is making, by their words. After a restart an article is made anew; the one
        # before it was sent to nobody.
        self._being_made: dict[frozenset[tuple[str, str]], str] = {}

    def carry(self, part: Part) -> bool:
        return not self._sending.keys().isdisjoint(part)

    async def send(self, address: Address, part: Part) -> str:
        """As ``Channel.send``."""
        ((kind, content),) = part.items()
        with _only_this_fails():
            message_id = await self._sending[kind](address, content)
        if not message_id:
            raise Unreachable("Zalo gave a sent message no id", maybe_sent=True)
        return message_id

    async def _to_user(self, address: Address, content: Mapping[str, Any]) -> str:
        return (await self._templates.send_to_user(address.id, content["id"], content["facts"])).message_id

    async def _to_phone(self, address: Address, content: Mapping[str, Any]) -> str:
        phone = address.id.removeprefix(PHONE)
        sent = await self._templates.send_to_phone(phone, content["id"], content["facts"], content["tracking_id"])
        return sent.message_id

    async def _to_followers(self, _: Address, content: Mapping[str, Any]) -> str:
        """Raises StillProcessing while Zalo makes the article: the next try goes on from there."""
        if not is_broadcast_hour(self._clock()):
            raise Refused(RefusedReason.QUIET_HOURS, "a broadcast is sent between 06:00 and 22:00")
        words = frozenset(content.items())
        with nothing_sent_yet():
            if words not in self._being_made:
                self._being_made[words] = await self._articles.create(_article(content))
            # One look at a time: a sending that is interrupted while it waits would have to count as unknown.
            article = await self._articles.verify(self._being_made[words])
        message_id = await self._articles.broadcast([article])
        del self._being_made[words]
        return message_id


def _article(content: Mapping[str, Any]) -> Article:
    body = (TextBlock(content["body"]),)
    return Article(content["title"], content["author"], content["description"], content["cover_url"], body)


@contextlib.contextmanager
def _only_this_fails() -> Iterator[None]:
    try:
        yield
    except (TokenRejected, GrantDead):
        raise
    except Misconfigured as error:
        raise LookAtThis(str(error)) from error
