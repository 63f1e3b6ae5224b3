"""The only face of Rasa: a citizen's words go in, the names and facts of what to say come out."""

from __future__ import annotations

import asyncio
import itertools
import logging
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Mapping, Optional, Protocol, Sequence

import structlog
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.tracker_store import InMemoryTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa_sdk import Action

from nlu.conversations import ConversationStore, ConversationTrackers
from nlu.in_process import InProcessActions
from nlu.lean_processor import LeanProcessor
from nlu.rasa_patches import patch_rasa

CHANNEL = "mot-cua"


class ModelUnusable(RuntimeError):
    """There is no model or it cannot be loaded: train one (``python -m bot train``)."""


class AssistantFailed(RuntimeError):
    """The assistant has nothing to say because a part of it failed: apologise and offer a person."""


@dataclass(frozen=True)
class Utterance:
    """What to say, not yet how: a name and the facts, both plain JSON values."""

    name: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What the assistant says to one message, and what it understood (for the journal and the evaluation)."""

    utterances: tuple[Utterance, ...]
    intent: str
    confidence: float
    entities: tuple[Mapping[str, Any], ...] = ()


class Assistant(Protocol):
    async def answer(self, citizen_id: str, text: str, *, pressed: bool = False) -> Answer:
        """Understand one message and choose what to say. Raises AssistantFailed."""

    async def forget(self, citizen_id: str) -> None:
        """Drop the conversation's state: the next message begins anew."""


class _Collector(OutputChannel):
    """Keeps what Rasa says. Rasa's own channels flatten cards to text, which is why none of them is used."""

    def __init__(self) -> None:
        self.said: list[Utterance] = []

    @classmethod
    def name(cls) -> str:
        return CHANNEL

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        custom = message.get("custom")
        if isinstance(custom, dict) and "utterance" in custom:
            facts = {key: value for key, value in custom.items() if key != "utterance"}
            self.said.append(Utterance(custom["utterance"], facts))


class RasaAssistant:
    """Rasa's dialogue engine with our actions in process and our own store for conversations."""

    def __init__(self, processor: LeanProcessor) -> None:
        self._processor = processor
        self._numbers = itertools.count(1)

    @classmethod
    def load(
        cls, model: Path, actions: Sequence[Action], store: ConversationStore, cached_events: int = 60_000
    ) -> RasaAssistant:
        """Load a model file. Raises ModelUnusable with the reason."""
        endpoint = InProcessActions(actions)
        trackers = ConversationTrackers(store, cached_events)
        processor = _load_processor(model, trackers, endpoint)
        trackers.domain = processor.domain
        processor.nlg.responses = processor.domain.responses
        missing = set(processor.domain.user_actions) - {a.name() for a in actions} - set(processor.domain.responses)
        if missing:
            raise ModelUnusable(f"{model}: the model expects actions that do not exist: {', '.join(sorted(missing))}")
        return cls(processor)

    @property
    def model_id(self) -> str:
        return str(self._processor.model_metadata.model_id)

    async def answer(self, citizen_id: str, text: str, *, pressed: bool = False) -> Answer:
        if not pressed:
            # Rasa takes "/intent{...}" as an order to itself; only a pressed choice may give one.
            text = text.lstrip("/ \t\n") or "?"
        collector = _Collector()
        # Numbered by ourselves: Rasa would ask the operating system for a random id in every turn.
        number = str(next(self._numbers))
        message = UserMessage(text, collector, citizen_id, input_channel=CHANNEL, message_id=number)
        tracker = await self._processor.answer(message)
        if not collector.said:
            raise AssistantFailed("the dialogue ended without anything to say")
        heard = tracker.latest_message
        return Answer(
            tuple(collector.said),
            heard.intent.get("name") or "nlu_fallback",
            float(heard.intent.get("confidence") or 0.0),
            tuple(heard.entities),
        )

    async def forget(self, citizen_id: str) -> None:
        """Drop the conversation's state: the next message begins anew."""
        await self._processor.tracker_store.forget(citizen_id)


def _load_processor(model: Path, trackers: TrackerStore, endpoint: Optional[InProcessActions]) -> LeanProcessor:
    # Without this, structlog prints every debug event with the citizen's text to standard output.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    if str(Path.cwd()) not in sys.path:  # the model names its components by module path
        sys.path.insert(0, str(Path.cwd()))
    patch_rasa()
    try:
        return LeanProcessor(
            model_path=model,
            tracker_store=trackers,
            lock_store=InMemoryLockStore(),  # unused: the caller takes a citizen's turns one by one
            generator=TemplatedNaturalLanguageGenerator({}),
            action_endpoint=endpoint,
        )
    except Exception as error:  # whatever is wrong with a model file, the start must be refused with its reason
        raise ModelUnusable(f"{model}: {error or type(error).__name__}") from error


def parse_with_model(model: Path, text: str) -> Mapping[str, Any]:
    """What a model understands of one message, as Rasa's ``parse`` gives it. Raises ModelUnusable."""
    processor = _load_processor(model, InMemoryTrackerStore(Domain.empty()), None)
    parsed: Mapping[str, Any] = asyncio.run(processor.parse_message(UserMessage(text)))
    return parsed
