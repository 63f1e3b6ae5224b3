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
from typing import Any, Iterator, Mapping, Optional, Sequence

import msgspec
import sqlalchemy as sa

from bot import tables
from bot.privacy import hide_numbers
from bot.records import with_zone
from bot.spans import Span
from bot.teaching import folded_words
from knowledge.catalogue import Catalogue
from knowledge.procedures import Procedure

# The utterances that say that our answer was refused, and those that say that we have none.
REFUSED = ("say_it_differently", "say_it_by_example", "none_left")
MISSES = (
    "not_understood",
    "not_understood_again",
    "not_in_catalogue",
    "procedure_code_unknown",
    "out_of_scope",
    "person_after_misses",
    *REFUSED,
)
SHORTEST_QUESTION = 4  # words; fewer ("không phải") refuse and ask nothing
SHARED = 0.5
NEAR = 0.5  # a search score; below it the nearest procedure is a mere guess
DOTS = "•••"
LONG_AGO = dt.datetime(1, 1, 1, tzinfo=dt.timezone.utc)
# Codes of procedures and years say nothing of a person; whatever else has four digits or an @ may lead to one.
_TELLING = re.compile(
    r"""
    (?P<kept> (?<![\w.]) [1-6]\.\d{6} (?![\w.]) | (?<![\w./-]) (?:19|20)\d\d (?![\w./-]) )
    | •+ \s* \d{4}  # what privacy leaves of a number
    | [^\s“”"',;:!?()]* (?: @ | \d{4} ) [^\s“”"',;:!?()]*
    """,
    re.VERBOSE,
)


@dataclass(frozen=True)
class Missed:
    """A citizen's message that was not answered, and what was said instead; ``line``: its number in the transcript."""

    text: str
    at: dt.datetime
    said: str
    line: int = 0


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

    def take(self, missed: Missed, text: str) -> None:
        self.texts[text] += 1
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
    """Oldest first, each message once; the whole transcript is looked through."""
    return _missed(connection, tables.transcript.c.at >= since)


def missed_within(connection: sa.engine.Connection, span: Span) -> list[Missed]:
    """The same of our lines in a part of the transcript."""
    return list(_missed(connection, tables.transcript.c.seq.between(span.first, span.last)))


def is_miss(reply: Any) -> Any:
    """The condition for a column of replies."""
    return sa.or_(*(reply.like(f'%"utterance":"{name}"%') for name in MISSES))


def _missed(connection: sa.engine.Connection, which: Any) -> Iterator[Missed]:
    """Where an answer was refused, it is the message answered so that is missed."""
    ours, theirs = tables.transcript, tables.transcript.alias("theirs")
    query = (
        sa.select(theirs, ours.c.reply.label("said"))
        .join(theirs, ours.c.answer_to == theirs.c.seq)
        .where(which, is_miss(ours.c.reply))
        .order_by(theirs.c.seq, ours.c.seq)
    )
    seen: set[int] = set()
    for row in connection.execute(query).all():
        said = msgspec.json.decode(row.said, type=_Said).custom.get("utterance")
        if said in REFUSED and (row.text.startswith("/") or len(row.text.split()) < SHORTEST_QUESTION):
            row = _question_before(connection, row)
        if row is None or said not in MISSES or row.seq in seen or row.text.startswith("/"):
            continue
        seen.add(row.seq)
        yield Missed(row.text, with_zone(row.at), str(said), row.seq)


def _question_before(connection: sa.engine.Connection, row: Any) -> Any:
    """The citizen's last typed message before this one; None when there is none."""
    lines = tables.transcript.c
    query = sa.select(tables.transcript).where(
        lines.channel == row.channel,
        lines.person == row.person,
        lines.seq < row.seq,
        lines.message_id.is_not(None),
        sa.not_(lines.text.startswith("/")),
    )
    return connection.execute(query.order_by(lines.seq.desc()).limit(1)).first()


class _Said(msgspec.Struct):
    custom: Mapping[str, object] = {}


def grouped(missed: Sequence[Missed], catalogue: Catalogue) -> list[Group]:
    """Largest first, of equals the newest."""
    by_words: dict[frozenset[str], Group] = {}
    for one in missed:
        text = masked(one.text)
        words = _content(text, catalogue)
        if words not in by_words:
            by_words[words] = Group(words, _nearest(text, catalogue))
        by_words[words].take(one, text)
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
    found = (found for found in catalogue.find(text).found if found.procedure and found.probability >= NEAR)
    return next((one.procedure for one in found), None)
