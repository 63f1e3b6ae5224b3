"""The ledger of deliveries: who is told what, who is at it, and what became of it. Every step is guarded in SQL."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import uuid
from typing import Callable, Mapping, Optional, Protocol, Sequence

import msgspec
import sqlalchemy as sa

from bot import contacts
from bot.audit import Actor, Audit
from bot.broadcasts import ledger_rows, receipts
from bot.broadcasts.campaign import DeliveryState, Vehicle
from bot.broadcasts.delivery import Delivery, Fallback, Outcome
from bot.broadcasts.together import Together
from bot.records import now
from bot.sightings import known_ids
from bot.storage import Database
from bot.tables import transcript
from connectors.errors import Refused, RefusedReason

DECIDED_AT_ONCE = 2_000  # rows: some ten milliseconds of the database
LEASE = dt.timedelta(seconds=60)  # renewed while the worker lives
_HERE_ONLY = {RefusedReason.WRONG_MESSAGE, RefusedReason.QUIET_HOURS}  # another channel is no way out


class Closing(Protocol):
    """bot.broadcasts.campaigns.Campaigns."""

    def finish(self, connection: sa.engine.Connection, id: int) -> None: ...


class Ledger:
    """A row is ``waiting``, then ``sending``: first only claimed, then begun. A worker holds its rows by a lease; when
    that is over, another takes them: those that were begun must be looked up on the platform.

    On PostgreSQL any number of workers share a campaign. On SQLite one process does: while it holds a lease, nobody
    else is given anything of the campaign.
    """

    def __init__(
        self,
        database: Database,
        campaigns: Closing,
        audit: Audit,
        fallback: Fallback,
        clock: Callable[[], dt.datetime] = now,
        lease: dt.timedelta = LEASE,
    ) -> None:
        self._database, self._campaigns, self._audit = database, campaigns, audit
        self._fallback, self._clock, self.lease = fallback, clock, lease
        self._process = uuid.uuid4().hex[:24]
        self._numbers = itertools.count(1)
        self._begun: Together[tuple[Delivery, str]] = Together(database, self._write_begun)
        self._settled: Together[Outcome] = Together(database, self._write_outcomes)

    def new_worker(self) -> str:
        return f"{self._process}-{next(self._numbers)}"

    async def claim(self, campaign: int, worker: str, most: int) -> list[Delivery]:
        """What waits and is due, in the order in which it was planned."""
        return await self._take(ledger_rows.WAITING, campaign, worker, most)

    async def lost(self, campaign: int, worker: str, most: int) -> list[Delivery]:
        """What others left behind or gave up to be looked up: their lease is over."""
        return await self._take(ledger_rows.LEFT, campaign, worker, most)

    async def known(self, lost: Sequence[Delivery]) -> Mapping[str, frozenset[str]]:
        """For looking up what was begun: by channel, the ids of all messages that are known to have come since."""
        began: dict[str, dt.datetime] = {}
        for one in lost:
            if one.began_at is not None:
                began[one.address.channel] = min(one.began_at, began.get(one.address.channel, one.began_at))
        return await self._database.run(
            lambda connection: {channel: known_ids(connection, channel, at) for channel, at in began.items()}
        )

    async def begin(self, delivery: Delivery, bookmark: str) -> bool:
        """Committed when this returns. False: it must not be sent, for the campaign was stopped or somebody else has
        the row. Raises Refused when the citizen does not want it any more.
        """
        if await self._begun.put((delivery, bookmark)):
            return True
        why = await self._database.run(lambda connection: _obstacle(connection, delivery))
        if why is not None:
            raise Refused(why, "since it was planned")
        return False

    async def settle(self, outcome: Outcome) -> bool:
        """Committed when this returns. False: somebody else has settled it."""
        return await self._settled.put(outcome)

    async def keep(self, campaign: int, worker: str) -> None:
        """The worker is alive: its lease goes on."""
        find = {"campaign": campaign, "worker": worker, "until": self._now() + self.lease}
        await self._database.run(lambda connection: connection.execute(ledger_rows.KEEP, find))

    async def release(self, campaign: int, worker: str) -> None:
        """What the worker claimed and did not begin waits again."""
        find = {"campaign": campaign, "worker": worker}
        await self._database.run(lambda connection: connection.execute(ledger_rows.RELEASE, find))

    async def finish(self, campaign: int) -> bool:
        """When all is planned, and nothing waits or is under way."""

        def work(connection: sa.engine.Connection) -> bool:
            done = connection.execute(ledger_rows.IS_DONE, {"campaign": campaign}).first() is not None
            if done:
                receipts.apply_early(connection)
                self._campaigns.finish(connection, campaign)
            return done

        return await self._database.run(work)

    async def left_behind(self) -> list[int]:
        """Campaigns that nobody sends any more and of which a dead worker left something to be looked up."""

        def work(connection: sa.engine.Connection) -> list[int]:
            return [id for (id,) in connection.execute(ledger_rows.LEFT_BEHIND, {"now": self._now()})]

        return await self._database.run(work)

    async def decide_unknown(self, campaign: int, by: Actor, again: bool) -> int:
        """A person decides about all that may have arrived or not: send it ``again``, or count it as sent. How many.

        A campaign that was finished goes on when something is to be sent again.
        """

        its = {"campaign": campaign}

        def note(connection: sa.engine.Connection) -> int:
            count: int = connection.execute(ledger_rows.COUNT_UNKNOWN[again], its).scalar()
            facts = {"again": again, "deliveries": count}
            self._audit.record(connection, by, "campaign.decide_unknown", f"campaign {campaign}", facts)
            return count

        def decide(connection: sa.engine.Connection, most: int) -> int:
            decided: int = connection.execute(ledger_rows.DECIDE[again], {**its, "most": most}).rowcount
            if again and decided:
                connection.execute(ledger_rows.REOPEN, its)  # again, if it was finished between two of them
            return decided

        count, decided = await self._database.run(note), 0
        while decided < count:
            most = min(count - decided, DECIDED_AT_ONCE)
            some = await self._database.run(functools.partial(decide, most=most))
            if not some:  # the rest was erased, or somebody else has decided about it
                break
            decided += some
        return decided

    def _now(self) -> dt.datetime:
        return self._clock().astimezone(dt.timezone.utc)

    async def _take(self, which: str, campaign: int, worker: str, most: int) -> list[Delivery]:
        at = self._now()
        find = {"campaign": campaign, "worker": worker, "most": most, "now": at, "until": at + self.lease}

        def work(connection: sa.engine.Connection) -> list[Delivery]:
            if connection.dialect.name == "sqlite" and self._is_others(connection, campaign, at):
                return []
            return ledger_rows.take(connection, which, find)

        return await self._database.run(work)

    def _is_others(self, connection: sa.engine.Connection, campaign: int, at: dt.datetime) -> bool:
        find = {"campaign": campaign, "ours": f"{self._process}-%", "now": at}
        return connection.execute(ledger_rows.OTHERS, find).first() is not None

    def _write_begun(self, connection: sa.engine.Connection, items: Sequence[tuple[Delivery, str]]) -> list[bool]:
        rows = [{"id": one.id, "worker": one.worker, "bookmark": bookmark} for one, bookmark in items]
        ids = ledger_rows.write(connection, ledger_rows.BEGIN, rows, self._now())
        return [one.id in ids for one, _ in items]

    def _write_outcomes(self, connection: sa.engine.Connection, outcomes: Sequence[Outcome]) -> list[bool]:
        at = self._now()
        early = {
            channel: receipts.overtaken(connection, channel, ids) for channel, ids in _sent_by_channel(outcomes).items()
        }
        rows = [_row(connection, one, at, early.get(one.delivery.address.channel, {})) for one in outcomes]
        ids = ledger_rows.write(connection, ledger_rows.SETTLE, rows, at)
        written = [one for one in outcomes if one.delivery.id in ids]
        lines = [_line(one, at) for one in written if one.reply is not None]
        if lines:
            connection.execute(transcript.insert(), lines)
        for one in written:
            if isinstance(one.error, Refused) and one.state is DeliveryState.FAILED:
                self._refused(connection, one.delivery, one.error.why)
        return [one.delivery.id in ids for one in outcomes]

    def _refused(self, connection: sa.engine.Connection, delivery: Delivery, why: RefusedReason) -> None:
        if delivery.vehicle is not Vehicle.PHONE:  # a number is kept nowhere but in its delivery
            contacts.refused(connection, delivery.address, why)
        detour = None if why in _HERE_ONLY else self._fallback(connection, delivery)
        if detour is not None:
            values = {
                "campaign": delivery.campaign,
                "channel": detour.address.channel,
                "person": detour.address.id,
                "citizen_id": delivery.citizen_id,
                "language": detour.language,
                "vehicle": detour.vehicle.value,
                "text": detour.text,
            }
            connection.execute(ledger_rows.ADD, values)


def _obstacle(connection: sa.engine.Connection, delivery: Delivery) -> Optional[RefusedReason]:
    """Why the citizen is not to be told, if it is the citizen's doing."""
    row = connection.execute(ledger_rows.OBSTACLE, {"id": delivery.id}).one()
    if row.opted_out:
        return RefusedReason.RESTRICTED
    return RefusedReason(row.refused) if row.refused else None


