"""What comes in: stored before it is acknowledged, answered once and in order, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from dataclasses import dataclass, field
from typing import Any, AsyncIterator, Callable

import pytest
import sqlalchemy as sa

from bot import inbox as inbox_module
from bot.contacts import Contacts
from bot.conversation import Conversation
from bot.inbox import Inbox
from bot.outbox import Outbox
from bot.reception import Reception
from bot.records import Citizens, Transcript
from bot.storage import Database
from bot.tables import inbox as table
from connectors.channel import InboxFull
from connectors.errors import Unreachable
from connectors.messages import Address, Event, EventKind, IncomingMessage, Reply
from nlu.assistant import Answer, Utterance
from tests.bot.paper_channel import PaperChannel

LAN = Address("zalo", "8123450000000000001")
NOW = dt.datetime(2026, 11, 22, 3, 0, tzinfo=dt.timezone.utc)


@dataclass
class Parrot:
    """An assistant that says what it heard, slowly or not at all when it is told to."""

    heard: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.open.set()

    async def answer(self, citizen_id: str, text: str, *, pressed: bool = False) -> Answer:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.open.wait()
        finally:
            self.at_once -= 1
        self.heard.append(text)
        return Answer((Utterance("echo", {"text": text}),), "echo", 1.0)

    async def forget(self, citizen_id: str) -> None:
        self.heard.clear()


class Words:
    def word(self, utterance: Utterance, language: str) -> Reply:
        return Reply(f"{utterance.name}:{utterance.facts.get('text', '')}", custom={"utterance": utterance.name})


class Office:
    """Inbox and outbox at work over one database, a parrot and a channel of paper."""

    def __init__(self, database: Database) -> None:
        self.database, self.channel, self.parrot, self.at = database, PaperChannel(), Parrot(), NOW
        self.pages: list[str] = []
        self.renew()

    def renew(self) -> None:
        """As after a restart."""
        channels = {"zalo": self.channel}
        talk = Conversation(
            Citizens(self.database), Transcript(self.database), self.parrot, Words(), lambda _: None,
            messengers=("zalo",),
        )  # fmt: skip
        self.outbox = Outbox(
            self.database, channels, self._page, self._over, lambda a: self.inbox.ready(a), lambda: self.at
        )
        contacts = Contacts(self.database)
        reception = Reception(talk, contacts, channels, self.database, self._page, lambda: self.at)
        self.inbox = Inbox(self.database, talk, reception, channels, self.outbox, self._page, lambda: self.at)

    async def _page(self, name: str, _: str) -> None:
        self.pages.append(name)

    async def _over(self, name: str) -> None:
        pass

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(self.inbox.run()), asyncio.create_task(self.outbox.run())]
        yield
        await self.inbox.close(1)
        await self.outbox.close(1)
        await asyncio.gather(*tasks)
        self.renew()

    async def until(self, holds: Callable[[], Any]) -> None:
        for _ in range(400):
            if holds():
                return
            await asyncio.sleep(0.01)
        raise AssertionError((self.parrot.heard, self.channel.sent, await self.states()))

    async def until_states(self, *expected: str) -> None:
        for _ in range(400):
            if await self.states() == list(expected):
                return
            await asyncio.sleep(0.01)
        raise AssertionError(await self.states())

    async def states(self) -> list[str]:
        query = sa.select(table.c.state).order_by(table.c.seq)
        return list(await self.database.run(lambda connection: connection.execute(query).scalars().all()))

    async def run_until_sent(self, count: int) -> None:
        async with self.working():
            await self.until(lambda: len(self.channel.sent) >= count)


def said(text: str, id: str, address: Address = LAN, **more: Any) -> IncomingMessage:
    return IncomingMessage(id, address, text, NOW, **more)


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
        await office.until_states()
    assert await office.inbox.history(LAN) == []
    assert (await Contacts(office.database).get(LAN)).last_interaction_at is None
