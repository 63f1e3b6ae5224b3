"""The questions are what they say they are: enough, of all kinds, labelled with what exists, unknown to training."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from evaluation.overlap import overlaps
from evaluation.questions import (
    CALIBRATION,
    QUESTIONS,
    Question,
    QuestionsInvalid,
    Style,
    digest,
    read_questions,
    turns_of,
)
from knowledge.curated import read_curated_procedures
from nlu.asked import sentences

ROOT = Path(__file__).parents[2]
SEALED, KNOWN = read_questions(QUESTIONS), read_questions(CALIBRATION)
SHIPPED = {procedure.code for procedure in read_curated_procedures()}


def test_there_are_enough_of_every_kind() -> None:
    assert len(SEALED) >= 600
    turns = list(turns_of(SEALED))
    share = {style: sum(style in turn.style for turn in turns) / len(turns) for style in Style}
    assert share[Style.NO_MARKS] >= 0.39
    assert share[Style.SLIPS] >= 0.15
    assert min(share.values()) >= 0.03
    firsts = [question.turns[0] for question in SEALED]
    assert sum(turn.refuse for turn in firsts) >= 0.14 * len(firsts)
    assert sum(bool(turn.ask_back) for turn in turns) >= 0.1 * len(turns)
    assert sum(len(question.turns) > 1 for question in SEALED) >= 50


def test_every_intent_and_every_procedure_twice() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    asked = {intent for turn in turns_of(SEALED) for intent in turn.intents}
    # The first means none; digits are asked for, never told first; the others are younger than these questions.
    younger = {"watch_dossier", "stop_watching", "link_channels", "set_residence"}
    assert set(domain["intents"]) - asked <= {"nlu_fallback", "give_last_four", *younger}
    for code in SHIPPED:
        assert sum(code in turn.codes for turn in turns_of(SEALED)) >= 2, code


@pytest.mark.parametrize("questions", [SEALED, KNOWN], ids=["sealed", "calibration"])
def test_labels_exist(questions: list[Question]) -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    for turn in turns_of(questions):
        assert set(turn.intents) <= set(domain["intents"]), turn.ask
        assert {*turn.codes, *turn.ask_back} <= SHIPPED, turn.ask


def test_training_says_none_of_the_questions() -> None:
    names = [name for procedure in read_curated_procedures() for name in procedure.everyday_names.vi]
    texts = [turn.ask for turn in turns_of([*SEALED, *KNOWN])]
    assert list(overlaps(texts, (sentence.text for sentence in sentences()))) == []
    said = {text for text, _ in overlaps(texts, names, nearly=False)}
    assert len(said) <= 0.03 * len(texts)  # people do type plain names; it is printed with the figures


def test_the_two_sets_do_not_overlap() -> None:
    known = [turn.ask for turn in turns_of(KNOWN)]
    both = list(overlaps([turn.ask for turn in turns_of(SEALED) if turn.codes], known))
    assert both == []


@pytest.mark.parametrize(
    ("question", "training", "found"),
    [
        ("Làm khai sinh ở đâu?", "lam khai sinh o dau", True),
        ("lam khai sinh o dau vay chi", "làm khai sinh ở đâu vậy chú", True),  # nearly
        ("làm khai sinh ở đâu", "làm khai tử mất bao lâu", False),
        ("cảm ơn em", "cảm ơn anh", False),  # short: word for word only
    ],
)
def test_overlaps(question: str, training: str, found: bool) -> None:
    assert bool(list(overlaps([question], [training]))) is found


@pytest.mark.parametrize(
    "entry",
    [
        "{ask: a, intent: greet, colour: red}",
        "{ask: a, intent: ask_fee, code: '1.001193', refuse: true}",
        "{ask: a, intent: find_procedure, ask_back: ['1.001193']}",
        "{ask: phí, intent: ask_fee, style: [no_marks]}",
        "{intent: greet}",
    ],
)
def test_a_wrong_entry_is_refused_by_its_place(tmp_path: Path, entry: str) -> None:
    (tmp_path / "some.yml").write_text(f"- {{ask: xin chao, intent: greet}}\n- {entry}\n", encoding="utf-8")
    with pytest.raises(QuestionsInvalid, match=r"some\.yml, entry 2"):
        read_questions(tmp_path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QuestionsInvalid):
        read_questions(tmp_path)


def test_a_changed_label_is_another_set() -> None:
    assert digest(SEALED) == digest(read_questions(QUESTIONS))
    assert digest(SEALED) != digest(SEALED[:-1])
