"""What a pipeline's answers to a test set are worth: intents, and entities of the kinds that the test set annotates."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Optional, Sequence

from benchmarks.nlu_pair import Entity, Example


@dataclass(frozen=True)
class Heard:
    """``intent`` is the likeliest one, thresholds aside; ``fell_back`` when a fallback would have taken its place."""

    intent: Optional[str]
    fell_back: bool
    entities: tuple[Entity, ...]
    milliseconds: float


@dataclass(frozen=True)
class Scores:
    """Shares between 0 and 1. The three of entities are None when the test set annotates none."""

    accuracy: float
    macro_f1: float
    fell_back: float
    entity_f1: Optional[float]
    entity_precision: Optional[float]
    entity_recall: Optional[float]


def score(examples: Sequence[Example], heard: Sequence[Heard]) -> Scores:
    asked = [(_meant(example, one), one) for example, one in zip(examples, heard) if example.intent]
    precision, recall, f1 = _entities(examples, heard)
    return Scores(
        accuracy=sum(meant == one.intent for meant, one in asked) / len(asked),
        macro_f1=macro_f1([str(meant) for meant, _ in asked], [str(one.intent) for _, one in asked]),
        fell_back=sum(one.fell_back for _, one in asked) / len(asked),
        entity_f1=f1,
        entity_precision=precision,
        entity_recall=recall,
    )


def _meant(example: Example, one: Heard) -> Optional[str]:
    return one.intent if one.intent in example.also else example.intent


def macro_f1(meant: Sequence[str], heard: Sequence[str]) -> float:
    """The mean of the F1 of each intent that the test set asks for, rare ones counting as much as frequent ones."""
    right = Counter(a for a, b in zip(meant, heard) if a == b)
    wanted, given = Counter(meant), Counter(heard)
    return sum(2 * right[intent] / (wanted[intent] + given[intent]) for intent in wanted) / len(wanted)


def _entities(examples: Sequence[Example], heard: Sequence[Heard]) -> tuple[Optional[float], ...]:
    kinds = {entity.kind for example in examples for entity in example.entities}
    if not kinds:
        return None, None, None
    found = wanted = given = 0
    for example, one in zip(examples, heard):
        guessed = list(dict.fromkeys(entity for entity in one.entities if entity.kind in kinds))
        found += _matches(example.entities, guessed)
        wanted += len(example.entities)
        given += len(guessed)
    return found / given if given else 0.0, found / wanted, 2 * found / (wanted + given)


def _matches(wanted: Sequence[Entity], guessed: Sequence[Entity]) -> int:
    """Each wanted and each guessed entity counts once: of the same kind, at the same place or of the same value."""
    left, matches = list(guessed), 0
    for entity in wanted:
        same = next((guess for guess in left if _is_same(entity, guess)), None)
        if same is not None:
            left.remove(same)
            matches += 1
    return matches


def _is_same(one: Entity, other: Entity) -> bool:
    at_same_place = (one.start, one.end) == (other.start, other.end)
    return one.kind == other.kind and (at_same_place or one.value.lower() == other.value.lower())
