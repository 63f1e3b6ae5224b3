"""Conversations outlive the process, the hour and the memory, and can be forgotten."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nlu.assistant import AssistantFailed, RasaAssistant
from nlu.lean_processor import SESSION_EVENTS
from tests.nlu.small_assistant import Documents, small_actions

AN, BINH = "an", "binh"


class Kept(Documents):
    """Also counts how often a conversation had to be read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    async def load(self, citizen_id: str) -> Any:
        self.read.append(citizen_id)
        return await super().load(citizen_id)

    def events(self, citizen_id: str) -> list[dict[str, Any]]:
        return list(json.loads(self.kept[citizen_id]))

    def count(self, citizen_id: str, kind: str) -> int:
        return sum(event["event"] == kind for event in self.events(citizen_id))

    def make_older(self, citizen_id: str, seconds: float) -> None:
        events = self.events(citizen_id)
        for event in events:
            event["timestamp"] -= seconds
        self.kept[citizen_id] = json.dumps(events)


@pytest.fixture
def documents() -> Kept:
    return Kept()


def start(model: Path, documents: Kept, **limits: int) -> RasaAssistant:
    """What a start of the program does; what was in memory before is gone."""
    return RasaAssistant.load(model, small_actions(), documents, **limits)


async def say(assistant: RasaAssistant, citizen_id: str, *texts: str) -> list[tuple[str, dict[str, Any]]]:
    said = []
    for text in texts:
        answer = await assistant.answer(citizen_id, text)
        said += [(utterance.name, dict(utterance.facts)) for utterance in answer.utterances]
    return said


async def counted(assistant: RasaAssistant, citizen_id: str) -> float:
    ((_, facts),) = await say(assistant, citizen_id, "đếm")
    return float(facts["counted"])


async def test_a_restart_keeps_slots(small_model: Path, documents: Kept) -> None:
    assert await counted(start(small_model, documents), AN) == 1
    assert await counted(start(small_model, documents), AN) == 2
    assert await counted(start(small_model, documents), BINH) == 1


async def test_a_restart_keeps_an_open_form(small_model: Path, documents: Kept) -> None:
    assert await say(start(small_model, documents), AN, "gọi món", "phở") == [("which_dish", {}), ("any_note", {})]
    ((name, order),) = await say(start(small_model, documents), AN, "ít cay")
    assert (name, order["dish"], order["note"]) == ("ordered", "PHỞ", "ít cay")


async def test_a_restart_gives_the_same_events_as_none(small_model: Path, documents: Kept) -> None:
    texts = ["đếm", "gọi món", "đá", "bún bò", "thôi", "đếm"]
    undisturbed = Kept()
    await say(start(small_model, undisturbed), AN, *texts)
    for text in texts:
        await say(start(small_model, documents), AN, text)

    def shape(kept: Kept) -> list[tuple[Any, ...]]:
        return [(e["event"], e.get("name"), e.get("value"), e.get("text")) for e in kept.events(AN)]

    assert shape(documents) == shape(undisturbed)


async def test_the_store_is_read_once_while_one_talks(small_model: Path, documents: Kept) -> None:
    assistant = start(small_model, documents)
    await say(assistant, AN, "đếm", "đếm", "đếm")
    assert documents.read == [AN]


async def test_after_an_hour_a_new_session_begins_with_the_old_slots(small_model: Path, documents: Kept) -> None:
    await say(start(small_model, documents), AN, "đếm", "đếm")
    documents.make_older(AN, 61 * 60)

    assert await counted(start(small_model, documents), AN) == 3
    assert documents.count(AN, "session_started") == 1, "what lies before the session is dropped"
    assert documents.count(AN, "user") == 1


async def test_within_the_hour_the_session_goes_on(small_model: Path, documents: Kept) -> None:
    await say(start(small_model, documents), AN, "đếm", "đếm")
    documents.make_older(AN, 59 * 60)

    await counted(start(small_model, documents), AN)
    assert documents.count(AN, "user") == 3


async def test_after_an_hour_an_open_form_is_closed(small_model: Path, documents: Kept) -> None:
    await say(start(small_model, documents), AN, "gọi món")
    documents.make_older(AN, 61 * 60)

    assert await say(start(small_model, documents), AN, "xin chào") == [("greet", {})]


async def test_a_long_talk_begins_a_new_session_and_goes_on(small_model: Path, documents: Kept) -> None:
    assistant = start(small_model, documents)
    longest = 0
    turns = 2 * SESSION_EVENTS  # a turn makes more than three events: enough for many sessions
    for turn in range(1, turns + 1):
        assert await counted(assistant, AN) == turn
        longest = max(longest, len(documents.events(AN)))
        assert len(documents.events(AN)) <= SESSION_EVENTS + 20
    assert longest > SESSION_EVENTS, "the talk was too short to begin a new session"
    assert documents.count(AN, "user") < turns
    assert await counted(start(small_model, documents), AN) == turns + 1


async def test_a_long_talk_does_not_break_a_form(small_model: Path, documents: Kept) -> None:
    assistant = start(small_model, documents)
    await say(assistant, AN, "gọi món")
    while len(documents.events(AN)) <= SESSION_EVENTS + 20:
        assert ("which_dish", {}) in await say(assistant, AN, "đá")
    assert await say(assistant, AN, "phở") == [("any_note", {})]


async def test_whoever_was_quiet_longest_is_read_again(small_model: Path, documents: Kept) -> None:
    assistant = start(small_model, documents, cached_events=1)
    assert [await counted(assistant, who) for who in (AN, BINH, AN, AN, BINH)] == [1, 1, 2, 3, 2]
    assert documents.read == [AN, BINH, AN, BINH]


async def test_memory_is_bounded_by_events(small_model: Path, documents: Kept) -> None:
    assistant = start(small_model, documents, cached_events=60)
    for number in range(30):
        await say(assistant, f"citizen-{number}", "đếm")
    kept = list(await assistant._processor.tracker_store.keys())
    assert kept[-1] == "citizen-29"
    assert sum(len(documents.events(citizen)) for citizen in kept) <= 60
    assert len(kept) > 1


async def test_forget(small_model: Path, documents: Kept) -> None:
    assistant = start(small_model, documents)
    await say(assistant, AN, "đếm", "đếm")
    await say(assistant, BINH, "đếm")
    await assistant.forget(AN)

    assert list(documents.kept) == [BINH]
    assert await counted(assistant, AN) == 1
    assert await counted(assistant, BINH) == 2


async def test_half_a_turn_is_not_kept(
    small_model: Path, documents: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant = start(small_model, documents)
    await counted(assistant, AN)
    before = documents.events(AN)

    async def stop(*_: object) -> None:
        raise ConnectionError("the store is away")

    with monkeypatch.context() as broken:
        broken.setattr(assistant._processor, "save_tracker", stop)
        with pytest.raises(ConnectionError):
            await assistant.answer(AN, "đếm")

    assert documents.events(AN) == before
    assert await counted(assistant, AN) == 2


async def test_a_turn_that_says_nothing_is_an_error(small_model: Path, documents: Kept) -> None:
    assistant = start(small_model, documents)
    with pytest.raises(AssistantFailed):
        await assistant.answer(AN, "hỏng")
    assert await counted(assistant, AN) == 1


async def test_typed_orders_are_not_obeyed(small_model: Path, documents: Kept) -> None:
    assistant = start(small_model, documents)
    assert await say(assistant, AN, "/count") == [("person", {})]
    pressed = await assistant.answer(AN, "/count", pressed=True)
    assert [utterance.name for utterance in pressed.utterances] == ["counted"]
