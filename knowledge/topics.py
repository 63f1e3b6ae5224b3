"""What people say that is no single procedure: a life event, an ambiguous word, a field, a matter we do not hold."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path
from typing import Optional

import msgspec
import yaml

from knowledge.procedures import Names, Part, Text

TOPICS_FILE = Path(__file__).parent / "data" / "topics.yml"


class TopicKind(str, Enum):
    """A LIFE_EVENT lists what there is to do, an AMBIGUOUS word is asked back, a FIELD of life lists its own.

    NOT_HELD is what people ask for and the shipped catalogue lacks.
    """

    LIFE_EVENT = "life_event"
    AMBIGUOUS = "ambiguous"
    FIELD = "field"
    NOT_HELD = "not_held"


class Topic(Part, frozen=True):
    """``patterns``: regular expressions over folded text (no marks, lower case) for what names cannot list."""

    id: str
    kind: TopicKind
    title: Text
    procedures: tuple[str, ...]
    names: Names = Names()
    patterns: tuple[str, ...] = ()

    def said_in(self, folded: str) -> Optional[tuple[int, int]]:
        """Where the first pattern that fits stands in the folded text."""
        found = (re.search(pattern, folded) for pattern in self.patterns)
        return next((match.span() for match in found if match), None)


def read_topics(path: Path = TOPICS_FILE) -> tuple[Topic, ...]:
    return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), tuple[Topic, ...])


def topic_said(topics: tuple[Topic, ...], folded: str) -> Optional[tuple[Topic, int, int]]:
    """The first topic one of whose patterns is in the folded text, and where."""
    said = ((topic, topic.said_in(folded)) for topic in topics)
    return next(((topic, *span) for topic, span in said if span), None)
