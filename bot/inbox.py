"""Messages are stored before they are acknowledged: each is answered once, in order, whatever happens meanwhile.

A row is ``waiting``, then ``working``, then ``done``; after three tries it is set ``aside`` and shown. Rows that were
at work when the process ended wait again after the next start.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import itertools
import logging
from dataclasses import dataclass, replace
from typing import Any, AsyncIterator, Awaitable, Callable, Mapping, Optional, Sequence

import msgspec
import sqlalchemy as sa

from bot import contacts
from bot.conversation import Conversation, masked
from bot.joining import joined
from bot.lanes import Lanes, persons_due
from bot.outbox import Outbox, unsent_replies
from bot.privacy import hide_numbers, visible
from bot.reception import Reception
from bot.records import now, of, with_zone
from bot.settings import MESSENGERS
from bot.storage import Database, DatabaseBusy, reason
from bot.tables import inbox, outbox
from connectors.channel import Channel, Entry, InboxFull, Incoming
from connectors.messages import Address, Event, EventKind, IncomingMessage, Receipt

SIDE_BY_SIDE = 48
MOST_WAITING = 100_000
MOST_OF_ONE = 200  # waiting messages of one person; what comes beyond is not answered
MOST_TOGETHER = 20
TRIES = 3
KEPT = dt.timedelta(hours=48)
SENT_KEPT = dt.timedelta(days=7)
TURN_SECONDS = 60.0
DATABASE_AWAY_SECONDS = 1.0
COURTESY_SECONDS = 1.0  # who waits longer is shown that somebody is at work
TIDY_SECONDS = 60.0
# What a person did, as the channels' windows count it.
_NO_INTERACTION = {
    EventKind.LEFT,
    EventKind.WITHDRAWN,
    EventKind.SHARED_DETAILS,
    EventKind.OFFICIAL_WROTE,
    EventKind.GRANT_REVOKED,
}

_COLUMNS = inbox.c
_NAMES = ("channel", "message_id", "person", "document", "received_at", "state", "attempts")
_INSERT = sa.text(
    f"INSERT INTO inbox ({', '.join(_NAMES)}) VALUES ({', '.join(':' + name for name in _NAMES)}) "  # noqa: S608
    "ON CONFLICT (channel, message_id) DO NOTHING"
).bindparams(*(sa.bindparam(name, type_=_COLUMNS[name].type) for name in _NAMES))
_CHANGED = ("state", "not_before", "line", "finished_at")
# Built once: every turn of the web chat and of REST ends with it. What was set aside stays so when the client asks
# again: a person is to look at it.
_CHANGE = (
    inbox.update()
    .where(
        _COLUMNS.channel == sa.bindparam("of_channel"),
        _COLUMNS.message_id == sa.bindparam("of_message"),
        _COLUMNS.state != "aside",
    )
    .values({name: sa.bindparam(f"new_{name}") for name in _CHANGED})
)
_DECODERS: Mapping[str, Any] = {"message": IncomingMessage, "event": Event}
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Claimed:
    """A row as it was before this try: ``attempts`` have failed. It stands for ``rows`` rows that waited."""

    seq: int
    document: str
    attempts: int
    rows: int


class Inbox:
    """connectors.channel.Inbox for messaging platforms, and connectors.channel.Talk for the web chat and REST."""

    def __init__(
        self,
        database: Database,
        conversation: Conversation,
        reception: Reception,
        channels: Mapping[str, Channel],
        outbox: Outbox,
        page: Callable[[str, str], Awaitable[None]],
        clock: Callable[[], dt.datetime] = now,
        side_by_side: int = SIDE_BY_SIDE,
    ) -> None:
        self._database, self._conversation, self._reception = database, conversation, reception
        self._channels, self._outbox, self._page, self._clock = channels, outbox, page, clock
        self._lanes = Lanes("inbox", self._scan, self._serve, side_by_side)
        self._waiting = 0

    async def put(self, incoming: Incoming) -> None:
        if self._waiting >= MOST_WAITING:
            raise InboxFull("too much waits already")
        row = _row(_hidden(incoming), "waiting", 0)
        try:
            is_new = await self._database.run(lambda connection: _store(connection, incoming, row))
        except (DatabaseBusy, sa.exc.SQLAlchemyError) as error:
            raise InboxFull(reason(error)) from error
        if is_new:
            self._waiting += 1
            self._lanes.ready(incoming.address)

    async def note(self, receipt: Receipt) -> None:
        try:
            await self._outbox.note(receipt)
        except (DatabaseBusy, sa.exc.SQLAlchemyError) as error:
            raise InboxFull(reason(error)) from error

    async def handle(self, message: IncomingMessage) -> Sequence[Entry]:
        row = _row(masked(message), "working", 1)
        self._database.post(lambda connection: _insert(connection, row))  # before the line that ``handle`` waits for
        try:
            entries = await self._conversation.handle(message)
        except BaseException:  # also when the client has gone: it is answered all the same, and fetched later
            self._change(message, state="waiting", not_before=self._clock() + dt.timedelta(seconds=2))
            raise
        self._change(message, state="done", finished_at=self._clock(), line=entries[0].seq)
        return entries

    async def history(self, address: Address, after: int = 0) -> Sequence[Entry]:
        return await self._conversation.history(address, after)

    async def run(self) -> None:
        """Until closed. What was at work when the last process ended comes first."""
        waits_again = inbox.update().where(_COLUMNS.state == "working").values(state="waiting")
        await self._database.run(lambda connection: connection.execute(waits_again))
        self._waiting = await self._count("waiting")
        tidying = asyncio.create_task(self._tidy())
        try:
            await self._lanes.run()
        finally:
            tidying.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await tidying

    def ready(self, address: Address) -> None:
        """Nothing waits to be sent to this person any more."""
        self._lanes.ready(address)

    async def close(self, seconds: float) -> None:
        await self._lanes.close(seconds)

    async def state(self) -> dict[str, int]:
        """How many messages wait, and how many were set aside."""
        return {"waiting": await self._count("waiting"), "aside": await self._count("aside")}

    async def _count(self, state: str) -> int:
        query = sa.select(sa.func.count()).where(_COLUMNS.state == state)
        return int(await self._database.run(lambda connection: connection.execute(query).scalar()))

    def _change(self, message: IncomingMessage, **values: Any) -> None:
        new = {f"new_{name}": values.get(name) for name in _CHANGED}
        row = {"of_channel": message.address.channel, "of_message": message.id, **new}
        self._database.post(lambda connection: connection.execute(_CHANGE, row))

    async def _scan(self, most: int) -> list[Address]:
        away = [name for name in MESSENGERS if name not in self._channels]  # nobody could be answered there
        query = (
            persons_due(inbox, self._clock())
            .where(_COLUMNS.state == "waiting", _COLUMNS.channel.not_in(away), ~unsent_replies(_COLUMNS).exists())
            .order_by(sa.func.min(_COLUMNS.seq))
            .limit(most)
        )
        rows = await self._database.run(lambda connection: connection.execute(query).all())
        return [Address(*row) for row in rows]

    async def _serve(self, address: Address) -> None:
        """One person's messages, until none is due or what was answered must be sent first."""
        while True:
            row = await self._database.run(lambda connection: self._claim(connection, address))
            if row is None:
                return
            self._waiting -= row.rows - 1
            try:
                await self._work_off(row, address)
            except Exception as error:
                await self._try_later(row, error)
                return
            self._waiting -= 1
            self._outbox.ready(address)

    async def _work_off(self, row: _Claimed, address: Address) -> None:
        if row.attempts >= TRIES:
            await self._set_aside(row, address)
            return
        incoming = _decode(row.document)
        async with self._courtesy(incoming):
            entries = await asyncio.wait_for(self._reception.receive(incoming), TURN_SECONDS)
        await self._finish(row, "done", address, entries, _quoted(incoming))

    async def _set_aside(self, row: _Claimed, address: Address) -> None:
        """It failed three times, or took the process down with it: a person looks at it, the citizen is told."""
        await self._page("inbox-aside", f"message {row.seq} on {address.channel} was set aside: python -m bot inbox")
        try:
            entries = await self._reception.apologise(_decode(row.document), row.seq)
        except msgspec.DecodeError:  # of another version: nobody knows what it was
            entries = []
        await self._finish(row, "aside", address, entries, None)

    async def _finish(
        self, row: _Claimed, state: str, address: Address, entries: Sequence[Entry], quoted: Optional[str]
    ) -> None:
        values = {"state": state, "finished_at": self._clock(), "line": entries[0].seq if entries else None}

        def finish(connection: sa.engine.Connection) -> None:
            connection.execute(inbox.update().where(_COLUMNS.seq == row.seq).values(**values))
            self._outbox.enqueue(connection, address, entries, quoted=quoted)

        await self._database.run(finish)

    def _claim(self, connection: sa.engine.Connection, address: Address) -> Optional[_Claimed]:
        """The person's next message, marked as being worked on; short pieces that wait together are made one."""
        waiting = sa.select(inbox).where(_COLUMNS.state == "waiting", of(inbox, address))
        rows = connection.execute(waiting.order_by(_COLUMNS.seq).limit(MOST_TOGETHER)).all()
        if not rows or (rows[0].not_before and with_zone(rows[0].not_before) > self._clock()):
            return None
        if connection.execute(unsent_replies(rows[0]).limit(1)).first():
            return None
        first, document, count = rows[0], rows[0].document, 1
        if first.attempts == 0:  # what was tried may be answered already, or be the poison
            document, count = _together(rows)
        absorbed = [row.seq for row in rows[1:count]]
        done = {"state": "done", "finished_at": self._clock(), "error": f"joined to {first.seq}"}
        connection.execute(inbox.update().where(_COLUMNS.seq.in_(absorbed)).values(**done))
        begun = {"state": "working", "attempts": first.attempts + 1, "document": document}
        connection.execute(inbox.update().where(_COLUMNS.seq == first.seq).values(**begun))
        return _Claimed(first.seq, document, first.attempts, count)

    async def _try_later(self, row: _Claimed, error: Exception) -> None:
        """Until it is written down: a row that stays "working" is looked at by nobody."""
        logger.error("message %s in the inbox failed, try %d", row.seq, row.attempts + 1, exc_info=error)
        wait = dt.timedelta(seconds=2.0 ** min(row.attempts, 8))
        values = {"state": "waiting", "not_before": self._clock() + wait, "error": reason(error)[:200]}
        change = inbox.update().where(_COLUMNS.seq == row.seq).values(**values)
        while True:
            try:
                await self._database.run(lambda connection: connection.execute(change))
                return
            except (DatabaseBusy, sa.exc.SQLAlchemyError):
                await asyncio.sleep(DATABASE_AWAY_SECONDS)

    @contextlib.asynccontextmanager
    async def _courtesy(self, incoming: Incoming) -> AsyncIterator[None]:
        channel = self._channels.get(incoming.address.channel)
        if channel is None or not isinstance(incoming, IncomingMessage):
            yield
            return
        showing = asyncio.create_task(_acknowledge_late(channel, incoming))
        try:
            yield
        finally:
            showing.cancel()

    async def _tidy(self) -> None:
        """Forget what can no longer be repeated, and count anew: other processes change rows too."""
        for minute in itertools.count():
            if minute % 60 == 0:
                self._database.post(self._drop_old)
            with contextlib.suppress(DatabaseBusy, sa.exc.SQLAlchemyError):
                self._waiting = await self._count("waiting")
            await asyncio.sleep(TIDY_SECONDS)

    def _drop_old(self, connection: sa.engine.Connection) -> None:
        old, sent = self._clock() - KEPT, self._clock() - SENT_KEPT
        connection.execute(inbox.delete().where(_COLUMNS.state == "done", _COLUMNS.received_at < old))
        connection.execute(outbox.delete().where(outbox.c.created_at < sent))  # also what no channel takes any more


