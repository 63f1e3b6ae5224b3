"""Officials and a first content, for the tests of campaigns."""

from __future__ import annotations

import datetime as dt
from typing import Any, Sequence

import sqlalchemy as sa

from bot.audit import Actor, Audit
from bot.broadcasts.campaign import Content
from bot.broadcasts.campaigns import Campaign, Campaigns
from bot.broadcasts.problems import Problem
from bot.storage import Database

MAI, HUNG, LAN = Actor(1, "Trần Thị Mai"), Actor(2, "Lê Văn Hùng"), Actor(3, "Phạm Thị Lan")
MONDAY = dt.datetime(2026, 11, 23, 2, 0, tzinfo=dt.timezone.utc)
FEES = Content(title="Miễn lệ phí hộ tịch", body={"vi": "Từ 01/12/2026, đăng ký khai sinh không thu lệ phí."})
ROADS = Content(title="Đổi giờ làm việc", body={"vi": "Sáng thứ Bảy có tiếp dân."})


class Clock:
    def __init__(self, at: dt.datetime = MONDAY) -> None:
        self.at = at

    def __call__(self) -> dt.datetime:
        return self.at

    def forward(self, **span: float) -> dt.datetime:
        self.at += dt.timedelta(**span)
        return self.at


def check_title(connection: sa.engine.Connection, content: Content) -> Sequence[Problem]:
    return [] if content.title else [Problem("title", "Chưa có tiêu đề.")]


def campaigns_of(database: Database, clock: Clock) -> Campaigns:
    return Campaigns(database, Audit(database, "a secret of this test", clock), clock, check_title)


async def approved(campaigns: Campaigns, **how: Any) -> Campaign:
    """Written and submitted by Mai, approved by Hùng."""
    draft = await campaigns.create(MAI, FEES)
    submitted = await campaigns.submit(draft.id, draft.version, MAI)
    return await campaigns.approve(draft.id, submitted.version, HUNG, **how)
