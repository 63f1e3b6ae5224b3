"""The statements of the ledger, built once. Rows come as one JSON parameter: a statement for each would be too slow."""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any, Mapping, Sequence

import msgspec
import sqlalchemy as sa

from bot.broadcasts.campaign import DeliveryState, Vehicle
from bot.broadcasts.delivery import Delivery
from bot.broadcasts.tables import campaigns, deliveries
from bot.records import with_zone
from connectors.messages import Address

_MOMENT = sa.DateTime(timezone=True)


def _text(statement: str, *moments: str) -> sa.sql.expression.TextClause:
    return sa.text(statement).bindparams(*(sa.bindparam(name, type_=_MOMENT) for name in moments))


# Which rows to take.
WAITING = "state = 'waiting' AND (not_before IS NULL OR not_before <= :now)"
# Not the worker's own, though its clock may have jumped: it knows what becomes of them.
LEFT = "state = 'sending' AND lease_until <= :now AND (claimed_by IS NULL OR claimed_by <> :worker)"

_OURS = "UPDATE deliveries SET {} WHERE campaign = :campaign AND state = 'sending' AND claimed_by = :worker"
KEEP = _text(_OURS.format("lease_until = :until"), "until")
RELEASE = _text(_OURS.format("state = 'waiting', claimed_by = NULL, lease_until = NULL") + " AND began_at IS NULL")
OTHERS = _text(
    "SELECT 1 FROM deliveries WHERE campaign = :campaign AND state = 'sending' "
    "AND claimed_by NOT LIKE :ours AND lease_until > :now LIMIT 1",
    "now",
)
IS_DONE = _text(
    "SELECT 1 FROM campaigns WHERE id = :campaign AND state = 'sending' AND planned_at IS NOT NULL "
    "AND NOT EXISTS (SELECT 1 FROM deliveries WHERE campaign = :campaign AND state = 'waiting') "
    "AND NOT EXISTS (SELECT 1 FROM deliveries WHERE campaign = :campaign AND state = 'sending')"
)
LEFT_BEHIND = _text(
    "SELECT id FROM campaigns WHERE state IN ('paused', 'cancelled') AND started_at IS NOT NULL AND EXISTS "
    "(SELECT 1 FROM deliveries WHERE campaign = campaigns.id AND state = 'sending' AND lease_until <= :now)",
    "now",
)
# What a person can decide; who was erased since is told nothing again, nor is anybody of a cancelled campaign.
_UNKNOWN = "campaign = :campaign AND state = 'unknown'"
_GOES_ON = "EXISTS (SELECT 1 FROM campaigns WHERE id = :campaign AND state IN ('sending', 'paused', 'finished'))"
_AGAIN = "state = 'waiting', attempts = 0, not_before = NULL, began_at = NULL, finished_at = NULL"
COUNT_UNKNOWN = {
    again: _text(f"SELECT COUNT(*) FROM deliveries WHERE {which}")  # noqa: S608
    for again, which in ((False, _UNKNOWN), (True, f"{_UNKNOWN} AND {_GOES_ON}"))
}
DECIDE = {
    again: _text(
        f"UPDATE deliveries SET {values} WHERE state = 'unknown' AND id IN "  # noqa: S608
        f"(SELECT id FROM deliveries WHERE {which} ORDER BY id LIMIT :most)"
    )
    for again, which, values in (
        (False, _UNKNOWN, "state = 'sent'"),
        (True, f"{_UNKNOWN} AND {_GOES_ON} AND text <> ''", _AGAIN),
    )
}
REOPEN = _text(
    "UPDATE campaigns SET state = 'sending', finished_at = NULL, version = version + 1 "
    "WHERE id = :campaign AND state = 'finished'"
)
ADD = _text(
    "INSERT INTO deliveries (campaign, channel, person, citizen_id, language, vehicle, text, state, attempts) "
    "VALUES (:campaign, :channel, :person, :citizen_id, :language, :vehicle, :text, 'waiting', 0) "
    "ON CONFLICT (campaign, channel, person) DO NOTHING"
)

# What ``write`` writes, by the columns of the rows it is given and their types on PostgreSQL. Nothing of a campaign
# that was stopped is begun, whoever has not heard of it yet, and nothing to who refused it since it was planned.
_OPTED_OUT = "SELECT 1 FROM opt_outs WHERE opt_outs.citizen_id = deliveries.citizen_id"
_GONE = (
    "SELECT refused FROM contacts WHERE contacts.channel = deliveries.channel AND contacts.person = deliveries.person "
    "AND refused IS NOT NULL"
)
OBSTACLE = sa.text(
    f"SELECT EXISTS ({_OPTED_OUT}) AS opted_out, ({_GONE}) AS refused FROM deliveries WHERE id = :id"  # noqa: S608
)
BEGIN = (
    {"id": "bigint", "worker": "text", "bookmark": "text"},
    "began_at = :now, bookmark = given.bookmark",
    "deliveries.state = 'sending' AND deliveries.claimed_by = given.worker AND deliveries.began_at IS NULL "  # noqa: S608
    "AND EXISTS (SELECT 1 FROM campaigns WHERE campaigns.id = deliveries.campaign AND campaigns.state = 'sending') "
    f"AND NOT EXISTS ({_OPTED_OUT}) AND NOT EXISTS ({_GONE})",
)
# What is known to have been sent counts, even if somebody else had given it up meanwhile.
SETTLE = (
    {
        "id": "bigint", "worker": "text", "state": "text", "message_id": "text", "why": "text", "error": "text",
        "not_before": "timestamptz", "lease_until": "timestamptz", "tried": "integer",
    },
    "state = given.state, message_id = given.message_id, why = given.why, error = given.error, "
    "not_before = given.not_before, lease_until = given.lease_until, claimed_by = NULL, "
    "attempts = deliveries.attempts + given.tried, "
    "began_at = CASE WHEN given.state = 'waiting' THEN NULL ELSE deliveries.began_at END, "
    "finished_at = CASE WHEN given.state IN ('waiting', 'sending') THEN NULL ELSE :now END",
    "deliveries.state = 'sending' AND deliveries.claimed_by = given.worker "
    "OR given.message_id IS NOT NULL AND deliveries.state IN ('waiting', 'sending', 'unknown')",
)  # fmt: skip
_Change = tuple[Mapping[str, str], str, str]


