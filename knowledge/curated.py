"""Reads the shipped catalogue: one YAML file per procedure, checked against the types in ``knowledge.procedures``."""

from __future__ import annotations

from pathlib import Path

import msgspec
import yaml

from knowledge.procedures import Procedure

PROCEDURES_FOLDER = Path(__file__).parent / "data" / "procedures"

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same safe subset of YAML, ten times faster


class CatalogueFileInvalid(ValueError):
    """A catalogue file does not fit the schema: correct the named place in the named file."""


def read_procedure_file(path: Path) -> Procedure:
    """Decode one catalogue file. Raises CatalogueFileInvalid with the file's name and the place in it."""
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506
        return msgspec.convert(document, Procedure)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise CatalogueFileInvalid(f"{path.name}: {error}") from error


def read_curated_procedures(folder: Path = PROCEDURES_FOLDER) -> list[Procedure]:
    """All shipped procedures in the order of their codes. Two files with one code are an error."""
    procedures: dict[str, Procedure] = {}
    for path in sorted(folder.rglob("*.yml")):
        procedure = read_procedure_file(path)
        if procedure.code in procedures:
            raise CatalogueFileInvalid(f"{path.name}: code {procedure.code} stands in another file too")
        procedures[procedure.code] = procedure
    return [procedures[code] for code in sorted(procedures)]
