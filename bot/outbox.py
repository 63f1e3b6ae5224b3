"""What goes out over messaging platforms: stored first, sent in order, and after a crash never sent twice.

A row is ``waiting`` until its turn has come, then ``sending`` until the platform has answered. A row found ``sending``
with nobody at it is looked up on the platform before anything is sent again.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import logging
from dataclasses import dataclass, replace
from typing import Any, Awaitable, Callable, Mapping, Optional, Sequence

import msgspec
import sqlalchemy as sa

from bot import contacts
from bot.broadcasts import receipts
from bot.lanes import Lanes, persons_due
from bot.reactions import (
    MISCONFIGURED_WAIT,
    MORNING,
    in_time,
    is_misconfigured,
    is_our_fault,
    react,
    seconds_to_morning,
)
from bot.records import now, of, with_zone
from bot.sightings import known_ids, newest_ids
from bot.storage import Database
from bot.tables import outbox
from connectors.channel import Channel, Entry, Interrupted, Part, Purpose
from connectors.errors import ChannelError, Refused, RefusedReason, Unreachable
from connectors.messages import Address, Receipt, Reply
from knowledge.calendar import VIETNAM_TIME

SIDE_BY_SIDE = 500  # of each channel: most of them wait for their turn
GIVE_UP_AFTER = dt.timedelta(hours=24)
NIGHT = dt.time(21)  # nobody is told anything unasked after it
LONGEST_WAIT = 300.0  # seconds between two tries
# The platform takes nothing for this person at present, whatever it is.
_NOTHING_AT_ALL = {
    RefusedReason.LEFT,
    RefusedReason.NO_SUCH_PERSON,
    RefusedReason.WINDOW_CLOSED,
    RefusedReason.QUOTA_USED,
}

_OPEN = ("waiting", "sending")
_COLUMNS = outbox.c
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What became of a row: its new state, and what is kept about it."""

    seq: int
    state: str
    message_id: Optional[str] = None
    error: Optional[ChannelError] = None
    wait: float = 0.0  # seconds until the next try


