"""The first page: what was written today, what must be looked at, which campaigns wait for somebody."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
from dataclasses import dataclass
from typing import AsyncIterator

import sqlalchemy as sa

from bot.alerts import Alerts
from bot.audit import Actor, Audit
from bot.broadcasts.campaign import Content
from bot.broadcasts.campaigns import Campaign, Campaigns
from bot.console.today_page import COUNTED_FOR, TodayPage
from bot.spans import Span, spans
from bot.storage import Database
from bot.tables import inbox, outbox, transcript
from knowledge.calendar import VIETNAM_TIME
from tests.bot.console.office import SECRET, Clock, Desk, console

NOW = dt.datetime(2026, 11, 23, 9, 30, tzinfo=VIETNAM_TIME)
EVIL = "Miễn phí <img src=x onerror=alert(1)>"
MAI, BINH = Actor(1, "Trần Thị Mai"), Actor(3, "Lê Văn Bình")
HOUR = dt.timedelta(hours=1)


@dataclass
class Ticks:
    at: float = 0.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Day:
    desk: Desk
    database: Database
    campaigns: Campaigns
    alerts: Alerts
    ticks: Ticks

    async def turn(self, person: str, hours_ago: float, said: str = "procedure") -> None:
        """A citizen's line and our answer to it."""
        at = (NOW - hours_ago * HOUR).astimezone(dt.timezone.utc)
        key = {"channel": "zalo", "person": person, "at": at}

        def work(connection: sa.engine.Connection) -> None:
            line = connection.execute(transcript.insert(), {**key, "message_id": f"{at}", "text": "hỏi"})
            reply = f'{{"text":"…","custom":{{"utterance":"{said}"}}}}'
            answer = {**key, "answer_to": line.inserted_primary_key[0], "reply": reply}
            connection.execute(transcript.insert(), answer)

        await self.database.run(work)

    async def draft(self, title: str) -> Campaign:
        return await self.campaigns.create(MAI, Content(title=title, body={"vi": "Nội dung."}))

    async def submit(self, title: str) -> Campaign:
        campaign = await self.draft(title)
        return await self.campaigns.submit(campaign.id, campaign.version, MAI)

    async def approve(self, title: str) -> Campaign:
        campaign = await self.submit(title)
        return await self.campaigns.approve(campaign.id, campaign.version, BINH)

    async def page(self, login: str = "author") -> str:
        answer = await self.desk.browser(login).get("/")
        assert answer.status == 200, answer.text
        return answer.text


@contextlib.asynccontextmanager
async def day(database: Database) -> AsyncIterator[Day]:
    clock, ticks = Clock(NOW.astimezone(dt.timezone.utc)), Ticks()
    campaigns = Campaigns(database, Audit(database, SECRET, clock), clock, check=lambda connection, content: ())
    alerts = Alerts(database, (), lambda connection, address, text: None)
    page = TodayPage(database, campaigns, alerts, ["zalo", "telegram"], clock, ticks)
    async with console(database, page.pages(), clock) as desk:
        yield Day(desk, database, campaigns, alerts, ticks)


async def test_what_was_written_today_is_counted_by_hour(database: Database) -> None:
    async with day(database) as its:
        await its.turn("z-1", 30)  # yesterday
        await its.turn("z-1", 1.2)
        await its.turn("z-2", 1)
        await its.turn("z-2", 0.1, "not_understood")
        page = await its.page("agent")
        figures = [part.partition("</p>")[0] for part in page.split('<p class="figure">')[1:]]
        assert figures == ["3", "2", "2", "1"]  # messages, people, answered, not answered
        chart = page.partition("Tin nhắn theo giờ")[2]
        assert '<th scope="row">8:00</th>\n<td><meter min="0" max="2" value="2"' in chart
        assert '<th scope="row">10:00</th>' not in chart
        assert 'href="/console/questions?days=7"' in page
        assert 'href="/console/questions?days=7"' not in await its.page("author")


