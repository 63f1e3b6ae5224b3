"""What the actions are given: the catalogue, the dossiers, the calendar and where feedback goes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Callable, Optional, Protocol

from knowledge.calendar import WorkingCalendar
from knowledge.catalogue import Catalogue
from knowledge.guesses import GuessLimiter
from knowledge.registry import DossierRegistry


class FeedbackBox(Protocol):
    async def put(self, citizen_id: str, kind: str, text: str, procedure: Optional[str]) -> str:
        """Keep it and give the number under which the office finds it."""


@dataclass(frozen=True)
class Services:
    """``fold`` turns text into lower case without marks; ``clock`` gives the present moment with its zone."""

    catalogue: Catalogue
    dossiers: DossierRegistry
    guesses: GuessLimiter
    calendar: WorkingCalendar
    feedback: FeedbackBox
    fold: Callable[[str], str]
    clock: Callable[[], dt.datetime]
