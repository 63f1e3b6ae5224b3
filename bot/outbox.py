"""What goes out over messaging platforms: stored first, sent in order, and after a crash never sent twice.

A row is ``waiting`` until its turn has come, then ``sending`` until the platform has answered. A row found ``sending``
with nobody at it is looked up on the platform before anything is sent again.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import logging
import random
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Awaitable, Callable, Mapping, Optional, Sequence

import msgspec
import sqlalchemy as sa
from async_timeout import timeout

from bot import contacts
from bot.lanes import Lanes, persons_due
from bot.records import now, of, with_zone
from bot.storage import Database
from bot.tables import inbox, outbox
from connectors.channel import Channel, Entry, Interrupted, Part, Purpose
from connectors.errors import (
    ChannelError,
    Misconfigured,
    NotTaken,
    Refused,
    RefusedReason,
    TooFast,
    Unknowable,
    Unreachable,
)
from connectors.messages import Address, Receipt, Reply
from knowledge.calendar import VIETNAM_TIME

SIDE_BY_SIDE = 500  # of each channel: most of them wait for their turn
SEND_SECONDS = 120.0  # longer than a channel waits for its platform
GIVE_UP_AFTER = dt.timedelta(hours=24)
NOT_TAKEN_TRIES = 3
MORNING = dt.time(6, 5)  # in Vietnam: the platforms take again what they do not take in the night
NIGHT = dt.time(21)  # nobody is told anything unasked after it
LONGEST_WAIT = 300.0  # seconds between two tries
MISCONFIGURED_WAIT = 60.0
STILL_UNDER_WAY = 5.0  # seconds in which a request whose answer was lost may yet be carried out
CLOCKS_APART = dt.timedelta(minutes=2)
EARLY_RECEIPTS = 1_000
NEWEST = 500
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
        self._early: OrderedDict[tuple[str, str], str] = OrderedDict()  # receipts that overtook the platform's answer
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
        state = "seen" if receipt.seen else "delivered"
        earlier = ("sent", "delivered") if receipt.seen else ("sent",)
        change = (
            outbox.update()
            .where(
                _COLUMNS.channel == receipt.channel,
                _COLUMNS.message_id.in_(receipt.message_ids),
                _COLUMNS.state.in_(earlier),
            )
            .values(state=state)
        )
        changed = await self._database.run(lambda connection: connection.execute(change).rowcount)
        if changed < len(receipt.message_ids):
            for message_id in receipt.message_ids:
                self._early[receipt.channel, message_id] = state
            while len(self._early) > EARLY_RECEIPTS:
                self._early.popitem(last=False)

    async def newest_ids(self, channel: str) -> list[str]:
        """The platform's ids of the newest messages, ours and citizens'."""
        queries = [
            sa.select(table.c.message_id)
            .where(table.c.channel == channel, table.c.message_id.is_not(None))
            .order_by(table.c.seq.desc())
            .limit(NEWEST)
            for table in (outbox, inbox)
        ]
        return await self._database.run(
            lambda connection: [id for query in queries for (id,) in connection.execute(query)]
        )

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
            return Outcome(row.seq, row.state, wait=_seconds_to_morning(self._clock()))
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
        rows = _COLUMNS.seq == outcome.seq
        if isinstance(outcome.error, Refused):
            contacts.refused(connection, address, outcome.error.why)
            if outcome.error.why in _NOTHING_AT_ALL:
                rows = sa.and_(of(outbox, address), _COLUMNS.state.in_(_OPEN))
        if outcome.state == "failed" and not _is_our_fault(outcome.error):
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
            async with timeout(SEND_SECONDS):
                message_id = await self._send(channel, address, row)
        except Misconfigured as error:
            if error.only_this:
                await self._page(f"message-{channel.name}", f"{channel.name}: {error}")
                return Outcome(row.seq, "failed", error=error)
            self._held[channel.name] = self._clock() + dt.timedelta(seconds=MISCONFIGURED_WAIT)
            self._working.discard(channel.name)
            await self._page(f"channel-{channel.name}", f"{channel.name}: {error}")
            return Outcome(row.seq, row.state, error=error, wait=MISCONFIGURED_WAIT)
        except Refused as error:
            if error.why is RefusedReason.QUIET_HOURS:
                return Outcome(row.seq, "waiting", error=error, wait=_seconds_to_morning(self._clock()))
            level = logging.ERROR if error.why is RefusedReason.WRONG_MESSAGE else logging.INFO
            logger.log(level, "line %s was not taken by %s: %s", row.line, channel.name, error)
            return Outcome(row.seq, "failed", error=error)
        except Unknowable as error:
            logger.warning("whether line %s was sent by %s is unknown: %s", row.line, channel.name, error)
            return Outcome(row.seq, "unknown", error=error)
        except NotTaken as error:
            if row.attempts + 1 < NOT_TAKEN_TRIES:
                return self._later(row, error)
            await self._page(f"message-{channel.name}", f"{channel.name}: {error}")
            return Outcome(row.seq, "failed", error=error)
        except Unreachable as error:
            return self._later(row, error)
        except asyncio.TimeoutError:
            return self._later(row, Unreachable("took too long", maybe_sent=True))
        if message_id is None:
            return Outcome(row.seq, "waiting")
        if channel.name not in self._working:
            self._working.add(channel.name)
            await self._over(f"channel-{channel.name}")
        return Outcome(row.seq, self._early.pop((channel.name, message_id), "sent"), message_id)

    async def _send(self, channel: Channel, address: Address, row: Any) -> Optional[str]:
        part = msgspec.json.decode(row.body)
        if row.state == "sending":  # begun before, and nobody has seen the end of it
            return await channel.find_sent(await self._interrupted(address, row, part))
        return await channel.send(address, part)

    def _later(self, row: Any, error: Unreachable) -> Outcome:
        wait = error.retry_after if isinstance(error, TooFast) else min(2.0 ** min(row.attempts, 10), LONGEST_WAIT)
        unsure = error.maybe_sent or row.state == "sending"
        if error.maybe_sent:
            wait = max(wait, STILL_UNDER_WAY)
        return Outcome(row.seq, "sending" if unsure else "waiting", error=error, wait=wait)

    async def _interrupted(self, address: Address, row: Any, part: Part) -> Interrupted:
        since = with_zone(row.began_at) - CLOCKS_APART
        ours = sa.select(_COLUMNS.message_id).where(
            _COLUMNS.channel == address.channel, _COLUMNS.message_id.is_not(None), _COLUMNS.began_at >= since
        )
        theirs = sa.select(inbox.c.message_id).where(inbox.c.channel == address.channel, inbox.c.received_at >= since)
        ids = await self._database.run(
            lambda connection: [id for query in (ours, theirs) for (id,) in connection.execute(query)]
        )
        return Interrupted(address, part, with_zone(row.began_at), row.bookmark or "", frozenset(ids))

    def _is_resting(self, channel: str) -> bool:
        until = self._held.get(channel)
        return until is not None and until > self._clock()


def _is_our_fault(error: Optional[ChannelError]) -> bool:
    """It would not be taken the next time either."""
    is_wrong = isinstance(error, Refused) and error.why is RefusedReason.WRONG_MESSAGE
    return is_wrong or isinstance(error, Misconfigured)


def _is_night(now: dt.datetime) -> bool:
    return not MORNING <= now.astimezone(VIETNAM_TIME).time() < NIGHT


def _seconds_to_morning(now: dt.datetime) -> float:
    """With half an hour's spread: whatever waited for the morning must not come at once."""
    here = now.astimezone(VIETNAM_TIME)
    morning = dt.datetime.combine(here.date(), MORNING, VIETNAM_TIME)
    if morning <= here:
        morning += dt.timedelta(days=1)
    return (morning - here).total_seconds() + random.uniform(0, 1800)  # noqa: S311


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
