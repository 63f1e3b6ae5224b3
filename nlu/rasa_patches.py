"""The two places inside Rasa 3.6.21 that can be reached neither by an argument nor by a subclass.

1. ``RemoteAction._validate_action_result`` builds a JSON-schema validator anew for every action and tries all 23 kinds
   of event on every event: 21 ms of a turn. Here each kind's validator is built once, and an event meets its own.
2. ``Event.resolve_by_type`` walks and inspects all event classes for every event. Here the result is remembered.

On any other version of Rasa nothing is patched: it then runs slower, not differently. The originals stay reachable as
``__wrapped__`` for the test that compares.
"""

from __future__ import annotations

import functools
import logging
from typing import Any, Callable, Mapping

import rasa
from jsonschema import ValidationError
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event
from rasa.shared.utils.schemas.events import EVENT_SCHEMA

PATCHED_VERSION = "3.6.21"
_PLAIN_SLOT = {"event", "timestamp", "name", "value"}

logger = logging.getLogger(__name__)


def patch_rasa() -> bool:
    """Apply both patches once. False when this version of Rasa is not the one they were measured on."""
    if rasa.__version__ != PATCHED_VERSION:
        logger.warning("Rasa %s is not %s: running without speed patches", rasa.__version__, PATCHED_VERSION)
        return False
    if hasattr(RemoteAction._validate_action_result, "__wrapped__"):
        return True
    validate = _validate_by_kind()

    @functools.wraps(RemoteAction._validate_action_result)
    def validate_action_result(_: RemoteAction, result: Any) -> bool:
        validate(result)
        return True

    RemoteAction._validate_action_result = validate_action_result
    Event.resolve_by_type = staticmethod(functools.lru_cache(maxsize=None)(Event.resolve_by_type))
    return True


def _validate_by_kind() -> Callable[[Any], None]:
    """Rasa's ``oneOf`` over the kinds of event, by the constant that tells one kind from the others."""
    whole = RemoteAction.action_response_format_spec()
    envelope = _validator({**whole, "properties": {**whole["properties"], "events": {"type": "array"}}})
    common = {name: rule for name, rule in EVENT_SCHEMA.items() if name != "oneOf"}
    kinds: Mapping[str, Any] = {
        kind["properties"]["event"]["const"]: _validator(
            {
                **common,
                "properties": {**common["properties"], **kind["properties"]},
                "required": [*common["required"], *kind.get("required", [])],
            }
        )
        for kind in EVENT_SCHEMA["oneOf"]
    }

    def validate(result: Any) -> None:
        envelope.validate(result)
        for event in result.get("events", []):
            if _is_plain_slot(event):
                continue
            kind = event.get("event") if isinstance(event, dict) else None
            if not isinstance(kind, str) or kind not in kinds:
                raise ValidationError(f"an action returned an event of an unknown kind: {kind!r}")
            kinds[kind].validate(event)

    return validate


def _is_plain_slot(event: Any) -> bool:
    """Nearly all events of actions are these; what is not obviously right is left to the schema."""
    return (
        type(event) is dict
        and event.keys() == _PLAIN_SLOT
        and event["event"] == "slot"
        and event["timestamp"] is None
        and type(event["name"]) is str
    )


def _validator(schema: Mapping[str, Any]) -> Any:
    return validator_for(schema)(schema)
