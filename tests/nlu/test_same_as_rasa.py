"""Our processor gives the same events and says the same as Rasa's own, turn by turn, whatever a turn meets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable, Optional

import pytest
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection

from nlu.assistant import RasaAssistant
from nlu.rasa_patches import patch_rasa
from tests.nlu.small_assistant import Documents, small_actions

TALKS = {
    "plain answers": ["xin chào", "đếm", "đếm", "gặp người", "thêm nữa"],
    "a form filled": ["gọi món", "bún bò", "ít cay", "đếm"],
    "a form begun with its first answer": ["cho tôi gọi món phở", "không hành"],
    "a wrong value": ["gọi món", "đá", "phở", "mang về"],
    "a form broken into": ["gọi món", "đếm", "xin chào", "phở", "đếm giúp tôi"],
    "a form cancelled": ["gọi món", "phở", "thôi", "đếm"],
    "a form twice": ["gọi món", "phở", "một", "gọi món", "bún bò", "hai", "đếm"],
    "an action that raises": ["hỏng", "đếm", "sự cố"],
    "an action that refuses": ["từ chối", "đếm"],
    "an action that is followed": ["theo sau", "đếm", "tiếp theo"],
    "a slot that steers": ["phở", "đếm", "xin chào", "bún bò", "đếm"],
    "not understood": ["một hai ba", "đếm", "???"],
    "pressed choices": ["/count", '/order{"dish": "phở"}', "/cancel", '/count{"dish": "bún bò"}', "/greet"],
    "Rasa's own orders": ["đếm", "/back", "đếm", "/restart", "đếm", "/session_start", "đếm"],
    "a long talk": ["đếm", "gọi món", "phở", "có", "xin chào", "hỏng", "theo sau"] * 4,
}


class Collector(OutputChannel):
    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []

    @classmethod
    def name(cls) -> str:
        return "mot-cua"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        self.said.append(json.loads(json.dumps(message)))


class ActionsByWire(EndpointConfig):
    """What an action server would answer, through JSON, without its socket."""

    def __init__(self) -> None:
        super().__init__(url="wire")
        self._executor = ActionExecutor()
        for action in small_actions():
            self._executor.register_action(action)

    async def request(
        self, method: str = "post", subpath: Optional[str] = None, content_type: Optional[str] = None, **kwargs: Any
    ) -> Any:
        try:
            return json.loads(json.dumps(await self._executor.run(json.loads(json.dumps(kwargs["json"])))))
        except ActionExecutionRejection as refusal:
            body = {"error": refusal.message, "action_name": refusal.action_name}
            raise ClientResponseError(400, "Bad Request", json.dumps(body)) from refusal


async def rasas_own(small_model: Path, texts: list[str], monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What Rasa does, without our patches: for each turn what was said, and the events so far."""
    with monkeypatch.context() as patch:
        patch.setattr(RemoteAction, "_validate_action_result", RemoteAction._validate_action_result.__wrapped__)
        patch.setattr(Event, "resolve_by_type", staticmethod(Event.resolve_by_type.__wrapped__))
        return await _drive_rasas_own(small_model, texts)


async def _drive_rasas_own(small_model: Path, texts: list[str]) -> list[Any]:
    processor = MessageProcessor(
        model_path=str(small_model),
        tracker_store=InMemoryTrackerStore(Domain.empty()),
        lock_store=InMemoryLockStore(),
        generator=TemplatedNaturalLanguageGenerator({}),
        action_endpoint=ActionsByWire(),
    )
    processor.tracker_store.domain = processor.domain
    processor.nlg.responses = processor.domain.responses
    turns = []
    for text in texts:
        channel = Collector()
        await processor.handle_message(UserMessage(text, channel, "an", input_channel="mot-cua"))
        tracker = await processor.tracker_store.retrieve("an")
        turns.append(comparable([channel.said, [event.as_dict() for event in tracker.events]]))
    return turns


async def ours(assistant: RasaAssistant, documents: Documents, texts: list[str]) -> list[Any]:
    turns = []
    for text in texts:
        channel = Collector()
        await assistant._processor.answer(UserMessage(text, channel, "an", input_channel="mot-cua"))
        turns.append(comparable([channel.said, json.loads(documents.kept["an"])]))
    return turns


def comparable(value: Any) -> Any:
    """Without times and without the ids that are drawn by chance, however deep they lie."""
    if isinstance(value, list):
        return [comparable(one) for one in value]
    if isinstance(value, dict):
        return {name: comparable(one) for name, one in value.items() if name not in ("timestamp", "message_id")}
    return value


@pytest.mark.parametrize("talk", TALKS)
async def test_same_events_and_same_words(talk: str, small_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The one wanted difference: a very long session is ended, which tests/nlu/test_conversations.py is about.
    monkeypatch.setattr("nlu.lean_processor.SESSION_EVENTS", 10_000)
    documents = Documents()
    assistant = RasaAssistant.load(small_model, small_actions(), documents)

    expected = await rasas_own(small_model, TALKS[talk], monkeypatch)
    found = await ours(assistant, documents, TALKS[talk])

    assert any(said for said, _ in expected), "the talk says nothing: it would prove nothing"
    for text, (their_words, their_events), (our_words, our_events) in zip(TALKS[talk], expected, found, strict=True):
        assert our_words == their_words, text
        assert our_events == their_events, text


RESULTS = {
    "nothing": {},
    "a slot": {"events": [{"event": "slot", "name": "dish", "value": None, "timestamp": None}], "responses": []},
    "a user's words": {"events": [{"event": "user", "text": "a", "parse_data": {"entities": []}}]},
    "every kind at once": {"events": [{"event": "followup", "name": "x"}, {"event": "restart"}, {"event": "undo"}]},
    "no list": {"events": {"event": "restart"}},
    "no object": {"events": ["restart"]},
    "no kind": {"events": [{"name": "dish", "value": 1}]},
    "a kind that is no word": {"events": [{"event": ["slot"], "name": "dish", "value": 1}]},
    "an unknown kind": {"events": [{"event": "dance"}]},
    "a slot without a name": {"events": [{"event": "slot", "value": 1}]},
    "a slot without a value": {"events": [{"event": "restart"}, {"event": "slot", "name": "dish"}]},
    "a slot with a number for a name": {"events": [{"event": "slot", "name": 1, "value": 1}]},
    "a time that is text": {"events": [{"event": "restart", "timestamp": "now"}]},
    "an entity without a value": {"events": [{"event": "entities", "entities": [{"entity": "dish"}]}]},
    "responses of another shape": {"events": [], "responses": "hello"},
    "a response of another shape": {"responses": ["hello"]},
    "no result": None,
    "a list": [],
}


@pytest.mark.parametrize("result", RESULTS)
def test_the_quick_check_refuses_what_rasas_own_refuses(result: str) -> None:
    assert patch_rasa()
    action = RemoteAction("action_count", None)

    def refuses(check: Callable[..., bool]) -> bool:
        try:
            check(action, RESULTS[result])
        except ValidationError:
            return True
        return False

    quick, own = RemoteAction._validate_action_result, RemoteAction._validate_action_result.__wrapped__
    assert refuses(quick) == refuses(own)


def test_the_original_event_types_are_found() -> None:
    assert patch_rasa()
    for kind in ("slot", "user", "session_started", "entities"):
        assert Event.resolve_by_type(kind) is Event.resolve_by_type.__wrapped__(kind)
