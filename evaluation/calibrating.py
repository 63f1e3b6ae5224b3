"""``make calibrate``: finds the weights of ranking and the thresholds of deciding on the calibration questions.

    .venv/bin/python -m evaluation.calibrating [--dry]

Writes ``knowledge/data/ranking.yml`` and ``actions/thresholds.yml``. The weights are those of a conditional logit under
which the right procedures are likeliest, with the shipped catalogue and with the official exports when they are there.
The thresholds are the best of a grid for questions whose weights were fitted without them (five folds).
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Sequence

from evaluation.quiet import silence_libraries

silence_libraries()

import msgspec
import numpy as np
import yaml
from rasa.core.agent import Agent
from scipy.optimize import minimize

from actions.answering import FACET_OF, OVERVIEW, asked_facets
from actions.deciding import THRESHOLDS_FILE, Thresholds
from actions.focus import Focus, NotHeld, NothingNamed, OneOf, OnProcedure, find_focus
from actions.turn import Turn
from bot.library import open_catalogue
from evaluation.asking import exports, prepare
from evaluation.figures import group_codes
from evaluation.judging import meets
from evaluation.model import version_to_measure
from evaluation.questions import CALIBRATION, read_questions
from evaluation.questions import Turn as Label
from knowledge.catalogue import Catalogue
from knowledge.procedures import Origin
from knowledge.ranking import EVIDENCE, NONE_EVIDENCE, RANKING_FILE, Ranking
from knowledge.search import Hits
from knowledge.topics import TopicKind
from nlu.asked import sentences
from nlu.vietnamese.folding import fold

Numbers = Any  # a numpy array; numpy 1.23 has no usable element types

FOLDS = 5
ROUNDS = 3  # the weights choose each candidate's best name, from which the weights are found
REGULARISATION = 1e-3
# Intents whose sentences name nothing.
TALK = ["greet", "goodbye", "thank", "who_are_you", "help", "repeat", "cancel", "start_over", "affirm", "deny"]
SAMPLED_TITLES = 100  # of imported procedures, as if asked for: else nothing would speak for them
MAY_BE_NEGATIVE = {"special", "special_unheld", "topic", "not_held", "curated"}
# What an outcome is worth: a wrong answer costs a day at the wrong counter, a button one press; "nearest" is offered as
# the nearest to what is said not to be held, "astray" offers something to who asked for nothing of ours or the reverse.
WORTH = {"right": 1.0, "offered": 0.6, "nearest": 0.2, "asked back": 0.0, "astray": -0.5, "wrong": -2.0}
GRID = {
    "answer": [0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8],
    "refuse": [0.3, 0.4, 0.5, 0.6, 0.7, 0.8],
    "offer": [0.02, 0.08, 0.15],
}
# A second facet in an answer costs reading: so much of a question answered.
EXTRA_FACET = 0.1
FACET_SURE, FACET_LIKELY = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9], [0.05, 0.1, 0.15, 0.2, 0.3, 0.4]

Heard = tuple[Label, Turn]  # a question and what the intent model understood of it


@dataclass(frozen=True)
class Sample:
    """A question as the search sees it: its candidates and which of them are right."""

    evidence: Numbers  # candidates x EVIDENCE
    right: Numbers  # of each candidate: 1 when it is right
    none_evidence: Numbers
    none_is_right: bool

    @property
    def says_something(self) -> bool:
        return self.none_is_right or bool(self.right.any())


def samples(catalogue: Catalogue, heard: Sequence[Heard]) -> list[Sample]:
    return [_sample(catalogue, label, catalogue.candidates(label.ask, turn.outside)) for label, turn in heard]


def _sample(catalogue: Catalogue, label: Label, found: Hits) -> Sample:
    right = _right_keys(catalogue, label)
    return Sample(
        np.array([hit.evidence for hit in found.hits]).reshape(len(found.hits), len(EVIDENCE)),
        np.array([catalogue.group_of(hit.key) in right for hit in found.hits], dtype=float),
        np.array(found.none_evidence),
        label.refuse,
    )


def _right_keys(catalogue: Catalogue, label: Label) -> set[str]:
    topics = catalogue.topics
    if label.refuse:  # also said by the name of what is known to be lacking
        return {topic.id for topic in topics if topic.kind is TopicKind.NOT_HELD}
    asked_back = {topic.id for topic in topics if len(set(topic.procedures) & set(label.ask_back)) > 1}
    return asked_back | {catalogue.group_of(code) for code in (*label.codes, *label.ask_back)}


def fit(given: Sequence[Sample]) -> Ranking:
    """The weights under which what is right is likeliest (maximum likelihood, L2)."""
    usable = [sample for sample in given if sample.says_something]
    size = len(EVIDENCE)

    def surprise(weights: Numbers) -> tuple[float, Numbers]:
        total, slope = 0.0, np.zeros_like(weights)
        for sample in usable:
            scores = np.append(sample.evidence @ weights[:size], sample.none_evidence @ weights[size:])
            odds = np.exp(scores - scores.max())
            share = odds / odds.sum()
            right = share * np.append(sample.right, sample.none_is_right)
            total -= np.log(right.sum())
            error = share - right / right.sum()
            slope[:size] += sample.evidence.T @ error[:-1]
            slope[size:] += sample.none_evidence * error[-1]
        count = len(usable)
        return total / count + REGULARISATION * weights @ weights / 2, slope / count + REGULARISATION * weights

    bounds = [(None, None) if name in MAY_BE_NEGATIVE else (0, None) for name in EVIDENCE]
    bounds += [(None, None)] * len(NONE_EVIDENCE)
    found = minimize(surprise, np.ones(len(bounds)), jac=True, method="L-BFGS-B", bounds=bounds)
    weights = [round(float(weight), 3) for weight in found.x]
    return Ranking(dict(zip(EVIDENCE, weights)), dict(zip(NONE_EVIDENCE, weights[size:])))


def outcome(catalogue: Catalogue, label: Label, turn: Turn, thresholds: Thresholds) -> str:
    """The outcome of one question under these thresholds, a key of WORTH."""
    focus = find_focus(turn, catalogue, fold, thresholds)
    codes, answered = _codes(focus)
    wanted = {code for key in (*label.codes, *label.ask_back) for code in group_codes(catalogue, key)}
    if label.refuse:
        return "right" if isinstance(focus, (NotHeld, NothingNamed)) else "wrong" if answered else "astray"
    if isinstance(focus, (NotHeld, NothingNamed)):
        return "nearest" if codes & wanted else "astray"
    if label.ask_back:
        return "wrong" if answered else "right" if len(codes & wanted) > 1 else "asked back"
    if answered:
        return "right" if codes & wanted else "wrong"
    return "offered" if codes & wanted else "asked back"


def _codes(focus: Focus) -> tuple[set[str], bool]:
    """The codes answered or offered, and whether they are answered."""
    if isinstance(focus, OnProcedure):
        return {focus.procedure.code}, True
    if isinstance(focus, OneOf):
        return {procedure.code for procedure in focus.procedures[:4]}, False
    if isinstance(focus, NotHeld):
        return {procedure.code for procedure in focus.nearest}, False
    return {part.procedure.code for part in getattr(focus, "each", ())}, True


async def hear(model: Path, labels: Sequence[Label]) -> list[Heard]:
    """What the intent model understands of each question; it was trained on none of them."""
    agent = Agent.load(model)
    return [(label, Turn.heard(label.ask, await agent.parse_message(label.ask))) for label in labels]


def _imported_titles(catalogue: Catalogue) -> list[Heard]:
    imported = sorted((p.code, p.title.vi) for p in catalogue if p.origin is Origin.IMPORTED)
    step = max(1, len(imported) // SAMPLED_TITLES)
    labels = [Label(fold(" ".join(title.split()[:10])), "find_procedure", code) for code, title in imported[::step]]
    return [(label, Turn.heard(label.ask, {})) for label in labels]


def _talk() -> list[Heard]:
    """Training sentences that name nothing: what little words share with names must not count for much."""
    texts = (sentence.text for sentence in sentences() if sentence.intent in TALK)
    labels = [Label(text, "out_of_scope", refuse=True) for text in texts]
    return [(label, Turn.heard(label.ask, {})) for label in labels]


def _fold_of(number: int) -> int:
    return number % FOLDS


def calibrate(catalogues: Sequence[Catalogue], heard: Sequence[Heard]) -> tuple[Ranking, Thresholds, str]:
    """The weights, the thresholds, and a table of what they come to on questions that the weights have not seen."""
    catalogues = [_refined(catalogue, heard) for catalogue in catalogues]
    given = [samples(catalogue, heard) for catalogue in catalogues]
    beside = [s for catalogue in catalogues for s in samples(catalogue, [*_imported_titles(catalogue), *_talk()])]
    ranking = fit([*itertools.chain(*given), *beside])
    unseen = []
    for part in range(FOLDS):
        seen = [s for each in given for number, s in enumerate(each) if _fold_of(number) != part]
        without = catalogues[-1].with_ranking(fit([*seen, *beside]))
        unseen += [(without, *one) for number, one in enumerate(heard) if _fold_of(number) == part]
    return ranking, *_best_thresholds(unseen)


def _refined(catalogue: Catalogue, heard: Sequence[Heard]) -> Catalogue:
    for _ in range(ROUNDS):
        catalogue = catalogue.with_ranking(fit(samples(catalogue, [*heard, *_talk()])))
    return catalogue


def _best_thresholds(unseen: Sequence[tuple[Catalogue, Label, Turn]]) -> tuple[Thresholds, str]:
    lines = [f"{'answer':>7}{'refuse':>7}{'offer':>7}{'worth':>8}" + "".join(f"{name:>12}" for name in WORTH)]
    rows = []
    for answer, refuse, offer in itertools.product(*GRID.values()):
        thresholds = Thresholds(answer, refuse, offer, 1.0, 1.0)
        outcomes = [outcome(catalogue, label, turn, thresholds) for catalogue, label, turn in unseen]
        total = sum(WORTH[name] for name in outcomes) / len(outcomes)
        rows.append((total, thresholds, [100 * outcomes.count(name) / len(outcomes) for name in WORTH]))
    rows.sort(key=lambda row: -row[0])
    for total, t, shares in rows[:10]:
        shown = "".join(f"{share:12.1f}" for share in shares)
        lines.append(f"{t.answer:7}{t.refuse:7}{t.offer:7}{total:8.3f}{shown}")
    best = rows[0][1]

    lines.append(f"\n{'facet_sure':>11}{'facet_likely':>13}{'worth':>8}{'met':>8}{'facets':>8}")
    with_facet = [(label, turn) for _, label, turn in unseen if label.codes and set(label.intents) & set(FACET_OF)]
    facet_rows = []
    for sure, likely in itertools.product(FACET_SURE, FACET_LIKELY):
        thresholds = msgspec.structs.replace(best, facet_sure=sure, facet_likely=likely)
        shown_facets = [asked_facets(turn, thresholds) or [OVERVIEW] for _, turn in with_facet]
        met = [any(meets(i, f) for i in label.intents) for (label, _), f in zip(with_facet, shown_facets)]
        extra = sum(len(facets) - 1 for facets in shown_facets) / len(shown_facets)
        share = sum(met) / len(met)
        facet_rows.append((share - EXTRA_FACET * extra, thresholds, share, extra))
    facet_rows.sort(key=lambda row: -row[0])
    for total, t, share, extra in facet_rows[:6]:
        lines.append(f"{t.facet_sure:11}{t.facet_likely:13}{total:8.3f}{100 * share:8.1f}{1 + extra:8.2f}")
    return facet_rows[0][1], "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m evaluation.calibrating", description=__doc__.partition("\n")[0])
    parser.add_argument("--dry", action="store_true", help="print what would be written")
    options = parser.parse_args()
    first = [question.turns[0] for question in read_questions(CALIBRATION)]
    heard = asyncio.run(hear(version_to_measure().model, [t for t in first if t.codes or t.ask_back or t.refuse]))
    with tempfile.TemporaryDirectory() as folder:
        catalogues = [open_catalogue(prepare(Path(folder), False).database_url)]
        if exports():
            catalogues.append(open_catalogue(prepare(Path(folder), True).database_url))
    ranking, thresholds, table = calibrate(catalogues, heard)
    sys.stdout.write(f"{len(heard)} questions, with {len(catalogues[-1])} procedures\n{table}\n")
    written = {
        RANKING_FILE: {"evidence": ranking.evidence, "none": ranking.none},
        THRESHOLDS_FILE: msgspec.to_builtins(thresholds),
    }
    for path, values in written.items():
        text = "# Written by `make calibrate`.\n" + yaml.safe_dump(values, sort_keys=False)
        sys.stdout.write(f"\n{path.name}\n{text}")
        if not options.dry:
            path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
