"""The house rules: changed by one at a time, seen by every process, and what they change of the talk."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import uuid
from typing import Sequence

import pytest
import sqlalchemy as sa

from bot import house_rules
from bot.agency import agency_under
from bot.app import House
from bot.audit import Actor, Audit
from bot.console.tables import audit
from bot.console.tables import house_rules as table
from bot.house_rules import ChangedMeanwhile, HouseRules, Rules
from bot.storage import Database, DatabaseUnusable
from bot.wording.talk import Agency
from connectors.messages import Address, IncomingMessage, Reply
from knowledge.calendar import VIETNAM_TIME, read_working_calendar

MAI = Actor(7, "Trần Thị Mai")
TODAY = dt.date(2026, 12, 20)
WINTER = Rules(hours={"vi": "8 giờ đến 16 giờ"}, hotline="0900000111")
AGENCY = Agency({"vi": "Trung tâm", "en": "Centre"}, "0900000000", {"vi": "7 giờ 30", "en": "7:30"})


def rules_of(database: Database) -> HouseRules:
    return HouseRules(database, Audit(database, "a secret of this test"))


async def test_a_change_is_kept_and_audited_by_what_changed(database: Database) -> None:
    rules = rules_of(database)
    await rules.read()
    assert (rules.rules, rules.version) == (Rules(), 0)
    await rules.change(MAI, 0, WINTER)
    await rules.change(MAI, 1, Rules(hours=WINTER.hours, holidays={TODAY: "Nghỉ bù"}))
    again = rules_of(database)
    await again.read()
    assert (again.rules.holidays, again.version) == ({TODAY: "Nghỉ bù"}, 2)
    rows = await database.run(lambda c: c.execute(sa.select(audit).order_by(audit.c.seq)).all())
    assert [(row.official, row.action, json.loads(row.facts)["changed"]) for row in rows] == [
        (MAI.name, "rules.change", ["hours", "hotline"]),
        (MAI.name, "rules.change", ["hotline", "holidays"]),
    ]


@pytest.mark.parametrize("seen", [0, 1])
async def test_who_saw_an_older_version_changes_nothing(database: Database, seen: int) -> None:
    first, second = rules_of(database), rules_of(database)
    for version in range(seen + 1):
        await first.change(MAI, version, WINTER)
    with pytest.raises(ChangedMeanwhile):
        await second.change(MAI, seen, Rules())
    await second.read()
    assert second.rules == WINTER


async def test_another_process_sees_a_change_by_itself(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house_rules, "SECONDS_BETWEEN_READS", 0.01)
    changing, reading = rules_of(database), rules_of(database)
    task = asyncio.create_task(reading.run())
    await changing.change(MAI, 0, WINTER)
    for _ in range(200):
        if reading.version:
            break
        await asyncio.sleep(0.01)
    task.cancel()
    assert reading.rules == WINTER


async def test_rules_that_nobody_can_read_leave_those_that_hold(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(house_rules, "SECONDS_BETWEEN_READS", 0.01)
    rules = rules_of(database)
    await rules.change(MAI, 0, WINTER)
    await database.run(lambda c: c.execute(table.update().values(version=2, document='{"unknown": 1}')))
    with pytest.raises(DatabaseUnusable):
        await rules.read()
    task = asyncio.create_task(rules.run())
    await asyncio.sleep(0.1)
    task.cancel()
    assert rules.rules == WINTER
    assert caplog.text.count("stay what they were") == 1


def test_what_is_decided_in_vietnamese_alone_holds_in_every_language() -> None:
    holidays = {TODAY + dt.timedelta(days=days): f"ngày {days}" for days in (15, 14, 0, -1)}
    rules = Rules(hours={"vi": "8 giờ"}, greeting={"vi": "Chào", "en": "Hi"}, holidays=holidays)
    agency = agency_under(rules, AGENCY, TODAY)
    assert (agency.hours, agency.hotline) == ({"vi": "8 giờ", "en": "8 giờ"}, "0900000000")
    assert agency.greeting == {"vi": "Chào", "en": "Hi"}
    assert list(agency.holidays.values()) == ["ngày 0", "ngày 14"]
    assert agency_under(Rules(), AGENCY, TODAY).hours == AGENCY.hours


def test_the_agencys_own_holidays_are_no_working_days() -> None:
    holidays: dict[dt.date, str] = {}
    calendar = read_working_calendar(closed=lambda: holidays)
    friday, monday = dt.date(2026, 12, 18), dt.date(2026, 12, 21)
    assert calendar.add_working_days(friday, 1) == monday
    holidays[monday] = "Ngày thành lập phường"
    assert calendar.add_working_days(friday, 1) == monday + dt.timedelta(days=1)


async def say(house: House, text: str, at: dt.datetime, person: str = "p1") -> Sequence[Reply]:
    message = IncomingMessage(uuid.uuid4().hex, Address("rest", person), text, at)
    return [entry.reply for entry in await house.conversation.handle(message) if entry.reply]


def named(replies: Sequence[Reply]) -> list[str]:
    return [reply.custom["utterance"] for reply in replies]


async def test_the_banner_comes_before_the_first_answer_of_a_day(house: House) -> None:
    now = dt.datetime.now(VIETNAM_TIME)
    assert named(await say(house, "xin chào", now)) == ["greet"]
    await house.rules.change(MAI, 0, Rules(banner={"vi": "Mai nghỉ vì bão."}))
    replies = await say(house, "xin chào", now)
    assert (named(replies), replies[0].text) == (["banner", "greet"], "Mai nghỉ vì bão.")
    assert named(await say(house, "xin chào", now)) == ["greet"]
    assert named(await say(house, "xin chào", now, "p2")) == ["banner", "greet"]
    assert named(await say(house, "xin chào", now + dt.timedelta(days=1))) == ["banner", "greet"]


async def test_a_new_banner_is_said_on_the_same_day(house: House) -> None:
    now = dt.datetime.now(VIETNAM_TIME)
    for version, text in enumerate(("Mai nghỉ vì bão.", "Mốt làm việc lại.")):
        await house.rules.change(MAI, version, Rules(banner={"vi": text}))
        assert (await say(house, "xin chào", now))[0].text == text


async def test_greeting_hours_hotline_and_holidays_are_said_at_once(house: House) -> None:
    now = dt.datetime.now(VIETNAM_TIME)
    before = (await say(house, "xin chào", now))[0].text
    tomorrow = now.date() + dt.timedelta(days=1)
    rules = Rules(
        greeting={"vi": "Chúc mừng năm mới!"}, hours=WINTER.hours, hotline="0900000111", holidays={tomorrow: "Nghỉ bù"}
    )
    await house.rules.change(MAI, 0, rules)
    assert (await say(house, "xin chào", now))[0].text == f"Chúc mừng năm mới!\n{before}"
    office = (await say(house, "gặp cán bộ", now))[0].text
    assert [words for words in ("0900000111", "8 giờ đến 16 giờ", "(Nghỉ bù)") if words not in office] == []
    assert not house.calendar.is_working_day(tomorrow)


async def test_a_stopped_assistant_stores_and_answers_with_one_sentence(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.rules.change(MAI, 0, Rules(assistant_stopped=True, hotline="0900000111"))
    with monkeypatch.context() as deaf:
        deaf.delattr(type(house.assistant), "answer")
        replies = await say(house, "đăng ký tạm trú", dt.datetime.now(VIETNAM_TIME))
    assert named(replies) == ["assistant_stopped"]
    assert "0900000111" in replies[0].text
    assert len(await house.conversation.history(Address("rest", "p1"))) == 2
    await house.rules.change(MAI, 1, Rules())
    assert named(await say(house, "đăng ký tạm trú", dt.datetime.now(VIETNAM_TIME))) == ["procedure"]
