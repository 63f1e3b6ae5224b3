"""Graph component that adds training copies of each example as hurried people type it. Idle when answering."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components.places import Entities, in_copy
from nlu.vietnamese.lexicon import Lexicon
from nlu.vietnamese.slips import Slips

COPY_OF = "copy_of"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class TypingPractice(GraphComponent):
    """Stands first. Makes ``copies`` of each example with ``seed``; a copy names its model in ``copy_of``.

    Annotated entities are annotated in the copy as well; where one cannot be found again, that copy is left out.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"copies": 4, "seed": 42}

    def __init__(self, copies: int, seed: int) -> None:
        self._copies = copies
        self._seed = seed

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TypingPractice:
        return cls(config["copies"], config["seed"])

    def process(self, messages: list[Message]) -> list[Message]:
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        slips = Slips(Lexicon.shipped(), self._seed)
        copies = [
            practice_message(text, example.get(INTENT), example.get(COPY_OF) or example.get(TEXT), entities)
            for example in training_data.intent_examples
            for text in slips.copies(example.get(TEXT), self._copies)
            # An extractor would learn from a copy that has lost an entity that its words are none.
            if (entities := in_copy(example.get(TEXT), example.get(ENTITIES) or [], text)) is not None
        ]
        return training_data.merge(TrainingData(training_examples=copies))


def practice_message(text: str, intent: str, family: str, entities: Entities) -> Message:
    annotated = {ENTITIES: entities} if entities else {}
    return Message({TEXT: text, INTENT: intent, COPY_OF: family, **annotated})