async def test_many_who_look_count_once(database: Database) -> None:
    async with day(database) as its:
        await its.turn("z-1", 1)
        assert '<p class="figure">1</p>' in await its.page()
        await its.turn("z-2", 0.5)
        assert '<p class="figure">2</p>' not in await its.page()
        its.ticks.at += COUNTED_FOR
        assert '<p class="figure">2</p>' in await its.page()


async def test_what_must_be_looked_at_stands_first(database: Database) -> None:
    async with day(database) as its:
        page = await its.page()
        assert "Cần xem ngay" not in page
        assert page.count("bình thường") == 3  # two channels and the jobs
        await its.alerts.page("channel-zalo", "zalo: refused <token>")
        await its.alerts.page("job-aside-plan", "Việc nền plan không làm được.")
        row = {"channel": "zalo", "person": "z-secret-person", "state": "aside", "attempts": 3}
        at = {"received_at": NOW.astimezone(dt.timezone.utc)}
        part = {"channel": "telegram", "person": "t-1", "part": 0, "body": "{}", "purpose": 1, "state": "waiting"}
        await its.database.run(lambda c: c.execute(inbox.insert(), {**row, **at, "message_id": "m", "document": "{}"}))
        await its.database.run(
            lambda c: c.execute(outbox.insert(), {**part, "attempts": 0, "created_at": at["received_at"]})
        )
        page = await its.page()
        assert page.index("zalo: refused &lt;token&gt;") < page.index('class="figure"')
        assert "1 tin đến chưa xử lý được" in page
        assert "có việc không làm được" in page
        assert page.count("bình thường") == 1
        assert "z-secret-person" not in page


async def test_campaigns_that_wait_for_somebody(database: Database) -> None:
    async with day(database) as its:
        assert "Không có tin nào đang chờ hay đang gửi." in await its.page()
        await its.draft("Bản nháp không hiện")
        await its.submit(EVIL)
        paused = await its.approve("Lịch tiêm chủng")
        await its.campaigns.start(paused.id, paused.version, BINH)
        await its.campaigns.pause(paused.id, BINH, "Sai số điện thoại")
        later, sooner = await its.approve("Gửi sau"), await its.approve("Gửi trước")
        for hours, one in ((5, later), (2, sooner)):
            await its.campaigns.schedule(one.id, one.version, BINH, NOW + hours * HOUR)
        urgent = await its.submit("Bão số 9")
        urgent = await its.campaigns.approve(urgent.id, urgent.version, MAI, urgent_reason="Bão vào trong hai giờ")
        page = await its.page()
        assert "Bản nháp không hiện" not in page
        assert "Miễn phí &lt;img src=x onerror=alert(1)&gt;" in page
        assert "<img src=x" not in page
        assert f'href="/console/campaigns/{paused.id}/live">Lịch tiêm chủng</a>: Sai số điện thoại' in page
        order = [page.index(text) for text in ("Bão số 9", "Lịch tiêm chủng", "Miễn phí", "Gửi trước", "Gửi sau")]
        assert order == sorted(order)
        assert "11:30 ngày 23/11/2026" in page


async def test_who_may_not_read_campaigns_sees_none(database: Database) -> None:
    async with day(database) as its:
        await its.submit("Lịch tiêm chủng")
        assert "Lịch tiêm chủng" not in await its.page("agent")
        assert (await its.desk.stranger().get("/")).location.startswith("/sign-in")


async def test_a_day_is_found_among_lines_with_gaps(database: Database) -> None:
    at = NOW.astimezone(dt.timezone.utc)
    numbers = {3, 4, 9, 10, 11, 40, 41}
    lines = [{"seq": seq, "channel": "zalo", "person": "z", "at": at + seq * HOUR} for seq in sorted(numbers)]
    assert [span async for span in spans(database, at)] == []
    await database.run(lambda connection: connection.execute(transcript.insert(), lines))
    for since, at_once in itertools.product(range(45), (1, 5, 100)):
        found = [span async for span in spans(database, at + since * HOUR, at_once)]
        inside = {seq for span in found for seq in range(span.first, span.last + 1)}
        assert numbers & inside == {number for number in numbers if number >= since}
        assert found == sorted(found, key=lambda span: span.first)
    assert [span async for span in spans(database, at + 10 * HOUR)] == [Span(10, 41)]
