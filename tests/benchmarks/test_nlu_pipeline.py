"""The benchmark of any train/test pair: which data it takes and refuses, how it counts, and one real small run."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.nlu_pair import Entity, Example, PairUnusable, read_pair, varied, ways
from benchmarks.nlu_pipeline import baseline_config, main
from benchmarks.nlu_scores import Heard, macro_f1, score
from nlu.vietnamese.folding import fold

OUR_PAIRS = sorted(path.parent for path in (Path(__file__).parents[2] / "benchmarks/data/nlu").glob("*/train.yml"))

TRAIN = """
version: "3.1"
nlu:
- intent: order
  examples: |
    - cho tôi gọi [phở](dish)
    - gọi tô [bún bò](dish)
    - đặt một phần [cơm tấm]{"entity": "dish", "value": "com tam"}
- intent: faq/opening
  examples: |
    - mấy giờ mở cửa
    - khi nào mở cửa vậy
- intent: once
  examples: |
    - tạm biệt nhé
- lookup: dish
  examples: |
    - phở
    - bánh mì
- synonym: com tam
  examples: |
    - cơm sườn
- regex: phone
  examples: |
    - \\d{10}
responses:
  utter_faq/opening:
  - text: từ 7 giờ
"""
TEST = """
version: "3.1"
nlu:
- intent: order
  examples: |
    - gọi cho mình tô [bún bò](dish) nha
- intent: faq/opening
  examples: |
    - mở cửa lúc mấy giờ
- intent: never_trained
  examples: |
    - con mèo trèo cây cau
