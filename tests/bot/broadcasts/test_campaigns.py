"""The life of a campaign: who may take which step, what it leaves behind, and what becomes of a schedule."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt

import msgspec
import pytest

from bot.audit import SYSTEM
from bot.broadcasts.campaign import CampaignState as S
from bot.broadcasts.campaigns import Campaign, Campaigns
from bot.broadcasts.refusals import ChangedMeanwhile, NoSuchCampaign, NotAllowed, NotReady, OwnCampaign
from bot.broadcasts.schedules import LATE, start_due
from bot.broadcasts.tables import campaigns as table
from bot.storage import Database, migrate
from tests.bot.broadcasts.office_of_campaigns import (
    FEES,
    HUNG,
    LAN,
    MAI,
    MONDAY,
    ROADS,
    Clock,
    approved,
    campaigns_of,
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def campaigns(database: Database, clock: Clock) -> Campaigns:
    return campaigns_of(database, clock)


class Pager:
    def __init__(self) -> None:
        self.told: dict[str, str] = {}

    async def page(self, name: str, sentence: str) -> None:
        self.told[name] = sentence


def test_a_campaign_shows_the_whole_row() -> None:
    assert [field.name for field in dataclasses.fields(Campaign)] == [column.name for column in table.columns]


async def test_a_campaign_from_draft_to_finished(database: Database, campaigns: Campaigns, clock: Clock) -> None:
    draft = await campaigns.create(MAI, FEES, "radar:1.001193")
    assert (draft.state, draft.version, draft.author_id, draft.content) == (S.DRAFT, 1, 1, FEES)
    assert (draft.origin, draft.created_at, draft.alarm) == ("radar:1.001193", MONDAY, False)

    submitted = await campaigns.submit(draft.id, 1, MAI)
    assert (submitted.state, submitted.submitted_by, submitted.submitted_at) == (S.SUBMITTED, 1, MONDAY)

    clock.forward(minutes=5)
    agreed = await campaigns.approve(draft.id, 2, HUNG, alarm=True)
    assert (agreed.state, agreed.approved_by, agreed.alarm) == (S.APPROVED, 2, True)
    assert (agreed.approved_content, agreed.urgent_reason) == (FEES, None)

    sending = await campaigns.start(draft.id, 3, HUNG)
    assert (sending.state, sending.started_at) == (S.SENDING, clock.at)
    paused = await campaigns.pause(draft.id, LAN, "Sai số điện thoại")
    assert (paused.state, paused.paused_why) == (S.PAUSED, "Sai số điện thoại")
    clock.forward(minutes=5)
    resumed = await campaigns.resume(draft.id, HUNG)
    assert (resumed.state, resumed.paused_why, resumed.started_at) == (S.SENDING, None, sending.started_at)

    await database.run(lambda connection: campaigns.finish(connection, draft.id))
    finished = await campaigns.get(draft.id)
    assert (finished.state, finished.finished_at, finished.version) == (S.FINISHED, clock.at, 7)
    deeds = await campaigns.history(draft.id)
    assert [(deed.action, deed.official) for deed in deeds] == [
        ("create", MAI.name),
        ("submit", MAI.name),
        ("approve", HUNG.name),
        ("start", HUNG.name),
        ("pause", LAN.name),
        ("resume", HUNG.name),
        ("finish", SYSTEM.name),
    ]
    assert deeds[2].facts == {"version": 3, "alarm": True, "urgent": False}
    with pytest.raises(NotAllowed):
        await campaigns.cancel(draft.id, MAI)


async def test_a_refused_step_changes_nothing_and_leaves_no_row(campaigns: Campaigns) -> None:
    draft = await campaigns.create(MAI, FEES)
    with pytest.raises(NotAllowed):
        await campaigns.approve(draft.id, 1, HUNG)
    with pytest.raises(ChangedMeanwhile):
        await campaigns.submit(draft.id, 9, MAI)
    assert await campaigns.get(draft.id) == draft
    assert len(await campaigns.history(draft.id)) == 1


async def test_nobody_knows_a_campaign_that_is_none(database: Database, campaigns: Campaigns) -> None:
    with pytest.raises(NoSuchCampaign):
        await campaigns.get(404)
    with pytest.raises(NoSuchCampaign):
        await campaigns.cancel(404, MAI)
    with pytest.raises(NoSuchCampaign):
        await database.run(lambda connection: campaigns.state_of(connection, 404))


async def test_what_is_not_ready_is_not_submitted(campaigns: Campaigns) -> None:
    draft = await campaigns.create(MAI, msgspec.structs.replace(FEES, title=""))
    with pytest.raises(NotReady) as refused:
        await campaigns.submit(draft.id, 1, MAI)
    assert [problem.field for problem in refused.value.problems] == ["title"]
    assert (await campaigns.get(draft.id)).state is S.DRAFT


@pytest.mark.parametrize("part", ["wrote", "changed", "submitted"])
async def test_nobody_approves_their_own(campaigns: Campaigns, part: str) -> None:
    draft = await campaigns.create(HUNG if part == "wrote" else MAI, FEES)
    changed = await campaigns.change(draft.id, 1, HUNG if part == "changed" else MAI, ROADS)
    submitted = await campaigns.submit(draft.id, changed.version, HUNG if part == "submitted" else MAI)
    with pytest.raises(OwnCampaign):
        await campaigns.approve(draft.id, submitted.version, HUNG, urgent_reason="  ")
    assert (await campaigns.approve(draft.id, submitted.version, LAN)).approved_by == LAN.id


async def test_what_cannot_wait_is_reviewed_afterwards(campaigns: Campaigns) -> None:
    draft = await campaigns.create(MAI, FEES)
    await campaigns.submit(draft.id, 1, MAI)
    urgent = await campaigns.approve(draft.id, 2, MAI, urgent_reason="Bão số 9 vào bờ tối nay")
    assert (urgent.state, urgent.urgent_reason) == (S.APPROVED, "Bão số 9 vào bờ tối nay")
    assert await campaigns.unreviewed() == [urgent]
    with pytest.raises(OwnCampaign):
        await campaigns.review(draft.id, MAI)
    reviewed = await campaigns.review(draft.id, HUNG)
    assert (reviewed.state, reviewed.reviewed_by) == (S.APPROVED, HUNG.id)
    assert await campaigns.unreviewed() == []
    with pytest.raises(NotAllowed):
        await campaigns.review(draft.id, LAN)


async def test_a_second_official_needs_no_urgency(campaigns: Campaigns) -> None:
    assert (await approved(campaigns, urgent_reason="Gấp")).urgent_reason is None
    assert await campaigns.unreviewed() == []


async def test_a_change_needs_a_new_approval(campaigns: Campaigns, clock: Clock) -> None:
    agreed = await approved(campaigns, alarm=True)
    waiting = await campaigns.schedule(agreed.id, agreed.version, HUNG, clock.at + dt.timedelta(hours=1))
    changed = await campaigns.change(agreed.id, waiting.version, MAI, ROADS)
    assert (changed.state, changed.content, changed.approved_content) == (S.DRAFT, ROADS, FEES)
    assert (changed.approved_by, changed.submitted_by, changed.alarm, changed.send_at) == (None, None, False, None)


async def test_a_campaign_given_back_tells_why(campaigns: Campaigns) -> None:
    draft = await campaigns.create(MAI, FEES)
    await campaigns.submit(draft.id, 1, MAI)
    back = await campaigns.give_back(draft.id, 2, HUNG, "Thiếu căn cứ pháp lý")
    assert (back.state, back.submitted_by) == (S.DRAFT, None)
    assert (await campaigns.history(draft.id))[-1].facts == {"version": 3, "note": "Thiếu căn cứ pháp lý"}


async def test_two_officials_who_edit_at_once(campaigns: Campaigns) -> None:
    draft = await campaigns.create(MAI, FEES)
    await campaigns.change(draft.id, draft.version, HUNG, ROADS)
    with pytest.raises(ChangedMeanwhile):
        await campaigns.change(draft.id, draft.version, MAI, FEES)
    assert (await campaigns.get(draft.id)).content == ROADS


async def test_the_list_goes_back_page_by_page(campaigns: Campaigns) -> None:
    ids = [(await campaigns.create(MAI, FEES)).id for _ in range(4)]
    await campaigns.cancel(ids[1], MAI)
    assert [one.id for one in await campaigns.newest(2)] == [ids[3], ids[2]]
    assert [one.id for one in await campaigns.newest(2, before_id=ids[2])] == [ids[1], ids[0]]
    assert [one.id for one in await campaigns.newest(9, states=[S.CANCELLED])] == [ids[1]]


async def test_a_schedule_is_for_the_future_and_can_be_taken_back(campaigns: Campaigns, clock: Clock) -> None:
    agreed = await approved(campaigns)
    with pytest.raises(NotReady):
        await campaigns.schedule(agreed.id, agreed.version, HUNG, clock.at)
    hanoi = dt.timezone(dt.timedelta(hours=7))
    waiting = await campaigns.schedule(agreed.id, agreed.version, HUNG, dt.datetime(2026, 11, 23, 14, tzinfo=hanoi))
    assert waiting.send_at == dt.datetime(2026, 11, 23, 7, tzinfo=dt.timezone.utc)
    assert await campaigns.due() == []
    back = await campaigns.unschedule(agreed.id, waiting.version, HUNG)
    assert (back.state, back.send_at, back.approved_by) == (S.APPROVED, None, HUNG.id)


async def scheduled(campaigns: Campaigns, clock: Clock) -> Campaign:
    agreed = await approved(campaigns)
    return await campaigns.schedule(agreed.id, agreed.version, HUNG, clock.at + dt.timedelta(hours=1))


async def test_its_hour_starts_a_campaign_once(campaigns: Campaigns, clock: Clock) -> None:
    waiting, pager = await scheduled(campaigns, clock), Pager()
    clock.forward(minutes=59)
    assert await start_due(campaigns, pager.page, clock) == []
    clock.forward(minutes=31)  # thirty minutes late, and no more
    (started,) = await start_due(campaigns, pager.page, clock)
    assert (started.id, started.state, started.started_at) == (waiting.id, S.SENDING, clock.at)
    assert await start_due(campaigns, pager.page, clock) == [started]
    assert pager.told == {}
    assert [deed.action for deed in await campaigns.history(waiting.id)].count("start") == 1


async def test_a_schedule_found_too_late_asks_a_person(campaigns: Campaigns, clock: Clock) -> None:
    waiting, pager = await scheduled(campaigns, clock), Pager()
    clock.forward(minutes=91)
    assert await start_due(campaigns, pager.page, clock) == []
    paused = await campaigns.get(waiting.id)
    assert (paused.state, paused.paused_why, paused.started_at) == (S.PAUSED, LATE, None)
    assert list(pager.told) == [f"campaign-late-{waiting.id}-{waiting.version}"]
    assert f"số {waiting.id} " in next(iter(pager.told.values()))
    resumed = await campaigns.resume(waiting.id, HUNG)
    assert (resumed.state, resumed.started_at) == (S.SENDING, clock.at)
    assert await start_due(campaigns, pager.page, clock) == [resumed]


@pytest.mark.parametrize(("minutes", "state"), [(20, S.SENDING), (40, S.PAUSED)])
async def test_an_hour_that_came_while_broadcasts_were_stopped_counts_when_they_are_not(
    campaigns: Campaigns, clock: Clock, minutes: int, state: S
) -> None:
    waiting, pager = await scheduled(campaigns, clock), Pager()
    clock.forward(hours=1)
    assert await start_due(campaigns, pager.page, clock, stopped=True) == []
    assert (await campaigns.get(waiting.id)).state is S.SCHEDULED
    clock.forward(minutes=minutes)
    await start_due(campaigns, pager.page, clock)
    assert (await campaigns.get(waiting.id)).state is state
    assert len(pager.told) == (state is S.PAUSED)


async def test_an_official_who_is_quicker_than_the_schedule_wins(campaigns: Campaigns, clock: Clock) -> None:
    waiting = await scheduled(campaigns, clock)
    clock.forward(minutes=91)

    async def cancel_meanwhile(name: str, sentence: str) -> None:
        await campaigns.cancel(waiting.id, LAN)

    assert await start_due(campaigns, cancel_meanwhile, clock) == []
    assert (await campaigns.get(waiting.id)).state is S.CANCELLED


async def test_two_workers_and_an_official_at_the_same_moment(empty_postgresql_url: str, clock: Clock) -> None:
    migrate(empty_postgresql_url)
    databases = [Database(empty_postgresql_url) for _ in range(3)]
    first, second, third = (campaigns_of(database, clock) for database in databases)
    pager = Pager()
    try:
        waiting = [await scheduled(first, clock) for _ in range(5)]
        clock.forward(hours=1)
        both = asyncio.gather(start_due(first, pager.page, clock), start_due(second, pager.page, clock))
        changing = (third.change(one.id, one.version, MAI, ROADS) for one in waiting)
        changes = await asyncio.gather(*changing, return_exceptions=True)
        await both
        for one, change in zip(waiting, changes):
            campaign, deeds = await first.get(one.id), await first.history(one.id)
            assert campaign.state is (S.SENDING if isinstance(change, ChangedMeanwhile) else S.DRAFT)
            assert [deed.action for deed in deeds[4:]] == ["start" if campaign.state is S.SENDING else "change"]
    finally:
        for database in databases:
            await database.close()


async def test_a_stop_needs_no_second_try(empty_postgresql_url: str, clock: Clock) -> None:
    migrate(empty_postgresql_url)
    databases = [Database(empty_postgresql_url) for _ in range(2)]
    first, second = (campaigns_of(database, clock) for database in databases)
    try:
        for _ in range(5):
            agreed = await approved(first)
            sending = await first.start(agreed.id, agreed.version, HUNG)
            one, other = await asyncio.gather(
                first.pause(sending.id, MAI, "Sai giờ"), second.cancel(sending.id, LAN), return_exceptions=True
            )
            assert isinstance(other, Campaign)
            assert isinstance(one, (Campaign, NotAllowed))
            assert (await first.get(sending.id)).state is S.CANCELLED
    finally:
        for database in databases:
            await database.close()
