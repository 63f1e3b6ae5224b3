"""Search alone on the development questions about civil status, when they lie in ``../shared/data``.

They were written for one procedure each, and many name none ("Thủ tục này mất bao lâu?"): no search can find what is
not said. So they are measured twice: all of them, and those that say at least half of their procedure's title.
"""

from __future__ import annotations

import json
from pathlib import Path

from evaluation.figures import retrieval
from knowledge.catalogue import Catalogue
from knowledge.search import LEVEL_SUFFIX

FILE = Path(__file__).parents[2] / "shared/data/questions/dev-civil-status.jsonl"
NAMED_ENOUGH = 0.5  # of the title's syllables


def development_figures(catalogue: Catalogue) -> dict[str, float]:
    """Recall over all mapped questions, over those that name their procedure, and the share of these."""
    if not FILE.is_file():
        return {}
    rows = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row.get("code") and catalogue.get(row["code"])]
    all_ = [(row["q"], [row["code"]]) for row in rows]
    naming = [(row["q"], [row["code"]]) for row in rows if _names(catalogue, row["q"], row["title"])]
    return {
        **_named("development", retrieval(catalogue, all_)),
        "development_naming": len(naming) / (len(all_) or 1),
        **_named("development_naming", retrieval(catalogue, naming)),
    }


def _names(catalogue: Catalogue, question: str, title: str) -> bool:
    said = {word.folded for word in catalogue.search.words(question)}
    named = [word.folded for word in catalogue.search.words(LEVEL_SUFFIX.sub("", title))]
    return sum(word in said for word in named) >= NAMED_ENOUGH * len(named)


def _named(prefix: str, figures: dict[str, float]) -> dict[str, float]:
    return {f"{prefix}_{name}": value for name, value in figures.items()}
