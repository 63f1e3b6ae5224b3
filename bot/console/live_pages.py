"""One campaign while it is being sent: how far it is, what failed and why, and what can be done about it."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from aiohttp import web

from bot.broadcasts.campaign import STEPS, CampaignState, DeliveryState
from bot.broadcasts.campaigns import Campaigns
from bot.broadcasts.figures import Counting
from bot.broadcasts.ledger import Ledger
from bot.console.campaign_pages import campaign_id
from bot.console.campaign_refusals import explained
from bot.console.campaign_steps import begin_sending
from bot.console.campaign_words import CHANNELS, WORDS
from bot.console.pages import Page, Visit
from bot.console.roles import Permission
from bot.jobs.protocol import Jobs

LONGEST_WHY = 200


class LivePages:
    def __init__(self, campaigns: Campaigns, ledger: Ledger, counting: Counting, jobs: Jobs) -> None:
        self._campaigns, self._ledger, self._counting, self._jobs = campaigns, ledger, counting, jobs

    def pages(self) -> Sequence[Page]:
        reading, running = Permission.READ_CAMPAIGNS, Permission.RUN_CAMPAIGNS
        path = r"/campaigns/{id:\d{1,9}}"
        return [
            Page("GET", f"{path}/live", reading, explained(self._show)),
            Page("GET", f"{path}/figures", reading, explained(self._figures)),
            Page("POST", f"{path}/pause", running, explained(self._pause)),
            Page("POST", f"{path}/resume", running, explained(self._resume)),
            Page("POST", f"{path}/cancel", running, explained(self._cancel)),
            Page("POST", f"{path}/unknown", running, explained(self._decide)),
        ]

    async def _show(self, visit: Visit) -> web.StreamResponse:
        return visit.page("live.html", **await self._facts(visit))

    async def _figures(self, visit: Visit) -> web.StreamResponse:
        """The part of the page that static/live.js draws anew, as HTML."""
        return visit.page("live_figures.html", **await self._facts(visit))

    async def _facts(self, visit: Visit) -> Mapping[str, Any]:
        campaign = await self._campaigns.get(campaign_id(visit))
        figures = await self._counting.figures(campaign.id)
        may_run = visit.may(Permission.RUN_CAMPAIGNS)
        steps = {name for name in ("pause", "resume", "cancel") if may_run and campaign.state in STEPS[name].allowed_in}
        if campaign.state is CampaignState.SCHEDULED:  # its hour is taken away instead, on the page of its content
            steps.discard("pause")
        return {
            **WORDS,
            "campaign": campaign,
            "figures": figures,
            "channels": [visit.say.gettext(CHANNELS.get(name, name)) for name in figures.by_channel],
            "steps": steps,
            "unknown": figures.of(DeliveryState.UNKNOWN),
            "may_decide": may_run,
        }

    async def _pause(self, visit: Visit) -> web.StreamResponse:
        why = (await visit.form()).get("why", "")[:LONGEST_WHY] or visit.say("Cán bộ tạm dừng.")
        campaign = await self._campaigns.pause(campaign_id(visit), visit.official.actor, why)
        return visit.go(f"/campaigns/{campaign.id}/live", visit.say("Đã tạm dừng."))

    async def _resume(self, visit: Visit) -> web.StreamResponse:
        campaign = await self._campaigns.resume(campaign_id(visit), visit.official.actor)
        await begin_sending(self._jobs, campaign.id)
        return visit.go(f"/campaigns/{campaign.id}/live", visit.say("Đang gửi tiếp."))

    async def _cancel(self, visit: Visit) -> web.StreamResponse:
        campaign = await self._campaigns.cancel(campaign_id(visit), visit.official.actor)
        return visit.go(f"/campaigns/{campaign.id}", visit.say("Đã hủy thông báo."))

    async def _decide(self, visit: Visit) -> web.StreamResponse:
        decision, id = (await visit.form()).get("decision"), campaign_id(visit)
        if decision not in ("sent", "again"):
            return visit.refuse(visit.say("Xin chọn: coi là đã gửi, hoặc gửi lại."), 422)
        await self._campaigns.get(id)
        count = await self._ledger.decide_unknown(id, visit.official.actor, again=decision == "again")
        if decision == "again":
            await begin_sending(self._jobs, id)
        decided = visit.say("Đã quyết định về {count} tin.", count=visit.say.number(count))
        return visit.go(f"/campaigns/{id}/live", decided)