class Outbox:
    """``page`` tells a person, ``over`` ends that; ``emptied`` gets an address when nothing waits for it any more,
    ``untold``, within the database work, an address and our line that it was not told unasked.
    """

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        page: Callable[[str, str], Awaitable[None]],
        over: Callable[[str], Awaitable[None]],
        emptied: Callable[[Address], None],
        clock: Callable[[], dt.datetime] = now,
        untold: Callable[[sa.engine.Connection, Address, int], None] = lambda connection, address, line: None,
    ) -> None:
        self._database, self._channels, self._clock = database, channels, clock
        self._page, self._over, self._emptied, self._untold = page, over, emptied, untold
        self._held: dict[str, dt.datetime] = {}  # a channel that is set up wrongly rests until then
        self._working: set[str] = set()  # channels whose last sending went well
        # Each channel has its own: one that is slow, or a crowd in one group, must not hold up another.
        self._lanes: dict[str, Lanes] = {}

    def enqueue(
        self,
        connection: sa.engine.Connection,
        address: Address,
        entries: Sequence[Entry],
        purpose: Purpose = Purpose.REPLY,
        quoted: Optional[str] = None,
    ) -> None:
        """Within a database work: put our lines on their way. Lines that are on their way already are left alone."""
        channel = self._channels.get(address.channel)
        if channel is None:  # the web chat's pages fetch their lines themselves
            return
        for entry in entries:
            if entry.reply is not None and not _is_enqueued(connection, entry.seq):
                parts = channel.draw(entry.reply, str(entry.seq), quoted)
                self._insert(connection, address, parts, purpose, entry.seq)

    def enqueue_part(self, connection: sa.engine.Connection, address: Address, part: Part, line: int) -> None:
        """Within a database work: put a notice on its way that was drawn already, for our line ``line``."""
        self._insert(connection, address, [part], Purpose.NOTICE, line)

    def enqueue_text(self, connection: sa.engine.Connection, address: Address, text: str) -> None:
        """Within a database work: put a sentence on its way that belongs to no conversation."""
        channel = self._channels.get(address.channel)
        if channel is not None:
            self._insert(connection, address, channel.draw(Reply(text), "0"), Purpose.REPLY, None)

    def ready(self, address: Address) -> None:
        """Something was put on its way and is committed."""
        if address.channel in self._channels:
            self._lanes_of(address.channel).ready(address)

    async def note(self, receipt: Receipt) -> None:
        await self._database.run(lambda connection: _note(connection, receipt))

    async def newest_ids(self, channel: str) -> list[str]:
        """The platform's ids of the newest messages, ours and citizens'."""
        return await self._database.run(lambda connection: newest_ids(connection, channel))

    async def run(self) -> None:
        await asyncio.gather(*(self._lanes_of(channel).run() for channel in self._channels))

    async def close(self, seconds: float) -> None:
        await asyncio.gather(*(lanes.close(seconds) for lanes in self._lanes.values()))

    def _lanes_of(self, channel: str) -> Lanes:
        if channel not in self._lanes:
            scan = functools.partial(self._scan, channel)
            self._lanes[channel] = Lanes(f"outbox of {channel}", scan, self._serve, SIDE_BY_SIDE)
        return self._lanes[channel]

    def _insert(
        self,
        connection: sa.engine.Connection,
        address: Address,
        parts: Sequence[Part],
        purpose: Purpose,
        line: Optional[int],
    ) -> None:
        shared = {
            "channel": address.channel,
            "person": address.id,
            "line": line,
            "purpose": purpose.value,
            "state": "waiting",
            "attempts": 0,
            "created_at": self._clock(),
        }
        for number, part in enumerate(parts):
            body = msgspec.json.encode(part).decode()
            connection.execute(outbox.insert(), {**shared, "part": number, "body": body})

    async def _scan(self, channel: str, most: int) -> list[Address]:
        """Who has something due; a row that was put off keeps the person's others waiting."""
        if self._is_resting(channel):
            return []
        query = (
            persons_due(outbox, self._clock())
            .where(_COLUMNS.state.in_(_OPEN), _COLUMNS.channel == channel)
            .order_by(sa.func.min(_COLUMNS.purpose), sa.func.min(_COLUMNS.seq))
            .limit(most)
        )
        rows = await self._database.run(lambda connection: connection.execute(query).all())
        return [Address(*row) for row in rows]

    async def _serve(self, address: Address) -> None:
        """One person's rows, until none is due."""
        if self._is_resting(address.channel):
            return
        outcome: Optional[Outcome] = None
        while True:
            row = await self._next(address, outcome)
            if row is None:
                break
            outcome = self._not_now(row)
            if outcome is None:
                if row.state == "waiting":
                    await self._channels[address.channel].turn(address, Purpose(row.purpose))
                    await self._begin(address.channel, row.seq)
                outcome = await self._try(address, row)
        if outcome is None or outcome.state not in _OPEN:
            self._emptied(address)

    def _not_now(self, row: Any) -> Optional[Outcome]:
        if self._clock() - with_zone(row.created_at) > GIVE_UP_AFTER:
            logger.warning("line %s was given up: it is a day old", row.line)
            return Outcome(row.seq, "failed", error=Unreachable("a day old"))
        if row.purpose != Purpose.REPLY.value and _is_night(self._clock()):
            return Outcome(row.seq, row.state, wait=seconds_to_morning(self._clock()))
        return None

    async def _next(self, address: Address, outcome: Optional[Outcome]) -> Any:
        return await self._database.run(lambda connection: self._step(connection, address, outcome))

    async def _begin(self, channel: str, seq: int) -> None:
        """Not before its turn has come: what is found "sending" after a crash must be looked up, and that is slow."""
        begun = {"state": "sending", "began_at": self._clock(), "bookmark": self._channels[channel].bookmark()}
        change = outbox.update().where(_COLUMNS.seq == seq).values(**begun)
        await self._database.run(lambda connection: connection.execute(change))

    def _step(self, connection: sa.engine.Connection, address: Address, outcome: Optional[Outcome]) -> Any:
        """Write down how the last row went; give the next one."""
        if outcome is not None:
            self._write(connection, address, outcome)
        query = (
            sa.select(outbox)
            .where(of(outbox, address), _COLUMNS.state.in_(_OPEN))
            .order_by(_COLUMNS.state, _COLUMNS.purpose, _COLUMNS.seq)  # "sending" before "waiting"
            .limit(1)
        )
        row = connection.execute(query).first()
        is_due = row is not None and (row.not_before is None or with_zone(row.not_before) <= self._clock())
        return row if is_due else None

    def _write(self, connection: sa.engine.Connection, address: Address, outcome: Outcome) -> None:
        values: dict[str, Any] = {"state": outcome.state, "error": str(outcome.error)[:200] if outcome.error else None}
        if outcome.state in _OPEN:
            values["not_before"] = self._clock() + dt.timedelta(seconds=outcome.wait)
            values["attempts"] = _COLUMNS.attempts + 1
        else:
            values.update(message_id=outcome.message_id, finished_at=self._clock())
        if outcome.message_id is not None:
            early = receipts.overtaken(connection, address.channel, [outcome.message_id])
            values.update(state=early.get(outcome.message_id, outcome.state))
        rows = _COLUMNS.seq == outcome.seq
        if isinstance(outcome.error, Refused):
            contacts.refused(connection, address, outcome.error.why)
            if outcome.error.why in _NOTHING_AT_ALL:
                rows = sa.and_(of(outbox, address), _COLUMNS.state.in_(_OPEN))
        if outcome.state == "failed" and not is_our_fault(outcome.error):
            notices = sa.select(_COLUMNS.line).where(
                rows, _COLUMNS.purpose == Purpose.NOTICE.value, _COLUMNS.line.is_not(None)
            )
            for line in connection.execute(notices).scalars().all():
                self._untold(connection, address, line)
        connection.execute(outbox.update().where(rows).values(**values))

    async def _try(self, address: Address, row: Any) -> Outcome:
        """Send one row, or find out that it was sent."""
        channel = self._channels[address.channel]
        try:
            message_id = await in_time(self._send(channel, address, row))
        except ChannelError as error:
            return await self._failed(channel.name, row, error)
        if message_id is None:
            return Outcome(row.seq, "waiting")
        if channel.name not in self._working:
            self._working.add(channel.name)
            await self._over(f"channel-{channel.name}")
        return Outcome(row.seq, "sent", message_id)

    async def _failed(self, channel: str, row: Any, error: ChannelError) -> Outcome:
        reaction = react(error, row.state == "sending", row.attempts, LONGEST_WAIT, self._clock())
        if is_misconfigured(error):
            self._held[channel] = self._clock() + dt.timedelta(seconds=MISCONFIGURED_WAIT)
            self._working.discard(channel)
            await self._page(f"channel-{channel}", f"{channel}: {error}")
        elif reaction.page:
            await self._page(f"message-{channel}", f"{channel}: {error}")
        elif reaction.state in ("failed", "unknown"):
            level = logging.ERROR if is_our_fault(error) else logging.WARNING
            logger.log(level, "line %s is %s on %s: %s", row.line, reaction.state, channel, error)
        return Outcome(row.seq, reaction.state, error=error, wait=reaction.wait)

    async def _send(self, channel: Channel, address: Address, row: Any) -> Optional[str]:
        part = msgspec.json.decode(row.body)
        if row.state == "sending":  # begun before, and nobody has seen the end of it
            return await channel.find_sent(await self._interrupted(address, row, part))
        return await channel.send(address, part)

    async def _interrupted(self, address: Address, row: Any, part: Part) -> Interrupted:
        began_at = with_zone(row.began_at)
        known = await self._database.run(lambda connection: known_ids(connection, address.channel, began_at))
        return Interrupted(address, part, began_at, row.bookmark or "", known)

    def _is_resting(self, channel: str) -> bool:
        until = self._held.get(channel)
        return until is not None and until > self._clock()


