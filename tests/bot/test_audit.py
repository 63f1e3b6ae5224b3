"""The audit log: kept in order, chained, and refused to whoever would change it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bot.audit import SYSTEM, Actor, Audit
from bot.console.tables import audit
from bot.storage import Database

MAI = Actor(7, "Trần Thị Mai")


async def three(database: Database) -> Audit:
    log = Audit(database, "a secret of this test")
    for by, action in ((MAI, "campaign.submit"), (SYSTEM, "campaign.pause"), (MAI, "campaign.resume")):
        await database.run(lambda c, by=by, action=action: log.record(c, by, action, "campaign 3", {"version": 2}))
    return log


async def test_what_was_done_is_kept_in_order(database: Database) -> None:
    log = await three(database)
    rows = await database.run(lambda c: c.execute(sa.select(audit).order_by(audit.c.seq)).all())
    assert [(row.seq, row.official, row.action) for row in rows] == [
        (1, "Trần Thị Mai", "campaign.submit"),
        (2, "hệ thống", "campaign.pause"),
        (3, "Trần Thị Mai", "campaign.resume"),
    ]
    assert await log.first_broken() is None


@pytest.mark.parametrize("change", [audit.update().values(official="ai đó"), audit.delete()])
async def test_the_database_refuses_to_change_it(database: Database, change: sa.sql.Executable) -> None:
    log = await three(database)
    with pytest.raises(sa.exc.DBAPIError, match="cannot be changed"):
        await database.run(lambda c: c.execute(change))
    assert await log.first_broken() is None


async def test_a_row_changed_behind_the_triggers_is_found(database: Database) -> None:
    log = await three(database)

    def tamper(connection: sa.engine.Connection) -> None:
        if connection.dialect.name == "sqlite":
            connection.execute(sa.text("DROP TRIGGER audit_no_update"))
        else:
            connection.execute(sa.text("DROP TRIGGER audit_kept ON audit"))
        connection.execute(audit.update().where(audit.c.seq == 2).values(official="ai đó"))

    await database.run(tamper)
    assert await log.first_broken() == 2


async def test_another_key_does_not_fit(database: Database) -> None:
    await three(database)
    assert await Audit(database, "another secret").first_broken() == 1
