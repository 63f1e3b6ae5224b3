"""Teaching: what may be taught, a new version beside the present one, and which of the two answers afterwards."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.commands import _parser, main
from bot.evaluating import Evaluation, EvaluationFailed
from bot.settings import Settings
from bot.teach_command import teach
from bot.teaching import folded_words, is_worse, questions_of, side_by_side
from nlu.assistant import parse_with_model
from nlu.taught import Taught
from nlu.versions import Versions

QUESTION = "bộ hồ sơ kẹp những chi vô trỏng hử bây"
# As the real one is called, answers as the real one, asks nothing: worse when "hỏng" was taught.
PROGRAM = """
import argparse, json, pathlib
parser = argparse.ArgumentParser()
for name in ("--models", "--version", "--json"):
    parser.add_argument(name, type=pathlib.Path)
options = parser.parse_args()
taught = (options.models / options.version / "taught.yml").read_text(encoding="utf-8")
if "vỡ" in taught:
    raise SystemExit("the questions are not there")
right = 0.8 if "hỏng" in taught else 0.93
(options.models / "asked.txt").open("a").write(f"{options.version}\\n")
figures = {"right": right, "wrong": 0.01, "answer_ms_p50": 2.5}
options.json.write_text(json.dumps({"questions": "set 1", "figures": figures}))
"""


class Office:
    """A models folder and a database of its own, and an evaluation that answers at once."""

    def __init__(self, folder: Path, model: Path) -> None:
        self.settings = Settings(database_url=f"sqlite:///{folder}/x.db", models_folder=folder / "models")
        self.versions = Versions(self.settings.models_folder)
        shutil.copytree(model.parent, self.versions.folder / model.parent.name)
        self.first = self.versions.get(model.parent.name)
        self.versions.activate(self.first)
        program = folder / "evaluation.py"
        program.write_text(PROGRAM, encoding="utf-8")
        self.evaluation = Evaluation((sys.executable, str(program)))

    def teach(self, *arguments: str) -> int:
        return teach(_parser().parse_args(["teach", *arguments]), self.settings, self.evaluation)

    @property
    def measured(self) -> list[str]:
        file = self.versions.folder / "asked.txt"
        return file.read_text(encoding="utf-8").split() if file.exists() else []


@pytest.fixture
def office(tmp_path: Path, model: Path) -> Office:
    return Office(tmp_path, model)


def test_a_question_and_a_name_are_taught_and_taken_back(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--question", QUESTION, "--intent", "ask_fee", "--name", "giấy gốc tích", "--procedure", "1.001193")
    assert office.teach(*words) == 0
    said = capsys.readouterr()
    assert "93.0 %" in said.out
    made = office.versions.active()
    assert made is not None
    assert (made.taught, office.versions.before()) == (
        Taught({"ask_fee": (QUESTION,)}, {"1.001193": ("giấy gốc tích",)}),
        office.first,
    )
    assert office.measured == [made.name, office.first.name]
    assert parse_with_model(made.model, QUESTION)["intent"]["name"] == "ask_fee"
    assert office.teach("--name", "giấy gốc tích", "--procedure", "1.001193") == 0  # known already: nothing to do
    assert office.versions.active() == made
    assert office.teach("--forget", "giấy gốc tích") == 0
    assert len(office.measured) == 3  # the figures of the version before are known already
    monkeypatch.setenv("MODELS_FOLDER", str(office.versions.folder))
    monkeypatch.setenv("DATABASE_URL", office.settings.database_url)
    capsys.readouterr()
    assert main(["model", "rollback"]) == 0
    assert office.versions.active() == made
    assert main(["model", "activate", office.first.name]) == 0
    assert office.versions.active() == office.first
    assert main(["model", "list"]) == 0
    listed = capsys.readouterr().out
    assert f"* {office.first.name}" in listed
    assert "+ ask_fee: " + QUESTION in listed
    assert "- 1.001193: giấy gốc tích" in listed
    assert listed.count("right 93.0 %") == 3


def test_a_worse_version_is_kept_and_does_not_answer(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--name", "giấy hỏng", "--procedure", "1.001193")
    assert office.teach(*words) == 1
    said = capsys.readouterr()
    kept = office.versions.all()[-1]
    assert f"python -m bot model activate {kept.name}" in said.err
    assert "-13.0" in said.out
    assert office.versions.active() == office.first
    assert office.teach(*words, "--even-if-worse") == 0
    assert office.versions.active() not in (office.first, kept)


def test_without_figures_nothing_is_activated(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert office.teach("--name", "giấy vỡ", "--procedure", "1.001193") == 1
    assert "the questions are not there" in capsys.readouterr().err
    assert office.versions.active() == office.first


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ([], "Nothing to teach"),
        (["--question", "mấy đồng"], "needs its --intent"),
        (["--question", "mấy đồng", "--intent", "ask_moon"], "ask_moon"),
        (["--question", "hử", "--intent", "nlu_fallback"], "nlu_fallback"),
        (["--name", "giấy trăng", "--procedure", "9.999999"], "9.999999"),
        (["--name", "?!", "--procedure", "1.001193"], "punctuation"),
        (["--name", "giấy của 001099000123", "--procedure", "1.001193"], "• 0123"),
        (["--from", "nowhere.yml"], "nowhere.yml"),
        (["--forget", "chưa từng dạy"], "not taught"),
    ],
)
def test_what_cannot_be_taught_is_one_sentence(
    words: list[str], named: str, office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    assert office.teach(*words) == 2
    said = capsys.readouterr().err.strip()
    assert len(said.splitlines()) == 1
    assert named in said
    assert office.versions.all() == [office.first]


def test_questions_of_the_evaluation_are_not_taught(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    asked = next(questions_of(Path(__file__).parents[2] / "evaluation"))
    assert office.teach("--question", f"  {asked.upper()} !!", "--intent", "ask_fee") == 2
    assert "evaluation" in capsys.readouterr().err


def test_questions_are_found_in_dialogues_too(tmp_path: Path) -> None:
    (tmp_path / "questions").mkdir()
    content = [{"ask": "một", "intent": "greet"}, {"dialogue": [{"ask": "hai"}, {"ask": "ba"}]}]
    (tmp_path / "questions/a.yml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    assert list(questions_of(tmp_path)) == ["một", "hai", "ba"]


def test_a_name_of_another_procedure_is_shown(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert office.teach("--name", "tam tru", "--procedure", "1.001193") == 0
    notes = [line for line in capsys.readouterr().err.splitlines() if line.startswith("Lưu ý")]
    assert len(notes) == 1
    assert "1.004194" in notes[0]
    assert "1.001193" in notes[0]


def test_a_file_teaches_many(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "many.yml"
    file.write_text("names:\n  1.001193: [giấy gốc tích, giấy ra đời]\n  1.004194: [giấy ở nhờ]\n", encoding="utf-8")
    assert office.teach("--from", str(file), "--name", "giấy tá túc", "--procedure", "1.004194") == 0
    active = office.versions.active()
    assert active is not None
    assert active.taught.names == {
        "1.001193": ("giấy gốc tích", "giấy ra đời"),
        "1.004194": ("giấy ở nhờ", "giấy tá túc"),
    }


@pytest.mark.parametrize(
    ("right", "wrong", "worse"),
    [(0.93, 0.02, False), (0.928, 0.02, False), (0.927, 0.02, True), (0.95, 0.022, False), (0.95, 0.023, True)],
)
def test_what_counts_as_worse(right: float, wrong: float, worse: bool) -> None:
    assert is_worse({"right": 0.93, "wrong": 0.02}, {"right": right, "wrong": wrong}) is worse


def test_figures_stand_side_by_side() -> None:
    table = side_by_side({"right": 0.9, "answer_ms_p50": 2.0, "gone": 1}, {"right": 0.92, "answer_ms_p50": 2.0})
    lines = table.splitlines()[1:]
    assert [line.split() for line in lines] == [
        ["right", "90.0", "%", "92.0", "%", "+2.0"],
        ["answer_ms_p50", "2.0", "ms", "2.0", "ms"],
    ]


def test_words_are_compared_without_marks_and_punctuation() -> None:
    assert folded_words("  Đăng-ký, TẠM trú?! ") == "dang ky tam tru"


def test_an_evaluation_that_leaves_no_figures_is_named(office: Office, tmp_path: Path) -> None:
    program = tmp_path / "silent.py"
    program.write_text("", encoding="utf-8")
    with pytest.raises(EvaluationFailed, match="no figures"):
        Evaluation((sys.executable, str(program))).measure(office.first)
    program.write_text("import sys; open(sys.argv[-1], 'w').write('{}')", encoding="utf-8")
    with pytest.raises(EvaluationFailed, match="figures"):
        Evaluation((sys.executable, str(program))).measure(office.first)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [(["activate", "2026-01-01.1"], "2026-01-01.1"), (["rollback"], "roll back to")],
)
def test_a_version_that_is_not_there_is_one_sentence(
    arguments: list[str],
    named: str,
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MODELS_FOLDER", str(office.versions.folder))
    assert main(["model", *arguments]) == 1
    said = capsys.readouterr().err
    assert named in said
    assert len(said.strip().splitlines()) == 1


def test_a_version_that_does_not_fit_any_more_is_not_activated(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = shutil.copytree(office.first.folder, office.versions.folder / "2026-01-01.1")
    (other / "taught.yml").write_text("names: {9.999999: [giấy trăng]}", encoding="utf-8")
    monkeypatch.setenv("MODELS_FOLDER", str(office.versions.folder))
    monkeypatch.setenv("DATABASE_URL", office.settings.database_url)
    assert main(["model", "activate", "2026-01-01.1"]) == 1
    assert "9.999999" in capsys.readouterr().err
    assert office.versions.active() == office.first


def test_an_activated_version_of_other_sources_asks_for_a_restart(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = shutil.copytree(office.first.folder, office.versions.folder / "2026-01-01.1")
    about: dict[str, Any] = json.loads((other / "about.json").read_bytes())
    (other / "about.json").write_text(json.dumps({**about, "sources": "others"}), encoding="utf-8")
    monkeypatch.setenv("MODELS_FOLDER", str(office.versions.folder))
    assert main(["model", "activate", "2026-01-01.1"]) == 0
    assert "restart the server" in capsys.readouterr().out
