"""The campaigns: their list, writing and changing one, and what one looks like before it is sent."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Mapping, Optional, Sequence

import msgspec
from aiohttp import web

from bot.broadcasts.campaign import STEPS, Audience, CampaignState, Content
from bot.broadcasts.campaigns import Campaign, Campaigns
from bot.broadcasts.reach import Reach
from bot.broadcasts.refusals import ChangedMeanwhile
from bot.console.campaign_form import BOXES, Reading, Typed, read, typed_of
from bot.console.campaign_offer import Offers
from bot.console.campaign_refusals import explained
from bot.console.campaign_words import WORDS
from bot.console.officials import Officials
from bot.console.pages import Page, Visit
from bot.console.previews import Previews
from bot.console.roles import Permission
from bot.jobs.protocol import Jobs

ON_A_PAGE = 25
EMPTY = Content(title="", body={})
# Who may take which step that this page offers.
ALLOWED: Mapping[str, Permission] = {
    "change": Permission.WRITE_CAMPAIGNS,
    "submit": Permission.WRITE_CAMPAIGNS,
    "give_back": Permission.APPROVE_CAMPAIGNS,
    "approve": Permission.APPROVE_CAMPAIGNS,
    "schedule": Permission.RUN_CAMPAIGNS,
    "unschedule": Permission.RUN_CAMPAIGNS,
    "start": Permission.RUN_CAMPAIGNS,
    "cancel": Permission.RUN_CAMPAIGNS,
}


class CampaignPages:
    def __init__(
        self,
        campaigns: Campaigns,
        officials: Officials,
        offers: Offers,
        previews: Previews,
        jobs: Jobs,
    ) -> None:
        self._campaigns, self._officials, self._offers = campaigns, officials, offers
        self._previews, self._jobs = previews, jobs

    def pages(self) -> Sequence[Page]:
        reading, writing = Permission.READ_CAMPAIGNS, Permission.WRITE_CAMPAIGNS
        return [
            Page("GET", "/campaigns", reading, self._list),
            Page("GET", "/campaigns/new", writing, self._begin),
            Page("POST", "/campaigns/new", writing, self._create),
            Page("GET", r"/campaigns/{id:\d{1,9}}", reading, explained(self._show)),
            Page("GET", r"/campaigns/{id:\d{1,9}}/edit", writing, explained(self._edit)),
            Page("POST", r"/campaigns/{id:\d{1,9}}/edit", writing, explained(self._change)),
            Page("POST", r"/campaigns/{id:\d{1,9}}/forecast", reading, explained(self._forecast)),
            Page("GET", r"/campaigns/{id:\d{1,9}}/approve", Permission.APPROVE_CAMPAIGNS, explained(self._compare)),
        ]

    async def _list(self, visit: Visit) -> web.StreamResponse:
        query = visit.request.query
        chosen = next((state for state in CampaignState if state.value == query.get("state")), None)
        before = whole_number(query.get("before", ""))
        found = await self._campaigns.newest(ON_A_PAGE + 1, before, [chosen] if chosen else [])
        shown = found[:ON_A_PAGE]
        narrowed = f"&state={chosen.value}" if chosen else ""
        return visit.page(
            "campaigns.html",
            **WORDS,
            campaigns=shown,
            unreviewed=await self._campaigns.unreviewed(),
            chosen=chosen,
            names=await self._names(),
            older=f"/campaigns?before={shown[-1].id}{narrowed}" if len(found) > ON_A_PAGE else "",
        )

    async def _begin(self, visit: Visit) -> web.StreamResponse:
        file = whole_number(visit.request.query.get("file", "")) or 0
        for_file = Content(title="", body={}, audience=Audience(file=file))
        return await self._form(visit, typed_of(for_file), for_file)

    async def _create(self, visit: Visit) -> web.StreamResponse:
        typed = await _typed(visit)
        reading = await self._read(visit, typed, EMPTY)
        if reading.content is None:
            return await self._form(visit, typed, EMPTY, problems=reading.problems)
        campaign = await self._campaigns.create(visit.official.actor, reading.content)
        return await self._saved(visit, campaign)

    async def _edit(self, visit: Visit) -> web.StreamResponse:
        campaign = await self._campaigns.get(campaign_id(visit))
        return await self._form(visit, typed_of(campaign.content), campaign.content, campaign)

    async def _change(self, visit: Visit) -> web.StreamResponse:
        """Nothing typed is lost, whatever is wrong with it and whoever was faster."""
        campaign, typed = await self._campaigns.get(campaign_id(visit)), await _typed(visit)
        reading = await self._read(visit, typed, campaign.content)
        version = await seen_version(visit)
        if reading.content is None:
            return await self._form(visit, typed, campaign.content, campaign, version, reading.problems)
        try:
            changed = await self._campaigns.change(campaign.id, version, visit.official.actor, reading.content)
        except ChangedMeanwhile:
            newest = await self._campaigns.get(campaign.id)
            return await self._form(visit, typed, newest.content, newest, clash=reading.content)
        return await self._saved(visit, changed)

    async def _show(self, visit: Visit) -> web.StreamResponse:
        campaign = await self._campaigns.get(campaign_id(visit))
        row = whole_number(visit.request.query.get("row", "")) or 0
        return visit.page(
            "campaign.html",
            **WORDS,
            campaign=campaign,
            steps={one for one, who in ALLOWED.items() if visit.may(who) and campaign.state in STEPS[one].allowed_in},
            is_own=await self._campaigns.is_own(campaign.id, visit.official.actor),
            filled=await self._offers.changes(visit.say, EMPTY, campaign.content),
            preview=await self._previews.draw(campaign.content, row),
            row=row,
            forecast=forecast_of(campaign),
            trial=(await self._officials.get(visit.official.id)).address,
            history=await self._campaigns.history(campaign.id),
        )

    async def _compare(self, visit: Visit) -> web.StreamResponse:
        campaign = await self._campaigns.get(campaign_id(visit))
        before = campaign.approved_content
        return visit.page(
            "approve.html",
            **WORDS,
            campaign=campaign,
            is_first=before is None,
            is_own=await self._campaigns.is_own(campaign.id, visit.official.actor),
            changes=await self._offers.changes(visit.say, before or EMPTY, campaign.content),
            preview=await self._previews.draw(campaign.content),
            forecast=forecast_of(campaign),
        )

    async def _forecast(self, visit: Visit) -> web.StreamResponse:
        campaign = await self._campaigns.get(campaign_id(visit))
        await self._jobs.put("forecast", str(campaign.id), {"campaign": campaign.id})
        return visit.go(f"/campaigns/{campaign.id}", visit.say("Đang tính lại. Xin mở lại trang sau ít giây."))

    async def _saved(self, visit: Visit, campaign: Campaign) -> web.StreamResponse:
        await self._jobs.put("forecast", str(campaign.id), {"campaign": campaign.id})
        return visit.go(f"/campaigns/{campaign.id}", visit.say("Đã lưu."))

    async def _read(self, visit: Visit, typed: Typed, before: Content) -> Reading:
        offer = await self._offers.read(visit.say, before)
        return read(typed, offer, self._offers.procedure_title, visit.say)

    async def _form(
        self,
        visit: Visit,
        typed: Typed,
        before: Content,
        campaign: Optional[Campaign] = None,
        version: Optional[int] = None,
        problems: Mapping[str, str] = MappingProxyType({}),
        clash: Optional[Content] = None,
    ) -> web.Response:
        """``before``: what is stored; ``clash``: what was typed while somebody else stored that."""
        path = f"/campaigns/{campaign.id}" if campaign else "/campaigns"
        response = visit.page(
            "campaign_form.html",
            typed=typed,
            problems=problems,
            offer=await self._offers.read(visit.say, before),
            version=version or (campaign.version if campaign else 0),
            clash=None if clash is None else await self._offers.changes(visit.say, before, clash),
            action=f"{path}/edit" if campaign else f"{path}/new",
            back=path,
            is_new=campaign is None,
        )
        if problems or clash is not None:
            response.set_status(409 if clash is not None else 422)
        return response

    async def _names(self) -> Mapping[int, str]:
        return {member.official.id: member.official.name for member in await self._officials.all()}


def campaign_id(visit: Visit) -> int:
    return int(visit.request.match_info["id"])


async def seen_version(visit: Visit) -> int:
    """The version that the form was drawn for."""
    return whole_number((await visit.form()).get("version", "")) or 0


def whole_number(text: str) -> Optional[int]:
    """As it stands in addresses and forms; None for what is none, and for what no table holds."""
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else None


def forecast_of(campaign: Campaign) -> Optional[Reach]:
    return msgspec.json.decode(campaign.forecast, type=Reach) if campaign.forecast else None


async def _typed(visit: Visit) -> Typed:
    return Typed(await visit.form(), {name: await visit.values(name) for name in BOXES})
