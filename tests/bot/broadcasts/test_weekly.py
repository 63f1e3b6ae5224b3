"""The weekly report: what a week counts, what it does not, and that it is the same however often it is made."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any, Optional, Sequence

import msgspec
import pytest
import sqlalchemy as sa

from bot.broadcasts import week_of_talk, weekly
from bot.broadcasts.campaign import CampaignState, Content
from bot.broadcasts.sheets import csv_line
from bot.broadcasts.tables import asked, deliveries, opt_outs
from bot.broadcasts.week_of_talk import first_seq
from bot.broadcasts.weekly import Week, Weekly, begin_of, monday_of
from bot.broadcasts.weekly_table import Line, rows, sections
from bot.storage import Database
from bot.tables import addresses, dossier_states, feedback, transcript
from bot.wording.speaker import speaker
from tests.bot.broadcasts.office_of_campaigns import Clock
from tests.bot.broadcasts.town import Office

MONDAY = dt.date(2026, 11, 16)
BEGIN = begin_of(MONDAY)  # Sunday evening in UTC
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
TITLES = {"1.001193": "Đăng ký khai sinh"}


class Talk:
    """Lines of conversations, stored in the order in which they are said here."""

    def __init__(self, database: Database) -> None:
        self.database, self.messages = database, 0

    async def say(self, at: dt.datetime, person: str, *answers: dict[str, Any], channel: str = "zalo") -> None:
        self.messages += 1
        line = {"channel": channel, "person": person, "at": at, "message_id": f"m{self.messages}", "text": "hỏi"}

        def work(connection: sa.engine.Connection) -> None:
            seq = connection.execute(transcript.insert(), line).inserted_primary_key[0]
            for facts in answers:
                reply = msgspec.json.encode({"text": "đáp", "custom": facts}).decode()
                row = {"channel": channel, "person": person, "at": at, "answer_to": seq, "reply": reply}
                connection.execute(transcript.insert(), row)

        await self.database.run(work)

    async def knows(self, *persons: str, citizen: Optional[str] = None, channel: str = "zalo") -> None:
        shared = {"channel": channel, "language": "vi", "created_at": BEGIN}
        rows = [{**shared, "person": person, "citizen_id": citizen or person} for person in persons]
        await self.add(addresses, rows)

    async def add(self, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
        await self.database.run(lambda connection: connection.execute(table.insert(), list(rows)))


PROCEDURE, MISSED = {"utterance": "procedure", "procedure": "1.001193"}, {"utterance": "not_understood"}


@pytest.fixture
def talk(database: Database) -> Talk:
    return Talk(database)


def weekly_of(database: Database, at: dt.datetime = BEGIN + 8 * DAY) -> Weekly:
    return Weekly(database, Clock(at))


async def made(database: Database) -> Week:
    its = weekly_of(database)
    await its.make({})
    week = await its.get(MONDAY)
    assert week is not None
    return week


async def test_messages_of_the_week_and_of_no_other(talk: Talk, database: Database) -> None:
    await talk.knows("an", "binh")
    await talk.knows("an-tele", citizen="an", channel="telegram")
    last = BEGIN + 7 * DAY
    await talk.say(BEGIN - HOUR, "an", PROCEDURE)
    await talk.say(BEGIN, "an", PROCEDURE, {"utterance": "anything_else"})
    await talk.say(BEGIN + HOUR, "binh", MISSED)
    await talk.say(BEGIN + HOUR, "an-tele", channel="telegram")  # an official was answering
    await talk.say(last - HOUR, "binh", {"utterance": "dossier", "code": "H1"}, {"utterance": "dossier", "code": "H2"})
    await talk.say(last, "binh", PROCEDURE)
    await talk.say(last - 2 * HOUR, "an", {"utterance": "dossier", "code": "H1"})  # came late
    week = await made(database)
    its = week.this
    assert (its.messages, its.answered, its.unanswered, its.citizens, its.dossiers) == (5, 3, 1, 2, 2)
    assert its.by_channel == {"zalo": 4, "telegram": 1}
    assert (week.before.messages, week.before.answered, week.before.by_channel) == (1, 1, {"zalo": 1})
    assert (week.monday, week.sunday, week.is_complete) == (MONDAY, dt.date(2026, 11, 22), True)


async def test_all_the_rest_of_a_week(talk: Talk, database: Database) -> None:
    at = {"at": BEGIN + HOUR}
    await talk.say(BEGIN + HOUR, "an", *[{"utterance": "dossier", "code": f"H{number}"} for number in range(4)])
    await talk.add(dossier_states, [
        {"code": code, "document": "{}", "fetched_at": BEGIN, "procedure": None, "is_open": is_open, "due_at": due}
        for code, is_open, due in [
            ("H0", True, BEGIN + DAY), ("H1", True, BEGIN + 9 * DAY), ("H2", False, BEGIN), ("H3", True, None),
            ("H4", True, BEGIN),
        ]
    ])  # fmt: skip
    await talk.add(asked, [
        {"citizen_id": "an", "procedure": code, "at": when}
        for code, when in [
            ("1.000656", BEGIN - DAY), ("1.001193", BEGIN - HOUR), *[("1.001193", BEGIN + HOUR)] * 3,
            ("1.000656", BEGIN + HOUR), ("1.001193", BEGIN + 7 * DAY),
        ]
    ])  # fmt: skip
    kinds = [("feedback", BEGIN), ("feedback", BEGIN + 7 * DAY), ("wrong_answer", BEGIN + DAY), ("feedback", BEGIN)]
    await talk.add(feedback, [{"citizen_id": "an", "kind": kind, "text": "x", "at": when} for kind, when in kinds])
    await talk.add(opt_outs, [{"citizen_id": "an", **at}, {"citizen_id": "binh", "at": BEGIN - HOUR}])
    week = await made(database)
    assert (week.this.dossiers, week.this.overdue) == (4, 1)
    assert week.this.procedures == {"1.001193": 3, "1.000656": 1}
    assert week.this.feedback == {"feedback": 2, "wrong_answer": 1}
    assert (week.this.opted_out, week.before.opted_out) == (1, 1)
    assert week.before.procedures == {"1.000656": 1, "1.001193": 1}


async def test_broadcasts_that_began_in_the_week(talk: Talk, database: Database) -> None:
    content, office = Content(title="Tin", body={"vi": "Tin."}), Office(database)
    ours = await office.begin(content, CampaignState.FINISHED, started_at=BEGIN + HOUR)
    other = await office.begin(content, CampaignState.FINISHED, started_at=BEGIN - HOUR)
    await office.begin(content, CampaignState.DRAFT)
    states = ["sent", "delivered", "seen", "failed", "unknown", "waiting"]
    await talk.add(deliveries, [
        {"campaign": campaign, "channel": "zalo", "person": f"{number}", "language": "vi", "vehicle": "message",
         "text": "tin", "state": state, "attempts": 1}
        for campaign, its in ((ours, states), (other, states[:1])) for number, state in enumerate(its)
    ])  # fmt: skip
    week = await made(database)
    its, before = week.this, week.before
    assert (its.campaigns, its.sent, its.delivered, its.failed, its.unknown) == (1, 3, 2, 1, 1)
    assert (before.campaigns, before.sent, before.failed) == (1, 1, 0)


async def test_report_is_kept_once_for_each_week(talk: Talk, database: Database) -> None:
    its = weekly_of(database, BEGIN + 8 * DAY)
    await its.make({})
    await talk.say(BEGIN + HOUR, "an", PROCEDURE)
    await its.make({})
    await its.make({"week": "2026-11-11"})  # a Wednesday
    await its.make({"week": "2026-11-24"})  # the present one
    assert await its.weeks() == [dt.date(2026, 11, 23), MONDAY, dt.date(2026, 11, 9)]
    this, present = await its.get(MONDAY), await its.get(dt.date(2026, 11, 23))
    assert this is not None
    assert present is not None
    assert (this.this.messages, this.is_complete, present.is_complete) == (1, True, False)
    assert await its.get(dt.date(2026, 11, 2)) is None


async def test_nothing_at_all_is_a_report_too(database: Database) -> None:
    week = await made(database)
    assert (week.this, week.this.messages, week.this.procedures) == (week.before, 0, {})


async def test_many_pages_count_like_one(talk: Talk, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    pick = random.Random(5)
    for _ in range(40):
        at = BEGIN + pick.uniform(-1, 8) * DAY
        await talk.say(at, pick.choice("abc"), *pick.choice([(), (PROCEDURE,), (MISSED,), (PROCEDURE, MISSED)]))
    await talk.add(asked, [{"citizen_id": "an", "procedure": "1.001193", "at": BEGIN + HOUR}] * 30)
    lines = await database.run(lambda connection: connection.execute(sa.select(transcript)).all())
    in_week = [line for line in lines if line.message_id and BEGIN <= _utc(line.at) < BEGIN + 7 * DAY]
    monkeypatch.setattr(week_of_talk, "LATE", 9 * DAY)  # nothing here is in the order of time
    monkeypatch.setattr(weekly, "PIECE", 7)
    some = week_of_talk._SOME.element.limit(3).subquery()
    citizen = sa.and_(addresses.c.channel == some.c.channel, addresses.c.person == some.c.person)
    replies = transcript.alias()
    paged = sa.select(some.c.seq, some.c.channel, some.c.at, addresses.c.citizen_id, replies.c.reply).select_from(
        some.outerjoin(addresses, citizen).outerjoin(replies, replies.c.answer_to == some.c.seq)
    )
    monkeypatch.setattr(week_of_talk, "_MESSAGES", paged.order_by(some.c.seq))
    week = await made(database)
    assert week.this.messages == len(in_week)
    assert week.this.procedures == {"1.001193": 30}


def _utc(at: dt.datetime) -> dt.datetime:
    return at if at.tzinfo else at.replace(tzinfo=dt.timezone.utc)


@pytest.mark.parametrize("erased", [False, True])
async def test_beginning_of_a_moment_is_found_by_halving(talk: Talk, database: Database, erased: bool) -> None:
    for hour in range(30):
        await talk.say(BEGIN + hour * HOUR, "an")
    if erased:
        await database.run(lambda connection: connection.execute(transcript.delete().where(transcript.c.seq % 3 == 0)))
    query = sa.select(transcript.c.seq).order_by(transcript.c.seq)
    left = list(await database.run(lambda connection: connection.execute(query).scalars().all()))
    for hour in range(-1, 32):
        at = BEGIN + hour * HOUR
        found = await database.run(lambda connection, at=at: first_seq(connection, transcript, at))
        assert [seq for seq in left if seq >= found] == [seq for seq in left if seq > hour]  # the first is number 1


def test_weeks_begin_on_monday_in_vietnam() -> None:
    assert [monday_of(MONDAY + number * DAY) for number in (-1, 0, 6, 7)] == [
        dt.date(2026, 11, 9), MONDAY, MONDAY, dt.date(2026, 11, 23),
    ]  # fmt: skip
    assert begin_of(MONDAY) == dt.datetime(2026, 11, 15, 17, 0, tzinfo=dt.timezone.utc)


async def test_table_of_a_week(talk: Talk, database: Database) -> None:
    await talk.say(BEGIN + HOUR, "an", PROCEDURE)
    await talk.say(BEGIN - HOUR, "an", PROCEDURE, channel="telegram")
    await talk.add(asked, [{"citizen_id": "an", "procedure": "1.001193", "at": BEGIN + HOUR}] * 2)
    week, say = await made(database), speaker("vi")
    found = {section.title: section.lines for section in sections(week, say, TITLES.get)}
    assert found["Tin nhắn theo kênh"] == (Line("Zalo", 1, 0), Line("Telegram", 0, 1))
    assert found["Thủ tục được hỏi nhiều nhất"] == (Line("1.001193 Đăng ký khai sinh", 2, 0),)
    assert "Mức hài lòng" not in found
    assert found["Hỏi đáp"][0] == Line("Tin nhắn của người dân", 1, 1)
    table = rows(week, say, TITLES.get)
    assert table[0] == ["Báo cáo tuần 16/11/2026 – 22/11/2026"]
    assert ["1.001193 Đăng ký khai sinh", 2, 0, 2] in table
    assert all(csv_line(row) for row in table)
