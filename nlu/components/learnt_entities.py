"""Graph component that finds the entities that training sentences annotate: a conditional random field over words."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Iterator, Mapping, Optional, Sequence

import pycrfsuite  # type: ignore[import-untyped]
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.nlu.constants import ENTITIES, EXTRACTOR, TEXT, TEXT_TOKENS
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components.entities import FOUND_BY_RULE
from nlu.components.linear import ModelIncomplete
from nlu.components.practising import COPY_OF
from nlu.components.reading import NORMALISED
from nlu.vietnamese.folding import fold
from nlu.vietnamese.syllables import WORD

_FILE = "entities.crfsuite"
_OUTSIDE = "O"
Words = Sequence[tuple[str, str]]  # normalised, as typed


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class LearntEntityExtractor(GraphComponent):
    """Adds entity dicts as RuleEntityExtractor does. Stands behind VietnameseReader; idle when nothing is to be learnt.

    Sees each example twice, as written and without marks, and no copies made for practice: cross-validated, it finds
    no more with them (docs/decisions/0009). Roles and groups of entities are not learnt.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``left_to_rules``: kinds that are not learnt even where annotated.

        ``l1``, ``l2``: regularisation; ``iterations``: of the optimiser, at most.
        """
        return {"left_to_rules": list(FOUND_BY_RULE), "l1": 0.05, "l2": 0.01, "iterations": 100}

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
    ) -> LearntEntityExtractor:
        return cls(config, model_storage, resource, None)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LearntEntityExtractor:
        """Raises ModelIncomplete when what was stored is no model."""
        with model_storage.read_from(resource) as directory:
            file = directory / _FILE
            try:
                return cls(config, model_storage, resource, file.read_bytes() if file.exists() else None)
            except ValueError as error:
                raise ModelIncomplete(f"{file}: {error}") from error

    def train(self, training_data: TrainingData) -> Resource:
        examples = [m for m in training_data.training_examples if m.get(NORMALISED) and not m.get(COPY_OF)]
        to_learn = [self._to_learn(example) for example in examples]
        with self._model_storage.write_to(self._resource) as directory:
            if any(to_learn):
                self._fit(examples, to_learn, directory / _FILE)
        return self._resource

    def _to_learn(self, message: Message) -> list[Mapping[str, Any]]:
        """What a person annotated; what another extractor found has its name on it."""
        left_out = self._config["left_to_rules"]
        return [e for e in message.get(ENTITIES) or [] if not e.get(EXTRACTOR) and e["entity"] not in left_out]

    def _fit(self, examples: Sequence[Message], to_learn: Sequence[Sequence[Mapping[str, Any]]], file: Path) -> None:
        trainer = pycrfsuite.Trainer(verbose=False)
        trainer.set_params(
            {"c1": self._config["l1"], "c2": self._config["l2"], "max_iterations": self._config["iterations"]}
        )
        for example, entities in zip(examples, to_learn):
            words, labels = _words(example), _labels(example.get(TEXT_TOKENS), entities)
            trainer.append(_features(words), labels)
            unmarked = [(fold(word), fold(typed)) for word, typed in words]
            if unmarked != words:
                trainer.append(_features(unmarked), labels)
        trainer.train(str(file))

    def process(self, messages: list[Message]) -> list[Message]:
        if self._tagger is None:
            return messages
        for message in messages:
            if message.get(NORMALISED) is None:
                continue
            labels = self._tagger.tag(_features(_words(message)))
            found = list(_entities(message.get(TEXT), message.get(TEXT_TOKENS), labels, type(self).__name__))
            message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages


def _words(message: Message) -> list[tuple[str, str]]:
    normalised = WORD.findall(message.get(NORMALISED).text)
    return [(word, token.text) for word, token in zip(normalised, message.get(TEXT_TOKENS))]


def _labels(tokens: Sequence[Token], entities: Sequence[Mapping[str, Any]]) -> list[str]:
    labels = [_OUTSIDE] * len(tokens)
    for entity in entities:
        inside = [i for i, t in enumerate(tokens) if t.start < entity["end"] and t.end > entity["start"]]
        for i in inside:
            labels[i] = f"{'B' if i == inside[0] else 'I'}-{entity['entity']}"
    return labels


def _entities(text: str, tokens: Sequence[Token], labels: Sequence[str], extractor: str) -> Iterator[dict[str, Any]]:
    end = 0
    for i, label in enumerate(labels):
        # One typed word can be two tokens ("giấytờ"), both in the place of the whole: one entity, not two.
        if label == _OUTSIDE or tokens[i].start < end:
            continue
        kind, last = label[2:], i + 1
        while last < len(labels) and (labels[last] == f"I-{kind}" or tokens[last].start < tokens[last - 1].end):
            last += 1
        start, end = tokens[i].start, tokens[last - 1].end
        yield {"entity": kind, "value": text[start:end], "start": start, "end": end, EXTRACTOR: extractor}


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
