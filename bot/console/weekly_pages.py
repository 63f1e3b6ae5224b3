"""The weekly reports for the leadership: their list, one to read and print, and one more on demand."""

from __future__ import annotations

import datetime as dt
from typing import Callable, Optional, Sequence

from aiohttp import web

from bot.broadcasts.weekly import Week, Weekly, monday_of
from bot.broadcasts.weekly_table import rows, sections
from bot.console.downloads import Rows, give_xlsx
from bot.console.pages import Page, Visit
from bot.console.roles import Permission
from bot.jobs.protocol import Jobs
from bot.records import now
from bot.wording.speaker import Speaker
from knowledge.calendar import VIETNAM_TIME

FIRST = dt.date(2020, 1, 6)  # a Monday before there was any of this


class WeeklyPages:
    """``procedure_title`` gives the title of a procedure's code, None where there is none."""

    def __init__(
        self,
        weekly: Weekly,
        jobs: Jobs,
        procedure_title: Callable[[str], Optional[str]],
        clock: Callable[[], dt.datetime] = now,
    ) -> None:
        self._weekly, self._jobs, self._title, self._clock = weekly, jobs, procedure_title, clock

    def pages(self) -> Sequence[Page]:
        path, reading = r"/reports/{week:\d{4}-\d{2}-\d{2}}", Permission.READ_REPORTS
        return [
            Page("GET", "/reports", reading, self._list),
            Page("POST", "/reports", reading, self._make),
            Page("GET", path, reading, self._show),
            Page("GET", f"{path}.xlsx", reading, self._xlsx),
        ]

    async def _list(self, visit: Visit) -> web.StreamResponse:
        weeks = [(monday, monday + dt.timedelta(days=6)) for monday in await self._weekly.weeks()]
        return visit.page("reports.html", weeks=weeks, today=self._today())

    async def _make(self, visit: Visit) -> web.StreamResponse:
        day = _day((await visit.form()).get("day", ""))
        if day is None or not FIRST <= day <= self._today():
            return visit.refuse(visit.say("Xin chọn một ngày đã qua hoặc hôm nay, ví dụ 2026-11-20."), 422)
        week = monday_of(day).isoformat()
        await self._jobs.put("weekly", week, {"week": week})
        return visit.go("/reports", visit.say("Đang lập báo cáo. Xin mở lại trang sau ít phút."))

    async def _show(self, visit: Visit) -> web.StreamResponse:
        week = await self._week(visit)
        if week is None:
            return _missing(visit)
        return visit.page("weekly.html", week=week, sections=sections(week, visit.say, self._title))

    async def _xlsx(self, visit: Visit) -> web.StreamResponse:
        week = await self._week(visit)
        if week is None:
            return _missing(visit)
        name = f"week-{week.monday.isoformat()}"
        return await give_xlsx(visit, name, visit.say("Tuần"), self._rows(week, visit.say))

    async def _week(self, visit: Visit) -> Optional[Week]:
        day = _day(visit.request.match_info["week"])
        return await self._weekly.get(day) if day else None

    async def _rows(self, week: Week, say: Speaker) -> Rows:
        for row in rows(week, say, self._title):
            yield row

    def _today(self) -> dt.date:
        return self._clock().astimezone(VIETNAM_TIME).date()


def _missing(visit: Visit) -> web.Response:
    return visit.refuse(visit.say("Chưa có báo cáo của tuần này."), 404)


def _day(text: str) -> Optional[dt.date]:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
