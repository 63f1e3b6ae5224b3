"""The sender: everybody once, in peace with the platform, and still within a moment when a person says so."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any, Optional

import pytest

from bot.audit import Actor
from bot.broadcasts import sender as sender_module
from bot.broadcasts.attempts import TRIES
from bot.broadcasts.campaign import CampaignState
from bot.house_rules import Rules
from bot.storage import Database
from connectors.channel import Interrupted, Purpose
from connectors.errors import Misconfigured, NotTaken, Refused, RefusedReason, TooFast, Unknowable, Unreachable
from connectors.messages import Address
from tests.bot.broadcasts.broadcasting import NOW, Broadcast

PERSONS = [f"p{number:02d}" for number in range(30)]
LAN = Actor(1, "Nguyễn Thị Lan")
LATE = dt.datetime(2026, 11, 22, 15, 0, tzinfo=dt.timezone.utc)  # 22:00 in Vietnam


@pytest.fixture
def broadcast(database: Database) -> Broadcast:
    return Broadcast(database)


class PaymentNeeded(Misconfigured):
    only_this = True


async def test_everybody_is_told_once_and_then_it_is_finished(broadcast: Broadcast) -> None:
    await broadcast.plan(*PERSONS)
    await broadcast.send()
    assert sorted(broadcast.channel.sent) == [(person, f"tin cho {person}") for person in PERSONS]
    assert set(await broadcast.states()) == {"sent"}
    assert await broadcast.state() == "finished"
    assert broadcast.over_again == ["campaign-1"]


async def test_what_is_planned_meanwhile_goes_too(broadcast: Broadcast) -> None:
    await broadcast.plan("a", planned_at=None)
    sending = asyncio.create_task(broadcast.send())
    await broadcast.until_sent(1)
    await broadcast.add("b")
    await broadcast.until_sent(2)
    assert await broadcast.state() == "sending"
    await broadcast.run(lambda connection: connection.exec_driver_sql("UPDATE campaigns SET planned_at = created_at"))
    await sending
    assert await broadcast.state() == "finished"


async def test_every_delivery_waits_for_the_turn_of_a_broadcast(
    broadcast: Broadcast, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns: list[tuple[str, Purpose]] = []

    async def turn(address: Address, purpose: Purpose) -> None:
        turns.append((address.id, purpose))

    monkeypatch.setattr(broadcast.channel, "turn", turn)
    await broadcast.plan("a")
    await broadcast.send()
    assert turns == [("a", Purpose.BROADCAST)]


async def test_after_a_pause_nothing_is_begun_and_who_waits_goes_home(
    broadcast: Broadcast, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = asyncio.Semaphore(3)

    async def turn(address: Address, purpose: Purpose) -> None:
        await gate.acquire()

    monkeypatch.setattr(broadcast.channel, "turn", turn)
    await broadcast.plan(*PERSONS)
    sending = asyncio.create_task(broadcast.send())
    await broadcast.until_sent(3)
    await broadcast.campaigns.pause(broadcast.id, LAN, "sai ngày")
    await sending  # though most of them still wait for their turn
    assert len(broadcast.channel.sent) == 3
    assert sorted(await broadcast.states()) == ["sent"] * 3 + ["waiting"] * 27
    assert [row.claimed_by for row in await broadcast.rows()] == [None] * 30
    assert sender_module.LOOK_SECONDS * 2 <= 2


async def test_a_pause_counts_before_anybody_has_looked(broadcast: Broadcast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two looks the database itself refuses to begin."""
    gate, asked = asyncio.Event(), asyncio.Event()

    async def turn(address: Address, purpose: Purpose) -> None:
        asked.set()
        await gate.wait()

    async def look_away(*_: Any) -> None: ...

    monkeypatch.setattr(broadcast.channel, "turn", turn)
    await broadcast.plan("a", "b")
    monkeypatch.setattr(broadcast.sender, "_watch", look_away)
    sending = asyncio.create_task(broadcast.send())
    await asked.wait()
    await broadcast.campaigns.pause(broadcast.id, LAN, "sai ngày")
    gate.set()
    await sending
    assert broadcast.channel.sent == []
    assert await broadcast.states() == ["waiting", "waiting"]


