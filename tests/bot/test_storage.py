"""The database: migrations that match the tables, works that share a transaction, records that come back."""

from __future__ import annotations

import asyncio
import datetime as dt
import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import bot.broadcasts.tables
import bot.console.tables
import bot.jobs.tables  # noqa: F401 - the tables are known when their modules are
from bot import tables
from bot.records import Citizens, Conversations, Feedback, LastKnownDossiers, Transcript
from bot.storage import Database, DatabaseBusy, DatabaseUnusable, migrate, open_engine, reason
from connectors.messages import Address, Card, Choice, IncomingMessage, Reply
from knowledge.calendar import VIETNAM_TIME
from knowledge.dossiers import Dossier, DossierCode, DossierStatus

ADDRESS = Address("rest", "p1")
AT = dt.datetime(2026, 11, 20, 10, 30, tzinfo=VIETNAM_TIME)


def message(text: str = "xin chào", id: str = "m1", address: Address = ADDRESS) -> IncomingMessage:
    return IncomingMessage(id, address, text, AT)


def test_the_migrations_make_the_tables(database_url: str) -> None:
    engine = open_engine(database_url)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), tables.metadata)
    engine.dispose()
    own = [change for change in differences if getattr(change[1], "name", "") != "sqlite_sequence"]
    assert own == []


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    migrate(database_url)


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("nonsense", "DATABASE_URL"),
        ("mysql://localhost/x", "mysql"),
        ("postgresql+asyncpg://localhost/x", "asyncpg"),
        ("sqlite:////proc/nowhere/x.db", "DATABASE_URL"),
    ],
)
def test_an_unusable_database_is_refused_with_a_sentence(url: str, named: str) -> None:
    with pytest.raises(DatabaseUnusable, match=named):
        migrate(url)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    file.write_text("this is not a database at all, " * 100, encoding="utf-8")
    with pytest.raises(DatabaseUnusable):
        migrate(f"sqlite:///{file}")


async def test_a_failing_work_does_not_take_the_others_with_it(database: Database) -> None:
    def add(citizen: str) -> sa.sql.Insert:
        at = dt.datetime.now(dt.timezone.utc)
        return tables.conversations.insert().values(citizen_id=citizen, events="[]", updated_at=at)

    works = [database.run(lambda connection, n=n: connection.execute(add(n))) for n in ("a", "b", "a", "c")]
    results = await asyncio.gather(*works, return_exceptions=True)
    assert [isinstance(result, sa.exc.IntegrityError) for result in results] == [False, False, True, False]
    count = sa.select(sa.func.count()).select_from(tables.conversations)
    assert await database.run(lambda connection: connection.execute(count).scalar()) == 3


async def test_who_stops_waiting_does_not_stop_the_others(database: Database) -> None:
    busy = threading.Event()
    first = asyncio.create_task(database.run(lambda connection: busy.wait(30)))
    left = asyncio.create_task(database.run(lambda connection: 1))
    await asyncio.sleep(0)
    left.cancel()
    first.cancel()
    busy.set()
    await asyncio.gather(first, left, return_exceptions=True)
    assert await database.run(lambda connection: 2) == 2


async def test_a_database_that_is_too_far_behind_says_so_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.storage.MAX_WAITING", 3)
    busy, begun = threading.Event(), threading.Event()
    first = asyncio.create_task(database.run(lambda connection: begun.set() or busy.wait(30)))
    await asyncio.to_thread(begun.wait, 30)
    waiting = [asyncio.create_task(database.run(lambda connection: 1)) for _ in range(5)]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    busy.set()
    results = await asyncio.gather(first, *waiting, return_exceptions=True)
    assert [isinstance(result, DatabaseBusy) for result in results] == [False] * 4 + [True] * 2


async def test_what_comes_after_closing_is_refused_and_not_left_waiting(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await database.close()
    with pytest.raises(DatabaseBusy):
        await database.check()
    Conversations(database).save("c1", "[1]")
    assert "after the database was closed" in caplog.text


async def test_a_locked_database_fails_all_who_wait_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    migrate(url)
    database, runs = Database(url), []
    begun, go = threading.Event(), threading.Event()
    holding = asyncio.create_task(database.run(lambda connection: begun.set() or go.wait(30)))
    await asyncio.to_thread(begun.wait, 30)

    def locked(connection: sa.engine.Connection) -> None:
        runs.append(1)
        raise sa.exc.OperationalError("UPDATE", {}, sqlite3.OperationalError("database is locked"))

    waiting = [asyncio.create_task(database.run(locked)) for _ in range(5)]
    await asyncio.sleep(0)
    go.set()
    await holding
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in results] == [sa.exc.OperationalError] * 5
    assert len(runs) == 1
    await database.close()