"""


def write_pair(folder: Path, train: str = "train.yml", test: str = "test.yml") -> Path:
    for name, text in ((train, TRAIN), (test, TEST)):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("train", "test"),
    [("train.yml", "test.yml"), ("nlu.yml", "test_nlu.yml"), ("train/a.yml", "test/b.yaml"), ("nlu.yaml", "test.yml")],
)
def test_pair_is_found_under_each_name(tmp_path: Path, train: str, test: str) -> None:
    pair = read_pair(write_pair(tmp_path, train, test))
    assert Counter(e.intent for e in pair.training) == {"order": 3, "faq": 2, "once": 1}
    assert pair.test[0] == Example("gọi cho mình tô bún bò nha", "order", (Entity("dish", "bún bò", 16, 22),))


def test_file_of_another_kind_in_a_folder_is_left_out(tmp_path: Path) -> None:
    write_pair(tmp_path, "train/nlu.yml", "test/nlu.yml")
    (tmp_path / "train" / "domain.yml").write_text('version: "3.1"\nintents: [order]\n', encoding="utf-8")
    assert len(read_pair(tmp_path).training) == 6


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "holds no train data: expected train.yml and test.yml, or nlu.yml and test_nlu.yml"),
        ({"train.yml": TRAIN}, "holds no test data"),
        ({"train.yml": TRAIN, "test.yml": "nlu: [unclosed"}, "test.yml is no NLU data in Rasa's YAML"),
        ({"train.yml": "nlu:\n- intent: 5\n  examples: 3\n", "test.yml": TEST}, "train.yml is no NLU data"),
        ({"train.yml": "- just\n- a list\n", "test.yml": TEST}, "train.yml is no NLU data"),
        ({"train.yml": TRAIN, "test.yml": ""}, "test.yml"),
        ({"train.yml": 'nlu:\n- intent: a\n  examples: "- x y"\n', "test.yml": TEST}, "holds 1 intent(s)"),
    ],
)
def test_unusable_data_gets_one_sentence_and_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], files: dict[str, str], says: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert main([str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert says in told
    assert told.count("\n") == 1


def test_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(PairUnusable, match="is no folder"):
        read_pair(tmp_path / "absent")


@pytest.mark.parametrize("way", ways())
def test_entities_stay_at_their_words(way: str) -> None:
    text = "Chuyển khoản [x]Ngân hàng Ngoại thương[/x], số tiền [x]500 nghìn[/x]."
    entities, plain = [], ""
    for part in text.split("[x]"):
        inside, closed, after = part.partition("[/x]")
        if closed:
            entities.append(Entity("thing", inside, len(plain), len(plain) + len(inside)))
        plain += inside + after
    retyped = varied(Example(plain, "transfer", tuple(entities)), ways()[way])
    assert len(retyped.text.split()) == len(plain.split())
    for entity, before in zip(retyped.entities, entities, strict=True):
        assert retyped.text[entity.start : entity.end] == entity.value
        assert len(entity.value.split()) == len(before.value.split())
    assert way != "without marks" or retyped.text == fold(plain)


def test_named_value_is_not_retyped() -> None:
    example = Example("ăn cơm sườn", "order", (Entity("dish", "CT", 3, 11),))
    assert varied(example, fold).entities == (Entity("dish", "CT", 3, 11),)


def test_macro_f1_counts_each_intent_once() -> None:
    # a: 2 of 3 found, one wrongly added: 2*2/(3+3); b: 0
    assert macro_f1(["a", "a", "a", "b"], ["a", "a", "b", "a"]) == pytest.approx((4 / 6 + 0) / 2)


def test_entities_count_by_place_or_value_and_only_of_annotated_kinds() -> None:
    examples = [
        Example("gọi phở và bún", "order", (Entity("dish", "phở", 4, 7), Entity("dish", "bún", 11, 14))),
        Example("xin chào", "greet"),
    ]
    heard = [
        # the same place with a mapped value; a value found elsewhere; a kind that nobody annotated
        Heard(
            "order", False, (Entity("dish", "pho", 4, 7), Entity("dish", "chào", 1, 2), Entity("facet", "", 0, 3)), 1
        ),
        Heard("order", True, (), 1),
    ]
    scores = score(examples, heard)
    assert (scores.accuracy, scores.fell_back) == (0.5, 0.5)
    assert (scores.entity_precision, scores.entity_recall, scores.entity_f1) == (0.5, 0.5, 0.5)


def test_what_is_equally_right_counts() -> None:
    example = Example("lệ phí và giấy tờ", "ask_fee", also=("ask_papers",))
    accuracies = [score([example], [Heard(i, False, (), 1)]).accuracy for i in ("ask_fee", "ask_papers", "ask_time")]
    assert accuracies == [1, 1, 0]


def test_one_guess_answers_one_entity() -> None:
    example = Example("phở phở", "order", (Entity("dish", "phở", 0, 3), Entity("dish", "phở", 4, 7)))
    scores = score([example], [Heard("order", False, (Entity("dish", "phở", 0, 3),), 1)])
    assert (scores.entity_precision, scores.entity_recall) == (1.0, 0.5)


def test_no_annotation_no_entity_figure() -> None:
    scores = score([Example("xin chào", "greet")], [Heard("greet", False, (Entity("facet", "x", 0, 3),), 1)])
    assert (scores.accuracy, scores.macro_f1, scores.entity_f1) == (1.0, 1.0, None)


def test_baseline_is_the_installed_rasas_template() -> None:
    text = baseline_config().read_text(encoding="utf-8")
    assert "recipe: default.v1" in text
    assert "DIETClassifier" in text


def test_what_was_annotated_is_found_also_without_marks(tmp_path: Path) -> None:
    result = tmp_path / "figures.json"
    pair = Path(__file__).parents[2] / "benchmarks" / "data" / "nlu" / "bank_hotline"
    assert main([str(pair), "--skip-baseline", "--json", str(result)]) == 0
    (figures,) = json.loads(result.read_text(encoding="utf-8"))["pipelines"]
    assert min(figures["scores"][way]["entity_f1"] for way in ("as written", "without marks")) > 0.75


def test_small_pair_is_trained_and_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Synonyms, lookups, a regex, a retrieval intent, an intent with one example and one that nobody trained."""
    result = tmp_path / "figures.json"
    write_pair(tmp_path)
    assert main([str(tmp_path), "--skip-baseline", "--json", str(result)]) == 0
    printed = capsys.readouterr().out
    assert "never trained, so always wrong: never_trained" in printed
    (figures,) = json.loads(result.read_text(encoding="utf-8"))["pipelines"]
    assert figures["name"] == "config.yml"
    assert set(figures["scores"]) == set(ways())
    assert all(scores["accuracy"] == pytest.approx(2 / 3) for scores in figures["scores"].values())
    assert figures["model_megabytes"] > 0
    assert figures["resident_megabytes"] > 50


@pytest.mark.parametrize("folder", OUR_PAIRS, ids=lambda folder: folder.name)
def test_our_pair_is_large_enough_and_its_test_is_no_copy_of_its_training(folder: Path) -> None:
    pair = read_pair(folder)
    trained, asked = (Counter(e.intent for e in examples) for examples in (pair.training, pair.test))
    assert len(trained) >= 12
    assert set(trained) == set(asked)
    assert min(trained.values()) >= 25
    assert min(asked.values()) >= 10
    seen = [set(fold(example.text).split()) for example in pair.training]
    near = [e.text for e in pair.test for s in seen if _likeness(set(fold(e.text).split()), s) > 0.6]
    assert near == []


def _likeness(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other)
