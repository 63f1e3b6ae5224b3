"""One citizen's message as an action sees it, and how an action says something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.choices import Payload

MAX_CHOICES = 4
MAX_EARLIER = 5


@dataclass(frozen=True)
class Turn:
    """``entities`` keeps every value of an entity in the order said; ``pressed`` is set when a choice was pressed."""

    text: str
    intent: str
    confidence: float
    entities: dict[str, list[str]]
    slots: dict[str, Any]
    citizen_id: str
    active_form: Optional[str]
    pressed: Optional[Payload] = None

    @classmethod
    def of(cls, tracker: Tracker) -> Turn:
        message = tracker.latest_message
        text = message.get("text") or ""
        intent = (message.get("intent") or {}).get("name") or "nlu_fallback"
        entities: dict[str, list[str]] = {}
        for entity in message.get("entities") or []:
            entities.setdefault(entity["entity"], []).append(str(entity["value"]))
        pressed = None
        if text.startswith("/"):
            pressed = Payload.pressed(intent, {name: values[0] for name, values in entities.items()})
        return cls(
            text="" if pressed else text,
            intent=intent,
            confidence=float((message.get("intent") or {}).get("confidence") or 0.0),
            entities=entities,
            slots=tracker.slots,
            citizen_id=tracker.sender_id,
            active_form=(tracker.active_loop or {}).get("name"),
            pressed=pressed,
        )

    def first(self, entity: str) -> Optional[str]:
        values = self.entities.get(entity)
        return values[0] if values else None

    def slot(self, name: str) -> Any:
        return self.slots.get(name)


def say(dispatcher: CollectingDispatcher, utterance: str, **facts: Any) -> None:
    """Say an utterance by its name; the facts are plain JSON values, empty ones are left out."""
    given = {name: value for name, value in facts.items() if value not in (None, [], "")}
    dispatcher.utter_message(json_message={"utterance": utterance, **given})


def understood(**slots: Any) -> list[EventType]:
    """The events of a turn that was understood: the given slots, and no misses any more."""
    return [SlotSet(name, value) for name, value in {"misses": 0.0, **slots}.items()]
