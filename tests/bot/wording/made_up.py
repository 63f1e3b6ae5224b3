"""Builds a made-up procedure, of which a test names only what it is about."""

from __future__ import annotations

import datetime as dt
from typing import Any, Optional

from knowledge.procedures import Case, Channel, ChannelKind, Fee, Level, Paper, Procedure, Text, TimeLimit, TimeUnit


def procedure(**parts: Any) -> Procedure:
    """A made-up procedure with one paper and no fee named, checked on 31 July 2026."""
    given = {
        "code": "1.999999",
        "title": Text(vi="cấp giấy phép thả diều", en="kite permit"),
        "field": Text(vi="Trò chơi", en="Games"),
        "levels": (Level.COMMUNE,),
        "source": "https://example.org/1.999999",
        "checked": dt.date(2026, 7, 31),
        "cases": (case(Paper(name=Text(vi="Đơn", en="Form"), originals=1)),),
        "channels": (channel(ChannelKind.IN_PERSON),),
    }
    return Procedure(**{**given, **parts})


def case(*papers: Paper, id: str = "ordinary", name: str = "Thông thường") -> Case:
    return Case(id=id, name=Text(vi=name), papers=papers)


def channel(kind: ChannelKind, *fees: Fee, limit: Optional[TimeLimit] = None) -> Channel:
    return Channel(kind=kind, time_limit=limit or TimeLimit(amount=3, unit=TimeUnit.WORKING_DAY), fees=fees)
