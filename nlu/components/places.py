"""Where annotated entities stand in the sentences that practice makes from annotated ones."""

from __future__ import annotations

import re
from typing import Any, Mapping, Optional, Sequence

from nlu.vietnamese.folding import fold

Entities = Sequence[Mapping[str, Any]]  # as Rasa annotates them: "entity", "value", "start", "end"
Spans = Sequence[tuple[int, int]]

_TYPED = re.compile(r"\S+")


def in_copy(text: str, entities: Entities, copy: str) -> Optional[list[dict[str, Any]]]:
    """The ``entities`` of ``text`` in its ``copy``, which has the same words otherwise typed.

    None when one of them cannot be found again, as when words were run together.
    """
    if not entities:
        return []
    words, typed = ([match.span() for match in _TYPED.finditer(each)] for each in (text, copy))
    if len(words) != len(typed):
        return None
    placed = []
    for entity in entities:
        start = _start(text, words, copy, typed, entity["start"])
        end = _end(text, words, copy, typed, entity["end"])
        if start is None or end is None or start >= end:
            return None
        placed.append(_moved(entity, text, copy, start, end))
    return placed


def standing_in(made: str, at: int, text: str, entities: Entities) -> list[dict[str, Any]]:
    """The ``entities`` of ``text`` in ``made``, where it stands from ``at`` on; its end may be cut off."""
    return [
        _moved(entity, text, made, at + entity["start"], min(at + entity["end"], len(made)))
        for entity in entities
        if at + entity["start"] < len(made)
    ]


def _start(text: str, words: Spans, copy: str, typed: Spans, at: int) -> Optional[int]:
    """Inside a word only where the letters before it are still the same."""
    for (start, end), (copy_start, _) in zip(words, typed):
        if start <= at < end:
            found = copy_start + at - start
            return found if fold(text[start:at]) == fold(copy[copy_start:found]) else None
    return None


def _end(text: str, words: Spans, copy: str, typed: Spans, at: int) -> Optional[int]:
    """Inside a word, as before a comma, only where the letters behind it are still the same."""
    for (start, end), (_, copy_end) in zip(words, typed):
        if start < at <= end:
            found = copy_end - (end - at)
            return found if fold(text[at:end]) == fold(copy[found:copy_end]) else None
    return None


def _moved(entity: Mapping[str, Any], text: str, made: str, start: int, end: int) -> dict[str, Any]:
    """A value that is the words themselves stays the words, now as typed in ``made``; any other stays what it is."""
    is_literal = entity["value"] == text[entity["start"] : entity["end"]]
    return {**entity, "start": start, "end": end, "value": made[start:end] if is_literal else entity["value"]}
