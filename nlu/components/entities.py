"""Graph component that finds codes, choices, facets and languages by rule."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Mapping, Sequence

import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, EXTRACTOR
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components.reading import NORMALISED
from nlu.vietnamese.choices import find_choice
from nlu.vietnamese.codes import find_codes
from nlu.vietnamese.folding import fold
from nlu.vietnamese.normalising import Normalised
from nlu.vietnamese.phrases import Phrases
from nlu.vietnamese.spans import Span

FOUND_BY_RULE = ("dossier_code", "procedure_code", "link_code", "ordinal", "last_four", "facet", "language")
LOOKUPS = Path(__file__).parents[1] / "data" / "lookups"


class EntityRules:
    """All the rules together; positions are those of the original text."""

    def __init__(self, facets: Phrases, languages: Phrases) -> None:
        self._facets = facets
        self._languages = languages

    @classmethod
    def shipped(cls) -> EntityRules:
        return cls(
            Phrases("facet", yaml.safe_load((LOOKUPS / "facets.yml").read_text(encoding="utf-8"))),
            Phrases("language", yaml.safe_load((LOOKUPS / "languages.yml").read_text(encoding="utf-8"))),
        )

    def find(self, message: Normalised) -> list[Span]:
        codes = find_codes(message.original)
        folded = fold(message.text)
        choice = find_choice(folded)
        phrases = [*self._facets.find(folded), *self._languages.find(folded), *([choice] if choice else [])]
        found = [Span(s.entity, s.value, *message.original_span(s.start, s.end)) for s in phrases]
        outside = [s for s in found if all(s.end <= code.start or s.start >= code.end for code in codes)]
        return sorted([*codes, *outside], key=lambda span: (span.start, span.end))


def hint(entity: str, value: str) -> str:
    """What a finding tells the intent model: its kind, and for a facet which one. Never the code itself."""
    return f"{entity}={value}" if entity == "facet" else entity


# A featurizer in the recipe's eyes: extractors do not see training data there, and the intent model learns from these.
@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class RuleEntityExtractor(GraphComponent):
    """Adds entity dicts (``entity``, ``value``, ``start``, ``end``, ``extractor``). Stands behind VietnameseReader.

    What another extractor guessed before is not repeated: the rules know the value.
    """

    def __init__(self, rules: EntityRules) -> None:
        self._rules = rules

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> RuleEntityExtractor:
        return cls(EntityRules.shipped())

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if message.get(NORMALISED) is None:
                continue
            found = [
                {"entity": s.entity, "value": s.value, "start": s.start, "end": s.end, EXTRACTOR: type(self).__name__}
                for s in self._rules.find(message.get(NORMALISED))
            ]
            others = [e for e in message.get(ENTITIES, []) if not _is_found_again(e, found)]
            message.set(ENTITIES, others + found, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data


def _is_found_again(entity: Mapping[str, Any], found: Sequence[Mapping[str, Any]]) -> bool:
    """Guessed by an extractor, and the same kind stands there in ``found``; what a person annotated names none."""
    return EXTRACTOR in entity and any(
        f["entity"] == entity["entity"] and f["start"] < entity["end"] and entity["start"] < f["end"] for f in found
    )
