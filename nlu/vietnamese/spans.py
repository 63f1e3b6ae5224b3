"""What was found in a text, and where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """``value`` of kind ``entity`` at ``start`` to ``end`` (exclusive) of the text that was searched."""

    entity: str
    value: str
    start: int
    end: int
