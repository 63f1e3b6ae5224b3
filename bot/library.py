"""Opens the library: the shipped catalogue with what was imported over it, and the text functions it searches with."""

from __future__ import annotations

from typing import Callable

from bot.records import imported_procedures
from bot.storage import open_engine
from knowledge.catalogue import Catalogue
from knowledge.curated import read_curated_procedures
from knowledge.topics import read_topics
from nlu.vietnamese.folding import fold
from nlu.vietnamese.normalising import Normaliser


def open_catalogue(database_url: str) -> Catalogue:
    """The whole catalogue. The database must have been migrated. Raises DatabaseUnusable."""
    engine = open_engine(database_url)
    try:
        with engine.connect() as connection:
            imported = imported_procedures(connection)
    finally:
        engine.dispose()
    return Catalogue([*read_curated_procedures(), *imported], read_topics(), fold, normalise_with(Normaliser.shipped()))


def normalise_with(normaliser: Normaliser) -> Callable[[str], str]:
    return lambda text: normaliser.normalise(text).text
