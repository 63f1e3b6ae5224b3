"""A small Rasa project with what a turn can meet: a form, a slot that steers, follow-ups, failures, refusals."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any, Optional

from rasa.model_training import train
from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

FILES = {
    "config.yml": """
recipe: default.v1
assistant_id: small
language: vi
pipeline:
  - name: KeywordIntentClassifier
  - name: RegexEntityExtractor
  - name: FallbackClassifier
policies:
  - name: RulePolicy
""",
    "domain.yml": """
version: "3.1"
intents: [greet, count, order, fail, refuse, follow, cancel, person, nlu_fallback]
entities: [dish]
slots:
  dish: {type: text, influence_conversation: true, mappings: [{type: from_entity, entity: dish}]}
  note: {type: text, influence_conversation: false, mappings: [{type: from_text, conditions: [
    {active_loop: order_form, requested_slot: note}]}]}
  counted: {type: float, initial_value: 0, influence_conversation: false, mappings: [{type: custom}]}
  seen: {type: list, influence_conversation: false, mappings: [{type: custom}]}
forms:
  order_form: {required_slots: [dish, note], ignored_intents: [cancel]}
responses:
  utter_greet: [{custom: {utterance: greet}}]
  utter_person: [{custom: {utterance: person}}]
  utter_ask_dish: [{custom: {utterance: which_dish}}]
  utter_ask_note: [{custom: {utterance: any_note}}]
actions: [action_count, action_fail, action_refuse, action_follow, action_cancel, action_take_order,
  validate_order_form]
session_config: {session_expiration_time: 60, carry_over_slots_to_new_session: true}
""",
    "data/nlu.yml": """
version: "3.1"
nlu:
  - {intent: greet, examples: "- xin chào\\n- hello"}
  - {intent: count, examples: "- đếm\\n- thêm nữa"}
  - {intent: order, examples: "- gọi món\\n- cho tôi gọi [phở](dish)\\n- gọi tô [bún bò](dish)"}
  - {intent: fail, examples: "- hỏng\\n- sự cố"}
  - {intent: refuse, examples: "- từ chối\\n- không nhận"}
  - {intent: follow, examples: "- theo sau\\n- tiếp theo"}
  - {intent: cancel, examples: "- thôi\\n- huỷ"}
  - {intent: person, examples: "- gặp người\\n- cán bộ"}
  - {lookup: dish, examples: "- phở\\n- bún bò\\n- đá"}
""",
    "data/rules.yml": """
version: "3.1"
rules:
  - {rule: greet, steps: [{intent: greet}, {action: utter_greet}]}
  - {rule: count, steps: [{intent: count}, {action: action_count}]}
  - {rule: fail, steps: [{intent: fail}, {action: action_fail}]}
  - {rule: refuse, steps: [{intent: refuse}, {action: action_refuse}]}
  - {rule: follow, steps: [{intent: follow}, {action: action_follow}]}
  - {rule: cancel, steps: [{intent: cancel}, {action: action_cancel}]}
  - {rule: person, steps: [{intent: person}, {action: utter_person}]}
  - {rule: fallback, steps: [{intent: nlu_fallback}, {action: utter_person}]}
  - {rule: order, steps: [{intent: order}, {action: order_form}, {active_loop: order_form}]}
  - rule: ordered
    condition: [{active_loop: order_form}]
    steps:
      - action: order_form
      - active_loop: null
      - slot_was_set: [{requested_slot: null}]
      - action: action_take_order
  - rule: no order
    condition: [{active_loop: order_form}]
    steps: [{intent: cancel}, {action: action_deactivate_loop}, {active_loop: null}, {action: action_cancel}]
""",
}


def train_small_model(folder: Path) -> Path:
    """Train in ``folder`` and give the model's file."""
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Rasa would rather have examples of entities than a list of them
        result = train(
            domain=str(folder / "domain.yml"),
            config=str(folder / "config.yml"),
            training_files=[str(folder / "data")],
            output=str(folder / "models"),
        )
    return Path(result.model)


def say(dispatcher: CollectingDispatcher, utterance: str, **facts: Any) -> None:
    dispatcher.utter_message(json_message={"utterance": utterance, **facts})


class _Named(Action):
    def __init__(self, name: str) -> None:
        self._name = name

    def name(self) -> str:
        return self._name


class Count(_Named):
    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        counted = tracker.get_slot("counted") + 1
        said = sum(event["event"] == "user" for event in tracker.events)
        say(dispatcher, "counted", counted=counted, said=said, form=tracker.active_loop.get("name"))
        seen = [*(tracker.get_slot("seen") or []), tracker.latest_message["text"]]
        return [SlotSet("counted", counted), SlotSet("seen", seen)]


class Fail(_Named):
    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        raise OSError("the action's own trouble")


class Refuse(_Named):
    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        raise ActionExecutionRejection(self.name())


class Follow(_Named):
    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        say(dispatcher, "followed")
        return [FollowupAction("utter_person")]


class Cancel(_Named):
    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        say(dispatcher, "cancelled")
        return [SlotSet("dish", None), SlotSet("note", None), ActiveLoop(None)]


class TakeOrder(_Named):
    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        order = {"dish": tracker.get_slot("dish"), "note": tracker.get_slot("note")}
        say(dispatcher, "ordered", **order, forms=list(domain["forms"]))
        return [SlotSet("dish", None), SlotSet("note", None)]


class ValidateOrder(FormValidationAction):
    def name(self) -> str:
        return "validate_order_form"

    def validate_dish(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Optional[str]]:
        if value == "đá":
            say(dispatcher, "not_served", dish=value)
            return {"dish": None}
        return {"dish": value.upper()}


def small_actions() -> list[Action]:
    named = {
        "action_count": Count,
        "action_fail": Fail,
        "action_refuse": Refuse,
        "action_follow": Follow,
        "action_cancel": Cancel,
        "action_take_order": TakeOrder,
    }
    return [*(kind(name) for name, kind in named.items()), ValidateOrder()]


class Documents:
    """A ConversationStore in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def load(self, citizen_id: str) -> Optional[str]:
        return self.kept.get(citizen_id)

    def save(self, citizen_id: str, events: str) -> None:
        self.kept[citizen_id] = events

    def delete(self, citizen_id: str) -> None:
        self.kept.pop(citizen_id, None)
