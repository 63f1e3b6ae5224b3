"""What not every channel can have, and why: the cases about it are for the others."""

from __future__ import annotations

import datetime as dt
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, AsyncIterator, Mapping

import pytest

from emulators.movable_clock import MovableClock
from tests.connectors.contract.office import Office
from tests.connectors.contract.rest_side import RestSide
from tests.connectors.contract.telegram_side import TelegramSide, TelegramWebhookSide
from tests.connectors.contract.webchat_side import WebChatSide
from tests.connectors.contract.zalo_side import ZaloSide

SIDES: Mapping[str, Any] = {
    side.name: side for side in (ZaloSide, TelegramWebhookSide, TelegramSide, WebChatSide, RestSide)
}
MESSENGERS = ("zalo", "telegram-webhook", "telegram-polling")


@dataclass(frozen=True)
class Difference:
    """These sides lack these abilities (names of what a side has besides ``office.Side``)."""

    abilities: tuple[str, ...]
    lacking: tuple[str, ...]
    why: str


DIFFERENCES = (
    Difference(
        ("tries", "go_down", "come_back", "flood", "lose_answer", "block", "swap"),
        ("webchat", "rest"),
        "the answer goes back on the line of the question: between us is no platform that is told, fails or blocks",
    ),
    Difference(("hang_up", "call_again"), MESSENGERS, "nobody holds a line to us: the platform keeps what we send"),
    Difference(("post", "too_large"), ("telegram-polling",), "we ask Telegram, so nobody can send us a body"),
    Difference(("stranger",), ("webchat", "rest"), "one kind of question only: everything else is a wrong shape"),
    Difference(("forge",), ("rest",), "for programs in the agency's own network: nothing is signed"),
)


def having(*abilities: str) -> pytest.MarkDecorator:
    """The test is for every channel that has these abilities."""
    lacking = {side for one in DIFFERENCES if {*one.abilities} & {*abilities} for side in one.lacking}
    return pytest.mark.parametrize("office", [name for name in SIDES if name not in lacking], indirect=True)


@asynccontextmanager
async def open_office(name: str, database: Path) -> AsyncIterator[Office]:
    """The office behind this channel, with its platform beside it; our door never answered with a failure of ours."""
    clock, side = MovableClock(lambda: dt.datetime.now(dt.timezone.utc)), SIDES[name]()
    await side.open(clock)
    office = Office(f"sqlite:///{database}", side, clock)
    try:
        await office.open()
        try:
            yield office
        finally:
            await office.close()
    finally:
        await side.close()
    assert not [status for status in office.statuses if status >= 500 and status != 503]
