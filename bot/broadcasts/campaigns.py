"""The campaigns in the database: every step is one guarded change and one row of the audit log, together."""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass
from typing import Any, Callable, Collection, Mapping, Optional, Sequence

import msgspec
import sqlalchemy as sa

from bot.audit import SYSTEM, Actor, Audit
from bot.broadcasts.campaign import STEPS, CampaignState, Content
from bot.broadcasts.problems import Problem
from bot.broadcasts.refusals import ChangedMeanwhile, NoSuchCampaign, NotAllowed, NotReady, OwnCampaign
from bot.broadcasts.tables import campaigns
from bot.console.tables import audit
from bot.records import with_zone
from bot.storage import Database
from bot.wording.speaker import marked as _

LONGEST_REASON = 500
LONGEST_NOTE = 300

# What keeps a content from being sent, read within a database work (bot.broadcasts.readiness.Readiness).
Check = Callable[[sa.engine.Connection, Content], Sequence[Problem]]

_ONE = sa.select(campaigns).where(campaigns.c.id == sa.bindparam("campaign"))
_STATE = sa.select(campaigns.c.state).where(campaigns.c.id == sa.bindparam("campaign"))
_DEEDS = sa.select(audit).where(audit.c.subject == sa.bindparam("subject")).order_by(audit.c.seq)
_WRITERS = sa.select(audit.c.official_id).where(
    audit.c.subject == sa.bindparam("subject"),
    audit.c.action.in_(["campaign.create", "campaign.change", "campaign.submit"]),
)
_NOTHING: Mapping[str, Any] = {}
# What a change of the content makes void; what was approved last is kept, for the difference.
_NOT_SUBMITTED: Mapping[str, Any] = {"submitted_by": None, "submitted_at": None}
_NOT_APPROVED: Mapping[str, Any] = {
    "approved_by": None, "approved_at": None, "urgent_reason": None, "reviewed_by": None, "reviewed_at": None,
    "alarm": False, "send_at": None, "forecast": None, "forecast_at": None,
}  # fmt: skip


@dataclass(frozen=True)
class Campaign:
    """One row. Officials are named by their ids, 0 and None for the system; ``reach`` and ``forecast`` are JSON.

    ``urgent_reason``: why somebody approved what they had written themselves; another official reviews it afterwards.
    ``alarm``: exempt from quiet hours. ``version`` counts the steps; planning and forecasts leave it as it is.
    """

    id: int
    state: CampaignState
    version: int
    content: Content
    approved_content: Optional[Content]
    author_id: int
    submitted_by: Optional[int]
    submitted_at: Optional[dt.datetime]
    approved_by: Optional[int]
    approved_at: Optional[dt.datetime]
    urgent_reason: Optional[str]
    reviewed_by: Optional[int]
    reviewed_at: Optional[dt.datetime]
    alarm: bool
    send_at: Optional[dt.datetime]
    paused_why: Optional[str]
    planned_until: Optional[str]
    planned_at: Optional[dt.datetime]
    reach: Optional[str]
    forecast: Optional[str]
    forecast_at: Optional[dt.datetime]
    origin: str
    created_at: dt.datetime
    changed_at: dt.datetime
    started_at: Optional[dt.datetime]
    finished_at: Optional[dt.datetime]


@dataclass(frozen=True)
class Deed:
    """One row of the audit log about a campaign; ``action`` is a name of STEPS, "create" or "review"."""

    at: dt.datetime
    official: str
    action: str
    facts: Mapping[str, Any]


