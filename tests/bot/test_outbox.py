"""What goes out: in order, once, and with the right reaction to whatever the platform says."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from typing import Any, AsyncIterator, Callable

import pytest
import sqlalchemy as sa

from bot.contacts import Contacts
from bot.outbox import Outbox
from bot.storage import Database
from bot.tables import outbox as table
from connectors.channel import Entry, Purpose
from connectors.errors import Misconfigured, NotTaken, Refused, RefusedReason, TooFast, Unknowable, Unreachable
from connectors.messages import Address, Receipt, Reply
from tests.bot.paper_channel import PaperChannel

LAN = Address("zalo", "8123450000000000001")
MINH = Address("zalo", "8123450000000000002")
NOW = dt.datetime(2026, 11, 22, 3, 0, tzinfo=dt.timezone.utc)


class Post:
    """An outbox at work over a channel of paper, with a clock that can be moved."""

    def __init__(self, database: Database) -> None:
        self.database, self.channel = database, PaperChannel()
        self.at = NOW
        self.pages: list[str] = []
        self.over: list[str] = []
        self.emptied: list[Address] = []
        self._lines = 0
        self.renew()

    def renew(self) -> None:
        """As after a restart: nothing is known but what the database knows."""
        channels = {"zalo": self.channel}
        self.outbox = Outbox(self.database, channels, self._page, self._end, self.emptied.append, lambda: self.at)

    async def _page(self, name: str, _: str) -> None:
        self.pages.append(name)

    async def _end(self, name: str) -> None:
        self.over.append(name)

    async def give(self, address: Address, *texts: str, purpose: Purpose = Purpose.REPLY) -> None:
        self._lines += 1
        entry = Entry(self._lines, NOW, reply=Reply("\n".join(texts)))
        await self.database.run(lambda c: self.outbox.enqueue(c, address, [entry], purpose))
        self.outbox.ready(address)

    async def states(self) -> list[str]:
        query = sa.select(table.c.state).order_by(table.c.seq)
        return list(await self.database.run(lambda connection: connection.execute(query).scalars().all()))

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        self.renew()
        task = asyncio.create_task(self.outbox.run())
        yield
        await self.outbox.close(1)
        await task

    async def until(self, holds: Callable[[list[str]], Any]) -> list[str]:
        async with self.working():
            return await self.wait_until(holds)

    async def wait_until(self, holds: Callable[[list[str]], Any]) -> list[str]:
        for _ in range(400):
            states = await self.states()
            if holds(states):
                return states
            await asyncio.sleep(0.01)
        raise AssertionError(await self.states())


@pytest.fixture
def post(database: Database) -> Post:
    return Post(database)


def finished(states: list[str]) -> bool:
    return not {"waiting", "sending"} & set(states)


async def test_parts_go_out_in_order_and_once(post: Post) -> None:
    await post.give(LAN, "một", "hai", "ba")
    await post.give(LAN, "bốn")
    await post.give(MINH, "khác")
    assert await post.until(finished) == ["sent"] * 5
    assert post.channel.texts_to(LAN.id) == ["một", "hai", "ba", "bốn"]
    assert set(post.emptied) == {LAN, MINH}


async def test_the_same_line_is_put_on_its_way_once(post: Post) -> None:
    entry = Entry(7, NOW, reply=Reply("một"))
    for _ in range(2):
        await post.database.run(lambda c: post.outbox.enqueue(c, LAN, [entry]))
    assert await post.states() == ["waiting"]


async def test_replies_go_before_notices(post: Post) -> None:
    await post.give(LAN, "tin", purpose=Purpose.NOTICE)
    await post.give(LAN, "trả lời")
    await post.until(finished)
    assert post.channel.texts_to(LAN.id) == ["trả lời", "tin"]


@pytest.mark.parametrize("taken", [True, False])
async def test_what_was_being_sent_when_the_process_ended_is_looked_up_first(post: Post, taken: bool) -> None:
    await post.give(LAN, "một", "hai")
    await post.outbox._begin("zalo", 1)
    if taken:
        post.channel.sent.append((LAN.id, "một"))
    await post.until(finished)
    assert len(post.channel.looked_for) == 1
    assert post.channel.texts_to(LAN.id) == ["một", "hai"]


async def test_an_answer_that_got_lost_does_not_send_twice(post: Post) -> None:
    post.channel.after.append(Unreachable("no answer in time", maybe_sent=True))
    await post.give(LAN, "một")
    await post.until(lambda states: states == ["sending"])
    post.at += dt.timedelta(seconds=6)
    await post.until(finished)
    assert post.channel.texts_to(LAN.id) == ["một"]


async def test_what_can_never_be_found_out_is_not_sent_again(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    async def give_up(_: Any) -> None:
        raise Unknowable("no history")

    monkeypatch.setattr(post.channel, "find_sent", give_up)
    post.channel.after.append(Unreachable("no answer in time", maybe_sent=True))
    await post.give(LAN, "một", "hai")
    await post.until(lambda states: states[0] == "sending" and not post.channel.after)
    post.at += dt.timedelta(seconds=6)
    assert await post.until(finished) == ["unknown", "sent"]


async def test_what_could_not_be_reached_is_tried_later(post: Post) -> None:
    post.channel.before.append(Unreachable("connection refused"))
    await post.give(LAN, "một")
    await post.until(lambda _: not post.channel.before)
    assert post.channel.sent == []
    post.at += dt.timedelta(seconds=6)
    assert await post.until(finished) == ["sent"]


async def test_too_fast_waits_as_long_as_it_was_told(post: Post) -> None:
    post.channel.before.append(TooFast("429", retry_after=30))
    await post.give(LAN, "một")
    await post.until(lambda _: not post.channel.before)
    post.at += dt.timedelta(seconds=29)
    async with post.working():
        await asyncio.sleep(0.1)
    assert post.channel.sent == []
    post.at += dt.timedelta(seconds=2)
    assert await post.until(finished) == ["sent"]


async def test_a_person_who_left_gets_nothing_more(post: Post) -> None:
    post.channel.before.append(Refused(RefusedReason.LEFT))
    await post.give(LAN, "một", "hai")
    await post.give(MINH, "khác")
    states = await post.until(finished)
    assert sorted(states) == ["failed", "failed", "sent"]
    assert (await Contacts(post.database).get(LAN)).refused is RefusedReason.LEFT
    assert (await Contacts(post.database).get(MINH)).refused is None


async def test_a_message_that_is_not_taken_does_not_hold_up_the_next(post: Post) -> None:
    post.channel.before.append(Refused(RefusedReason.WRONG_MESSAGE, "too long"))
    await post.give(LAN, "một", "hai")
    assert await post.until(finished) == ["failed", "sent"]
    assert (await Contacts(post.database).get(LAN)).refused is None


async def test_a_wrong_setting_stops_the_channel_and_tells_a_person(post: Post) -> None:
    post.channel.before.append(Misconfigured("the app is not active"))
    await post.give(LAN, "một")
    await post.until(lambda _: post.pages == ["channel-zalo"])
    assert await post.states() == ["waiting"]
    post.at += dt.timedelta(seconds=61)
    assert await post.until(finished) == ["sent"]
    assert post.over == ["channel-zalo"]


class PaymentNeeded(Misconfigured):
    only_this = True


async def test_what_is_wrong_with_one_message_does_not_stop_the_others(post: Post) -> None:
    post.channel.before.append(PaymentNeeded("the account that pays is empty"))
    await post.give(LAN, "một")
    await post.give(MINH, "khác")
    assert sorted(await post.until(finished)) == ["failed", "sent"]
    assert post.pages == ["message-zalo"]


async def test_what_cannot_be_sent_for_a_day_is_given_up(post: Post) -> None:
    await post.give(LAN, "một")
    post.at += dt.timedelta(hours=25)
    assert await post.until(finished) == ["failed"]
    assert post.channel.sent == []


async def test_what_is_not_taken_for_no_known_reason_is_tried_three_times(post: Post) -> None:
    post.channel.before.extend([NotTaken("-200")] * 3)
    await post.give(LAN, "một")
    for left in (2, 1, 0):
        await post.until(lambda _, left=left: len(post.channel.before) == left)
        post.at += dt.timedelta(seconds=30)
    assert await post.until(finished) == ["failed"]
    assert post.pages == ["message-zalo"]


async def test_what_is_not_taken_in_the_night_goes_in_the_morning(post: Post) -> None:
    post.channel.before.append(Refused(RefusedReason.QUIET_HOURS))
    await post.give(LAN, "một")
    await post.until(lambda _: not post.channel.before)
    assert await post.states() == ["waiting"]
    post.at = NOW + dt.timedelta(hours=21)  # 07:00 in Vietnam
    assert await post.until(finished) == ["sent"]


async def test_nobody_is_told_unasked_in_the_night(post: Post) -> None:
    post.at = NOW + dt.timedelta(hours=12)  # 22:00 in Vietnam
    await post.give(LAN, "tin", purpose=Purpose.NOTICE)
    await post.give(MINH, "trả lời")
    await post.until(lambda states: "sent" in states)
    assert post.channel.texts_to(LAN.id) == []
    post.at = NOW + dt.timedelta(hours=21)
    assert await post.until(finished) == ["sent", "sent"]


async def test_a_part_that_is_put_off_keeps_the_next_waiting_without_being_looked_at_all_the_time(post: Post) -> None:
    post.channel.before.append(Unreachable("down"))
    await post.give(LAN, "một", "hai")
    await post.until(lambda _: not post.channel.before)
    works, run = 0, post.database.run

    async def counted(work: Any) -> Any:
        nonlocal works
        works += 1
        return await run(work)

    post.database.run = counted  # type: ignore[method-assign]
    async with post.working():
        await asyncio.sleep(0.3)
    assert works < 10


async def test_receipts_move_rows_forward_only(post: Post) -> None:
    await post.give(LAN, "một", "hai")
    await post.until(finished)
    await post.outbox.note(Receipt("zalo", ("out-1",), True, NOW))
    await post.outbox.note(Receipt("zalo", ("out-1", "out-2"), False, NOW))
    assert await post.states() == ["seen", "delivered"]


async def test_a_receipt_that_overtakes_the_answer_is_kept(post: Post) -> None:
    early = Receipt("zalo", ("out-1",), False, NOW)
    post.channel.open.clear()
    await post.give(LAN, "một")
    async with post.working():
        await post.outbox.note(early)
        post.channel.open.set()
        assert await post.wait_until(finished) == ["delivered"]
