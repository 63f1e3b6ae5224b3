"""Opens the library: the shipped catalogue with what was imported over it, and the text functions it searches with."""

from __future__ import annotations

import logging
from pathlib import Path
from types import MappingProxyType
from typing import Callable, Mapping, Optional, Sequence

import msgspec

from bot.records import imported_documents, imported_procedures
from bot.storage import open_engine
from knowledge.catalogue import Catalogue
from knowledge.curated import read_curated_procedures
from knowledge.procedures import Names, Procedure
from knowledge.topics import read_topics
from nlu.asked import asked_about
from nlu.hearing import kept_ear
from nlu.versions import Versions
from nlu.vietnamese.folding import fold
from nlu.vietnamese.normalising import Normaliser

TaughtNames = Mapping[str, Sequence[str]]
MODELS = Path(__file__).parents[1] / "models"
NOTHING: TaughtNames = MappingProxyType({})
logger = logging.getLogger(__name__)


def open_catalogue(database_url: str, taught: TaughtNames = NOTHING, models: Path = MODELS) -> Catalogue:
    """The whole catalogue; ``taught`` are the everyday names that officials gave, by code.

    The database must have been migrated. Raises DatabaseUnusable and CatalogueFileInvalid.
    """
    engine = open_engine(database_url)
    try:
        with engine.connect() as connection:
            documents = imported_documents(connection)
    finally:
        engine.dispose()
    return build_catalogue(imported_procedures(documents), taught, models)


def build_catalogue(imported: Sequence[Procedure], taught: TaughtNames, models: Path = MODELS) -> Catalogue:
    """``models`` is the folder that keeps the ear for procedures. Raises CatalogueFileInvalid."""
    procedures = [_with_names(procedure, taught) for procedure in (*read_curated_procedures(), *imported)]
    asked = asked_about()
    catalogue = Catalogue(procedures, read_topics(), fold, normalise_with(Normaliser.shipped()))
    texts = {code: (*said, *_names(catalogue.get(code))) for code, said in asked.items()}
    words = [name for procedure in catalogue for name in _names(procedure)]
    catalogue = catalogue.with_ear(kept_ear(models, texts, catalogue.search.terms, words))
    unknown = [code for code in taught if catalogue.get(code) is None]
    if unknown:  # refused where it is taught; later a procedure may leave the catalogue, and the rest must be served
        logger.warning("names were taught for procedures that are not held (any more): %s", ", ".join(unknown))
    return catalogue


def _names(procedure: Optional[Procedure]) -> tuple[str, ...]:
    if procedure is None:
        return ()
    title, names = procedure.title, procedure.everyday_names
    return (title.vi, *names.vi, *([title.en] if title.en else []), *names.en)


def taught_names(models: Path) -> TaughtNames:
    """What officials taught, in the active version. Raises VersionUnusable and TaughtWrong."""
    active = Versions(models).active()
    return active.taught.names if active else NOTHING


def _with_names(procedure: Procedure, taught: TaughtNames) -> Procedure:
    if procedure.code not in taught:
        return procedure
    names = procedure.everyday_names
    named = Names(vi=tuple(dict.fromkeys((*names.vi, *taught[procedure.code]))), en=names.en)
    return msgspec.structs.replace(procedure, everyday_names=named)


def normalise_with(normaliser: Normaliser) -> Callable[[str], str]:
    return lambda text: normaliser.normalise(text).text
