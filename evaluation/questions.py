"""Questions as people type them, with what would be right: the code, the facet, a question back, a refusal."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Iterator, Sequence, Union

import msgspec
import yaml

FOLDER = Path(__file__).parent
QUESTIONS = FOLDER / "questions"  # measured, never looked at while something is changed
CALIBRATION = FOLDER / "calibration"  # what thresholds are found on and misses are read from


class QuestionsInvalid(ValueError):
    """A file of questions does not fit: mend the entry that the message names."""


class Style(str, Enum):
    """How a question is typed."""

    NO_MARKS = "no_marks"
    SLIPS = "slips"
    TEENCODE = "teencode"
    NORTH = "north"
    CENTRAL = "central"
    SOUTH = "south"
    CAPITALS = "capitals"
    RUN_TOGETHER = "run_together"


class Turn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One message and its label. Of ``code``, ``ask_back`` and ``refuse`` at most one is given.

    ``intent`` and ``code`` may list what is equally right; ``ask_back`` lists every procedure that the words may mean.
    """

    ask: str
    intent: Union[str, tuple[str, ...]]
    code: Union[str, tuple[str, ...]] = ()
    ask_back: tuple[str, ...] = ()
    refuse: bool = False
    style: tuple[Style, ...] = ()

    @property
    def intents(self) -> tuple[str, ...]:
        return (self.intent,) if isinstance(self.intent, str) else self.intent

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.code,) if isinstance(self.code, str) else self.code

    @property
    def is_marked(self) -> bool:
        """Typed with Vietnamese marks, so that it can be asked once more without."""
        return not self.ask.isascii()


@dataclass(frozen=True)
class Question:
    """One message, or a dialogue of two or three by one citizen."""

    turns: tuple[Turn, ...]

    @property
    def id(self) -> str:
        """Stays the same wherever the question stands in its file."""
        return hashlib.sha256("\n".join(turn.ask for turn in self.turns).encode()).hexdigest()[:10]


def read_questions(folder: Path) -> list[Question]:
    """All questions of the folder's files. Raises QuestionsInvalid."""
    questions = [question for path in sorted(folder.glob("*.yml")) for question in _read(path)]
    if not questions:
        raise QuestionsInvalid(f"{folder} holds no questions")
    return questions


def turns_of(questions: Sequence[Question]) -> Iterator[Turn]:
    for question in questions:
        yield from question.turns


def digest(questions: Sequence[Question]) -> str:
    """Names a set of questions with its labels: figures of different sets are never compared."""
    return hashlib.sha256(msgspec.json.encode([question.turns for question in questions])).hexdigest()


def _read(path: Path) -> Iterator[Question]:
    for number, entry in enumerate(yaml.safe_load(path.read_text(encoding="utf-8")) or [], 1):
        try:
            yield _question(entry)
        except (msgspec.ValidationError, QuestionsInvalid) as error:
            raise QuestionsInvalid(f"{path.name}, entry {number} ({entry!r:.80}): {error}") from error


def _question(entry: Any) -> Question:
    turns = entry["dialogue"] if isinstance(entry, dict) and set(entry) == {"dialogue"} else [entry]
    question = Question(tuple(msgspec.convert(turn, Turn) for turn in turns))
    for turn in question.turns:
        if sum(map(bool, (turn.codes, turn.ask_back, turn.refuse))) > 1:
            raise QuestionsInvalid("more than one of code, ask_back and refuse")
        if len(turn.ask_back) == 1:
            raise QuestionsInvalid("asking back needs two procedures that may be meant")
        if Style.NO_MARKS in turn.style and turn.is_marked:
            raise QuestionsInvalid("it is called no_marks and has marks")
    return question
