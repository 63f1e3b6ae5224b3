"""What citizens asked and were not answered: grouped by meaning, masked, for those who teach the assistant."""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
from typing import Callable, Mapping, Sequence

from aiohttp import web

from bot.console.pages import Page, Visit
from bot.console.roles import Permission
from bot.records import now
from bot.spans import spans
from bot.storage import Database
from bot.unanswered import Missed, grouped, missed_within
from bot.wording.speaker import marked as _
from knowledge.catalogue import Catalogue

DAYS: Mapping[str, int] = {"7": 7, "30": 30, "90": 90}
SHOWN = 50
MOST = 2_000  # messages, the newest: grouping more takes too long
# What was said instead.
SAID: Mapping[str, str] = {
    "not_understood": _("chưa hiểu"),
    "not_understood_again": _("chưa hiểu"),
    "not_in_catalogue": _("không có trong danh mục"),
    "procedure_code_unknown": _("mã thủ tục lạ"),
    "out_of_scope": _("ngoài phạm vi"),
    "say_it_differently": _("xin nói lại"),
    "say_it_by_example": _("xin nói lại"),
    "none_left": _("xin nói lại"),
    "person_after_misses": _("chuyển cán bộ"),
}


class QuestionsPage:
    """``catalogue`` gives the one of the moment."""

    def __init__(
        self, database: Database, catalogue: Callable[[], Catalogue], clock: Callable[[], dt.datetime] = now
    ) -> None:
        self._database, self._catalogue, self._clock = database, catalogue, clock
        self._grouping = asyncio.Lock()  # one at a time: it takes the processor from the citizens

    def pages(self) -> Sequence[Page]:
        return [Page("GET", "/questions", Permission.READ_QUESTIONS, self._show)]

    async def _show(self, visit: Visit) -> web.StreamResponse:
        days = DAYS.get(visit.request.query.get("days", ""), DAYS["30"])
        async with self._grouping:
            missed = await self._missed(self._clock().astimezone(dt.timezone.utc) - dt.timedelta(days=days))
            groups = await asyncio.to_thread(grouped, missed[-MOST:], self._catalogue())
        return visit.page(
            "questions.html",
            groups=[(group, _reasons(visit, group.said.most_common())) for group in groups[:SHOWN]],
            messages=len(missed),
            grouped=min(len(missed), MOST),
            of=len(groups),
            days=days,
            choices=DAYS,
        )

    async def _missed(self, since: dt.datetime) -> list[Missed]:
        found: dict[int, Missed] = {}
        async for span in spans(self._database, since):
            for one in await self._database.run(functools.partial(missed_within, span=span)):
                found.setdefault(one.line, one)
        return list(found.values())


def _reasons(visit: Visit, said: Sequence[tuple[str, int]]) -> str:
    return ", ".join(dict.fromkeys(visit.say.gettext(SAID[name]) for name, _count in said))
