"""Graph component that joins training sentences as people do who tell their story and then ask. Idle when answering.

"Con em mới sinh" and "bao lâu thì có" make "con em mới sinh, bao lâu thì có", which asks the time: what is told
beside a question changes nothing about what is asked. Told about something out of scope, the question is out of scope.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Any, Sequence

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components.families import is_held_back
from nlu.components.places import Entities, standing_in
from nlu.components.practising import practice_message

LONGEST_STORY, SHORTEST_STORY = 20, 3  # words
LONGEST_QUESTION, LONGEST_QUESTION_OUTSIDE = 8, 5
JOINS = (", ", ", ", " ", ". ", " thì ", " thi ")
QUESTION_LAST = 0.75
ENDS = ".,;?! "


@dataclass(frozen=True)
class Sentence:
    text: str
    intent: str
    entities: Entities


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class StoryPractice(GraphComponent):
    """Stands first. Makes ``joined`` sentences from examples of the intents ``story`` and ``questions`` and, a fifth of

    them, of ``outside`` and ``questions``. Makes none where an intent has no examples.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"joined": 4000, "story": None, "questions": [], "outside": None, "seed": 42}

    def __init__(self, config: dict[str, Any]) -> None:
        self._config = config

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> StoryPractice:
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        examples = [
            Sentence(str(e.get(TEXT)), str(e.get(INTENT)), e.get(ENTITIES) or []) for e in training_data.intent_examples
        ]
        wanted, questions, outside = (self._config[name] for name in ("joined", "questions", "outside"))
        chance = random.Random(self._config["seed"])  # noqa: S311 - practice, no secret
        told = _join(chance, examples, self._config["story"], questions, LONGEST_QUESTION, wanted * 4 // 5)
        beside = _join(chance, examples, outside, questions, LONGEST_QUESTION_OUTSIDE, wanted // 5)
        told += [(replace(sentence, intent=outside), question) for sentence, question in beside]
        made = [practice_message(s.text, s.intent, question, s.entities) for s, question in told]
        return training_data.merge(TrainingData(training_examples=made))


def _join(
    chance: random.Random,
    examples: Sequence[Sentence],
    story: Any,
    questions: Sequence[str],
    longest: int,
    count: int,
) -> list[tuple[Sentence, str]]:
    """(joined sentence with the question's intent, the question) ``count`` times. Story and question are held back

    together or not at all, so that nothing of what confidences are calibrated on was learnt.
    """
    made = []
    for side, share in ((True, 0.2), (False, 0.8)):
        held = [example for example in examples if is_held_back(example.text) is side]
        stories = [e for e in held if e.intent == story and _has_length(e.text, SHORTEST_STORY, LONGEST_STORY)]
        asked = [e for e in held if e.intent in questions and _has_length(e.text, 1, longest)]
        if not stories or not asked:
            continue
        for _ in range(int(count * share)):
            told, question = _without_end(chance.choice(stories)), chance.choice(asked)
            if chance.random() < QUESTION_LAST:
                joined = _joined(told, chance.choice(JOINS), question)
            else:
                joined = _joined(_without_end(question), ", ", told)
            made.append((replace(joined, intent=question.intent), question.text))
    return made


def _without_end(sentence: Sentence) -> Sentence:
    text = sentence.text.rstrip(ENDS)
    return replace(sentence, text=text, entities=standing_in(text, 0, sentence.text, sentence.entities))


def _joined(first: Sentence, join: str, last: Sentence) -> Sentence:
    before = first.text + join
    text = before + last.text
    beside = standing_in(text, len(before), last.text, last.entities)
    return replace(first, text=text, entities=[*first.entities, *beside])


def _has_length(text: str, fewest: int, most: int) -> bool:
    return fewest <= len(text.split()) <= most
