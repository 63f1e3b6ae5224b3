"""What people say in many ways and titles in one: abroad, at the border, on wheels, wholly online."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Sequence

import msgspec
import yaml

from knowledge.procedures import Part

CONCEPTS_FILE = Path(__file__).parent / "data" / "concepts.yml"


class Concept(Part, frozen=True):
    """``title`` and ``said`` are regular expressions over folded text; ``words`` is what search adds when said."""

    id: str
    words: str
    title: str
    said: tuple[str, ...]

    def is_in_title(self, folded: str) -> bool:
        return re.search(self.title, folded) is not None

    def is_said(self, folded: str) -> bool:
        return any(re.search(pattern, folded) for pattern in self.said)


def read_concepts(path: Path = CONCEPTS_FILE) -> tuple[Concept, ...]:
    return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), tuple[Concept, ...])


def said_in(concepts: Sequence[Concept], folded: str) -> list[Concept]:
    return [concept for concept in concepts if concept.is_said(folded)]