class Campaigns:
    """All raise CampaignRefused. ``version`` is the one that the official saw."""

    def __init__(self, database: Database, audit: Audit, clock: Callable[[], dt.datetime], check: Check) -> None:
        self._database, self._audit, self._clock, self._check = database, audit, clock, check

    async def create(self, by: Actor, content: Content, origin: str = "") -> Campaign:
        return await self._database.run(lambda connection: self.draft(connection, by, content, origin))

    def draft(self, connection: sa.engine.Connection, by: Actor, content: Content, origin: str = "") -> Campaign:
        """``create`` within a database work."""
        at = self._now()
        row = {
            "state": CampaignState.DRAFT.value,
            "version": 1,
            "content": _encoded(content),
            "author_id": by.id or 0,
            "alarm": False,
            "origin": origin,
            "created_at": at,
            "changed_at": at,
        }
        id = connection.execute(campaigns.insert(), row).inserted_primary_key[0]
        self._audit.record(connection, by, "campaign.create", _subject(id), {"version": 1})
        return _read(connection, id)

    async def get(self, id: int) -> Campaign:
        return await self._database.run(functools.partial(_read, id=id))

    async def newest(
        self, limit: int, before_id: Optional[int] = None, states: Collection[CampaignState] = ()
    ) -> list[Campaign]:
        """The newest first; ``states``: only those in one of them."""
        query = sa.select(campaigns).order_by(campaigns.c.id.desc()).limit(limit)
        if before_id is not None:
            query = query.where(campaigns.c.id < before_id)
        if states:
            query = query.where(campaigns.c.state.in_([state.value for state in states]))
        return await self._all(query)

    async def unreviewed(self) -> list[Campaign]:
        """Those that their own author approved and nobody else has looked at since."""
        is_open = sa.and_(campaigns.c.urgent_reason.is_not(None), campaigns.c.reviewed_by.is_(None))
        return await self._all(sa.select(campaigns).where(is_open).order_by(campaigns.c.id))

    async def due(self) -> list[Campaign]:
        """Those whose hour has come, the longest waiting first."""
        is_due = sa.and_(campaigns.c.state == CampaignState.SCHEDULED.value, campaigns.c.send_at <= self._now())
        return await self._all(sa.select(campaigns).where(is_due).order_by(campaigns.c.send_at))

    async def history(self, id: int) -> list[Deed]:
        """Who did what to it, the first deed first; notes of those who gave it back are in ``facts``."""
        find = {"subject": _subject(id)}
        rows = await self._database.run(lambda connection: connection.execute(_DEEDS, find).all())
        return [_deed(row) for row in rows]

    async def is_own(self, id: int, by: Actor) -> bool:
        """Whether they ever wrote, changed or submitted it, so that somebody else has to approve it."""
        return by.id in await self._database.run(functools.partial(_writers, id=id))

    async def change(self, id: int, version: int, by: Actor, content: Content) -> Campaign:
        """What was submitted or approved is a draft again."""
        values = {**_NOT_SUBMITTED, **_NOT_APPROVED, "content": _encoded(content)}
        return await self._step("change", id, version, by, values)

    async def submit(self, id: int, version: int, by: Actor) -> Campaign:
        def work(connection: sa.engine.Connection) -> Campaign:
            campaign = _open(connection, "submit", id, version)
            self._refuse_unready(connection, campaign)
            values = {"submitted_by": by.id, "submitted_at": self._now()}
            return self._write(connection, "submit", campaign, by, values)

        return await self._database.run(work)

    async def give_back(self, id: int, version: int, by: Actor, note: str) -> Campaign:
        return await self._step("give_back", id, version, by, _NOT_SUBMITTED, {"note": note[:LONGEST_NOTE]})

    async def approve(
        self, id: int, version: int, by: Actor, *, alarm: bool = False, urgent_reason: str = ""
    ) -> Campaign:
        """Raises OwnCampaign when ``by`` wrote, changed or submitted it and gives no reason why it cannot wait."""
        reason = urgent_reason.strip()[:LONGEST_REASON]

        def work(connection: sa.engine.Connection) -> Campaign:
            campaign = _open(connection, "approve", id, version)
            is_own = by.id in _writers(connection, id)
            if is_own and not reason:
                raise OwnCampaign
            self._refuse_unready(connection, campaign)
            values = {
                "approved_by": by.id,
                "approved_at": self._now(),
                "approved_content": _encoded(campaign.content),
                "alarm": alarm,
                "urgent_reason": reason if is_own else None,
            }
            return self._write(connection, "approve", campaign, by, values, {"alarm": alarm, "urgent": is_own})

        return await self._database.run(work)

    async def review(self, id: int, by: Actor) -> Campaign:
        """Somebody who had no part in it has looked at what was approved in a hurry."""

        def work(connection: sa.engine.Connection) -> Campaign:
            campaign = _read(connection, id)
            if campaign.urgent_reason is None or campaign.reviewed_by is not None:
                raise NotAllowed
            if by.id in {campaign.approved_by, *_writers(connection, id)}:
                raise OwnCampaign
            values = {"reviewed_by": by.id, "reviewed_at": self._now()}
            return self._write(connection, "review", campaign, by, values)

        return await self._database.run(work)

    async def schedule(self, id: int, version: int, by: Actor, at: dt.datetime) -> Campaign:
        """``at`` has a zone. Raises NotReady for a moment that is over."""
        send_at = at.astimezone(dt.timezone.utc)
        if send_at <= self._now():
            raise NotReady([Problem("send_at", _("Giờ hẹn gửi đã qua. Mời chọn giờ khác."))])
        facts = {"send_at": send_at.isoformat()}
        return await self._step("schedule", id, version, by, {"send_at": send_at}, facts)

    async def unschedule(self, id: int, version: int, by: Actor) -> Campaign:
        """Approved as before, without a moment."""
        return await self._step("unschedule", id, version, by, {"send_at": None})

    async def start(self, id: int, version: int, by: Actor) -> Campaign:
        return await self._step("start", id, version, by, {"started_at": self._now()})

    async def pause(self, id: int, by: Actor, why: str, version: Optional[int] = None) -> Campaign:
        """With ``version`` only if nobody did anything else meanwhile."""
        values = {"paused_why": why[:LONGEST_NOTE]}
        return await self._step("pause", id, version, by, values, {"why": values["paused_why"]})

    async def resume(self, id: int, by: Actor) -> Campaign:
        started_at = sa.func.coalesce(campaigns.c.started_at, self._now())  # a late schedule was never started
        return await self._step("resume", id, None, by, {"paused_why": None, "started_at": started_at})

    async def cancel(self, id: int, by: Actor) -> Campaign:
        return await self._step("cancel", id, None, by, {"finished_at": self._now()})

    def finish(self, connection: sa.engine.Connection, id: int) -> None:
        """Within the database work that finds nothing left to send. Raises NotAllowed when it is not being sent."""
        campaign = _open(connection, "finish", id, None)
        self._write(connection, "finish", campaign, SYSTEM, {"finished_at": self._now()})

    def state_of(self, connection: sa.engine.Connection, id: int) -> CampaignState:
        """Within a database work."""
        state = connection.execute(_STATE, {"campaign": id}).scalar()
        if state is None:
            raise NoSuchCampaign
        return CampaignState(state)

    def _now(self) -> dt.datetime:
        return self._clock().astimezone(dt.timezone.utc)

    async def _all(self, query: Any) -> list[Campaign]:
        rows = await self._database.run(lambda connection: connection.execute(query).all())
        return [_campaign(row) for row in rows]

    def _refuse_unready(self, connection: sa.engine.Connection, campaign: Campaign) -> None:
        problems = self._check(connection, campaign.content)
        if problems:
            raise NotReady(problems)

    async def _step(
        self,
        name: str,
        id: int,
        version: Optional[int],
        by: Actor,
        values: Mapping[str, Any],
        facts: Mapping[str, Any] = _NOTHING,
    ) -> Campaign:
        def work(connection: sa.engine.Connection) -> Campaign:
            return self._write(connection, name, _open(connection, name, id, version), by, values, facts)

        while True:
            try:
                return await self._database.run(work)
            except ChangedMeanwhile:
                if version is not None:
                    raise  # else whatever it has become is meant: stopping must not need a second try

    def _write(
        self,
        connection: sa.engine.Connection,
        name: str,
        campaign: Campaign,
        by: Actor,
        values: Mapping[str, Any],
        facts: Mapping[str, Any] = _NOTHING,
    ) -> Campaign:
        """What every step ends with; ``name`` is one of STEPS, or a deed that leaves the state as it is."""
        state = STEPS[name].to if name in STEPS else campaign.state
        version = campaign.version + 1
        # The log first: works that share a transaction would else hold rows while they wait for the log's lock.
        self._audit.record(connection, by, f"campaign.{name}", _subject(campaign.id), {"version": version, **facts})
        is_same = sa.and_(campaigns.c.id == campaign.id, campaigns.c.version == campaign.version)
        changed = campaigns.update().where(is_same).values(state=state.value, version=version, changed_at=self._now())
        if connection.execute(changed.values(**values)).rowcount != 1:
            raise ChangedMeanwhile
        return _read(connection, campaign.id)


