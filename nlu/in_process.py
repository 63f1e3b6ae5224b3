"""Runs rasa_sdk actions inside the server, where Rasa would call an action server over HTTP."""

from __future__ import annotations

import json
from typing import Any, Optional, Sequence

from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk import Action
from rasa_sdk import interfaces as sdk
from rasa_sdk.executor import ActionExecutor


class InProcessActions(EndpointConfig):
    """An action endpoint that calls the actions directly; the same actions still run under ``rasa run actions``."""

    def __init__(self, actions: Sequence[Action]) -> None:
        super().__init__(url="in-process")
        self._executor = ActionExecutor()
        for action in actions:
            self._executor.register_action(action)

    async def request(
        self, method: str = "post", subpath: Optional[str] = None, content_type: Optional[str] = None, **kwargs: Any
    ) -> Any:
        call = kwargs["json"]
        try:
            return await self._executor.run(call)
        except sdk.ActionExecutionRejection as rejection:
            # The shape in which Rasa expects a form's refusal from an action server.
            detail = {"action_name": call["next_action"], "error": str(rejection)}
            raise ClientResponseError(400, "action rejected", json.dumps(detail)) from rejection
