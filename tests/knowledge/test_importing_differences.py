"""Differences between the curated catalogue and an export: facts only, newer ones only."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from msgspec.structs import replace

from knowledge.importing_differences import Difference, differences
from knowledge.procedures import (
    Case,
    Channel,
    ChannelKind,
    Fee,
    Level,
    Origin,
    Paper,
    Procedure,
    Text,
    TimeLimit,
    TimeUnit,
)

CURATED = Procedure(
    code="9.000001",
    title=Text(vi="Thả diều"),
    field=Text(vi="Diều"),
    levels=(Level.COMMUNE,),
    source="https://example.org",
    checked=dt.date(2026, 7, 31),
    cases=(Case(id="ordinary", name=Text(vi="Thường"), papers=(Paper(name=Text(vi="Đơn"), originals=1),)),),
    channels=(
        Channel(
            kind=ChannelKind.IN_PERSON,
            time_limit=TimeLimit(amount=3, unit=TimeUnit.DAY),
            fees=(Fee(text=Text(vi="25.000 đồng"), amount=25_000), Fee(text=Text(vi="Hộ nghèo: miễn phí"), amount=0)),
        ),
    ),
)
SAME = replace(CURATED, origin=Origin.IMPORTED, title=Text(vi="Thủ tục thả diều"))


def with_channel(**changes: Any) -> Procedure:
    return replace(SAME, channels=(replace(CURATED.channels[0], **changes),))


def test_the_same_facts_in_other_words_are_no_difference() -> None:
    assert differences([CURATED], [SAME, replace(SAME, code="9.000009", levels=(Level.PROVINCE,))]) == []


@pytest.mark.parametrize(
    ("imported", "field", "ours", "theirs"),
    [
        (replace(SAME, levels=(Level.PROVINCE,)), "levels", "commune", "province"),
        (with_channel(kind=ChannelKind.ONLINE), "channels", "in_person", "online"),
        (with_channel(time_limit=TimeLimit(amount=5, unit=TimeUnit.DAY)), "time_limit", "3 day", "5 day"),
        (with_channel(fees=(Fee(text=Text(vi="x"), amount=35_000),)), "fees", "25.000", "35.000"),
        (
            replace(SAME, cases=(replace(CURATED.cases[0], papers=CURATED.cases[0].papers * 5),)),
            "papers",
            "1",
            "5",
        ),
    ],
)
def test_a_newer_fact_is_told(imported: Procedure, field: str, ours: str, theirs: str) -> None:
    assert differences([CURATED], [imported]) == [Difference("9.000001", field, ours, theirs)]


def test_what_the_export_does_not_state_or_states_earlier_is_no_difference() -> None:
    silent = with_channel(fees=(), time_limit=TimeLimit())
    older = replace(SAME, levels=(Level.PROVINCE,), checked=dt.date(2025, 12, 31))
    assert differences([CURATED], [replace(silent, levels=())]) == []
    assert differences([CURATED], [older]) == []
