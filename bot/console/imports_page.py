"""Imports of procedures: an export is sent up, what became of it, and what it changed, with the notices of that."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any, Callable, Mapping, Optional, Sequence

import msgspec
import sqlalchemy as sa
from aiohttp import web

from bot.broadcasts.campaigns import Campaigns
from bot.broadcasts.radar import Change, drafted, origin_of, told
from bot.broadcasts.tables import procedure_changes
from bot.console.campaign_pages import whole_number
from bot.console.pages import Page, Visit
from bot.console.roles import Permission
from bot.console.uploads import open_upload
from bot.import_jobs import DONE, REFUSED, WAITING, Imports, TooLarge
from bot.import_report import FIELDS, LABELS
from bot.jobs.protocol import Jobs
from bot.records import with_zone
from bot.storage import Database
from bot.tables import procedures
from bot.wording.procedures import CHANNELS, time_limit
from bot.wording.speaker import LANGUAGES, Speaker
from bot.wording.speaker import marked as _
from bot.wording.titles import LEVELS
from knowledge.catalogue import Catalogue
from knowledge.importing_differences import Difference
from knowledge.procedures import Origin, Procedure, TimeLimit, TimeUnit

SHOWN = 20
STATES: Mapping[str, str] = {
    WAITING: _("Đang chờ hoặc đang đọc"),
    DONE: _("Đã nhập"),
    REFUSED: _("Không nhập được"),
}
# As differences name them.
_FACTS: Mapping[str, str] = {
    **{level.value: words for level, words in LEVELS.items()},
    **{kind.value: words for kind, words in CHANNELS.items()},
}
_COLUMNS = procedure_changes.c
_CHANGES = sa.select(procedure_changes).order_by(_COLUMNS.id.desc())
_BY_ID = sa.select(procedure_changes).where(_COLUMNS.id == sa.bindparam("id")).with_for_update()
_DOCUMENT = sa.select(procedures.c.document).where(procedures.c.code == sa.bindparam("code"))


@dataclass(frozen=True)
class Changed:
    """What an import changed of a procedure, in words; ``campaign``: the notice that was drafted of it, if any."""

    id: int
    at: dt.datetime
    file: str
    code: str
    lines: Sequence[str]
    campaign: Optional[int]


async def read_changes(
    database: Database, say: Speaker, most: int, before: Optional[int] = None, code: str = ""
) -> list[Changed]:
    """The newest first; ``code``: of one procedure alone."""
    query = _CHANGES.limit(most)
    if before is not None:
        query = query.where(_COLUMNS.id < before)
    if code:
        query = query.where(_COLUMNS.procedure == code)
    rows = await database.run(lambda connection: connection.execute(query).all())
    return [_changed(row, say) for row in rows]


def imported_procedure(connection: sa.engine.Connection, code: str) -> Optional[Procedure]:
    """Within a database work: as the last export has it."""
    document = connection.execute(_DOCUMENT, {"code": code}).scalar()
    return msgspec.json.decode(document, type=Procedure) if document else None


def in_words(say: Speaker, found: Sequence[Difference]) -> list[Difference]:
    """The same, with the catalogue's codes in words."""
    return [replace(one, curated=_said(say, one.curated), imported=_said(say, one.imported)) for one in found]


def _said(say: Speaker, facts: str) -> str:
    return ", ".join(_fact(say, fact) for fact in facts.split(", "))


def _fact(say: Speaker, fact: str) -> str:
    """Such as "5 working_day", "online", "commune", "20.000", "4"."""
    amount, _blank, unit = fact.partition(" ")
    if unit:
        return time_limit(say, TimeLimit(amount=int(amount), unit=TimeUnit(unit)))
    return say.gettext(_FACTS[fact]) if fact in _FACTS else fact