async def test_what_is_in_flight_is_brought_to_its_end(broadcast: Broadcast) -> None:
    await broadcast.plan("a", "b")
    broadcast.channel.open.clear()
    sending = asyncio.create_task(broadcast.send())
    await broadcast.until(lambda rows: all(row.began_at for row in rows))
    broadcast.sender.stop()
    await asyncio.sleep(0.03)
    assert not sending.done()
    broadcast.channel.open.set()
    await sending
    assert await broadcast.states() == ["sent", "sent"]


async def test_a_stopped_process_leaves_what_it_has_not_begun(broadcast: Broadcast) -> None:
    await broadcast.plan("a")
    broadcast.sender.stop()
    await broadcast.send()
    assert await broadcast.states() == ["waiting"]
    broadcast.renew()
    await broadcast.send()
    assert await broadcast.states() == ["sent"]


async def test_nothing_goes_in_the_quiet_hours(broadcast: Broadcast) -> None:
    broadcast.at = LATE
    await broadcast.plan("a")
    await broadcast.send()
    assert (await broadcast.states(), await broadcast.state()) == (["waiting"], "sending")
    broadcast.at = LATE + dt.timedelta(hours=9)
    await broadcast.send()
    assert await broadcast.states() == ["sent"]


async def test_an_alarm_goes_at_any_hour(broadcast: Broadcast) -> None:
    broadcast.at = LATE
    await broadcast.plan("a", alarm=True)
    await broadcast.send()
    assert await broadcast.states() == ["sent"]


async def test_the_kill_switch_stops_alarms_too(broadcast: Broadcast) -> None:
    broadcast.rules = Rules(broadcasts_stopped=True)
    await broadcast.plan("a", alarm=True)
    await broadcast.send()
    assert (await broadcast.states(), await broadcast.state()) == (["waiting"], "sending")


@pytest.mark.parametrize(
    ("trouble", "wait"),
    [(TooFast("429", retry_after=30), 30), (Unreachable("down"), 1), (NotTaken("-200"), 1),
     (Refused(RefusedReason.QUIET_HOURS), 21 * 3600)],
)  # fmt: skip
async def test_what_passes_is_tried_again_later(broadcast: Broadcast, trouble: Exception, wait: float) -> None:
    broadcast.channel.before.append(trouble)  # type: ignore[arg-type]
    await broadcast.plan("a")
    sending = asyncio.create_task(broadcast.send())
    await broadcast.until(lambda rows: not broadcast.channel.before and rows[0].state == "waiting")
    assert broadcast.channel.sent == []
    broadcast.rules = Rules(quiet_from=dt.time(0), quiet_until=dt.time(0))
    broadcast.at += dt.timedelta(seconds=wait)
    await sending
    assert await broadcast.states() == ["sent"]


async def test_what_is_too_fast_is_never_a_failed_try(broadcast: Broadcast) -> None:
    broadcast.channel.before.extend([TooFast("429", retry_after=0)] * (TRIES + 1))
    await broadcast.plan("a")
    await broadcast.send()
    assert await broadcast.states() == ["sent"]


async def test_what_cannot_be_reached_for_a_day_is_given_up(broadcast: Broadcast) -> None:
    await broadcast.plan()
    await broadcast.add("a", attempts=TRIES - 1)
    broadcast.channel.before.append(Unreachable("down"))
    await broadcast.send()
    assert [(row.state, row.why) for row in await broadcast.rows()] == [("failed", "unreachable")]


