"""The two places inside Rasa 3.6.21 that can be reached neither by an argument nor by a subclass.

1. ``RemoteAction._validate_action_result`` builds a JSON-schema validator anew for every action: 21 ms of a turn.
   Here the validator is built once; the check stays.
2. ``Event.resolve_by_type`` walks and inspects all event classes for every event. Here the result is remembered.

On any other version of Rasa nothing is patched: it then runs slower, not differently.
"""

from __future__ import annotations

import functools
import logging
from typing import Any

import jsonschema
import rasa
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event

PATCHED_VERSION = "3.6.21"

logger = logging.getLogger(__name__)


def patch_rasa() -> bool:
    """Apply both patches once. False when this version of Rasa is not the one they were measured on."""
    if rasa.__version__ != PATCHED_VERSION:
        logger.warning("Rasa %s is not %s: running without speed patches", rasa.__version__, PATCHED_VERSION)
        return False
    if getattr(RemoteAction, "_mot_cua_patched", False):
        return True
    validator = jsonschema.validators.validator_for(RemoteAction.action_response_format_spec())(
        RemoteAction.action_response_format_spec()
    )

    def validate_action_result(_: RemoteAction, result: dict[str, Any]) -> bool:
        validator.validate(result)
        return True

    original = Event.resolve_by_type

    @functools.lru_cache(maxsize=None)
    def resolve_by_type(type_name: str, default: Any = None) -> Any:
        return original(type_name, default)

    RemoteAction._validate_action_result = validate_action_result
    Event.resolve_by_type = staticmethod(resolve_by_type)
    RemoteAction._mot_cua_patched = True
    return True
