"""What platforms say became of a notice: rows move forward only, and nothing is lost that comes too early."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from bot.broadcasts import receipts
from bot.broadcasts.campaign import DeliveryState
from bot.broadcasts.delivery import Outcome
from bot.broadcasts.tables import early_receipts
from bot.outbox import Outbox
from bot.storage import Database
from connectors.messages import Receipt
from tests.bot.broadcasts.broadcasting import NOW, Broadcast


@pytest.fixture
async def broadcast(database: Database) -> Broadcast:
    broadcast = Broadcast(database)
    await broadcast.plan()
    return broadcast


async def note(broadcast: Broadcast, *ids: str, seen: bool = False) -> int:
    return int(await broadcast.run(lambda connection: receipts.note(connection, Receipt("zalo", ids, seen, NOW))))


async def early(broadcast: Broadcast) -> list[tuple[str, bool]]:
    query = sa.select(early_receipts.c.message_id, early_receipts.c.seen).order_by(early_receipts.c.message_id)
    return [tuple(row) for row in await broadcast.run(lambda connection: connection.execute(query).all())]


async def test_receipts_move_deliveries_forward_only(broadcast: Broadcast) -> None:
    await broadcast.add("a", state="sent", message_id="m-1")
    await broadcast.add("b", state="sent", message_id="m-2")
    assert await note(broadcast, "m-1", seen=True) == 1
    assert await note(broadcast, "m-1", "m-2") == 1
    assert await broadcast.states() == ["seen", "delivered"]
    assert await early(broadcast) == []


async def test_a_receipt_of_another_channel_changes_nothing(broadcast: Broadcast) -> None:
    await broadcast.add("a", channel="telegram", state="sent", message_id="m-1")
    assert await note(broadcast, "m-1") == 0
    assert await broadcast.states() == ["sent"]


@pytest.mark.parametrize("seen", [True, False])
async def test_a_receipt_that_overtakes_the_answer_counts_when_it_is_written_down(
    broadcast: Broadcast, seen: bool
) -> None:
    await broadcast.add("a")
    (one,) = await broadcast.ledger.claim(broadcast.id, broadcast.ledger.new_worker(), 1)
    await broadcast.ledger.begin(one, "")
    await note(broadcast, "m-1", seen=seen)
    await note(broadcast, "m-1")
    assert await early(broadcast) == [("m-1", seen)]
    await broadcast.ledger.settle(Outcome(one, DeliveryState.SENT, "m-1"))
    assert await broadcast.states() == ["seen" if seen else "delivered"]
    assert await early(broadcast) == []


async def test_the_outbox_passes_on_what_is_not_its_own(broadcast: Broadcast) -> None:
    async def nothing(*_: str) -> None: ...

    outbox = Outbox(broadcast.database, {}, nothing, nothing, lambda _: None)
    await broadcast.add("a", state="sent", message_id="m-1")
    await outbox.note(Receipt("zalo", ("m-1", "m-9"), True, NOW))
    assert await broadcast.states() == ["seen"]
    assert await early(broadcast) == [("m-9", True)]


async def test_a_receipt_that_crossed_the_answer_counts_in_the_end(broadcast: Broadcast) -> None:
    """Two processes wrote both down at the same moment, and neither saw what the other wrote."""
    await note(broadcast, "m-1", "m-9", seen=True)
    await broadcast.add("a", state="sent", message_id="m-1")
    assert await broadcast.ledger.finish(broadcast.id)
    assert await broadcast.states() == ["seen"]
    assert await early(broadcast) == [("m-9", True)]


async def test_what_belonged_to_nobody_is_forgotten(broadcast: Broadcast) -> None:
    await note(broadcast, "m-1")
    for later, dropped in ((0, 0), (1, 1)):
        before = NOW + dt.timedelta(seconds=later)
        assert await broadcast.run(lambda connection, at=before: receipts.drop_early(connection, at)) == dropped
