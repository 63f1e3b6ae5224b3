"""Starts the campaigns whose hour has come; one that is found too late waits for a person."""

from __future__ import annotations

import datetime as dt
from typing import Awaitable, Callable

from bot.audit import SYSTEM
from bot.broadcasts.campaign import CampaignState
from bot.broadcasts.campaigns import Campaign, Campaigns
from bot.broadcasts.refusals import ChangedMeanwhile
from bot.wording.speaker import SOURCE_LANGUAGE, speaker
from bot.wording.speaker import marked as _

LATE_AFTER = dt.timedelta(minutes=30)
LATE = _("Đã quá giờ hẹn hơn 30 phút mà chưa gửi được. Mời cán bộ xem lại, rồi gửi tiếp hoặc hủy.")
MOST_AT_ONCE = 1_000

# Tells a person: bot.alerts.Alerts.page.
Page = Callable[[str, str], Awaitable[None]]


async def start_due(
    campaigns: Campaigns, page: Page, clock: Callable[[], dt.datetime], stopped: bool = False
) -> list[Campaign]:
    """All that are being sent now, the newest first, whether this call started them or a lost job must go on: those
    without ``planned_at`` are still to be planned. Done twice, or by two workers, it starts nothing twice.

    While broadcasts are ``stopped`` nothing is started: what is too late afterwards waits for a person, too.
    """
    for campaign in [] if stopped else await campaigns.due():
        try:
            if campaign.send_at is None or clock() - campaign.send_at <= LATE_AFTER:
                await campaigns.start(campaign.id, campaign.version, SYSTEM)
            else:
                await _ask(campaigns, page, campaign)
        except ChangedMeanwhile:  # an official or another worker was quicker
            continue
    return await campaigns.newest(MOST_AT_ONCE, states=[CampaignState.SENDING])


async def _ask(campaigns: Campaigns, page: Page, campaign: Campaign) -> None:
    """Told first: who is killed in between tells again, and the alert is told once."""
    say = speaker(SOURCE_LANGUAGE)
    sentence = say("Thông báo số {id} đang tạm dừng. {why}", id=campaign.id, why=say.gettext(LATE))
    await page(f"campaign-late-{campaign.id}-{campaign.version}", sentence)
    await campaigns.pause(campaign.id, SYSTEM, LATE, campaign.version)
