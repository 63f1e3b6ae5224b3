"""An action that works with the library: given its services, or opening them when Rasa's action server makes it."""

from __future__ import annotations

import importlib
import os
from abc import ABC, abstractmethod
from functools import lru_cache
from typing import Optional

from rasa_sdk import Action

from actions.services import Services

# ``rasa run actions`` makes every action without arguments; this names who opens the services then.
FACTORY_VARIABLE = "ACTION_SERVICES"
DEFAULT_FACTORY = "bot.action_services:open_services"


@lru_cache(maxsize=1)
def served_services() -> Services:
    """The services of an action server, opened once: ``ACTION_SERVICES=module:function``."""
    module, _, function = os.environ.get(FACTORY_VARIABLE, DEFAULT_FACTORY).partition(":")
    services: Services = getattr(importlib.import_module(module), function)()
    return services


class LibraryAction(Action, ABC):
    def __init__(self, services: Optional[Services] = None) -> None:
        self._services = services or served_services()

    @abstractmethod
    def name(self) -> str: ...
