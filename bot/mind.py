"""What changes as one when officials teach or import: the model, the catalogue, and the words made of both."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import sqlalchemy as sa

from actions.all_actions import build_actions
from actions.services import Services
from bot import tables
from bot.library import open_catalogue
from bot.storage import open_engine
from bot.wording.talk import Agency
from bot.wording.wording import Wording
from knowledge.catalogue import Catalogue
from nlu.assistant import RasaAssistant
from nlu.conversations import ConversationStore
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
    procedures: int  # how many the catalogue holds


class MindMaker:
    """Makes a mind of a version's model file; ``services`` gives what actions need around a catalogue."""

    def __init__(
        self,
        database_url: str,
        services: Callable[[Catalogue], Services],
        store: ConversationStore,
        agency: Agency,
        today: Callable[[], dt.date],
    ) -> None:
        self._database_url = database_url
        self._services = services
        self._store = store
        self._agency = agency
        self._today = today

    def make(self, model: Path) -> Mind:
        """Takes seconds, in any thread. Raises ModelUnusable, TaughtWrong, DatabaseUnusable, CatalogueFileInvalid."""
        stand = Stand(model.parent.name, self._imports())  # first: what is imported meanwhile is seen as new later
        taught = read_taught(model.with_name(TAUGHT_FILE))
        catalogue = open_catalogue(self._database_url, taught.names)
        assistant = RasaAssistant.load(model, build_actions(self._services(catalogue)), self._store)
        return Mind(stand, assistant, Wording(catalogue, self._agency, self._today, fold), len(catalogue))

    def _imports(self) -> tuple[int, str]:
        engine = open_engine(self._database_url)
        try:
            with engine.connect() as connection:
                return imports(connection)
        finally:
            engine.dispose()


def imports(connection: sa.engine.Connection) -> tuple[int, str]:
    """How many procedures were imported, and when last: changes with every import that changes something."""
    query = sa.select(sa.func.count(), sa.func.max(tables.procedures.c.imported_at)).select_from(tables.procedures)
    count, newest = connection.execute(query).one()
    return count, str(newest or "")


async def warm_up(assistant: RasaAssistant) -> None:
    """First turns are slow and allocate what stays."""
    for text in WARM_UP:
        await assistant.answer("warm-up", text)
    await assistant.forget("warm-up")
