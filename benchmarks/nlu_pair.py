"""A Rasa NLU train/test pair in a folder: which files are meant, the test examples, and how they read mistyped."""

from __future__ import annotations

import contextlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterator, Optional

from nlu.vietnamese.folding import fold
from nlu.vietnamese.lexicon import Lexicon
from nlu.vietnamese.slips import Slips

NAMES = {
    "train": ("train.yml", "train.yaml", "train", "nlu.yml", "nlu.yaml"),
    "test": ("test.yml", "test.yaml", "test", "test_nlu.yml", "test_nlu.yaml"),
}
EXPECTED = "expected train.yml and test.yml, or nlu.yml and test_nlu.yml, or folders train/ and test/, as Rasa's YAML"
SLIPS_SEED = 7
Way = Callable[[str], str]


class PairUnusable(ValueError):
    """The folder holds no train/test pair that can be measured: mend what the sentence names."""


@dataclass(frozen=True)
class Entity:
    kind: str
    value: str
    start: int
    end: int


@dataclass(frozen=True)
class Example:
    """``intent`` is the first part of a retrieval intent: "faq" of "faq/opening_hours". ``also`` is equally right."""

    text: str
    intent: Optional[str]
    entities: tuple[Entity, ...] = ()
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pair:
    train: Path
    training: tuple[Example, ...]
    test: tuple[Example, ...]


def read_pair(folder: Path) -> Pair:
    """Raises PairUnusable with one sentence."""
    if not folder.is_dir():
        raise PairUnusable(f"{folder} is no folder: {EXPECTED}")
    train, test = (_present(folder, part) for part in ("train", "test"))
    pair = Pair(train, tuple(read_examples(train)), tuple(read_examples(test)))
    intents = {example.intent for example in pair.training if example.intent}
    if len(intents) < 2:
        raise PairUnusable(f"{train} holds {len(intents)} intent(s): a classifier needs two or more to choose from")
    if not any(example.intent for example in pair.test):
        raise PairUnusable(f"{test} holds no example with an intent")
    return pair


def own_pair(root: Path) -> Pair:
    """Our training data, asked the first turns of the questions on which thresholds are found; the evaluation's own
    questions stay sealed."""
    from evaluation.questions import CALIBRATION, read_questions

    train = root / "nlu" / "data"
    asked = [question.turns[0] for question in read_questions(CALIBRATION)]
    test = tuple(Example(turn.ask, turn.intents[0], also=turn.intents[1:]) for turn in asked)
    return Pair(train, tuple(read_examples(train)), test)


def _present(folder: Path, part: str) -> Path:
    for name in NAMES[part]:
        if (folder / name).exists():
            return folder / name
    raise PairUnusable(f"{folder} holds no {part} data: {EXPECTED}")


def read_examples(path: Path) -> Iterator[Example]:
    """The examples of a file or folder as Rasa reads them. Raises PairUnusable."""
    from rasa.shared.data import get_data_files, is_nlu_file
    from rasa.shared.exceptions import RasaException
    from rasa.shared.nlu.training_data.loading import load_data

    files = [path] if path.is_file() else sorted(path.rglob("*.y*ml"))
    if not files:
        raise PairUnusable(f"{path} holds no YAML file: {EXPECTED}")
    for file in files:
        try:
            # What Rasa prints and warns of while it reads comes again when the pipelines train on the same files.
            with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
                warnings.simplefilter("ignore")
                if file != path and not get_data_files([str(file)], is_nlu_file):
                    continue  # a domain or stories, lying in the same folder
                messages = load_data(str(file)).training_examples
        except (RasaException, ValueError, TypeError, AttributeError, KeyError, OSError) as error:
            raise PairUnusable(f"{file} is no NLU data in Rasa's YAML: {_one_sentence(error)}") from error
        yield from (_example(message) for message in messages if message.get("text"))


def _one_sentence(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__


def _example(message: object) -> Example:
    get = message.get  # type: ignore[attr-defined]
    entities = [Entity(e["entity"], str(e["value"]), e["start"], e["end"]) for e in get("entities") or []]
    return Example(get("text"), get("intent"), tuple(sorted(entities, key=lambda entity: entity.start)))


def varied(example: Example, way: Way) -> Example:
    """The example typed in another ``way``, its entities where they stand then."""
    text, at, entities = "", 0, []
    for entity in example.entities:
        if entity.start < at:
            continue  # one inside another: the first stays
        text += _keeping_borders(example.text[at : entity.start], way)
        typed = _keeping_borders(example.text[entity.start : entity.end], way)
        is_literal = entity.value == example.text[entity.start : entity.end]
        value = typed if is_literal else entity.value
        entities.append(Entity(entity.kind, value, len(text), len(text) + len(typed)))
        text, at = text + typed, entity.end
    return Example(text + _keeping_borders(example.text[at:], way), example.intent, tuple(entities), example.also)


def _keeping_borders(text: str, way: Way) -> str:
    core = text.strip()
    if not core:
        return text
    start = text.index(core)
    return text[:start] + way(core) + text[start + len(core) :]


def ways() -> dict[str, Way]:
    """How each test text is asked; slips with a fixed seed, so that every pipeline and every run sees the same."""
    return {
        "as written": str,
        "without marks": fold,
        "typing slips": Slips(Lexicon.shipped(), SLIPS_SEED).mistype,
    }