def _is_night(now: dt.datetime) -> bool:
    return not MORNING <= now.astimezone(VIETNAM_TIME).time() < NIGHT


def _note(connection: sa.engine.Connection, receipt: Receipt) -> None:
    ours = sa.and_(_COLUMNS.channel == receipt.channel, _COLUMNS.message_id.in_(receipt.message_ids))
    known = set(connection.execute(sa.select(_COLUMNS.message_id).where(ours)).scalars())
    state, earlier = ("seen", ("sent", "delivered")) if receipt.seen else ("delivered", ("sent",))
    connection.execute(outbox.update().where(ours, _COLUMNS.state.in_(earlier)).values(state=state))
    others = tuple(message_id for message_id in receipt.message_ids if message_id not in known)
    if others:
        receipts.note(connection, replace(receipt, message_ids=others))


def unsent_replies(row: Any) -> Any:
    """A query for the replies to the person of ``row`` (a row, or the columns of a table) that have not left yet."""
    return sa.select(_COLUMNS.seq).where(
        _COLUMNS.state.in_(_OPEN),
        _COLUMNS.channel == row.channel,
        _COLUMNS.person == row.person,
        _COLUMNS.purpose == Purpose.REPLY.value,
    )


def _is_enqueued(connection: sa.engine.Connection, line: int) -> bool:
    return connection.execute(sa.select(_COLUMNS.seq).where(_COLUMNS.line == line).limit(1)).first() is not None
