"""Graph components made as Rasa makes them, and annotated training sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message


class House:
    """Makes components as Rasa does."""

    def __init__(self, directory: Path) -> None:
        self.storage = LocalModelStorage(directory)
        self.context = ExecutionContext(GraphSchema({}))

    def create(self, component: Any, name: str, **settings: Any) -> Any:
        defaults = component.get_default_config()
        return component.create({**defaults, **settings}, self.storage, Resource(name), self.context)

    def load(self, component: Any, name: str) -> Any:
        return component.load(component.get_default_config(), self.storage, Resource(name), self.context)


def annotated(text: str, intent: str, value: str = "") -> Message:
    """``text`` with its entities in brackets, as in Rasa's training data."""
    entities, plain = [], ""
    for part in text.split("["):
        inside, closed, after = part.partition("]")
        if closed:
            end = len(plain) + len(inside)
            entities.append({"entity": "dish", "value": value or inside, "start": len(plain), "end": end})
        plain += inside + after
    return Message({TEXT: plain, INTENT: intent, ENTITIES: entities})


def placed(message: Message) -> list[tuple[str, str]]:
    """Each entity's value and the words at its place."""
    return [(e["value"], message.get(TEXT)[e["start"] : e["end"]]) for e in message.get(ENTITIES, [])]