def _sent_by_channel(outcomes: Sequence[Outcome]) -> Mapping[str, list[str]]:
    sent: dict[str, list[str]] = {}
    for one in outcomes:
        if one.message_id is not None:
            sent.setdefault(one.delivery.address.channel, []).append(one.message_id)
    return sent


def _row(
    connection: sa.engine.Connection, outcome: Outcome, at: dt.datetime, early: Mapping[str, str]
) -> Mapping[str, object]:
    """What ``ledger_rows.SETTLE`` writes: an open row is put off, or its lease ends when it is to be looked up."""
    again = ledger_rows.moment(connection, at + dt.timedelta(seconds=outcome.wait))
    state = outcome.state
    return {
        "id": outcome.delivery.id,
        "worker": outcome.delivery.worker,
        "state": early.get(outcome.message_id or "", state.value),
        "message_id": outcome.message_id,
        "why": _why(outcome.error) if state is DeliveryState.FAILED else None,
        "error": str(outcome.error)[:200] if outcome.error else None,
        "not_before": again if state is DeliveryState.WAITING else None,
        "lease_until": again if state is DeliveryState.SENDING else None,
        "tried": 1 if outcome.counts else 0,
    }


def _why(error: Optional[Exception]) -> str:
    """A RefusedReason's value, or "not_taken", "misconfigured", "unreachable"."""
    if isinstance(error, Refused):
        return error.why.value
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in type(error).__name__).lstrip("_")[:20]


def _line(outcome: Outcome, at: dt.datetime) -> Mapping[str, object]:
    address = outcome.delivery.address
    return {
        "channel": address.channel,
        "person": address.id,
        "at": at,
        "reply": msgspec.json.encode(outcome.reply).decode(),
    }