@pytest.mark.parametrize("why", [RefusedReason.LEFT, RefusedReason.WINDOW_CLOSED, RefusedReason.RESTRICTED])
async def test_who_cannot_be_written_to_is_closed_with_the_reason(broadcast: Broadcast, why: RefusedReason) -> None:
    broadcast.channel.before.append(Refused(why))
    await broadcast.plan("a")
    await broadcast.send()
    assert [(row.state, row.why) for row in await broadcast.rows()] == [("failed", why.value)]
    assert await broadcast.state() == "finished"


async def test_a_wrong_setting_pauses_the_campaign_and_tells_a_person(broadcast: Broadcast) -> None:
    broadcast.channel.before.append(Misconfigured("the app is not active"))
    await broadcast.plan("a", "b")
    broadcast.at_once = 1
    broadcast.renew()
    await broadcast.send()
    campaign = await broadcast.campaigns.get(broadcast.id)
    assert campaign.state is CampaignState.PAUSED
    assert campaign.paused_why == "kênh zalo chưa dùng được (the app is not active)"
    ((name, sentence),) = broadcast.pages
    assert name == "campaign-1"
    assert "Lịch tiếp dân" in sentence
    assert "the app is not active" in sentence
    assert "failed" not in await broadcast.states()
    await broadcast.campaigns.resume(broadcast.id, LAN)
    broadcast.at += dt.timedelta(minutes=2)
    await broadcast.send()
    assert await broadcast.states() == ["sent", "sent"]


@pytest.mark.parametrize("error", [PaymentNeeded("empty"), TooFast("the allowance of the day is used up", 3600)])
async def test_too_many_errors_pause_the_campaign_and_cost_nobody_their_notice(
    broadcast: Broadcast, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender_module, "MOST_BAD", 3)
    broadcast.channel.before.extend([error] * 30)
    await broadcast.plan(*PERSONS)
    broadcast.at_once = 1
    broadcast.renew()
    await broadcast.send()
    assert await broadcast.state() == "paused"
    assert set(await broadcast.states()) == {"waiting"}
    assert len(broadcast.channel.before) > 20
    assert len(broadcast.pages) == 1
    broadcast.channel.before.clear()
    await broadcast.campaigns.resume(broadcast.id, LAN)
    broadcast.at += dt.timedelta(hours=2)
    await broadcast.send()
    assert set(await broadcast.states()) == {"sent"}


async def test_what_only_one_message_lacks_fails_in_the_end_and_stops_nobody(broadcast: Broadcast) -> None:
    await broadcast.plan()
    await broadcast.add("a", attempts=2)
    broadcast.channel.before.append(PaymentNeeded("breaks the rules"))
    await broadcast.send()
    assert [(row.state, row.why) for row in await broadcast.rows()] == [("failed", "payment_needed")]
    assert await broadcast.state() == "finished"


async def test_what_citizens_decided_pauses_nothing(broadcast: Broadcast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender_module, "MOST_BAD", 3)
    broadcast.channel.before.extend([Refused(RefusedReason.LEFT)] * 20)
    await broadcast.plan(*PERSONS)
    await broadcast.send()
    assert (await broadcast.states()).count("failed") == 20
    assert await broadcast.state() == "finished"


@pytest.mark.parametrize("error", [Unreachable("down"), Refused(RefusedReason.QUIET_HOURS)])
async def test_while_the_platform_is_away_or_asleep_the_others_are_not_tried(
    broadcast: Broadcast, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender_module, "AWAY", 5)
    broadcast.channel.before.extend([error] * 30)
    await broadcast.plan(*PERSONS)
    await broadcast.send()
    assert len(broadcast.channel.before) > 10
    assert set(await broadcast.states()) == {"waiting"}
    assert (await broadcast.state(), broadcast.pages) == ("sending", [])


