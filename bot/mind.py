"""What changes as one when officials teach or import: the model, the catalogue, and the words made of both."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Sequence

from actions.all_actions import build_actions
from actions.services import Services
from bot.library import build_catalogue
from bot.records import Conversations, imported_documents, imported_procedures, imports
from bot.storage import Database
from bot.wording.talk import Agency
from bot.wording.wording import Wording
from knowledge.catalogue import Catalogue
from knowledge.procedures import Procedure
from nlu.assistant import RasaAssistant
from nlu.taught import TAUGHT_FILE, read_taught
from nlu.vietnamese.folding import fold

WARM_UP = ("xin chào", "làm khai sinh cần giấy tờ gì", "lệ phí bao nhiêu")


@dataclass(frozen=True)
class Stand:
    """By what one sees that a mind is out of date: the version's name, and what the imports have left."""

    version: str
    imports: tuple[int, str]


@dataclass(frozen=True)
class Mind:
    stand: Stand
    assistant: RasaAssistant
    wording: Wording
    catalogue: Catalogue


class MindMaker:
    """Makes a mind of a version's model file; ``services`` gives what actions need around a catalogue.

    Everything is read through the open database: a second way into an SQLite file would undo the locks of the first.
    """

    def __init__(
        self,
        database: Database,
        services: Callable[[Catalogue], Services],
        agency: Callable[[], Agency],
        today: Callable[[], dt.date],
    ) -> None:
        self._database = database
        self._services = services
        self._agency = agency
        self._today = today

    async def make(self, model: Path) -> Mind:
        """Takes seconds, in a thread. Raises ModelUnusable, TaughtWrong, DatabaseUnusable, CatalogueFileInvalid."""
        stand = Stand(model.parent.name, await self._database.run(imports))  # first: a later import is seen as new
        imported = await asyncio.to_thread(imported_procedures, await self._database.run(imported_documents))
        return await asyncio.to_thread(self._make, model, stand, imported)

    def _make(self, model: Path, stand: Stand, imported: Sequence[Procedure]) -> Mind:
        catalogue = build_catalogue(imported, read_taught(model.with_name(TAUGHT_FILE)).names, model.parent.parent)
        services = self._services(catalogue)
        assistant = RasaAssistant.load(model, build_actions(services), Conversations(self._database))
        wording = Wording(catalogue, services.topics, self._agency, self._today, fold)
        return Mind(stand, assistant, wording, catalogue)


async def warm_up(assistant: RasaAssistant) -> None:
    """First turns are slow and allocate what stays."""
    for text in WARM_UP:
        await assistant.answer("warm-up", text)
    await assistant.forget("warm-up")
