"""Finds the rules that may apply without trying each of them on each state.

RulePolicy tries every rule on every state of the session, three times in a turn. But a rule looks at few things in a
state (the intent, the last action, the form), so the same states come again and again: what Rasa found for one is
remembered.
"""

from __future__ import annotations

import json
from typing import Any, Mapping, Sequence

from rasa.core.policies.rule_policy import RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RulePolicy
from rasa.shared.core.constants import PREVIOUS_ACTION
from rasa.shared.core.domain import State

MOST_REMEMBERED = 20_000


def index_rules(policy: RulePolicy) -> None:
    """Let a loaded policy find its rules by index. Its answers stay the same."""
    indexes = {
        id(policy.lookup[kind]): _RuleIndex(policy, policy.lookup[kind])
        for kind in (RULES, RULES_FOR_LOOP_UNHAPPY_PATH)
    }
    policy._get_possible_keys = lambda lookup, states: indexes[id(lookup)].possible_keys(states)
    # Two texts made of all states, each time: one for a debug line that nobody prints, the other for the case that no
    # rule was found, to look it up among the rules.
    policy.format_tracker_states = lambda _: ""
    policy._create_feature_key = lambda _: ""


class _RuleIndex:
    def __init__(self, policy: RulePolicy, lookup: Mapping[str, str]) -> None:
        self._policy = policy
        rules: dict[str, list[State]] = {key: json.loads(key) for key in lookup}
        self._keys = frozenset(rules)
        self._longest = max(map(len, rules.values()), default=0)
        seen = {(kind, name) for states in rules.values() for state in states for kind in state for name in state[kind]}
        self._looked_at = sorted(seen)
        self._remembered: dict[tuple[Any, ...], frozenset[str]] = {}

    def possible_keys(self, states: Sequence[State]) -> set[str]:
        """The rules that no state contradicts; the last state is the present one."""
        possible = set(self._keys)
        for age, state in enumerate(reversed(states[-self._longest :])):  # no rule looks further back
            possible &= self._applicable(age, state)
        return possible

    def _applicable(self, age: int, state: State) -> frozenset[str]:
        looks = (age, PREVIOUS_ACTION in state, *[state.get(kind, {}).get(name) for kind, name in self._looked_at])
        if looks not in self._remembered:
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            applicable = self._policy._is_rule_applicable
            self._remembered[looks] = frozenset(key for key in self._keys if applicable(key, age, state))
        return self._remembered[looks]