@pytest.mark.parametrize("taken", [True, False])
async def test_what_was_begun_before_a_crash_is_looked_up_first(broadcast: Broadcast, taken: bool) -> None:
    await broadcast.plan("a", "b")
    dead = broadcast.new_ledger()
    one, _ = await dead.claim(broadcast.id, dead.new_worker(), 2)
    await dead.begin(one, "0")
    if taken:
        broadcast.channel.sent.append(("a", "tin cho a"))
    broadcast.at += dt.timedelta(minutes=2)
    await broadcast.send()
    assert sorted(broadcast.channel.sent) == [("a", "tin cho a"), ("b", "tin cho b")]
    assert len(broadcast.channel.looked_for) == 1
    assert await broadcast.states() == ["sent", "sent"]


async def test_what_others_sent_lately_is_known_to_the_look_up(broadcast: Broadcast) -> None:
    await broadcast.plan("a", "b")
    dead = broadcast.new_ledger()
    one, _ = await dead.claim(broadcast.id, dead.new_worker(), 2)
    await dead.begin(one, "0")
    await broadcast.add("c", state="delivered", began_at=NOW, message_id="m-3")
    await broadcast.add("d", state="sent", began_at=NOW - dt.timedelta(hours=1), message_id="m-4")
    broadcast.at += dt.timedelta(minutes=2)
    await broadcast.send()
    (looked_for,) = broadcast.channel.looked_for
    assert "m-3" in looked_for.known
    assert "m-4" not in looked_for.known


async def test_what_nobody_can_tell_is_counted_and_not_repeated(
    broadcast: Broadcast, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def give_up(_: Interrupted) -> Optional[str]:
        raise Unknowable("no history")

    monkeypatch.setattr(broadcast.channel, "find_sent", give_up)
    broadcast.channel.after.append(Unreachable("no answer in time", maybe_sent=True))
    await broadcast.plan("a")
    sending = asyncio.create_task(broadcast.send())
    await broadcast.until_sent(1)
    await broadcast.until(lambda rows: rows[0].claimed_by is None)
    broadcast.at += dt.timedelta(seconds=10)
    await sending
    assert await broadcast.states() == ["unknown"]
    assert len(broadcast.channel.sent) == 1
    assert await broadcast.state() == "finished"


async def test_what_was_left_behind_is_looked_up_after_a_cancellation_too(broadcast: Broadcast) -> None:
    await broadcast.plan("a")
    dead = broadcast.new_ledger()
    (one,) = await dead.claim(broadcast.id, dead.new_worker(), 1)
    await dead.begin(one, "0")
    broadcast.channel.sent.append(("a", "tin cho a"))
    await broadcast.campaigns.cancel(broadcast.id, LAN)
    broadcast.at += dt.timedelta(minutes=2)
    await broadcast.send()
    assert await broadcast.states() == ["sent"]


async def test_a_notice_of_two_messages_is_refused(broadcast: Broadcast) -> None:
    await broadcast.plan()
    await broadcast.add("a", text="một\nhai")
    await broadcast.send()
    assert [(row.state, row.why) for row in await broadcast.rows()] == [("failed", "wrong_message")]


async def test_a_failure_of_the_house_ends_the_run_and_loses_nothing(
    broadcast: Broadcast, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> Any:
        raise ZeroDivisionError

    await broadcast.plan(*PERSONS)
    with monkeypatch.context() as patched:
        patched.setattr(broadcast.channel, "send", broken)
        with pytest.raises(ZeroDivisionError):
            await broadcast.send()
    broadcast.at += dt.timedelta(minutes=2)
    await broadcast.send()
    assert len(broadcast.channel.sent) == len(PERSONS)
    assert set(await broadcast.states()) == {"sent"}


async def test_two_workers_share_a_campaign(broadcast: Broadcast) -> None:
    await broadcast.plan(*PERSONS)
    await asyncio.gather(broadcast.send(), broadcast.send())
    assert sorted(broadcast.channel.sent) == [(person, f"tin cho {person}") for person in PERSONS]
    assert await broadcast.state() == "finished"
