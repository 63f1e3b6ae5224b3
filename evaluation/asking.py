"""Asks the questions of the real assistant: its model, its actions, the catalogue, an emulated portal."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Optional, Sequence

from actions.choices import Payload
from bot.app import House, open_house
from bot.import_command import import_procedures
from bot.secret_key import secret_of
from bot.settings import Settings
from bot.storage import migrate
from evaluation.judging import Outcome, answered, judge
from evaluation.questions import Question, Turn
from nlu.assistant import Answer, AssistantFailed

TODAY = dt.date(2026, 11, 20)
EXPORTS = Path(__file__).parents[2] / "shared/data/procedures"


@dataclass(frozen=True)
class Asked:
    """One turn and what came of it. ``follows`` is true from a dialogue's second turn on."""

    turn: Turn
    answer: Answer
    outcome: Outcome
    milliseconds: float
    follows: bool


def prepare(folder: Path, with_exports: bool) -> Settings:
    """An empty database in the folder, with the official exports imported when they are wanted."""
    settings = Settings(database_url=f"sqlite:///{folder}/evaluation.db")
    migrate(settings.database_url)
    url, secret = settings.database_url, secret_of(settings)
    if with_exports and import_procedures(exports(), url, None, TODAY, secret=secret):
        raise RuntimeError("the official exports could not be imported")
    return settings


def exports() -> list[Path]:
    return sorted(EXPORTS.glob("*.jsonl.gz"))


async def ask_all(
    house: House, questions: Sequence[Question], way: Callable[[str], str] = str
) -> list[tuple[Question, list[Asked]]]:
    """``way`` is how each text is typed: as it stands, or without marks."""
    return [(question, await _ask(house, question, way)) for question in questions]


async def _ask(house: House, question: Question, way: Callable[[str], str]) -> list[Asked]:
    """Whoever is offered what he meant presses it before he goes on, as people do; pressing is not counted."""
    citizen = f"evaluation-{question.id}-{id(way)}"
    asked: list[Asked] = []
    for turn in question.turns:
        wanted = _offered_choice(asked[-1]) if asked and "choose" not in turn.intents else None
        if wanted is not None:
            await house.assistant.answer(citizen, wanted, pressed=True)
        start = time.perf_counter()
        try:
            answer = await house.assistant.answer(citizen, way(turn.ask))
        except AssistantFailed as error:
            raise RuntimeError(f"no answer to {turn.ask!r}") from error
        milliseconds = (time.perf_counter() - start) * 1000
        before = asked[-1].answer.utterances if asked else ()  # what "nói lại" repeats and "cái thứ hai" chooses from
        outcome = judge(turn, answer.utterances, before)
        asked.append(Asked(turn, answer, outcome, milliseconds, bool(asked)))
    await house.assistant.forget(citizen)
    return asked


def _offered_choice(before: Asked) -> Optional[str]:
    """The button for what the message before meant, when that was offered and not answered."""
    if before.outcome is not Outcome.OFFERED or answered(before.answer.utterances):
        return None
    buttons = (choice for said in before.answer.utterances for choice in said.facts.get("choices", []))
    return next((button for button in buttons if Payload.parse(button).procedure in before.turn.codes), None)


async def with_house(settings: Settings, model: Path) -> House:
    """The house as it is served, its clock standing still at ten in the morning of ``TODAY``."""
    return await open_house(settings, model, lambda: dt.datetime.combine(TODAY, dt.time(10), dt.timezone.utc))
