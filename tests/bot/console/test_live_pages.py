"""A campaign while it is being sent: its figures, and what an official does about it."""

from __future__ import annotations

import sqlalchemy as sa

from bot.broadcasts import figures
from bot.broadcasts.campaign import DeliveryState
from bot.broadcasts.figures import Counting
from bot.broadcasts.tables import deliveries
from bot.storage import Database
from tests.bot.console.campaign_desk import CampaignDesk, campaign_desk


async def sending(its: CampaignDesk, **states: tuple[str, str]) -> int:
    """A campaign of two deliveries, to Zalo and Telegram; ``states``: what became of each, and why."""
    id = await its.approved()
    assert await its.step("approver", id, "start") == 303
    await its.office.planner.plan({"campaign": id})
    for channel, (state, why) in states.items():
        change = deliveries.update().where(deliveries.c.channel == channel).values(state=state, why=why or None)
        await its.database.run(lambda connection, change=change: connection.execute(change))
    return id


async def states(its: CampaignDesk) -> set[str]:
    rows = await its.database.run(lambda connection: connection.execute(sa.select(deliveries.c.state)).scalars().all())
    return set(rows)


async def test_figures_by_state_and_channel(database: Database) -> None:
    async with campaign_desk(database) as its:
        id = await sending(its, zalo=("seen", ""), telegram=("failed", "left"))
        page = await its.show("analyst", id, "/live")
        assert "Đã xử lý 2 trên 2" in page
        assert "Đã chặn hoặc thôi quan tâm" in page
        assert 'data-live="/console/campaigns/1/figures"' in page
        part = await its.show("analyst", id, "/figures")
        assert part.lstrip().startswith('<div data-state="sending">')
        assert "<html" not in part
        assert "Tạm dừng</button>" not in page  # an analyst only looks on
        assert "Tạm dừng</button>" in await its.show("approver", id, "/live")


async def test_pausing_says_why_and_going_on_is_a_job(database: Database) -> None:
    async with campaign_desk(database) as its:
        id = await sending(its)
        assert await its.step("approver", id, "pause", why="Sai số {điện thoại} <b>") == 303
        page = await its.show("author", id, "/live")
        assert "Sai số {điện thoại} &lt;b&gt;" in page
        assert await its.state(id) == "paused"
        before = len(await its.jobs())
        assert await its.step("approver2", id, "resume") == 303
        assert await its.state(id) == "sending"
        assert len(await its.jobs()) == before  # the jobs of the start wait still, they do for both
        assert await its.step("approver", id, "resume") == 409


async def test_pausing_without_a_reason(database: Database) -> None:
    async with campaign_desk(database) as its:
        id = await sending(its)
        assert await its.step("approver", id, "pause") == 303
        assert "Cán bộ tạm dừng." in await its.show("author", id, "/live")


async def test_what_was_cancelled_is_over(database: Database) -> None:
    async with campaign_desk(database) as its:
        id = await sending(its)
        assert await its.step("approver", id, "cancel") == 303
        assert "data-over" in await its.show("author", id, "/live")
        assert await its.step("approver", id, "resume") == 409


async def test_a_person_decides_about_what_nobody_knows(database: Database) -> None:
    async with campaign_desk(database) as its:
        id = await sending(its, zalo=("unknown", ""), telegram=("sent", ""))
        assert "Coi 1 tin là đã gửi" in await its.show("approver", id, "/live")
        assert "Coi 1 tin là đã gửi" not in await its.show("analyst", id, "/live")
        assert await its.step("approver", id, "unknown", decision="perhaps") == 422
        assert await states(its) == {"unknown", "sent"}
        assert await its.step("approver", id, "unknown", decision="again") == 303
        assert await states(its) == {"waiting", "sent"}
        assert "quyết định về các tin chưa rõ" in await its.show("analyst", id)


async def test_counting_goes_through_more_rows_than_are_read_at_once(database: Database) -> None:
    async with campaign_desk(database) as its:
        id = await sending(its, zalo=("failed", "left"), telegram=("sent", ""))
        row = {"campaign": id, "channel": "zalo", "language": "vi", "vehicle": "message", "text": "", "attempts": 1}
        more = [{**row, "person": f"z-{one}", "state": "failed", "why": "left"} for one in range(figures.AT_ONCE + 5)]
        await database.run(lambda connection: connection.execute(deliveries.insert(), more))
        counted = await Counting(database).figures(id)
        assert counted.of(DeliveryState.FAILED) == counted.failed["left"] == figures.AT_ONCE + 6
        assert (counted.total, counted.over) == (figures.AT_ONCE + 7, figures.AT_ONCE + 7)


async def test_many_who_look_on_count_once(database: Database) -> None:
    async with campaign_desk(database) as its:
        id = await sending(its)
        ticks = iter([0.0, 2.0, 5.0, 30.0, 30.0, 31.0])
        counting = Counting(database, lambda: next(ticks))
        first = await counting.figures(id)
        await database.run(lambda connection: connection.execute(deliveries.update().values(state="sent")))
        assert await counting.figures(id) == first  # counting took two seconds: it rests for twenty
        assert (await counting.figures(id)).of(DeliveryState.SENT) == 2