def not_begun(table: Any) -> Any:
    """The condition for the deliveries in ``table`` that are on their way to nobody yet."""
    is_claimed = sa.and_(table.c.state == DeliveryState.SENDING.value, table.c.began_at.is_(None))
    return sa.or_(table.c.state == DeliveryState.WAITING.value, is_claimed)


def drop_twins(connection: sa.engine.Connection, citizen_id: str) -> None:
    """Whose channels were joined is told once in each campaign: what is on its way stays, else what was planned first.

    What failed on one channel leaves the way over the other.
    """
    other = deliveries.alias()
    goes_first = sa.or_(~not_begun(other), other.c.id < deliveries.c.id)
    same = (other.c.campaign == deliveries.c.campaign, other.c.citizen_id == citizen_id, other.c.id != deliveries.c.id)
    twin = sa.exists().where(*same, other.c.state != DeliveryState.FAILED.value, goes_first)
    unfinished = sa.select(campaigns.c.id).where(campaigns.c.started_at.is_not(None), campaigns.c.finished_at.is_(None))
    own = sa.and_(deliveries.c.campaign.in_(unfinished), deliveries.c.citizen_id == citizen_id)
    connection.execute(deliveries.delete().where(own, not_begun(deliveries), twin))


def take(connection: sa.engine.Connection, which: str, find: Mapping[str, Any]) -> list[Delivery]:
    """Claim the first rows of ``which`` (WAITING or LEFT) that nobody else is claiming at this moment."""
    rows = connection.execute(_taking(which, connection.dialect.name), find).all()
    return [_delivery(row, find["campaign"], find["worker"]) for row in sorted(rows, key=lambda row: row.id)]


def write(
    connection: sa.engine.Connection, change: _Change, rows: Sequence[Mapping[str, Any]], now: dt.datetime
) -> set[int]:
    """Change many rows by one of BEGIN and SETTLE; the ids of those that were changed."""
    given = {"rows": msgspec.json.encode(rows).decode(), "now": now}
    columns, values, condition = change
    statement = _writing(tuple(columns.items()), values, condition, connection.dialect.name)
    return {id for (id,) in connection.execute(statement, given)}


def moment(connection: sa.engine.Connection, at: dt.datetime) -> str:
    """As the database compares moments (``at`` in UTC): SQLite as text without a zone."""
    return at.strftime("%Y-%m-%d %H:%M:%S.%f" + ("" if connection.dialect.name == "sqlite" else "+00"))


@functools.cache
def _taking(which: str, dialect: str) -> Any:
    lock = " FOR UPDATE SKIP LOCKED" if dialect == "postgresql" else ""
    # "UPDATE" stands first: Python's driver of SQLite begins no transaction for what begins with "WITH", and a claim
    # that is not undone with its transaction is nobody's.
    statement = (
        "UPDATE deliveries SET state = 'sending', claimed_by = :worker, lease_until = :until WHERE id IN "  # noqa: S608
        f"(WITH due AS (SELECT id FROM deliveries WHERE campaign = :campaign AND {which} "
        f"ORDER BY id LIMIT :most{lock}) SELECT id FROM due) "
        "RETURNING id, channel, person, citizen_id, language, vehicle, text, attempts, began_at, bookmark"
    )
    return _text(statement, "now", "until").columns(began_at=_MOMENT)


@functools.cache
def _writing(columns: tuple[tuple[str, str], ...], values: str, condition: str, dialect: str) -> Any:
    if dialect == "postgresql":
        types = ", ".join(f"{name} {type}" for name, type in columns)
        given = f"json_to_recordset(CAST(:rows AS json)) AS given({types})"
    else:
        picked = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name, _ in columns)
        given = f"(SELECT {picked} FROM json_each(:rows)) AS given"  # noqa: S608
    statement = (
        f"UPDATE deliveries SET {values} FROM {given} WHERE deliveries.id = given.id AND ({condition}) "  # noqa: S608
        "RETURNING deliveries.id"
    )
    return _text(statement, "now")


def _delivery(row: Any, campaign: int, worker: str) -> Delivery:
    return Delivery(
        id=row.id,
        campaign=campaign,
        address=Address(row.channel, row.person),
        citizen_id=row.citizen_id,
        language=row.language,
        vehicle=Vehicle(row.vehicle),
        text=row.text,
        attempts=row.attempts,
        worker=worker,
        began_at=row.began_at and with_zone(row.began_at),
        bookmark=row.bookmark or "",
    )
