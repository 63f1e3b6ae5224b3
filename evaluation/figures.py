"""Figures of one run: shares of outcomes by tag, intents, retrieval, the loss without marks, latency."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Callable, Iterator, Sequence

import numpy as np

from evaluation.asking import Asked
from evaluation.judging import Outcome, offered, refuses
from evaluation.questions import Turn
from knowledge.catalogue import Catalogue

BEST = (1, 3, 5)


def tags_of(asked: Asked) -> Iterator[str]:
    turn = asked.turn
    yield "all"
    yield from (f"style: {style.value}" for style in turn.style)
    yield "style: plain" if not turn.style else "style: any"
    yield f"kind: {_kind(turn)}"
    if asked.follows:
        yield "kind: follow-up"
    yield f"intent: {turn.intents[0]}"


def _kind(turn: Turn) -> str:
    if turn.refuse:
        return "out of scope"
    if turn.ask_back:
        return "ambiguous"
    return "procedure" if turn.codes or "choose" in turn.intents else "talk"


def outcomes_by_tag(asked: Sequence[Asked]) -> dict[str, dict[str, int]]:
    """``{tag: {"count": n, "right": n, …}}``, kinds and styles before intents."""
    by_tag: dict[str, Counter[str]] = defaultdict(Counter)
    for one in asked:
        for tag in tags_of(one):
            by_tag[tag].update(["count", one.outcome.value])
    order = ["all", "kind", "style", "intent"]
    tags = sorted(by_tag, key=lambda tag: (order.index(tag.split(":")[0]), tag))
    return {tag: {name: by_tag[tag][name] for name in ("count", *Outcome)} for tag in tags}


def figures_of(asked: Sequence[Asked]) -> dict[str, float]:
    """Shares between 0 and 1, of all turns unless the name says otherwise."""
    in_scope = [one for one in asked if not one.turn.refuse]
    outside = [one for one in asked if one.turn.refuse]
    ambiguous = [one for one in asked if one.turn.ask_back]
    following = [one for one in asked if one.follows]
    times = [one.milliseconds for one in asked]
    return {
        "right": _share(asked, _is(Outcome.RIGHT)),
        "right_or_offered": _share(asked, _is(Outcome.RIGHT, Outcome.OFFERED)),
        "asked_back": _share(asked, _is(Outcome.ASKED_BACK)),
        "missed": _share(asked, _is(Outcome.MISSED)),
        "wrong": _share(asked, _is(Outcome.WRONG)),
        "out_of_scope_refused": _share(outside, _is(Outcome.RIGHT)),
        "in_scope_refused": _share(in_scope, _is_refused),
        "ambiguous_asked_back": _share(ambiguous, _is(Outcome.RIGHT)),
        "follow_ups_right": _share(following, _is(Outcome.RIGHT)),
        "intent_accuracy": _share(asked, _has_right_intent),
        "intent_macro_f1": macro_f1([_meant_and_heard(one) for one in asked]),
        "answer_ms_p50": float(np.percentile(times, 50)),
        "answer_ms_p95": float(np.percentile(times, 95)),
    }


def loss_without_marks(marked: Sequence[Asked], unmarked: Sequence[Asked]) -> float:
    """How much of "right" is lost when the questions typed with marks come without; the same turns in both."""
    pairs = [(one, other) for one, other in zip(marked, unmarked, strict=True) if one.turn.is_marked]
    before = _share([one for one, _ in pairs], _is(Outcome.RIGHT))
    return before - _share([other for _, other in pairs], _is(Outcome.RIGHT))


def retrieval(catalogue: Catalogue, questions: Sequence[tuple[str, Sequence[str]]]) -> dict[str, float]:
    """``recall_at_1``, ``_3`` and ``_5`` of search alone for (text, codes that are right)."""
    ranks = [_rank(catalogue, text, codes) for text, codes in questions]
    return {f"recall_at_{best}": sum(rank < best for rank in ranks) / (len(ranks) or 1) for best in BEST}


def _rank(catalogue: Catalogue, text: str, codes: Sequence[str]) -> int:
    """How many procedures stand before the right one. One of several levels stands for all of its group."""
    right = {same for code in codes for same in group_codes(catalogue, code)}
    hits = [found.procedure.code for found in catalogue.find(text).found if found.procedure]
    return next((rank for rank, code in enumerate(hits) if code in right), len(hits) + max(BEST))


def group_codes(catalogue: Catalogue, code: str) -> list[str]:
    """The code and those of the same thing at other levels; nothing when it is not held."""
    procedure = catalogue.get(code)
    return [code, *(variant.code for variant in catalogue.variants(procedure))] if procedure else []


def macro_f1(pairs: Sequence[tuple[str, str]]) -> float:
    """The mean F1 over the intents that were meant, from (meant, heard)."""
    meant, heard = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    both = Counter(one for one, other in pairs if one == other)
    return float(np.mean([2 * both[intent] / (meant[intent] + heard[intent]) for intent in meant]))


def _meant_and_heard(one: Asked) -> tuple[str, str]:
    heard = one.answer.intent
    return (heard if heard in one.turn.intents else one.turn.intents[0]), heard


def _has_right_intent(one: Asked) -> bool:
    return one.answer.intent in one.turn.intents


def _is_refused(one: Asked) -> bool:
    said = one.answer.utterances
    return refuses(said) and not offered(said) & {*one.turn.codes, *one.turn.ask_back}


def _is(*outcomes: Outcome) -> Callable[[Asked], bool]:
    return lambda one: one.outcome in outcomes


def _share(asked: Sequence[Asked], holds: Callable[[Asked], bool]) -> float:
    return sum(map(holds, asked)) / len(asked) if asked else 0.0
