"""Parts that take something away from our pipeline, so that a table can say what it is worth."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any
from unittest import mock

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.linear_model import LogisticRegression

from nlu.components import fitting
from nlu.components.intents import LinearIntentClassifier
from nlu.components.reading import NORMALISED
from nlu.vietnamese.folding import fold

_HANGUL = 0xAC00


class _Retyped(GraphComponent):
    """Gives the classifier other letters to read; tokens, rules and places stay. Stands before the classifier."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> _Retyped:
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            read = message.get(NORMALISED)
            if read is not None:
                message.set(NORMALISED, replace(read, text=self.retyped(read.text)))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data

    def retyped(self, text: str) -> str:
        raise NotImplementedError


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class WithoutAccentedChannel(_Retyped):
    """Nothing is marked any more, so that only the folded n-grams are left."""

    def retyped(self, text: str) -> str:
        return fold(text)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class WithoutFolding(_Retyped):
    """Marked letters become letters of another alphabet, which folding cannot take away: ế and e are strangers."""

    def retyped(self, text: str) -> str:
        return "".join(_stranger(letter) for letter in text)


@lru_cache(maxsize=1_000)
def _stranger(letter: str) -> str:
    return letter if fold(letter) == letter else chr(_HANGUL + ord(letter) % 11_000)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LogisticIntentClassifier(LinearIntentClassifier):
    """Our classifier with one machine put in the other's place; the features are the same."""

    def train(self, training_data: TrainingData) -> Resource:
        def machine(C: float, random_state: int) -> LogisticRegression:
            return LogisticRegression(C=10 * C, solver="liblinear", random_state=random_state)

        with mock.patch.object(fitting, "LinearSVC", machine):
            return super().train(training_data)
