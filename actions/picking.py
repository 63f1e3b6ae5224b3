"""Which of the procedures just offered a citizen names: by a part of its title ("cấp lại"), or in other words.

What was offered is likelier meant than anything else, so that fewer words are enough than to be answered at once.
"""

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

PICKED = 0.3  # probability from which the likeliest is taken for the one offered

Offered = tuple[Procedure, Payload]


def picked(turn: Turn, catalogue: Catalogue, fold: Callable[[str], str]) -> Optional[Offered]:
    """The procedure offered that is named, with its choice; None when there is none such."""
    offered = offered_last(turn, catalogue) if turn.pressed is None else []
    if not offered:
        return None
    said = {word for word in _words(fold(turn.text)) if not _FILLERS.fullmatch(word)}
    fitting = [one for one in offered if said and said <= _words(fold(f"{one[0].title.vi} {one[0].title.en or ''}"))]
    return fitting[0] if len(fitting) == 1 else _likeliest(turn, catalogue, offered)


def offered_last(turn: Turn, catalogue: Catalogue) -> list[Offered]:
    """The procedures that the last answer asked to choose from; none when it asked nothing such."""
    if turn.question not in OFFERS:
        return []
    payloads = [Payload.parse(option) for option in turn.slot("options") or []]
    held = ((catalogue.get(payload.procedure or ""), payload) for payload in payloads)
    return [(procedure, payload) for procedure, payload in held if procedure is not None]


def _likeliest(turn: Turn, catalogue: Catalogue, offered: list[Offered]) -> Optional[Offered]:
    best = next((found for found in catalogue.find(turn.text, turn.outside).found if found.procedure), None)
    if best is None or best.procedure is None or best.probability < PICKED:
        return None
    group = catalogue.group_of(best.procedure.code)
    return next((one for one in offered if catalogue.group_of(one[0].code) == group), None)


def _words(folded: str) -> set[str]:
    return set(re.findall(r"\w+", folded))
