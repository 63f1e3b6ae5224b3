"""Our reader in the shape in which Rasa's own featurizers and extractors accept it: as one of Rasa's tokenizers."""

from __future__ import annotations

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import TEXT_TOKENS
from rasa.shared.nlu.training_data.message import Message

from nlu.components.reading import VietnameseReader


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class OurTokens(VietnameseReader, Tokenizer):
    """VietnameseReader makes the same tokens, but Rasa looks for the class Tokenizer before its components."""

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        tokens: list[Token] = message.get(TEXT_TOKENS)
        return tokens