async def _acknowledge_late(channel: Channel, message: IncomingMessage) -> None:
    await asyncio.sleep(COURTESY_SECONDS)
    await channel.acknowledge(message)


def _row(incoming: Incoming, state: str, attempts: int) -> dict[str, Any]:
    at = incoming.received_at if isinstance(incoming, IncomingMessage) else incoming.at
    return {
        "channel": incoming.address.channel,
        "message_id": incoming.id,
        "person": incoming.address.id,
        "document": _encode(incoming),
        "received_at": at.astimezone(dt.timezone.utc),
        "state": state,
        "attempts": attempts,
    }


def _hidden(incoming: Incoming) -> Incoming:
    """Without anybody's numbers."""
    if isinstance(incoming, IncomingMessage):
        return masked(incoming)
    return replace(incoming, text=hide_numbers(visible(incoming.text)))


def _quoted(incoming: Incoming) -> Optional[str]:
    return incoming.quoted if isinstance(incoming, IncomingMessage) else None


def _together(rows: Sequence[Any]) -> tuple[str, int]:
    """The document of the first row with what belongs to it, and for how many rows it stands."""
    waiting = []
    for row in rows:
        try:
            waiting.append(_decode(row.document))
        except msgspec.DecodeError:  # of another version
            break
    together = joined(waiting) if waiting else None
    if together is None or together.count == 1:
        return rows[0].document, 1
    return _encode(together.incoming), together.count


def _store(connection: sa.engine.Connection, incoming: Incoming, row: Mapping[str, Any]) -> bool:
    """True when it is new and waits."""
    of_one = sa.select(sa.func.count()).where(_COLUMNS.state == "waiting", of(inbox, incoming.address))
    too_many = connection.execute(of_one).scalar() >= MOST_OF_ONE
    if too_many:
        row = {**row, "state": "done"}
    if not _insert(connection, row):
        return False
    if isinstance(incoming, IncomingMessage) or incoming.kind not in _NO_INTERACTION:
        contacts.interacted(connection, incoming.address, with_zone(row["received_at"]))
    return not too_many


def _insert(connection: sa.engine.Connection, row: Mapping[str, Any]) -> bool:
    return bool(connection.execute(_INSERT, row).rowcount)


def _encode(incoming: Incoming) -> str:
    kind = "message" if isinstance(incoming, IncomingMessage) else "event"
    return msgspec.json.encode([kind, incoming]).decode()


def _decode(document: str) -> Incoming:
    kind, body = msgspec.json.decode(document, type=tuple[str, msgspec.Raw])
    incoming: Incoming = msgspec.json.decode(body, type=_DECODERS[kind])
    return incoming
