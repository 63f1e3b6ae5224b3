"""The ledger: claimed once, begun only while the campaign goes on, settled once, found again after a crash."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading

import msgspec
import pytest
import sqlalchemy as sa

from bot.audit import Actor
from bot.broadcasts import ledger as ledger_module
from bot.broadcasts.campaign import DeliveryState, Vehicle
from bot.broadcasts.delivery import Delivery, Detour, Outcome
from bot.broadcasts.ledger import LEASE
from bot.contacts import Contacts
from bot.storage import Database
from bot.tables import contacts, transcript
from connectors.errors import NotTaken, Refused, RefusedReason, Unreachable
from connectors.messages import Address, Choice, Reply
from tests.bot.broadcasts.broadcasting import Broadcast

SENT, WAITING, SENDING = DeliveryState.SENT, DeliveryState.WAITING, DeliveryState.SENDING
FAILED, UNKNOWN = DeliveryState.FAILED, DeliveryState.UNKNOWN
LAN = Actor(1, "Nguyễn Thị Lan")


@pytest.fixture
def broadcast(database: Database) -> Broadcast:
    return Broadcast(database)


async def claim(broadcast: Broadcast, worker: str = "", most: int = 10) -> list[Delivery]:
    return await broadcast.ledger.claim(broadcast.id, worker or broadcast.ledger.new_worker(), most)


async def begin(broadcast: Broadcast) -> list[Delivery]:
    claimed = await claim(broadcast)
    assert all(await asyncio.gather(*(broadcast.ledger.begin(one, "7") for one in claimed)))
    return claimed


async def test_rows_are_claimed_in_order_and_by_one_worker_only(broadcast: Broadcast) -> None:
    await broadcast.plan("a", "b", "c")
    first, second = broadcast.ledger.new_worker(), broadcast.ledger.new_worker()
    assert [one.address.id for one in await claim(broadcast, first, most=2)] == ["a", "b"]
    assert [one.address.id for one in await claim(broadcast, second)] == ["c"]
    assert await claim(broadcast, first) == []
    assert [row.claimed_by for row in await broadcast.rows()] == [first, first, second]


async def test_a_claim_that_is_undone_with_what_shares_its_transaction_leaves_no_trace(broadcast: Broadcast) -> None:
    await broadcast.plan("a", "b", "c")
    busy, worker = threading.Event(), broadcast.ledger.new_worker()
    broadcast.database.post(lambda connection: busy.wait(5))
    both = asyncio.gather(claim(broadcast, worker, most=1), broadcast.run(_fail), return_exceptions=True)
    await asyncio.sleep(0.05)  # both wait by now, and will share a transaction
    busy.set()
    claimed, error = await both
    assert isinstance(error, LookupError)
    assert [row.person for row in await broadcast.rows() if row.state == "sending"] == ["a"]
    assert [one.address.id for one in claimed] == ["a"]


def _fail(connection: sa.engine.Connection) -> None:
    raise LookupError


async def test_a_claimed_row_has_all_that_the_sending_needs(broadcast: Broadcast) -> None:
    await broadcast.plan("a")
    worker = broadcast.ledger.new_worker()
    assert await claim(broadcast, worker) == [
        Delivery(
            1, 1, Address("zalo", "a"), "citizen of a", "vi", Vehicle.MESSAGE, "tin cho a", attempts=0, worker=worker
        )
    ]


async def test_what_was_put_off_is_not_claimed_before_its_time(broadcast: Broadcast) -> None:
    await broadcast.plan("a")
    (one,) = await begin(broadcast)
    assert await broadcast.ledger.settle(Outcome(one, WAITING, error=Unreachable("down"), wait=30, counts=True))
    broadcast.at += dt.timedelta(seconds=29)
    assert await claim(broadcast) == []
    broadcast.at += dt.timedelta(seconds=1)
    (again,) = await claim(broadcast)
    assert again.attempts == 1
    assert again.began_at is None


@pytest.mark.parametrize("state", ["paused", "cancelled", "finished"])
async def test_nothing_is_begun_of_a_campaign_that_was_stopped(broadcast: Broadcast, state: str) -> None:
    await broadcast.plan("a", "b")
    worker = broadcast.ledger.new_worker()
    one, other = await claim(broadcast, worker)
    assert await broadcast.ledger.begin(one, "")
    await broadcast.run(lambda connection: connection.execute(sa.text(f"UPDATE campaigns SET state = '{state}'")))
    assert not await broadcast.ledger.begin(other, "")
    await broadcast.ledger.release(broadcast.id, worker)
    assert [row.began_at is None for row in await broadcast.rows()] == [False, True]
    assert await broadcast.states() == ["sending", "waiting"]


async def test_nothing_is_begun_by_who_lost_the_row(broadcast: Broadcast) -> None:
    await broadcast.plan("a")
    (one,) = await claim(broadcast)
    broadcast.at += LEASE
    another = broadcast.new_ledger()
    (taken,) = await another.lost(broadcast.id, another.new_worker(), 10)
    assert not await broadcast.ledger.begin(one, "")
    assert await another.begin(taken, "")


async def test_many_outcomes_are_committed_together_and_each_once(broadcast: Broadcast) -> None:
    await broadcast.plan(*"abcdef")
    claimed = await begin(broadcast)
    states = [SENT, SENT, FAILED, UNKNOWN, SENDING, WAITING]
    outcomes = [
        Outcome(one, state, message_id=f"m-{one.id}" if state is SENT else None) for one, state in zip(claimed, states)
    ]
    assert await asyncio.gather(*map(broadcast.ledger.settle, outcomes)) == [True] * 6
    assert await broadcast.states() == [state.value for state in states]
    assert not await broadcast.ledger.settle(outcomes[2])
    assert [row.message_id for row in await broadcast.rows()][:3] == ["m-1", "m-2", None]


async def test_what_was_sent_is_a_line_of_the_conversation(broadcast: Broadcast) -> None:
    await broadcast.plan("a")
    (one,) = await begin(broadcast)
    reply = Reply("tin", choices=(Choice("Ngừng nhận tin", "/unsubscribe"),))
    for _ in range(2):  # heard twice, said once
        await broadcast.ledger.settle(Outcome(one, SENT, "m-1", reply))
    lines = await broadcast.run(lambda connection: connection.execute(sa.select(transcript)).all())
    assert [(line.channel, line.person) for line in lines] == [("zalo", "a")]
    assert msgspec.json.decode(lines[0].reply, type=Reply) == reply


async def test_a_lasting_refusal_is_remembered_and_leads_to_the_next_channel(broadcast: Broadcast) -> None:
    await broadcast.plan("a", "b")
    broadcast.detours["a"] = Detour(Address("telegram", "5"), "en", Vehicle.MESSAGE, "notice")
    for one in await begin(broadcast):
        await broadcast.ledger.settle(Outcome(one, FAILED, error=Refused(RefusedReason.LEFT)))
    assert (await Contacts(broadcast.database).get(Address("zalo", "a"))).refused is RefusedReason.LEFT
    rows = await broadcast.rows()
    assert [(row.channel, row.state, row.why) for row in rows] == [
        ("zalo", "failed", "left"), ("zalo", "failed", "left"), ("telegram", "waiting", None)
    ]  # fmt: skip
    assert (rows[2].person, rows[2].citizen_id, rows[2].language, rows[2].text) == ("5", "citizen of a", "en", "notice")


@pytest.mark.parametrize("error", [Refused(RefusedReason.WRONG_MESSAGE), NotTaken("-200")])
async def test_what_is_wrong_with_the_message_is_wrong_on_every_channel(broadcast: Broadcast, error: Refused) -> None:
    await broadcast.plan("a")
    broadcast.detours["a"] = Detour(Address("telegram", "5"), "vi", Vehicle.MESSAGE, "tin")
    (one,) = await begin(broadcast)
    await broadcast.ledger.settle(Outcome(one, FAILED, error=error))
    assert [row.why for row in await broadcast.rows()] in (["wrong_message"], ["not_taken"])


async def test_a_number_without_an_account_is_kept_nowhere_else(broadcast: Broadcast) -> None:
    await broadcast.plan()
    await broadcast.add("phone:84900000001", vehicle="phone", citizen_id=None)
    (one,) = await begin(broadcast)
    await broadcast.ledger.settle(Outcome(one, FAILED, error=Refused(RefusedReason.NO_SUCH_PERSON)))
    assert await broadcast.run(lambda connection: connection.execute(sa.select(contacts)).all()) == []


async def test_a_worker_that_lives_keeps_its_rows(broadcast: Broadcast) -> None:
    await broadcast.plan("a")
    worker = broadcast.ledger.new_worker()
    await claim(broadcast, worker)
    broadcast.at += LEASE / 2
    await broadcast.ledger.keep(broadcast.id, worker)
    broadcast.at += LEASE * 2 / 3
    another = broadcast.new_ledger()
    assert await another.lost(broadcast.id, another.new_worker(), 10) == []


async def test_rows_of_a_dead_worker_are_taken_over_with_what_is_known_of_them(broadcast: Broadcast) -> None:
    await broadcast.plan("a", "b")
    claimed = await claim(broadcast)
    began_at = broadcast.at
    await broadcast.ledger.begin(claimed[0], "77")
    broadcast.at += LEASE
    lost = await broadcast.ledger.lost(broadcast.id, "another", 10)
    assert [(one.address.id, one.began_at, one.bookmark) for one in lost] == [("a", began_at, "77"), ("b", None, "")]


async def test_what_a_dead_worker_left_of_a_stopped_campaign_is_not_forgotten(broadcast: Broadcast) -> None:
    await broadcast.plan("anh", "binh")
    await begin(broadcast)
    await broadcast.run(lambda connection: connection.execute(sa.text("UPDATE campaigns SET state = 'paused'")))
    assert await broadcast.ledger.left_behind() == []
    broadcast.at += broadcast.ledger.lease
    assert await broadcast.ledger.left_behind() == [broadcast.id]


async def test_what_may_have_been_sent_is_looked_up_when_it_is_time(broadcast: Broadcast) -> None:
    await broadcast.plan("a")
    (one,) = await begin(broadcast)
    await broadcast.ledger.settle(Outcome(one, SENDING, error=Unreachable("?", maybe_sent=True), wait=5, counts=True))
    assert await broadcast.ledger.lost(broadcast.id, "w", 10) == []
    broadcast.at += dt.timedelta(seconds=5)
    (lost,) = await broadcast.ledger.lost(broadcast.id, "w", 10)
    assert lost.began_at is not None


async def test_on_sqlite_a_second_process_waits_until_the_first_is_gone(broadcast: Broadcast) -> None:
    await broadcast.plan("a", "b")
    await claim(broadcast, most=1)
    another = broadcast.new_ledger()
    is_shared = broadcast.database._engine.dialect.name == "postgresql"
    assert len(await another.claim(broadcast.id, another.new_worker(), 10)) == (1 if is_shared else 0)
    broadcast.at += LEASE
    assert len(await another.claim(broadcast.id, another.new_worker(), 10)) == (0 if is_shared else 1)


async def test_it_is_finished_when_all_is_planned_and_nothing_is_open(broadcast: Broadcast) -> None:
    await broadcast.plan("a", planned_at=None)
    (one,) = await begin(broadcast)
    assert not await broadcast.ledger.finish(broadcast.id)
    await broadcast.ledger.settle(Outcome(one, UNKNOWN))
    assert not await broadcast.ledger.finish(broadcast.id)
    await broadcast.run(lambda connection: connection.execute(sa.text("UPDATE campaigns SET planned_at = created_at")))
    assert await broadcast.ledger.finish(broadcast.id)
    assert await broadcast.state() == "finished"


@pytest.mark.parametrize(("again", "states", "state"), [(True, "waiting", "sending"), (False, "sent", "finished")])
async def test_a_person_decides_about_what_nobody_knows(
    broadcast: Broadcast, again: bool, states: str, state: str
) -> None:
    await broadcast.plan("a", "b")
    one, other = await begin(broadcast)
    await broadcast.ledger.settle(Outcome(one, UNKNOWN))
    await broadcast.ledger.settle(Outcome(other, SENT, "m-2"))
    assert await broadcast.ledger.finish(broadcast.id)
    assert await broadcast.ledger.decide_unknown(broadcast.id, LAN, again=again) == 1
    assert await broadcast.states() == [states, "sent"]
    assert await broadcast.state() == state
    assert (await broadcast.campaigns.history(broadcast.id))[-1].facts == {"again": again, "deliveries": 1}


@pytest.mark.parametrize("again", [True, False])
async def test_many_are_decided_in_short_works(
    broadcast: Broadcast, again: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "DECIDED_AT_ONCE", 2)
    await broadcast.plan(state="finished")
    await broadcast.add("a", "b", "c", "d", "e", state="unknown")
    await broadcast.add("f")
    assert await broadcast.ledger.decide_unknown(broadcast.id, LAN, again=again) == 5
    assert await broadcast.states() == ["waiting" if again else "sent"] * 5 + ["waiting"]
    assert await broadcast.ledger.decide_unknown(broadcast.id, LAN, again=again) == 0


@pytest.mark.parametrize(("state", "text"), [("cancelled", "tin"), ("finished", "")])
async def test_nobody_who_must_not_be_told_is_told_again(broadcast: Broadcast, state: str, text: str) -> None:
    await broadcast.plan(state=state)
    await broadcast.add("a", state="unknown", text=text)
    assert await broadcast.ledger.decide_unknown(broadcast.id, LAN, again=True) == 0
    assert (await broadcast.states(), await broadcast.state()) == (["unknown"], state)


async def test_a_clock_that_jumps_makes_nobody_look_up_what_they_are_sending(broadcast: Broadcast) -> None:
    await broadcast.plan("a")
    worker = broadcast.ledger.new_worker()
    (one,) = await claim(broadcast, worker)
    await broadcast.ledger.begin(one, "7")
    broadcast.at += LEASE * 2
    assert await broadcast.ledger.lost(broadcast.id, worker, 10) == []
