"""What a button sends back: an intent with the codes it is about, in Rasa's own payload form."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, Mapping, Optional

_FORM = re.compile(r"/(?P<intent>[a-z_]+)(?P<entities>\{.*\})?", re.DOTALL)


@dataclass(frozen=True)
class Payload:
    """``/ask_fee{"procedure": "1.001193"}``: pressing asks the fee of that procedure, whatever was talked about."""

    intent: str
    procedure: Optional[str] = None
    case: Optional[str] = None
    topic: Optional[str] = None
    dossier_code: Optional[str] = None
    language: Optional[str] = None
    campaign: Optional[str] = None

    def __str__(self) -> str:
        return _written(self)

    @classmethod
    def parse(cls, text: str) -> Payload:
        """Raises ValueError for anything that ``str`` of a payload would not give."""
        match = _FORM.fullmatch(text)
        if match is None:
            raise ValueError("not a payload")
        entities = json.loads(match["entities"] or "{}")
        known = {f.name for f in fields(cls)[1:]}
        if not set(entities) <= known or not all(isinstance(value, str) for value in entities.values()):
            raise ValueError("a payload with unknown parts")
        return cls(match["intent"], **entities)

    @classmethod
    def pressed(cls, intent: str, entities: Mapping[str, Any]) -> Payload:
        """The payload that a message was, from what Rasa understood of it."""
        known = {f.name for f in fields(cls)[1:]}
        return cls(intent, **{name: value for name, value in entities.items() if name in known})


@lru_cache(maxsize=10_000)
def _written(payload: Payload) -> str:
    values = {f.name: getattr(payload, f.name) for f in fields(payload)[1:]}
    entities = {name: value for name, value in values.items() if value is not None}
    return f"/{payload.intent}{json.dumps(entities, ensure_ascii=False)}" if entities else f"/{payload.intent}"
