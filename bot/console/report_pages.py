"""What became of one campaign: its report as a page, and each delivery as CSV or XLSX."""

from __future__ import annotations

from typing import Optional, Sequence

from aiohttp import web

from bot.broadcasts.campaign import DeliveryState
from bot.broadcasts.campaigns import Campaigns
from bot.broadcasts.reports import ARRIVED, Reports, Way
from bot.broadcasts.sheets import Cell
from bot.console.campaign_pages import campaign_id
from bot.console.campaign_refusals import explained
from bot.console.campaign_words import CHANNELS, DELIVERY_STATES, LANGUAGES, VEHICLES, WHY, WORDS
from bot.console.downloads import Rows, give_csv, give_xlsx
from bot.console.pages import Page, Visit
from bot.console.roles import Permission
from bot.wording.speaker import Speaker

# The columns of numbers; who has seen it has also got it.
SENT, GOT = ARRIVED, (DeliveryState.DELIVERED, DeliveryState.SEEN)
FAILED, UNKNOWN = (DeliveryState.FAILED,), (DeliveryState.UNKNOWN,)


class ReportPages:
    def __init__(self, campaigns: Campaigns, reports: Reports) -> None:
        self._campaigns, self._reports = campaigns, reports

    def pages(self) -> Sequence[Page]:
        path, reading = r"/campaigns/{id:\d{1,9}}/report", Permission.READ_REPORTS
        return [
            Page("GET", path, reading, explained(self._show)),
            Page("GET", f"{path}.csv", reading, explained(self._csv)),
            Page("GET", f"{path}.xlsx", reading, explained(self._xlsx)),
        ]

    async def _show(self, visit: Visit) -> web.StreamResponse:
        report = await self._reports.report(await self._campaigns.get(campaign_id(visit)))
        ways = [(way.channel, way.vehicle, _numbers(way)) for way in report.ways]
        return visit.page("report.html", **WORDS, report=report, campaign=report.campaign, ways=ways)

    async def _csv(self, visit: Visit) -> web.StreamResponse:
        campaign = await self._campaigns.get(campaign_id(visit))
        return await give_csv(visit, f"campaign-{campaign.id}", self._rows(visit.say, campaign.id))

    async def _xlsx(self, visit: Visit) -> web.StreamResponse:
        campaign = await self._campaigns.get(campaign_id(visit))
        title = visit.say("Thông báo {id}", id=campaign.id)
        return await give_xlsx(visit, f"campaign-{campaign.id}", title, self._rows(visit.say, campaign.id))

    async def _rows(self, say: Speaker, campaign: int) -> Rows:
        yield [
            *(say("Kênh"), say("Người nhận"), say("Cách gửi"), say("Ngôn ngữ")),
            *(say("Trạng thái"), say("Lý do"), say("Lúc")),
        ]
        async for one in self._reports.rows(campaign):
            row: list[Cell] = [
                say.gettext(CHANNELS.get(one.channel, one.channel)),
                one.person,
                say(VEHICLES[one.vehicle]),
                say.gettext(LANGUAGES.get(one.language, one.language)),
                say(DELIVERY_STATES[one.state]),
                say.gettext(WHY.get(one.why, one.why)) if one.why else "",
                one.at,
            ]
            yield row


def _numbers(way: Way) -> list[Optional[int]]:
    """In the order of the page's columns; None where nobody knows."""
    sent, got, failed, unknown = (
        sum(way.states.get(state, 0) for state in states) for states in (SENT, GOT, FAILED, UNKNOWN)
    )
    return [way.total, sent, got, way.seen, failed, unknown]
