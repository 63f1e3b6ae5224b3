"""What is done to a campaign before it is sent: tried, submitted, given back, approved, scheduled, started."""

from __future__ import annotations

import datetime as dt
from typing import Awaitable, Callable, Optional, Sequence

from aiohttp import web

from bot.audit import Actor
from bot.broadcasts.campaigns import Campaign, Campaigns
from bot.broadcasts.notice import Unfilled
from bot.broadcasts.refusals import NotReady
from bot.console.campaign_pages import campaign_id, seen_version
from bot.console.campaign_refusals import explained
from bot.console.officials import Officials
from bot.console.pages import Handler, Page, Visit
from bot.console.previews import Previews
from bot.console.roles import Permission
from bot.console.trial import Trials
from bot.jobs.protocol import Jobs
from bot.wording.speaker import marked as _
from knowledge.calendar import VIETNAM_TIME

Step = Callable[[int, int, Actor], Awaitable[Campaign]]


class CampaignSteps:
    def __init__(
        self, campaigns: Campaigns, officials: Officials, previews: Previews, trials: Trials, jobs: Jobs
    ) -> None:
        self._campaigns, self._officials = campaigns, officials
        self._previews, self._trials, self._jobs = previews, trials, jobs

    def pages(self) -> Sequence[Page]:
        writing, approving, running = (
            Permission.WRITE_CAMPAIGNS, Permission.APPROVE_CAMPAIGNS, Permission.RUN_CAMPAIGNS,
        )  # fmt: skip
        steps = self._campaigns
        return [
            _page("try", writing, self._try),
            _page("submit", writing, _doing(steps.submit, _("Đã trình duyệt."))),
            _page("give-back", approving, self._give_back),
            _page("approve", approving, self._approve),
            _page("review", approving, self._review),
            _page("schedule", running, self._schedule),
            _page("unschedule", running, _doing(steps.unschedule, _("Đã bỏ giờ hẹn."))),
            _page("start", running, self._start),
        ]

    async def _try(self, visit: Visit) -> web.StreamResponse:
        campaign = await self._campaigns.get(campaign_id(visit))
        address = (await self._officials.get(visit.official.id)).address
        if address is None:
            return visit.refuse(visit.say("Quý vị chưa nối Zalo hoặc Telegram của mình. Xin nối ở trang Tài khoản."))
        try:
            replies = await self._previews.replies(campaign.content)
        except Unfilled as unfilled:
            names = ", ".join(unfilled.names)
            return visit.refuse(visit.say("Chưa gửi thử được: còn chỗ chưa có gì để điền ({names}).", names=names))
        await self._trials.send(address, replies)
        return visit.go(f"/campaigns/{campaign.id}", visit.say("Đã gửi thử cho quý vị."))

    async def _give_back(self, visit: Visit) -> web.StreamResponse:
        note = (await visit.form()).get("note", "")
        if not note:
            return visit.refuse(visit.say("Xin ghi điều cần sửa để người soạn biết."), 422)
        id = campaign_id(visit)
        await self._campaigns.give_back(id, await seen_version(visit), visit.official.actor, note)
        return visit.go(f"/campaigns/{id}", visit.say("Đã trả lại cho người soạn."))

    async def _approve(self, visit: Visit) -> web.StreamResponse:
        form, id = await visit.form(), campaign_id(visit)
        if not form.get("read"):
            return visit.refuse(visit.say("Xin đọc nội dung rồi đánh dấu vào ô “Tôi đã đọc”."), 422)
        await self._campaigns.approve(
            id,
            await seen_version(visit),
            visit.official.actor,
            alarm=bool(form.get("alarm")),
            urgent_reason=form.get("urgent_reason", ""),
        )
        return visit.go(f"/campaigns/{id}", visit.say("Đã duyệt."))

    async def _review(self, visit: Visit) -> web.StreamResponse:
        id = campaign_id(visit)
        await self._campaigns.review(id, visit.official.actor)
        return visit.go(f"/campaigns/{id}", visit.say("Đã ghi nhận là đã xem lại."))

    async def _schedule(self, visit: Visit) -> web.StreamResponse:
        at, id = _moment((await visit.form()).get("at", "")), campaign_id(visit)
        if at is None:
            return visit.refuse(visit.say("Xin chọn ngày và giờ gửi, ví dụ 2026-11-23T08:00."), 422)
        try:
            await self._campaigns.schedule(id, await seen_version(visit), visit.official.actor, at)
        except NotReady as refused:
            return visit.refuse(visit.say(refused.problems[0].sentence, **refused.problems[0].facts), 422)
        return visit.go(f"/campaigns/{id}", visit.say("Đã hẹn gửi lúc {at}.", at=visit.say.moment(at)))

    async def _start(self, visit: Visit) -> web.StreamResponse:
        id = campaign_id(visit)
        await self._campaigns.start(id, await seen_version(visit), visit.official.actor)
        await begin_sending(self._jobs, id)
        return visit.go(f"/campaigns/{id}/live", visit.say("Đã bắt đầu gửi."))


async def begin_sending(jobs: Jobs, campaign: int) -> None:
    """Planning goes on where it was and has what is planned sent, also when nothing is left to plan."""
    await jobs.put("plan", str(campaign), {"campaign": campaign})


def _page(step: str, permission: Permission, handler: Handler) -> Page:
    return Page("POST", rf"/campaigns/{{id:\d{{1,9}}}}/{step}", permission, explained(handler))


def _doing(step: Step, done: str) -> Handler:
    """A step that needs nothing but its button."""

    async def serve(visit: Visit) -> web.StreamResponse:
        id = campaign_id(visit)
        await step(id, await seen_version(visit), visit.official.actor)
        return visit.go(f"/campaigns/{id}", visit.say(done))

    return serve


def _moment(text: str) -> Optional[dt.datetime]:
    """What a browser sends for a day and an hour in Vietnam."""
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=VIETNAM_TIME).astimezone(dt.timezone.utc)
    except (ValueError, OverflowError):
        return None
