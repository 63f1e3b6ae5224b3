"""The catalogue as officials look at it: found by words or code, and one procedure as citizens are told it."""

from __future__ import annotations

import datetime as dt
from typing import Callable, Sequence

from aiohttp import web

from bot.console.imports_page import imported_procedure, in_words, read_changes
from bot.console.pages import Page, Visit
from bot.console.roles import Permission
from bot.import_report import FIELDS
from bot.records import now
from bot.storage import Database
from bot.wording.procedures import DRAWERS, OVERVIEW, procedure_cards
from bot.wording.speaker import LANGUAGES, Speaker
from bot.wording.titles import procedure_title
from connectors.messages import Card
from knowledge.calendar import VIETNAM_TIME
from knowledge.catalogue import Catalogue
from knowledge.importing_differences import Difference, differences
from knowledge.procedures import Origin, Procedure

SHOWN = 30
CHANGES = 10
LONGEST_QUESTION = 200


class ProceduresPage:
    """``catalogue`` gives the one of the moment."""

    def __init__(
        self, database: Database, catalogue: Callable[[], Catalogue], clock: Callable[[], dt.datetime] = now
    ) -> None:
        self._database, self._catalogue, self._clock = database, catalogue, clock

    def pages(self) -> Sequence[Page]:
        return [
            Page("GET", "/procedures", Permission.READ_PROCEDURES, self._search),
            Page("GET", r"/procedures/{code:\d\.\d{6}}", Permission.READ_PROCEDURES, self._show),
        ]

    async def _search(self, visit: Visit) -> web.StreamResponse:
        question = visit.request.query.get("q", "").strip()[:LONGEST_QUESTION]
        catalogue = self._catalogue()
        return visit.page(
            "procedures.html",
            question=question,
            found=found(catalogue, question)[:SHOWN],
            held=len(catalogue),
            curated=Origin.CURATED,
        )

    async def _show(self, visit: Visit) -> web.StreamResponse:
        code, say = visit.request.match_info["code"], visit.say
        procedure = self._catalogue().get(code)
        if procedure is None:
            return visit.refuse(say("Không có thủ tục này."), 404)
        spoken = LANGUAGES.index(say.language)
        return visit.page(
            "procedure.html",
            procedure=procedure,
            title=procedure_title(say, procedure),
            answers=self._answers(say, procedure),
            is_curated=procedure.origin is Origin.CURATED,
            source=procedure.source if procedure.source.startswith("https://") else "",
            differing=in_words(say, await self._differing(procedure)),
            fields={name: words[spoken] for name, words in FIELDS.items()},
            changes=await read_changes(self._database, say, CHANGES, code=code),
        )

    def _answers(self, say: Speaker, procedure: Procedure) -> list[Card]:
        """All that can be asked about it; papers and forms of each case."""
        today = self._clock().astimezone(VIETNAM_TIME).date()
        facets = [facet for facet in DRAWERS if facet != OVERVIEW]
        cards = list(procedure_cards(say, procedure, None, facets, today))
        for case in procedure.cases[1:]:
            cards += [drawer(say, procedure, case, today) for drawer in (*DRAWERS["papers"], *DRAWERS["form"])]
        return cards

    async def _differing(self, procedure: Procedure) -> list[Difference]:
        """What the last export says otherwise than the curated entry."""
        if procedure.origin is not Origin.CURATED:
            return []
        exported = await self._database.run(lambda connection: imported_procedure(connection, procedure.code))
        return differences([procedure], [exported]) if exported else []


def found(catalogue: Catalogue, question: str) -> list[Procedure]:
    """By code, or what the words may mean, likeliest first."""
    named = catalogue.get(question)
    if named is not None or not question:
        return [named] if named else []
    by_code: dict[str, Procedure] = {}
    for one in catalogue.find(question).found:
        meant = [one.procedure] if one.procedure else catalogue.procedures_of(one.topic) if one.topic else []
        by_code.update((procedure.code, procedure) for procedure in meant)
    return list(by_code.values())
