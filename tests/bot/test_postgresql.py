"""The whole house over PostgreSQL: migrated, talked to, restarted, and without its database for a while."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import sqlalchemy as sa

from bot.app import open_house
from bot.settings import Settings
from bot.storage import migrate, open_engine
from connectors.messages import Address, IncomingMessage

ADDRESS = Address("rest", "p1")


def message(text: str, id: str) -> IncomingMessage:
    return IncomingMessage(id, ADDRESS, text, dt.datetime.now(dt.timezone.utc))


async def test_a_conversation_over_two_lives_of_the_house(empty_postgresql_url: str, model: Path) -> None:
    migrate(empty_postgresql_url)
    settings = Settings(database_url=empty_postgresql_url)
    house = await open_house(settings, model)
    first = await house.conversation.handle(message("đăng ký tạm trú 😀", "m1"))
    status = await house.conversation.handle(message("hồ sơ H57.132-260804-0583 tới đâu rồi", "m2"))
    await house.close()
    assert [entry.reply.custom["utterance"] for entry in (*first, *status) if entry.reply] == ["procedure", "dossier"]

    house = await open_house(settings, model)
    assert list(await house.conversation.handle(message("đăng ký tạm trú 😀", "m1"))) == list(first)
    fee = await house.conversation.handle(message("lệ phí bao nhiêu", "m3"))
    assert [entry.reply.custom["facets"] for entry in fee if entry.reply] == [["fee"]]
    assert len(await house.conversation.history(ADDRESS)) == 6

    # The server restarts: connections that were open are dead, and nobody needs to notice.
    engine = open_engine(empty_postgresql_url)
    with engine.connect() as connection:
        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = user"
        connection.execute(sa.text(end))
    engine.dispose()
    place = await house.conversation.handle(message("nộp ở đâu", "m4"))
    assert [entry.reply.custom["facets"] for entry in place if entry.reply] == [["place"]]
    await house.close()
