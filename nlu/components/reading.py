"""Graph component that reads a message: normal form, tokens with their place in what was typed, language."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.nlu.constants import TEXT, TEXT_TOKENS
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.vietnamese.language import Languages
from nlu.vietnamese.lexicon import Lexicon
from nlu.vietnamese.normalising import Normaliser
from nlu.vietnamese.syllables import WORD, Syllables

NORMALISED = "normalised"
LANGUAGE = "language"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class VietnameseReader(GraphComponent):
    """Sets ``normalised`` (a ``Normalised``), the tokens, and ``language`` ("vi", "en" or None).

    ``language`` is part of the parse result; the other two stay inside the pipeline.
    """

    def __init__(self) -> None:
        syllables, lexicon = Syllables.by_rule(), Lexicon.shipped()
        self._normaliser = Normaliser(syllables, lexicon)
        self._languages = Languages(syllables, lexicon)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> VietnameseReader:
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT)
            if text is None:  # A training message of the dialogue side (an intent or an action) has no text.
                continue
            normalised = self._normaliser.normalise(text)
            message.set(NORMALISED, normalised)
            message.set(
                TEXT_TOKENS, [_token(text, word.span(), normalised.offsets) for word in WORD.finditer(normalised.text)]
            )
            message.set(LANGUAGE, self._languages.language_of(text), add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data


def _token(text: str, span: tuple[int, int], offsets: tuple[tuple[int, int], ...]) -> Token:
    start, end = offsets[span[0]][0], offsets[span[1] - 1][1]
    return Token(text=text[start:end], start=start, end=end)
