"""One citizen's message as an action sees it, and how an action says something."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Mapping, Optional, Sequence

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.choices import Payload

MAX_CHOICES = 4
MAX_EARLIER = 5

Said = dict[str, Any]


@dataclass(frozen=True)
class Turn:
    """``entities`` keeps every value of an entity in the order said; ``pressed`` is set when a choice was pressed.

    ``before`` is what we said to the message before this one, ``said`` what we have said to this one so far: each an
    utterance with its facts. ``ranking`` holds the likeliest intents with their probabilities.
    """

    text: str
    intent: str
    confidence: float
    entities: dict[str, list[str]]
    slots: dict[str, Any]
    citizen_id: str
    active_form: Optional[str]
    pressed: Optional[Payload] = None
    ranking: Mapping[str, float] = field(default_factory=dict)
    before: tuple[Said, ...] = ()
    said: tuple[Said, ...] = ()

    @property
    def outside(self) -> float:
        """How probable the words are out of scope by themselves."""
        return self.ranking.get("out_of_scope", 0.0)

    @classmethod
    def heard(cls, text: str, message: Mapping[str, Any]) -> Turn:
        """A message by itself, outside of any talk, from what the model understood of it."""
        intent = message.get("intent") or {}
        entities: dict[str, list[str]] = {}
        for entity in message.get("entities") or []:
            entities.setdefault(entity["entity"], []).append(str(entity["value"]))
        return cls(
            text=text,
            intent=intent.get("name") or "nlu_fallback",
            confidence=float(intent.get("confidence") or 0.0),
            entities=entities,
            slots={},
            citizen_id="",
            active_form=None,
            ranking={guess["name"]: float(guess["confidence"]) for guess in message.get("intent_ranking") or []},
        )

    @classmethod
    def of(cls, tracker: Tracker) -> Turn:
        message = tracker.latest_message
        turn = cls.heard(message.get("text") or "", message)
        pressed = None
        if turn.text.startswith("/"):
            pressed = Payload.pressed(turn.intent, {name: values[0] for name, values in turn.entities.items()})
        before, said = _said(tracker.events)
        return replace(
            turn,
            text="" if pressed else turn.text,
            slots=tracker.slots,
            citizen_id=tracker.sender_id,
            active_form=(tracker.active_loop or {}).get("name"),
            pressed=pressed,
            before=before,
            said=said,
        )

    @property
    def question(self) -> str:
        """The name of our last utterance before this message: what the citizen may be answering."""
        return str(self.before[-1]["utterance"]) if self.before else ""

    def first(self, entity: str) -> Optional[str]:
        values = self.entities.get(entity)
        return values[0] if values else None

    def slot(self, name: str) -> Any:
        return self.slots.get(name)


def _said(events: Sequence[dict[str, Any]]) -> tuple[tuple[Said, ...], tuple[Said, ...]]:
    """What we said to the message before the present one, and to the present one; both in order."""
    before: list[Said] = []
    said: list[Said] = []
    messages = 0
    for event in reversed(events):
        if event.get("event") == "user":
            messages += 1
            if messages == 2 and before:
                break
        elif event.get("event") == "bot":
            custom = (event.get("data") or {}).get("custom")
            if custom:
                (before if messages else said).insert(0, custom)
    return tuple(before), tuple(said)


def say(dispatcher: CollectingDispatcher, utterance: str, **facts: Any) -> None:
    """Say an utterance by its name; the facts are plain JSON values, empty ones are left out."""
    given = {name: value for name, value in facts.items() if value not in (None, [], "")}
    dispatcher.utter_message(json_message={"utterance": utterance, **given})


def understood(**slots: Any) -> list[EventType]:
    """The events of a turn that was understood: the given slots, and no misses any more."""
    return [SlotSet(name, value) for name, value in {"misses": 0.0, **slots}.items()]


def missed(turn: Turn) -> float:
    """How many messages in a row were not understood, this one counted."""
    return float(turn.slot("misses") or 0) + 1
