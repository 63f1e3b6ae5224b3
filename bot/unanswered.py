"""What citizens asked and were not answered, from the transcript, grouped by meaning and masked.

Grouping is simple and always gives the same: messages with the same content words (frames of asking left out, slips
mended, order ignored) are one group; the groups, largest first, then join the first larger one with which they share
half of their words, or a word and the nearest procedure.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Iterator, Mapping, Optional, Sequence

import msgspec
import sqlalchemy as sa

from bot import tables
from bot.privacy import hide_numbers
from bot.records import with_zone
from bot.teaching import folded_words
from knowledge.catalogue import Catalogue
from knowledge.procedures import Procedure

# The utterances that say that we have no answer.
MISSES = (
    "not_understood",
    "not_understood_again",
    "not_in_catalogue",
    "procedure_code_unknown",
    "out_of_scope",
    "say_it_differently",
    "person_after_misses",
)
SHARED = 0.5
NEAR = 0.5  # a search score; below it the nearest procedure is a mere guess
DOTS = "•••"
LONG_AGO = dt.datetime(1, 1, 1, tzinfo=dt.timezone.utc)
# Codes of procedures and years say nothing of a person; whatever else has four digits or an @ may lead to one.
_TELLING = re.compile(
    r"""
    (?P<kept> (?<![\w.]) [1-6]\.\d{6} (?![\w.]) | (?<![\w./-]) (?:19|20)\d\d (?![\w./-]) )
    | •+ \s \d{4}  # what privacy leaves of a number
    | [^\s“”"',;:!?()]* (?: @ | \d{4} ) [^\s“”"',;:!?()]*
    """,
    re.VERBOSE,
)


@dataclass(frozen=True)
class Missed:
    """A citizen's message that was not answered, and what was said instead."""

    text: str
    at: dt.datetime
    said: str


@dataclass
class Group:
    words: frozenset[str]
    procedure: Optional[Procedure]
    texts: Counter[str] = field(default_factory=Counter)
    said: Counter[str] = field(default_factory=Counter)
    newest: dt.datetime = LONG_AGO

    @property
    def count(self) -> int:
        return self.texts.total()

    @property
    def example(self) -> str:
        """What was written most often, of that the shortest."""
        return min(self.texts, key=lambda text: (-self.texts[text], len(text), text))

    def take(self, missed: Missed) -> None:
        self.texts[masked(missed.text)] += 1
        self.said[missed.said] += 1
        self.newest = max(self.newest, missed.at)

    def join(self, other: Group) -> None:
        self.texts += other.texts
        self.said += other.said
        self.newest = max(self.newest, other.newest)

    def is_like(self, other: Group) -> bool:
        shared = len(self.words & other.words)
        nearest = self.procedure is not None and self.procedure is other.procedure
        return shared > 0 and (shared >= SHARED * len(self.words | other.words) or nearest)


def masked(text: str) -> str:
    """Without persons' numbers, codes of dossiers and addresses of mail."""
    return _TELLING.sub(lambda match: match["kept"] or DOTS, hide_numbers(text))


def missed_since(connection: sa.engine.Connection, since: dt.datetime) -> Iterator[Missed]:
    """Oldest first. A message that was answered in part is not missed; a pressed choice is nobody's words."""
    ours, theirs = tables.transcript.alias("ours"), tables.transcript.alias("theirs")
    query = (
        sa.select(theirs.c.seq, theirs.c.text, theirs.c.at, ours.c.reply)
        .join(theirs, ours.c.answer_to == theirs.c.seq)
        .where(ours.c.at >= since, sa.or_(*(ours.c.reply.like(f'%"utterance":"{name}"%') for name in MISSES)))
        .order_by(theirs.c.seq, ours.c.seq)
    )
    seen = 0
    for row in connection.execute(query):
        said = msgspec.json.decode(row.reply, type=_Said).custom.get("utterance")
        if said not in MISSES or row.seq == seen or row.text.startswith("/"):
            continue
        seen = row.seq
        yield Missed(row.text, with_zone(row.at), str(said))


class _Said(msgspec.Struct):
    custom: Mapping[str, object] = {}


def grouped(missed: Sequence[Missed], catalogue: Catalogue) -> list[Group]:
    """Largest first, of equals the newest."""
    by_words: dict[frozenset[str], Group] = {}
    for one in missed:
        words = _content(one.text, catalogue)
        if words not in by_words:
            by_words[words] = Group(words, _nearest(one.text, catalogue))
        by_words[words].take(one)
    groups: list[Group] = []
    holders: dict[str, list[Group]] = defaultdict(list)
    for group in sorted(by_words.values(), key=lambda group: (-group.count, sorted(group.words))):
        alike = (other for word in sorted(group.words) for other in holders[word] if group.is_like(other))
        larger = next(alike, None)
        if larger is not None:
            larger.join(group)
            continue
        groups.append(group)
        for word in group.words:
            holders[word].append(group)
    return sorted(groups, key=lambda group: (-group.count, -group.newest.timestamp(), group.example))


def _content(text: str, catalogue: Catalogue) -> frozenset[str]:
    content = frozenset(word.folded for word in catalogue.search.content(text))
    return content or frozenset(folded_words(text).split())


def _nearest(text: str, catalogue: Catalogue) -> Optional[Procedure]:
    found = (found for found in catalogue.find(text) if found.procedure and found.hit.score >= NEAR)
    return next((one.procedure for one in found), None)
