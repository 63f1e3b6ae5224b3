"""Makes of a delivery what its channel sends: one message, one template or one article."""

from __future__ import annotations

from dataclasses import replace
from typing import Awaitable, Callable, Mapping, Optional

import msgspec

from bot.broadcasts.campaign import Content, Vehicle
from bot.broadcasts.delivery import Delivery
from bot.broadcasts.notice import frozen_reply
from connectors.channel import Channel, Part
from connectors.errors import Refused, RefusedReason
from connectors.messages import Picture, Reply
from connectors.zalo.vehicles import draw_phone_template, draw_template

Draw = Callable[[Delivery, Content], Awaitable[Part]]


class Drawing:
    """``picture`` gives a picture by its id, ``article`` draws the campaign's article."""

    def __init__(self, picture: Callable[[int], Awaitable[Picture]], article: Draw) -> None:
        self._picture, self._article = picture, article

    async def draw(self, channel: Channel, delivery: Delivery, content: Content) -> tuple[Part, Optional[Reply]]:
        """What is sent, and what of it is our line in the conversation. Raises ChannelError."""
        if delivery.vehicle is Vehicle.ARTICLE:
            return await self._article(delivery, content), None
        if delivery.vehicle is Vehicle.MESSAGE:
            return await self._draw_message(channel, delivery, content)
        facts = msgspec.json.decode(delivery.text, type=dict[str, str])
        if delivery.vehicle is Vehicle.PHONE:
            return draw_phone_template(content.template, facts, mark_of(delivery)), None
        line = Reply("\n".join(facts.values()), delivery.language, custom=_about(delivery))
        return draw_template(content.template, facts), line

    async def _draw_message(self, channel: Channel, delivery: Delivery, content: Content) -> tuple[Part, Reply]:
        reply = replace(frozen_reply(content, delivery.language, delivery.text), custom=_about(delivery))
        if content.picture:
            reply = replace(reply, picture=await self._picture(content.picture))
        parts = channel.draw(reply, mark_of(delivery))
        if len(parts) != 1:  # who is shown only half of a notice may not know that there is another
            raise Refused(RefusedReason.WRONG_MESSAGE, f"a notice of {len(parts)} messages")
        return parts[0], reply


def mark_of(delivery: Delivery) -> str:
    """As in Channel.draw: names this delivery where a choice of it is pressed."""
    return f"b{delivery.id}"


def _about(delivery: Delivery) -> Mapping[str, object]:
    """By which our line is found when a choice of it is pressed, and the campaign that somebody leaves by it."""
    return {"utterance": "notice", "campaign": delivery.campaign, "delivery": delivery.id}
