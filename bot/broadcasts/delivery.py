"""One row of the ledger: what is to be sent to one address, and what became of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Optional, Protocol

import sqlalchemy as sa

from bot.broadcasts.campaign import DeliveryState, Vehicle
from connectors.errors import ChannelError
from connectors.messages import Address, Reply


@dataclass(frozen=True)
class Delivery:
    """Claimed by ``worker``. ``began_at`` with ``bookmark`` when another one began to send it and nobody knows the end.

    ``text`` is frozen: for a message all that it says, for a template a JSON object of what its names are filled with.
    """

    id: int
    campaign: int
    address: Address
    citizen_id: Optional[str]
    language: str
    vehicle: Vehicle
    text: str
    attempts: int
    worker: str
    began_at: Optional[dt.datetime] = None
    bookmark: str = ""


@dataclass(frozen=True)
class Outcome:
    """``state``: WAITING (try again after ``wait`` seconds), SENDING (may have been sent: look again after ``wait``),
    SENT with ``message_id`` and ``reply`` (our line of the conversation, if it is one), FAILED or UNKNOWN.

    ``why`` is a RefusedReason's value or the name of another error. ``counts``: it was a try of those that are limited.
    """

    delivery: Delivery
    state: DeliveryState
    message_id: Optional[str] = None
    reply: Optional[Reply] = None
    error: Optional[ChannelError] = None
    wait: float = 0.0
    counts: bool = False


@dataclass(frozen=True)
class Detour:
    """Another way to the citizen of a delivery that was refused: the values of its new row."""

    address: Address
    language: str
    vehicle: Vehicle
    text: str


class Fallback(Protocol):
    def __call__(self, connection: sa.engine.Connection, delivery: Delivery) -> Optional[Detour]:
        """Within the database work that closes ``delivery``; its address is refused already. None: there is no other
        address of this citizen, or each has a row of this campaign.
        """
