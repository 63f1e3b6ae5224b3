"""The house rules as a form: what is written is read back the same, whatever is typed is read without falling over."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console.rules_form import read, written
from bot.house_rules import Rules, Template

WORD = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20)
TEXTS = st.dictionaries(st.sampled_from(["vi", "en"]), WORD)
PRICE = st.integers(0, 1_000_000)
TEMPLATE = st.builds(Template, WORD, WORD, st.lists(WORD, max_size=3).map(tuple), PRICE, PRICE)
TIME = st.builds(dt.time, st.integers(0, 23), st.integers(0, 59))
RULES = st.builds(
    Rules,
    greeting=TEXTS,
    hours=TEXTS,
    hotline=WORD,
    banner=TEXTS,
    holidays=st.dictionaries(st.dates(dt.date(1900, 1, 1), dt.date(2999, 12, 31)), WORD, max_size=4),
    assistant_stopped=st.booleans(),
    broadcasts_stopped=st.booleans(),
    wards=st.lists(WORD, max_size=4, unique=True).map(tuple),
    quiet_from=TIME,
    quiet_until=TIME,
    templates=st.lists(TEMPLATE, max_size=3, unique_by=lambda one: one.id).map(tuple),
)
ANYTHING = st.fixed_dictionaries({name: st.lists(st.text(max_size=60), max_size=3) for name in written(Rules())})


@given(RULES)
def test_what_is_written_is_read_back(rules: Rules) -> None:
    assert read(written(rules).__getitem__, rules) == (rules, [])


@given(ANYTHING)
def test_whatever_is_typed_is_read(fields: dict[str, list[str]]) -> None:
    rules, problems = read(fields.__getitem__, Rules())
    if not problems:
        again, _ = read(written(rules).__getitem__, Rules())
        assert again.holidays == rules.holidays
        assert again.quiet_from == rules.quiet_from
        assert [one.id for one in again.templates] == [one.id for one in rules.templates]


@pytest.mark.parametrize("field", ["template_id", "template_title", "template_names"])
def test_a_template_is_no_longer_than_the_form_lets_browsers_type(field: str) -> None:
    fields = {**written(Rules(templates=(Template("t1", "Tin", ("ten",)),))), field: ["a" * 501]}
    rules, problems = read(fields.__getitem__, Rules())
    assert (rules.templates, len(problems)) == ((), 1)
