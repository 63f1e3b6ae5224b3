"""Between planning and sending hours may pass: what citizens say meanwhile counts."""

from __future__ import annotations

import msgspec
import pytest

from bot import contacts
from bot.broadcasts.campaign import Audience, Content, Vehicle
from bot.broadcasts.delivery import Detour
from bot.broadcasts.tables import opt_outs
from bot.erasing import erase
from bot.linking import SqlLinks
from bot.storage import Database
from bot.subscriptions import SqlSubscriptions
from bot.tables import addresses
from connectors.errors import RefusedReason
from connectors.messages import Address
from tests.bot.broadcasts.broadcasting import NOW, Broadcast


@pytest.fixture
def broadcast(database: Database) -> Broadcast:
    return Broadcast(database)


async def test_who_opted_out_since_planning_is_not_told(broadcast: Broadcast) -> None:
    await broadcast.plan("an", "binh", "chi")
    out = {"citizen_id": "citizen of binh", "at": NOW}
    await broadcast.run(lambda connection: connection.execute(opt_outs.insert(), out))
    await broadcast.send()
    assert sorted(person for person, _ in broadcast.channel.sent) == ["an", "chi"]
    assert [(row.state, row.why) for row in await broadcast.rows()] == [
        ("sent", None), ("failed", "restricted"), ("sent", None)
    ]  # fmt: skip
    assert await broadcast.state() == "finished"


@pytest.mark.parametrize(
    ("ended", "told"), [(["land"], ["binh"]), (["benefits"], ["an", "binh"]), (["land", "benefits"], ["binh"])]
)
async def test_who_ended_the_topic_since_planning_is_not_told(
    broadcast: Broadcast, ended: list[str], told: list[str]
) -> None:
    content = Content(title="Lịch tiếp dân", body={"vi": "Nghỉ."}, audience=Audience(topics=("land",)))
    await broadcast.plan("an", "binh", content=msgspec.json.encode(content).decode())
    desk = SqlSubscriptions(broadcast.database, tuple, broadcast.clock)
    for person in ("an", "binh"):
        await desk.begin(f"citizen of {person}", ["land", "benefits"])
    await desk.end("citizen of an", ended)
    await broadcast.send()
    assert sorted(person for person, _ in broadcast.channel.sent) == told
    assert await broadcast.state() == "finished"


async def test_who_left_a_channel_since_planning_is_told_on_the_next_one(broadcast: Broadcast) -> None:
    await broadcast.plan("an")
    broadcast.detours["an"] = Detour(Address("zalo", "an elsewhere"), "vi", Vehicle.MESSAGE, "tin")
    address, left = Address("zalo", "an"), RefusedReason.LEFT
    await broadcast.run(lambda connection: contacts.refused(connection, address, left))
    await broadcast.send()
    assert broadcast.channel.sent == [("an elsewhere", "tin")]
    assert [(row.state, row.why) for row in await broadcast.rows()] == [("failed", "left"), ("sent", None)]


async def test_who_withdrew_while_their_row_was_claimed_is_not_told(broadcast: Broadcast) -> None:
    await broadcast.plan("an")
    ledger = broadcast.ledger
    (claimed,) = await ledger.claim(broadcast.id, ledger.new_worker(), 1)
    await erase(broadcast.database, Address("zalo", "an"), "an event")
    assert not await ledger.begin(claimed, "")
    assert [(row.state, row.why) for row in await broadcast.rows()] == [("failed", "left")]


@pytest.mark.parametrize("begun", [False, True])
async def test_who_joins_two_channels_after_planning_is_told_once(broadcast: Broadcast, begun: bool) -> None:
    await broadcast.plan("an", "binh")
    rows = [
        {"channel": "zalo", "person": person, "citizen_id": f"citizen of {person}", "language": "vi", "created_at": NOW}
        for person in ("an", "binh")
    ]
    await broadcast.run(lambda connection: connection.execute(addresses.insert(), rows))
    ledger, told = broadcast.ledger, "an"
    if begun:  # then it is the other one that goes
        told = "binh"
        claimed = {one.address.id: one for one in await ledger.claim(broadcast.id, ledger.new_worker(), 2)}
        assert await ledger.begin(claimed[told], "")
    links = SqlLinks(broadcast.database, "a secret", lambda moved: None, broadcast.clock)
    code = await links.make("citizen of an")
    assert code is not None
    await links.redeem("citizen of binh", code.text)
    assert [(row.person, row.citizen_id) for row in await broadcast.rows()] == [(told, "citizen of an")]