async def test_errors_do_not_repeat_what_a_citizen_wrote(database: Database) -> None:
    row = {"code": "1.000001", "document": "chuyện riêng", "fingerprint": "f", "source_file": "s", "imported_at": AT}
    add = tables.procedures.insert()
    await database.run(lambda connection: connection.execute(add, row))
    with pytest.raises(sa.exc.IntegrityError) as failed:
        await database.run(lambda connection: connection.execute(add, row))
    assert "chuyện riêng" not in str(failed.value)
    assert "1.000001" not in reason(failed.value)


def test_the_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path}/new/x.db")
    assert [file.stat().st_mode & 0o077 for file in (tmp_path / "new").iterdir()] == [0]


async def test_the_longest_sender_that_the_rest_door_takes_is_stored(database: Database) -> None:
    address = Address("rest", "Ễ" * 200)
    citizen = await Citizens(database).recognise(address)
    await Transcript(database).add_message(message(address=address))
    assert citizen.id == (await Citizens(database).recognise(address)).id


async def test_a_dossier_stored_by_an_older_version_counts_as_unknown(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    row = {"code": "H57.132-260804-0583", "document": '{"owner": "N***"}', "fetched_at": AT}
    await database.run(lambda connection: connection.execute(tables.dossier_states.insert(), row))
    assert await LastKnownDossiers(database).get(DossierCode.parse("H57.132-260804-0583")) is None
    assert "cannot be read any more" in caplog.text


async def test_what_was_posted_is_there_before_what_is_run_later(database: Database) -> None:
    conversations = Conversations(database)
    for number in range(50):
        conversations.save("c1", f"[{number}]")
    assert await conversations.load("c1") == "[49]"
    conversations.delete("c1")
    assert await conversations.load("c1") is None


async def test_what_was_posted_survives_closing(database_url: str) -> None:
    first = Database(database_url)
    Conversations(first).save("c1", "[1]")
    await first.close()
    second = Database(database_url)
    assert await Conversations(second).load("c1") == "[1]"
    await second.close()


async def test_a_citizen_keeps_id_and_language(database_url: str) -> None:
    first = Database(database_url)
    citizens = Citizens(first)
    citizen = await citizens.recognise(ADDRESS)
    assert citizen.language == "vi"
    assert await citizens.recognise(ADDRESS) == citizen
    assert (await citizens.recognise(Address("rest", "p2"))).id != citizen.id
    citizens.speak(ADDRESS, "en")
    await first.close()
    second = Database(database_url)
    again = await Citizens(second).recognise(ADDRESS)
    assert (again.id, again.language) == (citizen.id, "en")
    await second.close()


async def test_a_repeated_message_gives_its_answers(database: Database) -> None:
    transcript = Transcript(database)
    reply = Reply("chào", cards=(Card("a", lines=(("b", "c"),)),), choices=(Choice("d", "/e"),), custom={"f": 1})
    stored = await transcript.add_message(message())
    answers = await transcript.add_answers(ADDRESS, stored.entry.seq, [reply])
    again = await transcript.add_message(message())
    assert again.entry.seq == stored.entry.seq
    assert [answer.reply for answer in again.answers] == [reply]
    assert [entry.seq for entry in await transcript.history(ADDRESS)] == [stored.entry.seq, answers[0].seq]
    assert await transcript.history(ADDRESS, after=answers[0].seq) == []


async def test_history_is_of_one_address_and_bounded(database: Database) -> None:
    transcript = Transcript(database)
    for number in range(10):
        await transcript.add_message(message(str(number), f"m{number}"))
        await transcript.add_message(message("theirs", f"m{number}", Address("rest", "p2")))
    assert [entry.text for entry in await transcript.history(ADDRESS, limit=3)] == ["7", "8", "9"]


async def test_the_last_state_of_a_dossier_comes_back(database: Database) -> None:
    code = DossierCode.parse("H57.132-260804-0583")
    known = LastKnownDossiers(database)
    assert await known.get(code) is None
    for status in (DossierStatus.RECEIVED, DossierStatus.DONE):
        dossier = Dossier(code, status, status.name, "dvcqg", AT)
        await known.put(dossier)
    assert await known.get(code) == dossier


async def test_feedback_is_numbered(database: Database) -> None:
    box = Feedback(database)
    numbers = [await box.put("c1", "feedback", "tốt", None) for _ in range(2)]
    assert numbers == ["GY-00001", "GY-00002"]
