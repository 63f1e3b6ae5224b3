"""The one place that decides what the words alone call for: answer, offer, or say that nothing such is held.

``thresholds.yml`` was written by ``make calibrate`` (evaluation/calibrating.py) from the calibration questions;
docs/decisions/0008 tells how. The probabilities are those of knowledge/ranking.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Union

import msgspec
import yaml

from actions.turn import MAX_CHOICES
from knowledge.catalogue import Findings, Found

THRESHOLDS_FILE = Path(__file__).parent / "thresholds.yml"


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All are probabilities."""

    answer: float  # the likeliest is answered from here on
    refuse: float  # that it is nothing held: from here on that is said
    offer: float  # worth a button: at least this share of the likeliest
    facet_sure: float  # one facet alone is answered from here on; below, what else is likely asked is answered too
    facet_likely: float  # what is likely asked


@dataclass(frozen=True)
class Answer:
    found: Found


@dataclass(frozen=True)
class Offer:
    """At most four, the likeliest first."""

    found: tuple[Found, ...]


@dataclass(frozen=True)
class Refuse:
    """Nothing that is held is meant; ``nearest`` may still be."""

    nearest: tuple[Found, ...]


Decision = Union[Answer, Offer, Refuse]


def decide(findings: Findings, thresholds: Thresholds) -> Decision:
    if not findings:
        return Refuse(())
    best = findings.found[0]
    if best.match.exact and best.procedure:  # its very name, word for word
        return Answer(best)
    likely = tuple(f for f in findings.found if f.probability >= thresholds.offer * best.probability)[:MAX_CHOICES]
    if findings.none >= thresholds.refuse and not best.match.exact:
        return Refuse(likely)
    return Answer(best) if best.probability >= thresholds.answer else Offer(likely)


@lru_cache(maxsize=1)
def read_thresholds() -> Thresholds:
    """Those in use; the file is read once."""
    return msgspec.convert(yaml.safe_load(THRESHOLDS_FILE.read_text(encoding="utf-8")), Thresholds)
