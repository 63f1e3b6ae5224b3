"""Every answer about a procedure is remembered with its citizen, together with the answer or not at all."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from bot.app import House
from bot.broadcasts.tables import asked
from bot.records import Citizens, Transcript
from bot.storage import Database
from bot.tables import transcript
from connectors.messages import Address, IncomingMessage, Reply

ADDRESS = Address("zalo", "z1")


def about(code: str) -> Reply:
    return Reply("Giấy tờ", custom={"utterance": "procedure", "procedure": code})


async def rows(database: Database) -> list[Any]:
    return await database.run(lambda c: c.execute(sa.select(asked).order_by(asked.c.seq)).all())


async def test_each_procedure_of_an_answer_is_remembered_once(database: Database) -> None:
    citizen = await Citizens(database).recognise(ADDRESS)
    greeting = Reply("Chào", custom={"utterance": "greet"})
    answers = [greeting, about("1.001193"), about("1.001193"), about("1.004194")]
    await Transcript(database).add_answers(ADDRESS, None, answers)
    remembered = await rows(database)
    assert {(row.citizen_id, row.procedure) for row in remembered} == {
        (citizen.id, "1.001193"),
        (citizen.id, "1.004194"),
    }
    assert len(remembered) == 2


async def test_it_belongs_to_whoever_the_address_belongs_to_now(database: Database) -> None:
    citizens = Citizens(database)
    await citizens.recognise(ADDRESS)
    await database.run(lambda c: c.execute(sa.text("UPDATE addresses SET citizen_id = 'joined'")))
    await Transcript(database).add_answers(ADDRESS, None, [about("1.001193")])
    assert [row.citizen_id for row in await rows(database)] == ["joined"]


async def test_an_answer_that_is_not_stored_leaves_no_trace(database: Database) -> None:
    await Citizens(database).recognise(ADDRESS)
    await database.run(lambda c: c.execute(transcript.insert(), _line("taken")))
    with pytest.raises(sa.exc.IntegrityError):
        await database.run(lambda c: _answer_and_fail(c))
    assert await rows(database) == []


def _line(message_id: str) -> dict[str, Any]:
    at = dt.datetime.now(dt.timezone.utc)
    return {"channel": "zalo", "person": "z1", "message_id": message_id, "text": "", "at": at}


def _answer_and_fail(connection: sa.engine.Connection) -> None:
    from bot.asked import note_asked

    note_asked(connection, ADDRESS, [about("1.001193")], dt.datetime.now(dt.timezone.utc))
    connection.execute(transcript.insert(), _line("taken"))


async def test_a_question_in_a_talk_is_remembered(house: House) -> None:
    at = dt.datetime.now(dt.timezone.utc)
    await house.conversation.handle(IncomingMessage("m1", ADDRESS, "làm khai sinh cần giấy tờ gì", at))
    await house.conversation.handle(IncomingMessage("m2", ADDRESS, "cảm ơn", at))
    assert [row.procedure for row in await rows(house.database)] == ["1.001193"]
