"""What officials teach, as a file: read strictly, joined, taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from nlu.taught import Taught, TaughtWrong, read_taught, taught_text, training_text

TAUGHT = Taught({"ask_papers": ("cần giấy chi", "mang chi")}, {"1.010000": ("giấy chào đời",)})


def test_what_is_written_is_read(tmp_path: Path) -> None:
    (tmp_path / "taught.yml").write_text(taught_text(TAUGHT), encoding="utf-8")
    assert read_taught(tmp_path / "taught.yml") == TAUGHT


def test_a_code_stays_text_and_blanks_are_tidied(tmp_path: Path) -> None:
    (tmp_path / "taught.yml").write_text(
        "questions:\nnames:\n  1.010000:\n    - '  giấy  chào đời '\n    - giấy chào đời\n", encoding="utf-8"
    )
    assert read_taught(tmp_path / "taught.yml") == Taught(names={"1.010000": ("giấy chào đời",)})


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("- a list", "expected questions"),
        ("question: {}\nquestion: [", "not YAML"),
        ("other: {a: [b]}", "other"),
        ("questions: {ask_fee: một câu}", "ask_fee|array"),
        ("questions: {ask_fee: ['?!']}", "punctuation"),
        (f"names: {{1.001193: ['{'a' * 301}']}}", "300"),
    ],
)
def test_what_does_not_fit_is_named(content: str, named: str, tmp_path: Path) -> None:
    (tmp_path / "taught.yml").write_text(content, encoding="utf-8")
    with pytest.raises(TaughtWrong, match=named):
        read_taught(tmp_path / "taught.yml")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TaughtWrong, match=r"nowhere\.yml"):
        read_taught(tmp_path / "nowhere.yml")


def test_more_is_joined_once_and_a_question_moves_to_its_new_intent() -> None:
    more = Taught({"ask_fee": ("mang chi", "mấy đồng")}, {"1.010000": ("giấy chào đời", "giấy ra đời")})
    both = TAUGHT.plus(more)
    assert both.questions == {"ask_papers": ("cần giấy chi",), "ask_fee": ("mang chi", "mấy đồng")}
    assert both.names == {"1.010000": ("giấy chào đời", "giấy ra đời")}
    assert both.minus(TAUGHT) == Taught({"ask_fee": ("mang chi", "mấy đồng")}, {"1.010000": ("giấy ra đời",)})


def test_texts_are_taken_out() -> None:
    assert TAUGHT.only(["mang chi"]) == Taught({"ask_papers": ("mang chi",)})
    assert TAUGHT.minus(TAUGHT.only(["mang chi", "giấy chào đời"])) == Taught({"ask_papers": ("cần giấy chi",)})
    assert not TAUGHT.minus(TAUGHT)


def test_training_data_hold_no_marks_of_entities() -> None:
    blocks = yaml.safe_load(training_text(Taught({"greet": ("chào [em](name) {a}",)})))["nlu"]
    assert blocks == [{"intent": "greet", "examples": "- chào  em (name)  a \n"}]
