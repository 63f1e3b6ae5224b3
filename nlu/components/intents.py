"""Graph component that says what is asked: the linear intent model with its ranking."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components.entities import RuleEntityExtractor, hint
from nlu.components.linear import Guess, LinearIntentModel
from nlu.components.practising import COPY_OF
from nlu.components.reading import NORMALISED
from nlu.vietnamese.normalising import LONGEST_REMEMBERED, REMEMBERED

RANKING_LENGTH = 10


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(GraphComponent):
    """Sets ``intent`` and ``intent_ranking`` with calibrated confidences. Stands behind RuleEntityExtractor."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``regularisation``: C of the support vector machine. ``fewest``: examples that a feature must occur in."""
        return {"regularisation": 1.0, "fewest": 2}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: Optional[LinearIntentModel],
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model
        # Short messages come again and again ("lệ phí bao nhiêu"); the model always says the same of the same words.
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._rank)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LinearIntentClassifier:
        return cls(config, model_storage, resource, None)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LinearIntentClassifier:
        with model_storage.read_from(resource) as directory:
            return cls(config, model_storage, resource, LinearIntentModel.load(directory))

    def train(self, training_data: TrainingData) -> Resource:
        # Here and not above: answering needs no scikit-learn.
        from nlu.components.fitting import Example, fit

        examples = [
            Example(
                message.get(NORMALISED).text,
                _hints(message),
                message.get(INTENT),
                message.get(COPY_OF) or message.get(TEXT),
            )
            for message in training_data.intent_examples
        ]
        self._model = fit(examples, self._config["regularisation"], self._config["fewest"])
        with self._model_storage.write_to(self._resource) as directory:
            self._model.save(directory)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        model = self._trained
        for message in messages:
            text, hints = message.get(NORMALISED).text, _hints(message)
            is_short = len(text) <= LONGEST_REMEMBERED
            guesses = self._remembered(text, hints) if is_short else model.rank(text, hints, RANKING_LENGTH)
            ranking = [{"name": guess.intent, "confidence": guess.confidence} for guess in guesses]
            message.set("intent", dict(ranking[0]), add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _rank(self, text: str, hints: tuple[str, ...]) -> list[Guess]:
        return self._trained.rank(text, hints, RANKING_LENGTH)

    @property
    def _trained(self) -> LinearIntentModel:
        if self._model is None:
            raise RuntimeError("The intent model is neither trained nor loaded.")
        return self._model


def _hints(message: Message) -> tuple[str, ...]:
    return tuple(
        hint(entity["entity"], entity["value"])
        for entity in message.get(ENTITIES, [])
        if entity.get("extractor") == RuleEntityExtractor.__name__
    )
