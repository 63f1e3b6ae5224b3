"""The judge: what counts as right, offered, asked back, missed and wrong."""

from __future__ import annotations

from typing import Any

import pytest

from evaluation.asking import Asked
from evaluation.figures import figures_of, loss_without_marks, macro_f1, outcomes_by_tag
from evaluation.judging import Outcome, judge
from evaluation.questions import Style, Turn
from evaluation.report import as_text
from nlu.assistant import Answer, Utterance

FEE = Turn("phí bao nhiêu", "ask_fee", code="1.001193")
AMBIGUOUS = Turn("làm thẻ", "find_procedure", ask_back=("1.000001", "1.000002", "1.000003"))
GOLD = Turn("giá vàng", "out_of_scope", refuse=True)


def said(name: str, **facts: Any) -> list[Utterance]:
    return [Utterance(name, facts)]


def procedure(code: str, *facets: str, choices: tuple[str, ...] = ()) -> list[Utterance]:
    return said("procedure", procedure=code, facets=list(facets), choices=list(choices))


def choices(*codes: str) -> list[str]:
    return [f'/find_procedure{{"procedure": "{code}"}}' for code in codes]


@pytest.mark.parametrize(
    ("turn", "reply", "outcome"),
    [
        (FEE, procedure("1.001193", "fee"), Outcome.RIGHT),
        (FEE, procedure("1.001193", "overview"), Outcome.RIGHT),  # it shows the fee
        (FEE, procedure("1.001193", "place", choices=('/ask_fee{"procedure": "1.001193"}',)), Outcome.OFFERED),
        (FEE, procedure("1.001193", "place"), Outcome.WRONG),
        (FEE, procedure("1.000894", "fee"), Outcome.WRONG),
        (FEE, said("which_procedure", choices=choices("1.000894", "1.001193")), Outcome.OFFERED),
        (FEE, said("which_procedure", choices=choices("1.000894")), Outcome.ASKED_BACK),
        (FEE, said("not_in_catalogue"), Outcome.MISSED),
        (FEE, said("office"), Outcome.WRONG),
        (AMBIGUOUS, said("which_procedure", choices=choices("1.000001", "1.000003")), Outcome.RIGHT),
        (AMBIGUOUS, said("which_procedure", choices=choices("1.000001", "1.000009")), Outcome.OFFERED),
        (AMBIGUOUS, procedure("1.000001", "overview"), Outcome.WRONG),  # one of three, as if it were the only one
        (GOLD, said("out_of_scope"), Outcome.RIGHT),
        (GOLD, said("not_understood"), Outcome.RIGHT),
        (GOLD, said("which_procedure", choices=choices("1.000001", "1.000002")), Outcome.ASKED_BACK),
        (GOLD, procedure("1.001193", "fee"), Outcome.WRONG),
        (Turn("cảm ơn", "thank"), said("thank"), Outcome.RIGHT),
        (Turn("cảm ơn", "thank"), said("greet"), Outcome.WRONG),
    ],
)
def test_outcomes(turn: Turn, reply: list[Utterance], outcome: Outcome) -> None:
    assert judge(turn, reply) is outcome


def test_a_choice_is_right_among_what_was_offered() -> None:
    before = said("which_procedure", choices=choices("1.000001", "1.000002"))
    second = Turn("cái thứ hai", "choose")
    assert judge(second, procedure("1.000002", "overview"), before) is Outcome.RIGHT
    assert judge(second, procedure("1.000009", "overview"), before) is Outcome.WRONG


def asked(turn: Turn, outcome: Outcome, heard: str, follows: bool = False) -> Asked:
    return Asked(turn, Answer((Utterance("x"),), heard, 1.0), outcome, 2.0, follows)


def test_figures() -> None:
    marked = [asked(FEE, Outcome.RIGHT, "ask_fee"), asked(GOLD, Outcome.WRONG, "ask_fee", follows=True)]
    figures = figures_of(marked)
    assert (figures["right"], figures["wrong"], figures["out_of_scope_refused"]) == (0.5, 0.5, 0.0)
    assert (figures["intent_accuracy"], figures["follow_ups_right"]) == (0.5, 0.0)
    unmarked = [asked(FEE, Outcome.MISSED, "ask_fee"), asked(GOLD, Outcome.WRONG, "ask_fee", follows=True)]
    assert loss_without_marks(marked, unmarked) == 0.5  # of two marked messages one is lost
    assert macro_f1([("a", "a"), ("a", "b"), ("b", "b")]) == pytest.approx(2 / 3)


def test_tags_count_each_message_once() -> None:
    typed = Turn("phi bao nhieu", "ask_fee", code="1.001193", style=(Style.NO_MARKS, Style.SLIPS))
    tags = outcomes_by_tag([asked(typed, Outcome.RIGHT, "ask_fee"), asked(FEE, Outcome.WRONG, "ask_fee")])
    assert tags["all"] == {"count": 2, "right": 1, "offered": 0, "asked_back": 0, "missed": 0, "wrong": 1}
    assert tags["style: no_marks"]["count"] == tags["style: slips"]["count"] == tags["style: plain"]["count"] == 1


def test_the_report_compares_only_like_with_like() -> None:
    run = {
        "turns": 2,
        "count": 2,
        "procedures": 182,
        "model": "m",
        "questions": "a" * 64,
        "names": 0,
        "figures": {"right": 0.5, "wrong": 0.01},
        "tags": {},
    }
    last = {**run, "figures": {"right": 0.25, "wrong": 0.01}}
    assert "25.0 %" in as_text(run, last)
    assert "missed by 42.0 points" in as_text(run, last)
    assert "≤ 2 %: met" in as_text(run, last)
    assert "25.0 %" not in as_text(run, {**last, "procedures": 2849})
