"""A trainable entity extractor: a conditional random field over our tokens, folded, with marks where typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Iterator, Optional, Sequence

import pycrfsuite
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.nlu.constants import ENTITIES, TEXT, TEXT_TOKENS
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components.entities import RuleEntityExtractor
from nlu.components.practising import COPY_OF
from nlu.components.reading import NORMALISED
from nlu.vietnamese.folding import fold
from nlu.vietnamese.syllables import WORD

_FILE = "entities.crfsuite"
_OUTSIDE = "O"
Words = Sequence[tuple[str, str]]  # normalised, as typed


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class TrainedEntityExtractor(GraphComponent):
    """Learns the entities that the training data annotate. Stands behind VietnameseReader; idle when none is annotated.

    Sees each example twice, as written and without marks, because the copies of TypingPractice have lost their places.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``l1``, ``l2``: regularisation; ``iterations``: of the optimiser, at most."""
        return {"l1": 0.05, "l2": 0.01, "iterations": 100}

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, model: Optional[bytes]
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model  # the tagger reads from these very bytes and does not keep them alive itself
        self._tagger = None
        if model is not None:
            self._tagger = pycrfsuite.Tagger()
            self._tagger.open_inmemory(model)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TrainedEntityExtractor:
        return cls(config, model_storage, resource, None)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TrainedEntityExtractor:
        with model_storage.read_from(resource) as directory:
            file = directory / _FILE
            return cls(config, model_storage, resource, file.read_bytes() if file.exists() else None)

    def train(self, training_data: TrainingData) -> Resource:
        examples = [m for m in training_data.training_examples if m.get(TEXT_TOKENS) and not m.get(COPY_OF)]
        with self._model_storage.write_to(self._resource) as directory:
            if any(_annotated(example) for example in examples):
                self._fit(examples, directory / _FILE)
        return self._resource

    def _fit(self, examples: Sequence[Message], file: Path) -> None:
        trainer = pycrfsuite.Trainer(verbose=False)
        trainer.set_params(
            {"c1": self._config["l1"], "c2": self._config["l2"], "max_iterations": self._config["iterations"]}
        )
        for example in examples:
            words, labels = _words(example), _labels(example.get(TEXT_TOKENS), _annotated(example))
            trainer.append(_features(words), labels)
            unmarked = [(fold(word), fold(typed)) for word, typed in words]
            if unmarked != words:
                trainer.append(_features(unmarked), labels)
        trainer.train(str(file))

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            tokens = message.get(TEXT_TOKENS)
            if self._tagger is None or not tokens:
                continue
            labels = self._tagger.tag(_features(_words(message)))
            found = list(_entities(message.get(TEXT), tokens, labels, type(self).__name__))
            message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages


def _annotated(message: Message) -> list[dict[str, Any]]:
    """What a person marked; the rules find theirs at any time."""
    return [e for e in message.get(ENTITIES) or [] if e.get("extractor") != RuleEntityExtractor.__name__]


def _words(message: Message) -> list[tuple[str, str]]:
    normalised = WORD.findall(message.get(NORMALISED).text)
    return [(word, token.text) for word, token in zip(normalised, message.get(TEXT_TOKENS))]


def _labels(tokens: Sequence[Token], entities: Sequence[dict[str, Any]]) -> list[str]:
    labels = [_OUTSIDE] * len(tokens)
    for entity in entities:
        inside = [i for i, t in enumerate(tokens) if t.start < entity["end"] and t.end > entity["start"]]
        for i in inside:
            labels[i] = f"{'B' if i == inside[0] else 'I'}-{entity['entity']}"
    return labels


def _entities(text: str, tokens: Sequence[Token], labels: Sequence[str], extractor: str) -> Iterator[dict[str, Any]]:
    i = 0
    while i < len(labels):
        first, kind = i, labels[i][2:]
        i += 1
        if labels[first] == _OUTSIDE:
            continue
        while i < len(labels) and labels[i] == f"I-{kind}":
            i += 1
        start, end = tokens[first].start, max(token.end for token in tokens[first:i])
        yield {"entity": kind, "value": text[start:end], "start": start, "end": end, "extractor": extractor}


def _features(words: Words) -> list[list[str]]:
    """Of each word: itself and its neighbours folded, its beginning and end, its shape; marks only where typed."""
    folded = ["<", *(_without_digits(fold(word)) for word, _ in words), ">"]
    return [_features_of(word, *folded[at : at + 3]) for at, word in enumerate(words)]


def _features_of(word: tuple[str, str], before: str, folded: str, after: str) -> list[str]:
    found = [f"-1:{before}", f"0:{folded}", f"1:{after}"]
    found += [f"begins:{folded[:n]}" for n in (1, 2, 3)] + [f"ends:{folded[-n:]}" for n in (1, 2, 3)]
    normalised, typed = word
    if normalised != fold(normalised):
        found += [f"marked:{normalised}", f"begins marked:{normalised[:2]}"]
        found += [f"ends marked:{normalised[-n:]}" for n in (2, 3)]
    if typed[:1].isupper():
        found.append("upper" if len(typed) > 1 and typed.isupper() else "title")
    if any(letter.isdigit() for letter in typed):
        found.append("number" if typed.isdigit() else "with digits")
    return found


def _without_digits(word: str) -> str:
    return "".join("0" if letter.isdigit() else letter for letter in word)
