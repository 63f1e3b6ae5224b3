"""Which of the procedures just offered a citizen names by a part of its title: "cấp lại", "dưới 14 tuổi"."""

from __future__ import annotations

import re
from typing import Callable, Optional

from actions.choices import Payload
from actions.refusing import OFFERS
from actions.turn import Turn
from knowledge.catalogue import Catalogue
from knowledge.procedures import Procedure

_FILLERS = re.compile(
    r"a|ad|anh|cai|chac|chi|cho|chon|co|con|da|di|do|em|hoi|i|la|lay|lam|ma|mean|minh|muon|nha|nhe|oi|tham|the|thi|toi"
    r"|tui|u|uh|um|va|vang|viec|xem|xin|y|one|please"
)


def picked(turn: Turn, catalogue: Catalogue, fold: Callable[[str], str]) -> Optional[tuple[Procedure, Payload]]:
    """The only procedure offered whose title has all the words said, with its choice; None when there is none such."""
    if turn.pressed is not None or turn.question not in OFFERS:
        return None
    said = {word for word in _words(fold(turn.text)) if not _FILLERS.fullmatch(word)}
    fitting = []
    for option in turn.slot("options") or []:
        payload = Payload.parse(option)
        procedure = catalogue.get(payload.procedure or "")
        if procedure is not None and said and said <= _words(fold(f"{procedure.title.vi} {procedure.title.en or ''}")):
            fitting.append((procedure, payload))
    return fitting[0] if len(fitting) == 1 else None


def _words(folded: str) -> set[str]:
    return set(re.findall(r"\w+", folded))
