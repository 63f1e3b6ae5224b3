"""What speaks for a procedure being meant, and how much each thing counts: weights found by ``make calibrate``.

A conditional logit (McFadden 1974): each candidate's evidence is weighed and added to its score; the probability that
it is meant is its share of exp(score) among all candidates and "none of these".
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Sequence

import msgspec
import yaml

RANKING_FILE = Path(__file__).parent / "data" / "ranking.yml"

# Of the best name: shares of question and name, both weighted by rarity.
NAME_EVIDENCE = ("said", "named", "said_and_named", "neighbours", "exact")
# Of the whole document.
DOCUMENT_EVIDENCE = (
    "bm25",  # as a share of the best candidate's
    "explained",  # share of the question that any of its texts explains
    "heard",  # how much it sounds like what people asked about this procedure before
    "curated",
    "special",  # abroad, border, on wheels: what few need, when the question says nothing of it
    "special_said",  # the same when the question does
    "special_unheld",  # the question says it and the title does not
    "topic",
    "not_held",
)
EVIDENCE = (*NAME_EVIDENCE, *DOCUMENT_EVIDENCE)
# For "none of these": a constant, the share of the question that no text has, how short it is, and how probable the
# intent model finds it out of scope.
NONE_EVIDENCE = ("always", "unknown", "words", "outside")


class Ranking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Weights by the name of the evidence."""

    evidence: dict[str, float]
    none: dict[str, float]

    @property
    def of_name(self) -> tuple[float, ...]:
        return tuple(self.evidence.get(name, 0.0) for name in NAME_EVIDENCE)

    @property
    def of_document(self) -> tuple[float, ...]:
        return tuple(self.evidence.get(name, 0.0) for name in DOCUMENT_EVIDENCE)

    @property
    def of_none(self) -> tuple[float, ...]:
        return tuple(self.none.get(name, 0.0) for name in NONE_EVIDENCE)


def read_ranking(path: Path = RANKING_FILE) -> Ranking:
    return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), Ranking)


def probabilities(scores: Sequence[float], none: float) -> tuple[list[float], float]:
    """The probability of each candidate, and of none of them."""
    highest = max([*scores, none])
    odds = [math.exp(score - highest) for score in scores]
    rest = math.exp(none - highest)
    total = sum(odds) + rest
    return [each / total for each in odds], rest / total

