"""Graph component that reads a message: normal form, tokens with their place in what was typed, language."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from nlu.vietnamese.language import Languages
from nlu.vietnamese.lexicon import Lexicon
from nlu.vietnamese.normalising import Normaliser
from nlu.vietnamese.syllables import WORD, Syllables

NORMALISED = "normalised"
LANGUAGE = "language"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class VietnameseReader(Tokenizer):
    """Sets ``normalised`` (a ``Normalised``), the tokens, and ``language`` ("vi", "en" or None).

    ``language`` is part of the parse result; the other two stay inside the pipeline. One of Rasa's tokenizers, so that
    Rasa's own featurizers and extractors may stand behind it.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """What Rasa's tokenizers do with the names of intents: whether they are split, and where."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_"}

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        syllables, lexicon = Syllables.by_rule(), Lexicon.shipped()
        self._normaliser = Normaliser(syllables, lexicon)
        self._languages = Languages(syllables, lexicon)

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """The words of ``attribute`` as typed. Of a message's text, normal form and language are set as well."""
        text = message.get(attribute)
        normalised = self._normaliser.normalise(text)
        if attribute == TEXT:
            message.set(NORMALISED, normalised)
            message.set(LANGUAGE, self._languages.language_of(text), add_to_output=True)
        offsets = normalised.offsets
        places = [(offsets[word.start()][0], offsets[word.end() - 1][1]) for word in WORD.finditer(normalised.text)]
        # Rasa's featurizers fail on a message without any token ("👍"), so its own tokenizers give them all of it.
        return [Token(text[start:end], start, end) for start, end in places or [(0, len(text))]]