class ImportsPage:
    """``catalogue`` gives the one of the moment."""

    def __init__(
        self,
        database: Database,
        imports: Imports,
        campaigns: Campaigns,
        catalogue: Callable[[], Catalogue],
        jobs: Jobs,
    ) -> None:
        self._database, self._imports, self._campaigns = database, imports, campaigns
        self._catalogue, self._jobs = catalogue, jobs

    def pages(self) -> Sequence[Page]:
        reading, importing = Permission.READ_PROCEDURES, Permission.IMPORT_PROCEDURES
        return [
            Page("GET", "/procedures/imports", reading, self._list),
            Page("POST", "/procedures/imports", importing, self._send_up, upload=True),
            Page("GET", r"/procedures/imports/{id:\d{1,9}}", reading, self._report),
            Page("GET", "/procedures/changes", reading, self._changes),
            Page("POST", r"/procedures/changes/{id:\d{1,9}}/draft", Permission.WRITE_CAMPAIGNS, self._write),
        ]

    async def _list(self, visit: Visit) -> web.StreamResponse:
        return visit.page("imports.html", files=await self._imports.newest(SHOWN), states=STATES)

    async def _send_up(self, visit: Visit) -> web.StreamResponse:
        upload = await open_upload(visit)
        if upload is None:
            return visit.refuse(visit.say("Xin chọn một tệp."), 422)
        id, number, size = await self._imports.begin(upload.name, visit.official.actor), 0, 0
        try:
            async for piece in upload.pieces:
                size += len(piece)
                await self._imports.add(id, number, piece, size)
                number += 1
        except BaseException as error:  # also of a browser that goes away
            await self._imports.drop(id)
            if isinstance(error, TooLarge):
                return visit.refuse(visit.say("Tệp lớn quá 64 MB."), 413)
            raise
        await self._imports.complete(id, visit.official.actor)
        await self._jobs.put("import", "", {})
        return visit.go(f"/procedures/imports/{id}", visit.say("Đã nhận tệp. Việc nhập mất chừng một phút."))

    async def _report(self, visit: Visit) -> web.StreamResponse:
        file = await self._imports.get(int(visit.request.match_info["id"]))
        if file is None:
            return visit.refuse(visit.say("Không có lần nhập này."), 404)
        spoken = LANGUAGES.index(visit.say.language)
        return visit.page(
            "import.html",
            file=file,
            states=STATES,
            labels={kind: words[spoken] for kind, words in LABELS.items()},
            fields={name: words[spoken] for name, words in FIELDS.items()},
            differing=in_words(visit.say, file.report.differences) if file.report else [],
        )

    async def _changes(self, visit: Visit) -> web.StreamResponse:
        before = whole_number(visit.request.query.get("before", ""))
        found = await read_changes(self._database, visit.say, SHOWN + 1, before)
        shown = found[:SHOWN]
        catalogue = self._catalogue()
        return visit.page(
            "procedure_changes.html",
            changes=shown,
            held={one.code: catalogue.get(one.code) for one in shown},
            curated=Origin.CURATED,
            older=f"/procedures/changes?before={shown[-1].id}" if len(found) > SHOWN else "",
        )

    async def _write(self, visit: Visit) -> web.StreamResponse:
        """An official has a notice drafted of a change that has none."""
        id, by = int(visit.request.match_info["id"]), visit.official.actor

        def work(connection: sa.engine.Connection) -> Optional[int]:
            row = connection.execute(_BY_ID, {"id": id}).first()
            procedure = imported_procedure(connection, row.procedure) if row else None
            if procedure is None:
                return None
            if row.campaign is not None:  # somebody was faster
                return int(row.campaign)
            content = drafted(procedure, _by_language(row))
            campaign = self._campaigns.draft(connection, by, content, origin_of(row.procedure)).id
            connection.execute(procedure_changes.update().where(_COLUMNS.id == id).values(campaign=campaign))
            return campaign

        campaign = await self._database.run(work)
        if campaign is None:
            return visit.refuse(visit.say("Không có thay đổi này."), 404)
        await self._jobs.put("forecast", str(campaign), {"campaign": campaign})
        return visit.go(f"/campaigns/{campaign}")


def _changed(row: Any, say: Speaker) -> Changed:
    lines = [told(say, change) for change in _by_language(row)[say.language]]
    return Changed(row.id, with_zone(row.at), row.file, row.procedure, lines, row.campaign)


def _by_language(row: Any) -> Mapping[str, Sequence[Change]]:
    return msgspec.json.decode(row.changes, type=dict[str, list[Change]])