def _read(connection: sa.engine.Connection, id: int) -> Campaign:
    row = connection.execute(_ONE, {"campaign": id}).first()
    if row is None:
        raise NoSuchCampaign
    return _campaign(row)


def _open(connection: sa.engine.Connection, name: str, id: int, version: Optional[int]) -> Campaign:
    """The campaign, for a step that may be taken now."""
    campaign = _read(connection, id)
    if version not in (None, campaign.version):
        raise ChangedMeanwhile
    if campaign.state not in STEPS[name].allowed_in:
        raise NotAllowed
    return campaign


def _writers(connection: sa.engine.Connection, id: int) -> set[Optional[int]]:
    """Who ever wrote, changed or submitted it: the audit log forgets nobody."""
    return set(connection.execute(_WRITERS, {"subject": _subject(id)}).scalars())


def _subject(id: int) -> str:
    return f"campaign {id}"


def _encoded(content: Content) -> str:
    return msgspec.json.encode(content).decode()


def _campaign(row: Any) -> Campaign:
    values: dict[str, Any] = {
        name: with_zone(value) if isinstance(value, dt.datetime) else value for name, value in row._mapping.items()
    }
    for name in ("content", "approved_content"):
        if values[name] is not None:
            values[name] = msgspec.json.decode(values[name], type=Content)
    return Campaign(**{**values, "state": CampaignState(row.state)})


def _deed(row: Any) -> Deed:
    action = row.action.removeprefix("campaign.")
    return Deed(with_zone(row.at), row.official, action, msgspec.json.decode(row.facts))
