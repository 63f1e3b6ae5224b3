"""Rasa's message processor without the work that a turn does not need.

Same steps, same events (``tests/nlu/test_same_as_rasa.py`` compares them with the original); left out are the dask
scheduler, deep copies made for debug logs that nobody prints, and a check of intents and entities against the domain
that training has already made. Measured in ``benchmarks/``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional

import rasa.core.actions.action as rasa_actions
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.policies.rule_policy import RulePolicy
from rasa.core.processor import MessageProcessor
from rasa.engine import loader
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.storage import ModelMetadata
from rasa.shared.core.constants import ACTION_EXTRACT_SLOTS
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.common import TempDirectoryPath, get_temp_dir_name

from nlu.rule_index import index_rules

SESSION_EVENTS = 150


class PlainGraphRunner(DaskGraphRunner):
    """Runs the nodes in the order of their needs; the order is worked out once for each set of targets."""

    def run(
        self, inputs: Optional[dict[str, Any]] = None, targets: Optional[list[str]] = None
    ) -> dict[str, Any]:
        wanted = tuple(targets or self._graph_schema.target_names)
        values: dict[str, Any] = {name: (name, value) for name, value in (inputs or {}).items()}
        for name, needs in self._order(wanted):
            values[name] = self._instantiated_nodes[name](*[values[need] for need in needs])
        return dict(values[target] for target in wanted)

    def _order(self, targets: tuple[str, ...]) -> list[tuple[str, list[str]]]:
        orders: dict[tuple[str, ...], list[tuple[str, list[str]]]] = self.__dict__.setdefault("_orders", {})
        if targets not in orders:
            nodes = self._graph_schema.minimal_graph_schema(list(targets)).nodes
            order: list[tuple[str, list[str]]] = []
            placed: set[str] = set()

            def place(name: str) -> None:
                if name in placed or name not in nodes:  # what is no node is an input
                    return
                placed.add(name)
                needs = list(nodes[name].needs.values())
                for need in needs:
                    place(need)
                order.append((name, needs))

            for target in targets:
                place(target)
            orders[targets] = order
        return orders[targets]


class LeanProcessor(MessageProcessor):
    """One turn of a conversation: understand, fill slots, act until it listens, save."""

    async def answer(self, message: UserMessage) -> DialogueStateTracker:
        """Handle one message and give the conversation after it; what was said went to the message's channel."""
        try:
            tracker = await self.log_message(message, should_save_tracker=False)
            tracker = await self.run_action_extract_slots(message.output_channel, tracker)
            await self._run_prediction_loop(message.output_channel, tracker)
            await self.save_tracker(tracker)
        except BaseException:
            self.tracker_store.drop_unsaved(message.sender_id)  # half a turn must not be the start of the next one
            raise
        return tracker

    @staticmethod
    def _load_model(model_path: Path) -> tuple[str, ModelMetadata, PlainGraphRunner]:
        with TempDirectoryPath(get_temp_dir_name()) as folder:
            metadata, runner = loader.load_predict_graph_runner(
                Path(folder), Path(model_path), LocalModelStorage, PlainGraphRunner
            )
        for node in runner._instantiated_nodes.values():
            if isinstance(node._component, RulePolicy):
                index_rules(node._component)
        return Path(model_path).name, metadata, runner

    async def parse_message(
        self,
        message: UserMessage,
        tracker: Optional[DialogueStateTracker] = None,
        only_output_properties: bool = True,
    ) -> dict[str, Any]:
        if tracker is None:
            tracker = DialogueStateTracker.from_events(message.sender_id, [])
        parsed: dict[str, Any] = self._parse_message_with_graph(message, tracker, only_output_properties)
        return parsed

    async def run_action_extract_slots(
        self, output_channel: OutputChannel, tracker: DialogueStateTracker
    ) -> DialogueStateTracker:
        action = rasa_actions.action_for_name_or_text(ACTION_EXTRACT_SLOTS, self.domain, self.action_endpoint)
        events = await action.run(output_channel, self.nlg, tracker, self.domain)
        await self._send_bot_messages(events, tracker, output_channel)
        tracker.update_with_events(events, self.domain)
        return tracker

    def _log_action_on_tracker(
        self, tracker: DialogueStateTracker, action: Any, events: Optional[list[Event]], prediction: Any
    ) -> None:
        events = events or []
        if not any(event.type_name == "action_execution_rejected" for event in events):
            tracker.update_with_events(prediction.events, self.domain)
            tracker.update(action.event_for_successful_execution(prediction))
        tracker.update_with_events(events, self.domain)

    @staticmethod
    def _log_slots(tracker: DialogueStateTracker) -> None:
        """Rasa copies every slot for a debug line here."""

    def _has_session_expired(self, tracker: DialogueStateTracker) -> bool:
        """Also begin a new session in a very long conversation: rules cost time for each event of the session.

        Rasa carries the slots over, so the citizen notices nothing; an open form is not interrupted.
        """
        if len(tracker.events) > SESSION_EVENTS and not tracker.active_loop:
            return True
        return bool(super()._has_session_expired(tracker))
