"""Watching a dossier: told once for each change, never in the night, and stored together with what is known then."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace
from functools import partial
from typing import Any, Optional

import pytest
import sqlalchemy as sa

from actions.services import WatchOutcome
from bot import tables
from bot.linking import SqlLinks
from bot.records import Citizens
from bot.storage import Database
from bot.watcher import Pace, Watcher
from bot.watches import MOST_WATCHES, OVER_KEPT, SqlWatches, Told, forget_telling
from bot.wording.speaker import speaker
from bot.wording.statuses import STATUSES
from bot.wording.watches import watch_words
from connectors.messages import Address
from knowledge.calendar import VIETNAM_TIME, read_working_calendar
from knowledge.dossiers import Dossier, DossierCode, DossierStatus, DossierUnknown, PortalUnreachable
from knowledge.registry import DossierRegistry, Limits
from nlu.assistant import Utterance

CODE = DossierCode.parse("H57.132-260804-0583")
FRIDAY = dt.datetime(2026, 11, 20, 10, 30, tzinfo=VIETNAM_TIME)
DUE = dt.datetime(2026, 11, 24, 17, 0, tzinfo=VIETNAM_TIME)
DOSSIER = Dossier(CODE, DossierStatus.PROCESSING, "Đang xử lý", "igate", FRIDAY, due_at=DUE)
ZALO, TELEGRAM = Address("zalo", "z1"), Address("telegram", "100")


class Portal:
    """One dossier that moves when the test says so (knowledge.dossiers.DossierPortal)."""

    def __init__(self) -> None:
        self.dossier = DOSSIER
        self.trouble: Optional[Exception] = None
        self.asked = 0

    async def fetch(self, code: DossierCode) -> Dossier:
        self.asked += 1
        if self.trouble:
            raise self.trouble
        return replace(self.dossier, code=code)

    async def check(self) -> None: ...

    async def close(self) -> None: ...


class Memory:
    """The last known states (knowledge.registry.LastKnown)."""

    def __init__(self) -> None:
        self.kept: dict[DossierCode, Dossier] = {}

    async def get(self, code: DossierCode) -> Optional[Dossier]:
        return self.kept.get(code)

    async def put(self, dossier: Dossier) -> None:
        self.kept[dossier.code] = dossier


class World:
    """Watches and watcher over a database; a notice is a row of ``alerts``, which nothing else writes here."""

    def __init__(self, database: Database) -> None:
        self.database, self.now, self.portal = database, FRIDAY, Portal()
        self.can_be_told, self.notices = True, 0
        self.citizens = Citizens(database)
        self.watches = SqlWatches(database, ("zalo", "telegram"), self.clock)
        limits = Limits(attempts=1, cache_seconds=0, unknown_cache_seconds=0, failures_until_rest=99)
        registry = DossierRegistry(self.portal, Memory(), self.clock, limits)
        calendar = read_working_calendar()
        self.sent: list[Address] = []
        self.last: Utterance
        self.watcher = Watcher(
            self.watches, registry, calendar, self.tell, self.sent.append, self.clock, Pace(), lambda: 0.5
        )

    def clock(self) -> dt.datetime:
        return self.now

    def tell(self, connection: sa.engine.Connection, citizen_id: str, utterance: Utterance) -> Optional[Address]:
        self.notices, self.last = self.notices + 1, utterance
        if not self.can_be_told:
            return None
        row = {"name": f"{self.notices}", "sentence": f"{utterance.name} {utterance.facts.get('old_status')}"}
        connection.execute(tables.alerts.insert(), {**row, "since": self.now})
        return ZALO

    async def told(self) -> list[str]:
        query = sa.select(tables.alerts.c.sentence).order_by(tables.alerts.c.since, tables.alerts.c.name)
        return list(await self.database.run(lambda connection: connection.execute(query).scalars().all()))

    async def begin(self, address: Address = ZALO, dossier: Dossier = DOSSIER) -> str:
        citizen = (await self.citizens.recognise(address)).id
        assert await self.watches.begin(citizen, dossier) is WatchOutcome.BEGUN
        return citizen

    async def later(self, **by: float) -> list[str]:
        """Time passes, the watcher looks; what was told so far."""
        self.now += dt.timedelta(**by)
        await self.watcher.check_due()
        return await self.told()

    async def refuse(self, citizen_id: str) -> None:
        """The platform did not take the notice."""
        await self.database.run(lambda connection: forget_telling(connection, citizen_id, str(CODE), self.now))

    async def rows(self) -> list[Any]:
        return await self.database.run(lambda connection: connection.execute(sa.select(tables.watches)).all())

    async def next_check(self) -> dt.datetime:
        at: Any = await self.database.run(lambda c: c.execute(sa.select(tables.watches.c.check_at)).scalar())
        return (at if at.tzinfo else at.replace(tzinfo=dt.timezone.utc)).astimezone(VIETNAM_TIME)


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


async def test_a_change_is_told_once_and_what_stays_is_not_told(world: World) -> None:
    await world.begin()
    assert await world.later(minutes=31) == []
    world.portal.dossier = replace(DOSSIER, status=DossierStatus.SUPPLEMENT_REQUIRED, missing=("Tờ khai",))
    assert await world.later(minutes=31) == ["dossier_moved 4"]
    assert await world.later(minutes=31) == ["dossier_moved 4"]


@pytest.mark.parametrize(
    "change",
    [{"due_at": DUE + dt.timedelta(days=2)}, {"due_at": None}, {"missing": ("Giấy chứng sinh",)}],
    ids=["due", "due no more", "missing"],
)
async def test_a_date_and_missing_papers_count_as_changes(world: World, change: dict[str, Any]) -> None:
    await world.begin()
    world.portal.dossier = replace(DOSSIER, **change)
    assert await world.later(minutes=31) == ["dossier_moved 4"]


async def test_other_details_are_no_change(world: World) -> None:
    await world.begin()
    world.portal.dossier = replace(DOSSIER, status_text="Chuyển phòng", agency="Phòng khác", fetched_at=world.now)
    assert await world.later(minutes=31) == []


async def test_the_last_notice_ends_the_watch(world: World) -> None:
    citizen = await world.begin()
    world.portal.dossier = replace(DOSSIER, status=DossierStatus.DONE)
    assert await world.later(minutes=31) == ["dossier_finished 4"]
    assert await world.watches.watched(citizen) == []


async def test_a_watch_that_is_over_stays_until_the_platform_can_refuse_no_more(world: World) -> None:
    await world.begin()
    world.portal.dossier = replace(DOSSIER, status=DossierStatus.DONE)
    await world.later(minutes=31)
    asked = world.portal.asked
    assert await world.later(days=OVER_KEPT.days) == ["dossier_finished 4"]
    assert (await world.rows(), world.portal.asked) == ([], asked)


async def test_a_dossier_that_was_over_can_be_watched_again(world: World) -> None:
    citizen = await world.begin()
    world.portal.dossier = replace(DOSSIER, status=DossierStatus.DONE)
    await world.later(minutes=31)
    world.portal.dossier = DOSSIER
    assert await world.begin() == citizen
    assert await world.later(days=OVER_KEPT.days) == ["dossier_finished 4"]
    assert await world.watches.watched(citizen) == [str(CODE)]


@pytest.mark.parametrize(
    ("status", "notice"), [(DossierStatus.FEE_DUE, "dossier_moved"), (DossierStatus.DONE, "dossier_finished")]
)
async def test_what_the_platform_refused_is_told_again(world: World, status: DossierStatus, notice: str) -> None:
    citizen = await world.begin()
    world.portal.dossier = replace(DOSSIER, status=status)
    assert await world.later(minutes=31) == [f"{notice} 4"]
    await world.refuse(citizen)
    assert await world.later(hours=1) == [f"{notice} 4"]
    assert await world.later(hours=1) == [f"{notice} 4", f"{notice} None"]  # what they knew before nobody knows
    assert await world.later(hours=3) == [f"{notice} 4", f"{notice} None"]
    words = watch_words(speaker("vi"), world.last.name, world.last.facts)
    assert f"Hiện nay: {STATUSES[status].name}." in words
    assert not any(wrong in words for wrong in ("Trước:", "vẫn là", "hẹn trả mới"))


async def test_who_stopped_is_not_told_again(world: World) -> None:
    citizen = await world.begin()
    world.portal.dossier = replace(DOSSIER, status=DossierStatus.DONE)
    await world.later(minutes=31)
    await world.watches.end(citizen)
    await world.refuse(citizen)
    assert await world.later(hours=3) == ["dossier_finished 4"]


async def test_a_watch_that_cannot_be_read_keeps_nobody_waiting(world: World, caplog: pytest.LogCaptureFixture) -> None:
    citizen = await world.begin()
    at = world.now.astimezone(dt.timezone.utc)
    spoilt = {"citizen_id": "c2", "dossier": str(CODE), "told": "four", "created_at": at, "check_at": at}
    rows = [spoilt, {**spoilt, "dossier": "?", "told": str(Told.of(DOSSIER))}]
    await world.database.run(lambda connection: connection.execute(tables.watches.insert(), rows))
    world.portal.dossier = replace(DOSSIER, status=DossierStatus.FEE_DUE)
    assert await world.later(minutes=31) == ["dossier_moved 4"]
    assert await world.later(minutes=31) == ["dossier_moved 4"]
    assert caplog.text.count("could not be read") == 2  # each once, and both are still there tomorrow
    assert sorted(row.citizen_id for row in await world.rows()) == sorted([citizen, "c2", "c2"])
    await world.later(days=1)
    assert caplog.text.count("could not be read") == 4


async def test_it_breathes_between_full_batches(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            raise asyncio.CancelledError

    citizen = (await world.citizens.recognise(ZALO)).id
    for number in range(Pace.batch + 1):
        await world.watches.begin(citizen, replace(DOSSIER, code=DossierCode.parse(f"H57.132-260804-{number:04}")))
    world.now += dt.timedelta(minutes=31)
    monkeypatch.setattr(asyncio, "sleep", pause)
    with pytest.raises(asyncio.CancelledError):
        await world.watcher.run()
    assert pauses == [Pace.breath_seconds, Pace.pause_seconds]


async def test_two_watchers_tell_once(world: World) -> None:
    """Two processes that look at the same moment."""
    await world.begin()
    world.portal.dossier = replace(DOSSIER, status=DossierStatus.FEE_DUE)
    world.now += dt.timedelta(minutes=31)
    await asyncio.gather(world.watcher.check_due(), world.watcher.check_due())
    assert await world.told() == ["dossier_moved 4"]
    assert world.sent == [ZALO]


async def test_a_notice_that_cannot_be_stored_is_told_later(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """As after kill -9 in the middle: what is known and the notice are both there or both not."""
    await world.begin()
    world.portal.dossier = replace(DOSSIER, status=DossierStatus.FEE_DUE)
    row = {"name": "1", "sentence": "in the way", "since": world.now}
    await world.database.run(lambda connection: connection.execute(tables.alerts.insert(), row))
    assert await world.later(minutes=31) == ["in the way"]
    assert "could not be looked at" in caplog.text
    assert world.sent == []
    assert await world.later(minutes=31) == ["in the way", "dossier_moved 4"]


async def test_a_citizen_who_stops_meanwhile_is_not_told(world: World) -> None:
    citizen = await world.begin()
    world.now += dt.timedelta(minutes=31)
    (watch,) = await world.watches.due(10)
    await world.watches.end(citizen, CODE)
    notice = partial(world.tell, citizen_id=citizen, utterance=Utterance("dossier_moved"))
    assert await world.watches.tell(watch, None, world.now, notice) is None
    assert await world.told() == []


@pytest.mark.parametrize("status", [DossierStatus.FEE_DUE, DossierStatus.DONE])
async def test_who_cannot_be_told_at_present_is_told_later(world: World, status: DossierStatus) -> None:
    citizen = await world.begin()
    world.can_be_told = False
    world.portal.dossier = replace(DOSSIER, status=status)
    assert await world.later(minutes=31) == []
    assert await world.watches.watched(citizen) == [str(CODE)]
    world.can_be_told = True
    assert [notice.split()[0] for notice in await world.later(minutes=31)] in (["dossier_moved"], ["dossier_finished"])


async def test_nothing_is_watched_for_ever(world: World) -> None:
    citizen = await world.begin()
    await world.later(days=366)
    assert await world.watches.watched(citizen) == []
    assert world.portal.asked == 0


async def test_a_portal_that_is_away_is_asked_later(world: World) -> None:
    citizen = await world.begin()
    world.portal.trouble = PortalUnreachable("away")
    assert await world.later(minutes=31) == []
    assert await world.next_check() == world.now + dt.timedelta(minutes=30)
    world.portal.trouble = None
    await world.later(minutes=31)  # from here on a last state is known
    world.portal.trouble = PortalUnreachable("away")
    assert await world.later(minutes=31) == []
    assert await world.watches.watched(citizen) == [str(CODE)]


async def test_a_dossier_that_is_gone_is_believed_the_third_time(world: World) -> None:
    citizen = await world.begin()
    world.portal.trouble = DossierUnknown()
    await world.later(minutes=31)
    await world.later(minutes=31)
    world.portal.trouble = None
    assert await world.later(minutes=31) == []  # it is back: counted anew
    world.portal.trouble = DossierUnknown()
    assert [await world.later(minutes=31) for _ in range(2)] == [[], []]
    assert await world.later(minutes=31) == ["watch_lost None"]
    assert await world.watches.watched(citizen) == []


async def test_looked_at_more_seldom_outside_working_hours_and_never_in_the_night(world: World) -> None:
    await world.begin()
    await world.later(hours=8)  # Friday, 18:30
    assert await world.next_check() == world.now + dt.timedelta(hours=2)
    asked = world.portal.asked
    world.portal.dossier = replace(DOSSIER, status=DossierStatus.FEE_DUE)
    assert await world.later(hours=3) == []  # 21:30
    assert await world.later(hours=9) == []  # 6:30
    assert world.portal.asked == asked
    assert await world.later(hours=1) == ["dossier_moved 4"]  # Saturday, 7:30
    assert await world.next_check() == world.now + dt.timedelta(hours=2)


async def test_a_batch_is_small_and_the_longest_waiting_come_first(world: World) -> None:
    citizen = (await world.citizens.recognise(ZALO)).id
    for number in range(13):
        await world.watches.begin(citizen, replace(DOSSIER, code=DossierCode.parse(f"H57.132-260804-{number:04}")))
        world.now += dt.timedelta(seconds=1)
    world.now += dt.timedelta(hours=1)
    assert [await world.watcher.check_due() for _ in range(3)] == [10, 3, 0]


async def test_the_same_dossier_is_known_and_twenty_are_the_limit(world: World) -> None:
    citizen = await world.begin()
    assert await world.watches.begin(citizen, DOSSIER) is WatchOutcome.KNOWN
    for number in range(MOST_WATCHES):
        other = replace(DOSSIER, code=DossierCode.parse(f"H57.132-260804-{number:04}"))
        outcome = await world.watches.begin(citizen, other)
    assert outcome is WatchOutcome.LIMIT
    assert len(await world.watches.watched(citizen)) == MOST_WATCHES
    assert await world.watches.end(citizen, CODE) == [str(CODE)]
    assert len(await world.watches.end(citizen)) == MOST_WATCHES - 1
    assert await world.watches.end(citizen) == []


async def test_who_can_be_reached(world: World) -> None:
    for address, reached in (
        (ZALO, True),
        (TELEGRAM, True),
        (Address("telegram", "-200/100"), False),
        (Address("webchat", "w1"), False),
    ):
        citizen = await world.citizens.recognise(address)
        assert await world.watches.reach(citizen.id) is reached, address
    links = SqlLinks(world.database, "secret", world.citizens.forget, world.clock)
    web = await world.citizens.recognise(Address("webchat", "w1"))
    code = await links.make(web.id)
    assert code is not None
    await links.redeem((await world.citizens.recognise(ZALO)).id, code.text)
    assert await world.watches.reach(web.id)


@pytest.mark.parametrize("dossier", [DOSSIER, replace(DOSSIER, due_at=None, missing=("Tờ khai", "Giấy chứng sinh"))])
def test_what_was_told_comes_back_from_its_text(dossier: Dossier) -> None:
    told = Told.of(dossier)
    assert Told.parse(str(told)) == told
    assert len(str(told)) <= 64
