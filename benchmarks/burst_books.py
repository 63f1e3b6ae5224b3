"""Holds what a platform says it took and sent against what the tables say, message by message."""

from __future__ import annotations

import html
import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any, Callable, Iterable, Mapping, Optional, Sequence

from benchmarks.burst_platforms import Sent
from bot.storage import open_engine

_SENT = ("sent", "delivered", "seen")


@dataclass(frozen=True)
class Asked:
    """A row of the inbox."""

    message_id: str
    state: str
    line: Optional[int]
    error: Optional[str]


@dataclass(frozen=True)
class Part:
    """A row of the outbox."""

    seq: int
    line: int
    part: int
    person: str
    state: str
    message_id: Optional[str]
    body: str


@dataclass(frozen=True)
class Answer:
    """A line of the transcript that is ours."""

    seq: int
    answer_to: int


@dataclass(frozen=True)
class Books:
    asked: Sequence[Asked]
    parts: Sequence[Part]
    answers: Sequence[Answer]

    @property
    def interrupted(self) -> frozenset[int]:
        """Of a server that was killed: the parts that it was sending."""
        return frozenset(part.seq for part in self.parts if part.state == "sending")


_QUERIES: Mapping[str, tuple[Callable[..., Any], str]] = {
    "asked": (Asked, "SELECT message_id, state, line, error FROM inbox WHERE channel = '{}'"),
    "parts": (
        Part,
        "SELECT seq, line, part, person, state, message_id, body FROM outbox "
        "WHERE channel = '{}' AND line IS NOT NULL ORDER BY line, part",
    ),
    "answers": (Answer, "SELECT seq, answer_to FROM transcript WHERE channel = '{}' AND reply IS NOT NULL"),
}

_OPEN = (
    "SELECT (SELECT count(*) FROM inbox WHERE state IN ('waiting', 'working')), "
    "(SELECT count(*) FROM outbox WHERE state IN ('waiting', 'sending'))"
)


class Tables:
    """Reads the tables of a database that another process writes to."""

    def __init__(self, url: str, channel: str) -> None:
        self._engine, self._channel = open_engine(url), channel

    def read(self) -> Books:
        with self._engine.connect() as connection:
            rows = {
                name: [kind(*row) for row in connection.exec_driver_sql(query.format(self._channel))]
                for name, (kind, query) in _QUERIES.items()
            }
        return Books(**rows)

    def waiting(self) -> int:
        """How many messages are not answered and how many parts not sent yet, together."""
        with self._engine.connect() as connection:
            return sum(connection.exec_driver_sql(_OPEN).one())

    def close(self) -> None:
        self._engine.dispose()


def differences(said: frozenset[str], books: Books, sent: Sequence[Sent]) -> Mapping[str, int]:
    """What does not agree, and how often; empty when all is exact."""
    stored = Counter(row.message_id for row in books.asked)
    lines = {row.line for row in books.asked if row.line is not None}
    answered = {row.answer_to for row in books.answers}
    numbers = defaultdict(list)
    for part in books.parts:
        numbers[part.line].append(part.part)
    outbox = {(part.message_id, part.person, _words(part.body)) for part in books.parts}
    claimed = Counter(part.message_id for part in books.parts)
    ledger = {(one.message_id, one.person, _folded(one.text)) for one in sent}
    return _those(
        ("messages accepted and not stored", said - set(stored)),
        ("messages stored and never accepted", set(stored) - said),
        ("messages stored twice", stored - Counter(set(stored))),
        ("messages not done", (row for row in books.asked if row.state != "done")),
        ("messages done without a line", (row for row in books.asked if row.line is None and not row.error)),
        ("lines without an answer", lines - answered),
        ("answers not on their way", {row.seq for row in books.answers} - set(numbers)),
        ("answers with a part too few or too many", (one for one in numbers.values() if one != [*range(len(one))])),
        ("parts not sent", (part for part in books.parts if part.state not in _SENT)),
        ("parts that never reached the platform", outbox - ledger),
        ("messages of the platform that are no part", ledger - outbox),
        ("ids that two parts claim", claimed - Counter(set(claimed))),
    )


def _those(*found: tuple[str, Iterable[object]]) -> Mapping[str, int]:
    counts = {name: sum(things.values()) if isinstance(things, Counter) else len([*things]) for name, things in found}
    return {name: count for name, count in counts.items() if count}


def _words(body: str) -> str:
    """What the person reads of a drawn part, whichever channel drew it."""
    text = json.loads(body)["text"]
    return _folded(html.unescape(re.sub("</?b>", "", text)))


def _folded(text: str) -> str:
    return " ".join(text.split())
