"""One delivery: drawn, begun when its turn has come, sent; or looked for on the platform when somebody began it."""

from __future__ import annotations

import datetime as dt
from typing import Callable, ContextManager, Mapping, Optional

from bot.broadcasts.campaign import Content, DeliveryState
from bot.broadcasts.delivery import Delivery, Outcome
from bot.broadcasts.drawing import Drawing
from bot.broadcasts.ledger import Ledger
from bot.reactions import MISCONFIGURED_WAIT, NOT_TAKEN_TRIES, in_time, is_for_a_person, is_misconfigured, react
from bot.records import now
from connectors.channel import Channel, Interrupted, Purpose
from connectors.errors import ChannelError, Misconfigured, Refused, TooFast

LONGEST_WAIT = 3600.0  # seconds between two tries
TRIES = 35  # with waits of 1, 2, 4 ... seconds and then of an hour: a day
# When no try is left: what may have been sent is not called failed.
_GIVEN_UP = {DeliveryState.WAITING: DeliveryState.FAILED, DeliveryState.SENDING: DeliveryState.UNKNOWN}

# Whoever waits for a turn stands in it, and is cancelled when nothing more may be begun.
Queue = Callable[[], ContextManager[None]]


class Attempts:
    """``channels`` by name."""

    def __init__(
        self,
        ledger: Ledger,
        channels: Mapping[str, Channel],
        drawing: Drawing,
        clock: Callable[[], dt.datetime] = now,
    ) -> None:
        self._ledger, self._channels, self._drawing, self._clock = ledger, channels, drawing, clock

    async def send(self, delivery: Delivery, content: Content, queue: Queue) -> Optional[Outcome]:
        """None: it was not begun, for the campaign was stopped. ``queue`` may raise CancelledError instead."""
        try:
            channel = self._channel(delivery)
            part, reply = await self._drawing.draw(channel, delivery, content)
            with queue():
                await channel.turn(delivery.address, Purpose.BROADCAST)
            if not await self._ledger.begin(delivery, channel.bookmark()):
                return None
            message_id = await in_time(channel.send(delivery.address, part))
        except ChannelError as error:
            return self._failed(delivery, error)
        return Outcome(delivery, DeliveryState.SENT, message_id, reply)

    async def look_up(
        self, delivery: Delivery, content: Content, began_at: dt.datetime, known: Mapping[str, frozenset[str]]
    ) -> Outcome:
        """Whoever began it is gone. ``known`` as ``Ledger.known`` gives it."""
        try:
            channel = self._channel(delivery)
            part, reply = await self._drawing.draw(channel, delivery, content)
            interrupted = Interrupted(delivery.address, part, began_at, delivery.bookmark, known[channel.name])
            message_id = await in_time(channel.find_sent(interrupted))
        except ChannelError as error:
            return self._failed(delivery, error)
        if message_id is None:
            return Outcome(delivery, DeliveryState.WAITING)
        return Outcome(delivery, DeliveryState.SENT, message_id, reply)

    def _channel(self, delivery: Delivery) -> Channel:
        channel = self._channels.get(delivery.address.channel)
        if channel is None:
            raise Misconfigured(f"{delivery.address.channel} is not set up")
        return channel

    def _failed(self, delivery: Delivery, error: ChannelError) -> Outcome:
        begun = delivery.began_at is not None
        reaction = react(error, begun, delivery.attempts, LONGEST_WAIT, self._clock())
        state, wait = DeliveryState(reaction.state), reaction.wait
        counts = not (isinstance(error, (TooFast, Refused)) or is_misconfigured(error))
        if is_for_a_person(error):  # who is told mends it for everybody
            state = DeliveryState.SENDING if begun else DeliveryState.WAITING
            state = state if delivery.attempts + 1 < NOT_TAKEN_TRIES else _GIVEN_UP[state]
            wait = MISCONFIGURED_WAIT
        if counts and delivery.attempts + 1 >= TRIES:
            state = _GIVEN_UP.get(state, state)
        return Outcome(delivery, state, error=error, wait=wait, counts=counts)
