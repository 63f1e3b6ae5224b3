"""Prints one run and compares it with the last one committed."""

from __future__ import annotations

from typing import Any, Callable, Iterator, Mapping, Optional, Sequence

from evaluation.asking import Asked
from evaluation.judging import Outcome, names

Run = Mapping[str, Any]

AT_LEAST, AT_MOST = "≥", "≤"
# What is aimed at with both catalogues loaded.
TARGETS: Mapping[str, tuple[str, float]] = {
    "right": (AT_LEAST, 0.92),
    "right_or_offered": (AT_LEAST, 0.97),
    "wrong": (AT_MOST, 0.02),
    "loss_without_marks": (AT_MOST, 0.01),
    "out_of_scope_refused": (AT_LEAST, 0.95),
    "in_scope_refused": (AT_MOST, 0.03),
    "follow_ups_right": (AT_LEAST, 0.95),
    "development_recall_at_1": (AT_LEAST, 0.85),
    "development_recall_at_3": (AT_LEAST, 0.95),
}


def as_text(run: Run, last: Optional[Run]) -> str:
    """All of a run. ``last`` is compared only when it answered the same questions with the same catalogue."""
    return "\n".join([*_head(run), *_figures(run, last), "", *_tags(run)])


def _head(run: Run) -> Iterator[str]:
    yield (
        f"{run['turns']} messages in {run['count']} questions, {run['procedures']} procedures, model {run['model']}, "
        f"questions {run['questions'][:12]}"
    )
    yield f"{run['names']} of the messages are a name in the catalogue, word for word"


def _figures(run: Run, last: Optional[Run]) -> Iterator[str]:
    same = last is not None and all(run[key] == last[key] for key in ("questions", "procedures"))
    if last is not None and not same:
        yield "(the last committed run had other questions or another catalogue: not compared)"
    before = last["figures"] if last is not None and same else {}
    yield f"{'':28}{'now':>9}{'before':>9}  target"
    for name, value in run["figures"].items():
        was = _written(name, before[name]) if name in before else ""
        yield f"{name:28}{_written(name, value):>9}{was:>9}  {_against_target(name, value)}".rstrip()


def _written(name: str, value: float) -> str:
    return f"{value:.2f} ms" if "_ms_" in name else f"{100 * value:.1f} %"


def _against_target(name: str, value: float) -> str:
    if name not in TARGETS:
        return ""
    sign, target = TARGETS[name]
    missed_by = target - value if sign == AT_LEAST else value - target
    verdict = "met" if missed_by <= 0 else f"missed by {100 * missed_by:.1f} points"
    return f"{sign} {100 * target:g} %: {verdict}"


def _tags(run: Run) -> Iterator[str]:
    yield f"{'share in %':28}{'count':>7}" + "".join(f"{outcome.value:>11}" for outcome in Outcome)
    for tag, counts in run["tags"].items():
        shares = (f"{100 * counts[outcome.value] / counts['count']:11.1f}" for outcome in Outcome)
        yield f"{tag:28}{counts['count']:7}" + "".join(shares)


def misses(asked: Sequence[Asked], title: Callable[[str], str]) -> Iterator[str]:
    """Every message that was not right: what was wanted, what was heard and said."""
    for one in sorted(asked, key=lambda one: one.outcome.value):
        if one.outcome is Outcome.RIGHT:
            continue
        turn, answer = one.turn, one.answer
        wanted = [title(code) for code in (*turn.codes, *turn.ask_back)] or ["refuse" if turn.refuse else ""]
        said = [
            f"{name} {title(utterance.facts.get('procedure', ''))} {utterance.facts.get('facets', '')}".strip()
            for name, utterance in zip(names(answer.utterances), answer.utterances)
        ]
        yield (
            f"{one.outcome.value}{' (follow-up)' if one.follows else ''}: {turn.ask!r}\n    wanted "
            f"{'/'.join(turn.intents)} {'; '.join(wanted)}\n    heard {answer.intent} {answer.confidence:.2f}, "
            f"said {'; '.join(said)}"
        )
