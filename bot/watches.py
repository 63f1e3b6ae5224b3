"""Who wants to be told when a dossier moves (actions.services.WatchDesk), and the rows that the watcher works off."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from dataclasses import dataclass
from typing import Any, Callable, Collection, Optional, Sequence

import sqlalchemy as sa

from actions.services import WatchOutcome
from bot.contacts import is_shared
from bot.records import now, of, read_line, with_zone
from bot.storage import Database
from bot.tables import addresses, watches
from connectors.messages import Address
from knowledge.dossiers import Clock, Dossier, DossierCode, DossierStatus

# A database work: puts a notice on its way and says where to; None when nothing reaches the citizen at present.
Notice = Callable[[sa.engine.Connection], Optional[Address]]

NOTICES = ("dossier_moved", "dossier_finished", "watch_lost")
MOST_WATCHES = 20  # of one citizen
FIRST_CHECK = dt.timedelta(minutes=30)
OVER = "over"  # the last thing was told
OVER_KEPT = dt.timedelta(days=2)  # longer than the outbox tries: until then the platform may refuse the last notice
TOLD_AGAIN_AFTER = dt.timedelta(hours=2)
UNREADABLE_FOR = dt.timedelta(days=1)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Told:
    """What a citizen knows of a dossier: the status, the date of return, and whether other papers are missing."""

    status: DossierStatus
    due_at: Optional[dt.datetime]
    missing: str  # a digest: what is missing is told to the owner alone

    @classmethod
    def of(cls, dossier: Dossier) -> Told:
        missing = hashlib.sha256("\n".join(dossier.missing).encode()).hexdigest()[:16] if dossier.missing else ""
        return cls(dossier.status, dossier.due_at, missing)

    def __str__(self) -> str:
        return f"{self.status:d} {self.due_at.isoformat() if self.due_at else ''} {self.missing}"

    @classmethod
    def parse(cls, text: str) -> Told:
        """What ``str`` gave."""
        status, due_at, missing = text.split(" ")
        return cls(DossierStatus(int(status)), dt.datetime.fromisoformat(due_at) if due_at else None, missing)


@dataclass(frozen=True)
class Watch:
    citizen_id: str
    code: DossierCode
    told: Optional[Told]  # None: what was told last did not arrive
    created_at: dt.datetime


class SqlWatches:
    """``pushing`` names the channels over which somebody can be written to unasked."""

    def __init__(self, database: Database, pushing: Collection[str], clock: Clock) -> None:
        self._database, self._pushing, self._clock = database, tuple(pushing), clock

    @property
    def is_offered(self) -> bool:
        return bool(self._pushing)

    async def reach(self, citizen_id: str) -> bool:
        query = sa.select(addresses.c.channel, addresses.c.person).where(
            addresses.c.citizen_id == citizen_id, addresses.c.channel.in_(self._pushing)
        )
        rows = await self._database.run(lambda connection: connection.execute(query).all())
        return not all(is_shared(Address(*row)) for row in rows)

    async def begin(self, citizen_id: str, dossier: Dossier) -> WatchOutcome:
        row = {
            "citizen_id": citizen_id,
            "dossier": str(dossier.code),
            "told": str(Told.of(dossier)),
            "created_at": _stored(self._clock()),
            "check_at": _stored(self._clock() + FIRST_CHECK),
        }

        def work(connection: sa.engine.Connection) -> WatchOutcome:
            watched = _codes(connection, citizen_id)
            if str(dossier.code) in watched:
                return WatchOutcome.KNOWN
            if len(watched) >= MOST_WATCHES:
                return WatchOutcome.LIMIT
            connection.execute(watches.delete().where(_is_of(citizen_id, str(dossier.code))))  # one that is over
            connection.execute(watches.insert(), row)
            return WatchOutcome.BEGUN

        return await self._database.run(work)

    async def end(self, citizen_id: str, code: Optional[DossierCode] = None) -> Sequence[str]:
        meant = watches.c.citizen_id == citizen_id if code is None else _is_of(citizen_id, str(code))

        def work(connection: sa.engine.Connection) -> Sequence[str]:
            ended = [one for one in _codes(connection, citizen_id) if code is None or one == str(code)]
            connection.execute(watches.delete().where(meant))
            return ended

        return await self._database.run(work)

    async def watched(self, citizen_id: str) -> Sequence[str]:
        return await self._database.run(lambda connection: _codes(connection, citizen_id))

    async def due(self, most: int) -> list[Watch]:
        """Those whose next check has come, the longest waiting first. One that cannot be read is put off."""
        is_due = watches.c.check_at <= _stored(self._clock())
        query = sa.select(watches).where(is_due).order_by(watches.c.check_at).limit(most)

        def work(connection: sa.engine.Connection) -> list[Watch]:
            connection.execute(watches.delete().where(is_due, watches.c.told == OVER))
            read = [self._read(connection, row) for row in connection.execute(query).all()]
            return [watch for watch in read if watch is not None]

        return await self._database.run(work)

    async def postpone(self, watch: Watch, check_at: dt.datetime) -> None:
        await self._database.run(lambda connection: _claim(connection, watch, check_at))

    async def tell(
        self, watch: Watch, told: Optional[Told], check_at: dt.datetime, notice: Notice
    ) -> Optional[Address]:
        """Store the notice and what the citizen knows by it (None: the watch is over) both or neither.

        Gives where the notice goes. None when nothing reaches the citizen at present, which leaves it to the next
        check, and when it is not for us to tell: another process was here first, or the citizen stopped it.
        """

        def work(connection: sa.engine.Connection) -> Optional[Address]:
            address = notice(connection) if _claim(connection, watch, check_at) else None
            if address is not None:
                over = {"told": OVER, "check_at": _stored(self._clock() + OVER_KEPT)}
                connection.execute(watches.update().where(_is(watch)).values({"told": str(told)} if told else over))
            return address

        return await self._database.run(work)

    async def drop(self, watch: Watch) -> None:
        await self._database.run(lambda connection: connection.execute(watches.delete().where(_is(watch))))

    def _read(self, connection: sa.engine.Connection, row: Any) -> Optional[Watch]:
        try:
            code, told = DossierCode.parse(row.dossier), Told.parse(row.told) if row.told else None
        except ValueError as error:  # the others must not wait for it
            logger.error("a watch could not be read, it is put off: %s", type(error).__name__)
            later = _stored(self._clock() + UNREADABLE_FOR)
            connection.execute(watches.update().where(_is_of(row.citizen_id, row.dossier)).values(check_at=later))
            return None
        return Watch(row.citizen_id, code, told, with_zone(row.created_at))


def forget_untold(connection: sa.engine.Connection, address: Address, line: int) -> None:
    """Within a database work: the notice in this line did not arrive."""
    entry = read_line(connection, address, line)
    told = entry.reply.custom if entry is not None and entry.reply is not None else {}
    if told.get("utterance") not in NOTICES:
        return
    citizen_id = connection.execute(sa.select(addresses.c.citizen_id).where(of(addresses, address))).scalar()
    forget_telling(connection, citizen_id or "", told["code"], now())


def forget_telling(connection: sa.engine.Connection, citizen_id: str, dossier: str, at: dt.datetime) -> None:
    """Within a database work: tell it again after a while. Nothing when the citizen stopped it."""
    again = {"told": "", "check_at": _stored(at + TOLD_AGAIN_AFTER)}
    connection.execute(watches.update().where(_is_of(citizen_id, dossier)).values(**again))


def _claim(connection: sa.engine.Connection, watch: Watch, check_at: dt.datetime) -> bool:
    """Write the next check down; False when the watch is not as it was any more."""
    change = watches.update().where(_is(watch)).values(check_at=_stored(check_at))
    return bool(connection.execute(change).rowcount)


def _is(watch: Watch) -> sa.sql.ColumnElement:
    told = str(watch.told) if watch.told else ""
    return sa.and_(_is_of(watch.citizen_id, str(watch.code)), watches.c.told == told)


def _is_of(citizen_id: str, dossier: str) -> sa.sql.ColumnElement:
    return sa.and_(watches.c.citizen_id == citizen_id, watches.c.dossier == dossier)


def _stored(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.timezone.utc)  # SQLite compares moments without their zones


def _codes(connection: sa.engine.Connection, citizen_id: str) -> list[str]:
    """Of what is watched; what is over does not count."""
    own = sa.and_(watches.c.citizen_id == citizen_id, watches.c.told != OVER)
    query = sa.select(watches.c.dossier).where(own).order_by(watches.c.created_at)
    return list(connection.execute(query).scalars())
