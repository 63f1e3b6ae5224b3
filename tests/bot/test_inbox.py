"""What comes in: stored before it is acknowledged, answered once and in order, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from bot import inbox as inbox_module
from bot.contacts import Contacts
from bot.storage import Database, DatabaseBusy
from bot.tables import inbox as table
from connectors.channel import InboxFull
from connectors.errors import Unreachable
from connectors.messages import Address, Event, EventKind
from tests.bot.office import LAN, NOW, Office, said


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


async def test_stored_before_anybody_is_at_work(office: Office) -> None:
    await office.inbox.put(said("xin chào", "m1"))
    assert await office.states() == ["waiting"]
    await office.run_until_sent(1)
    assert office.channel.sent == [(LAN.id, "echo:xin chào")]
    assert await office.states() == ["done"]


async def test_a_repeat_is_answered_once_also_after_a_restart(office: Office) -> None:
    for _ in range(3):
        await office.inbox.put(said("xin chào", "m1"))
    await office.run_until_sent(1)
    await office.inbox.put(said("xin chào", "m1"))
    async with office.working():
        await asyncio.sleep(0.1)
    assert office.channel.sent == [(LAN.id, "echo:xin chào")]


async def test_one_after_another_for_one_person_side_by_side_for_all(office: Office) -> None:
    office.parrot.open.clear()
    async with office.working():
        for number in range(6):
            person = Address("zalo", f"81234500000000000{number % 3:02}")
            await office.inbox.put(said(f"câu hỏi số {number}", f"m{number}", person))
        await office.until(lambda: office.parrot.at_once == 3)
        office.parrot.open.set()
        await office.until(lambda: len(office.channel.sent) == 6)
    assert office.parrot.most_at_once == 3
    for number in range(3):
        person = f"81234500000000000{number:02}"
        assert office.channel.texts_to(person) == [f"echo:câu hỏi số {number}", f"echo:câu hỏi số {number + 3}"]


async def test_pieces_that_wait_together_are_one_message(office: Office) -> None:
    for number, text in enumerate(["alo", "cho hỏi", "làm khai sinh", "cần giấy tờ gì"]):
        await office.inbox.put(said(text, f"m{number}"))
    await office.run_until_sent(1)
    assert office.parrot.heard == ["alo cho hỏi làm khai sinh cần giấy tờ gì"]
    assert await office.states() == ["done"] * 4


async def test_whole_questions_are_answered_one_by_one(office: Office) -> None:
    questions = ["làm khai sinh cho con cần giấy tờ gì", "lệ phí đăng ký kết hôn bao nhiêu tiền vậy"]
    for number, text in enumerate(questions):
        await office.inbox.put(said(text, f"m{number}"))
    await office.run_until_sent(2)
    assert office.parrot.heard == questions


async def test_what_was_at_work_when_the_process_ended_is_finished(office: Office) -> None:
    await office.inbox.put(said("xin chào", "m1"))
    await office.database.run(lambda connection: office.inbox._claim(connection, LAN))
    assert await office.states() == ["working"]
    office.renew()
    await office.run_until_sent(1)
    assert office.parrot.heard == ["xin chào"]


async def test_answered_but_not_yet_on_its_way_is_not_answered_again(office: Office) -> None:
    message = said("xin chào", "m1")
    await office.inbox.put(message)
    await office.database.run(lambda connection: office.inbox._claim(connection, LAN))
    await office.inbox._reception.receive(message)
    office.renew()
    await office.run_until_sent(1)
    assert office.parrot.heard == ["xin chào"]
    assert office.channel.sent == [(LAN.id, "echo:xin chào")]


async def test_a_message_that_always_fails_is_set_aside_and_the_citizen_told(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: Any) -> None:
        raise RuntimeError("poison")

    monkeypatch.setattr(office.inbox._reception, "receive", fail)
    await office.inbox.put(said("xin chào", "m1"))
    async with office.working():
        for _ in range(4):
            await asyncio.sleep(0.05)
            office.at += dt.timedelta(seconds=30)
            office.inbox.ready(LAN)
        await office.until(lambda: len(office.channel.texts_to(LAN.id)) == 1)
        assert await office.inbox.state() == {"waiting": 0, "aside": 1}
    assert office.channel.texts_to(LAN.id) == ["failed:"]
    assert office.pages[0] == "inbox-aside"


async def test_a_message_that_takes_the_process_down_is_set_aside(office: Office) -> None:
    await office.inbox.put(said("xin chào", "m1"))
    for _ in range(inbox_module.TRIES):
        await office.database.run(lambda connection: office.inbox._claim(connection, LAN))
        office.renew()
        await office.database.run(lambda connection: connection.execute(table.update().values(state="waiting")))
    await office.run_until_sent(1)
    assert office.parrot.heard == []
    assert office.channel.sent == [(LAN.id, "failed:")]
    assert await office.states() == ["aside"]


async def test_nothing_more_is_answered_before_what_was_answered_is_sent(office: Office) -> None:
    office.channel.before.append(Unreachable("down"))
    async with office.working():
        await office.inbox.put(said("xin chào mọi người", "m1"))
        await office.until(lambda: not office.channel.before)
        await office.inbox.put(said("câu thứ hai", "m2"))
        await office.inbox.put(said("câu thứ ba", "m3"))
        await asyncio.sleep(0.1)
        assert office.parrot.heard == ["xin chào mọi người"]
        office.at += dt.timedelta(seconds=10)
        await office.until(lambda: len(office.channel.sent) == 2)
    assert office.parrot.heard[1:] == ["câu thứ hai câu thứ ba"]


async def test_too_much_is_refused_so_that_the_platform_sends_it_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_module, "MOST_WAITING", 2)
    await office.inbox.put(said("một", "m1"))
    await office.inbox.put(said("hai", "m2"))
    with pytest.raises(InboxFull):
        await office.inbox.put(said("ba", "m3"))


async def test_a_closed_database_refuses(office: Office) -> None:
    await office.database.close()
    with pytest.raises(InboxFull):
        await office.inbox.put(said("một", "m1"))


async def test_numbers_of_people_are_hidden_before_anything_is_stored(office: Office) -> None:
    await office.inbox.put(said("số của tôi là 0912000345", "m1"))
    query = sa.select(table.c.document)
    document = await office.database.run(lambda connection: connection.execute(query).scalar())
    assert "0912000345" not in document


async def test_a_long_wait_is_shown(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox_module, "COURTESY_SECONDS", 0.01)
    office.parrot.open.clear()
    async with office.working():
        await office.inbox.put(said("xin chào", "m1"))
        await office.until(lambda: office.channel.acknowledged == ["m1"])
        office.parrot.open.set()
        await office.until(lambda: office.channel.sent)


async def test_the_web_chat_waits_for_its_answer_and_a_crash_leaves_it_to_be_finished(office: Office) -> None:
    page = Address("webchat", "v1")
    entries = await office.inbox.handle(said("xin chào", "w1", page))
    assert [entry.reply.text for entry in entries if entry.reply] == ["echo:xin chào"]
    office.parrot.open.clear()
    task = asyncio.create_task(office.inbox.handle(said("câu hai", "w2", page)))
    await office.until(lambda: office.parrot.at_once == 1)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    office.parrot.open.set()
    office.at += dt.timedelta(seconds=10)
    async with office.working():
        await office.until(lambda: "câu hai" in office.parrot.heard)
    assert len(await office.inbox.history(page)) == 4


async def test_an_official_who_took_over_is_not_interrupted(office: Office) -> None:
    async with office.working():
        await office.inbox.put(Event(EventKind.OFFICIAL_WROTE, "e1", LAN, NOW, text="Tôi đang xem hồ sơ."))
        await office.until_states("done")
        await office.inbox.put(said("cảm ơn cán bộ", "m1"))
        await office.until_states("done", "done")
        assert office.channel.sent == []
        office.at += dt.timedelta(minutes=31)
        await office.inbox.put(said("còn ai không", "m2"))
        await office.until(lambda: office.channel.sent)
    lines = await office.inbox.history(LAN)
    assert [line.reply.author for line in lines if line.reply] == ["person", "bot"]


async def test_who_follows_is_greeted_and_who_withdraws_is_forgotten(office: Office) -> None:
    async with office.working():
        await office.inbox.put(Event(EventKind.FOLLOWED, "e1", LAN, NOW))
        await office.until(lambda: office.channel.texts_to(LAN.id) == ["welcome:"])
        assert (await Contacts(office.database).get(LAN)).follows
        await office.inbox.put(said("xin chào", "m1"))
        await office.until(lambda: len(office.channel.sent) == 2)
        await office.inbox.put(Event(EventKind.WITHDRAWN, "e2", LAN, NOW))
        await office.until_states("done", "done", "done")
    query = sa.select(table.c.person, table.c.document).distinct()
    rows = await office.database.run(lambda connection: connection.execute(query).all())
    assert [tuple(row) for row in rows] == [("", "")]  # ids alone, so that no repeat counts as new
    assert await office.inbox.history(LAN) == []
    assert (await Contacts(office.database).get(LAN)).last_interaction_at is None


async def test_what_comes_after_a_withdrawal_is_a_new_beginning(office: Office) -> None:
    await office.inbox.put(said("xin chào", "m1"))
    await office.inbox.put(Event(EventKind.WITHDRAWN, "e2", LAN, NOW))
    await office.inbox.put(said("tôi quay lại", "m3"))
    await office.run_until_sent(2)
    await office.inbox.put(Event(EventKind.WITHDRAWN, "e2", LAN, NOW))  # the platform repeats it
    assert office.channel.texts_to(LAN.id)[-1] == "echo:tôi quay lại"
    assert [line.text for line in await office.inbox.history(LAN) if line.message_id] == ["tôi quay lại"]


async def test_what_came_in_pieces_is_not_joined_to_what_was_tried(office: Office) -> None:
    await office.inbox.put(said("làm khai sinh", "m1"))
    await office.database.run(lambda connection: office.inbox._claim(connection, LAN))
    await office.inbox._reception.receive(said("làm khai sinh", "m1"))  # answered, then the process ended
    office.renew()
    await office.inbox.put(said("cần giấy tờ gì", "m2"))
    await office.run_until_sent(2)
    assert office.parrot.heard == ["làm khai sinh", "cần giấy tờ gì"]


async def test_what_was_set_aside_is_answered_when_it_is_tried_again(office: Office) -> None:
    await office.inbox.put(said("xin chào", "m1"))
    await office.database.run(lambda connection: connection.execute(table.update().values(attempts=3)))
    await office.run_until_sent(1)
    assert office.channel.texts_to(LAN.id) == ["failed:"]
    again = table.update().values(state="waiting", attempts=0, not_before=None)
    await office.database.run(lambda connection: connection.execute(again))
    await office.run_until_sent(2)
    assert office.channel.texts_to(LAN.id) == ["failed:", "echo:xin chào"]


async def test_a_database_that_fails_for_a_moment_leaves_nothing_at_work(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, failing, failed = office.database.run, 0, asyncio.Event()

    async def flaky(work: Any) -> Any:
        nonlocal failing
        if failing:
            failing -= 1
            raise DatabaseBusy("away")
        return await run(work)

    async def fail_now(incoming: Any) -> Any:
        nonlocal failing
        failing = 2
        failed.set()
        monkeypatch.undo()
        monkeypatch.setattr(inbox_module, "DATABASE_AWAY_SECONDS", 0.01)
        monkeypatch.setattr(office.database, "run", flaky)
        raise DatabaseBusy("away")

    monkeypatch.setattr(office.inbox._reception, "receive", fail_now)
    await office.inbox.put(said("xin chào", "m1"))
    async with office.working():
        await failed.wait()
        await office.until(lambda: failing == 0)
        await office.until_states("waiting")
        office.at += dt.timedelta(seconds=10)
        await office.until(lambda: office.channel.texts_to(LAN.id) == ["echo:xin chào"])


async def test_a_row_of_another_version_is_set_aside_and_stops_nobody(office: Office) -> None:
    await office.inbox.put(said("xin chào", "m1"))
    await office.database.run(
        lambda connection: connection.execute(table.update().values(document="{}", attempts=3))
    )
    await office.inbox.put(said("còn đây không", "m2"))
    await office.run_until_sent(1)
    assert office.channel.texts_to(LAN.id) == ["echo:còn đây không"]
    assert (await office.states())[0] == "aside"


async def test_one_person_cannot_fill_the_inbox(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox_module, "MOST_OF_ONE", 3)
    for number in range(5):
        await office.inbox.put(said(f"câu {number}", f"m{number}"))
    assert await office.states() == ["waiting"] * 3 + ["done"] * 2


async def test_who_came_back_before_we_heard_of_the_block_is_not_taken_for_gone(office: Office) -> None:
    await office.inbox.put(Event(EventKind.LEFT, "e1", LAN, NOW))
    await office.inbox.put(Event(EventKind.CAME_BACK, "e2", LAN, NOW + dt.timedelta(seconds=5)))
    async with office.working():
        await office.until_states("done", "done")
    assert (await Contacts(office.database).get(LAN)).refused is None


async def test_numbers_that_an_official_types_are_hidden_too(office: Office) -> None:
    await office.inbox.put(Event(EventKind.OFFICIAL_WROTE, "e1", LAN, NOW, text="Gọi 0912000345 nhé"))
    query = sa.select(table.c.document)
    document = await office.database.run(lambda connection: connection.execute(query).scalar())
    assert "0912000345" not in document
