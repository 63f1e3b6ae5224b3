"""The command line: help, exit codes, one sentence for what a user can mend."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nlu.versions import Version, Versions

ROOT = Path(__file__).parent.parent.parent


def bot(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.mark.parametrize("command", ["run", "migrate", "train", "search", "understand", "check", "import"])
def test_every_command_has_help(command: str) -> None:
    result = bot(command, "--help")
    assert result.returncode == 0
    assert f"python -m bot {command}" in result.stdout


def test_the_commands_are_listed() -> None:
    result = bot("--help")
    assert result.returncode == 0
    assert [c for c in ("run", "migrate", "train", "search", "import") if c not in result.stdout] == []


def test_wrong_usage_is_exit_code_2() -> None:
    assert bot("fly").returncode == 2
    assert bot().returncode == 2
    assert bot("search", "--limit", "0", "x").returncode == 2


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"PORT": "x"}, "PORT"),
        ({"DATABASE_URL": "mysql://localhost/x"}, "mysql"),
        ({"PORTAL_KIND": "igate"}, "PORTAL_URL"),
    ],
)
def test_a_wrong_setting_is_one_sentence(environ: dict[str, str], named: str, tmp_path: Path) -> None:
    result = bot("migrate", **{"DATABASE_URL": f"sqlite:///{tmp_path}/x.db", **environ})
    assert result.returncode == 1
    assert named in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_search_shows_scores(tmp_path: Path) -> None:
    result = bot("search", "lam", "lai", "can", "cuoc", DATABASE_URL=f"sqlite:///{tmp_path}/x.db")
    assert result.returncode == 0
    first = result.stdout.splitlines()[1]
    assert "1.014064" in first
    assert float(first.split()[0]) > 0


def test_search_without_a_hit_says_so(tmp_path: Path) -> None:
    result = bot("search", "xyzzy", DATABASE_URL=f"sqlite:///{tmp_path}/x.db")
    assert result.returncode == 1
    assert "Không tìm thấy" in result.stderr


def test_check_counts_the_catalogue_and_loads_the_model(model: Path, tmp_path: Path) -> None:
    result = bot("check", DATABASE_URL=f"sqlite:///{tmp_path}/x.db", MODELS_FOLDER=str(model.parent.parent))
    assert result.returncode == 0
    assert int(result.stderr.split()[0]) >= 100
    assert "loads" in result.stderr


def test_check_names_a_portal_that_does_not_answer(model: Path, tmp_path: Path) -> None:
    portal = {"PORTAL_KIND": "onestop", "PORTAL_URL": "http://127.0.0.1:9"}
    result = bot("check", DATABASE_URL=f"sqlite:///{tmp_path}/x.db", MODELS_FOLDER=str(model.parent.parent), **portal)
    assert result.returncode == 1
    assert "the portal (onestop)" in result.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize("command", ["run", "check", "understand"])
def test_a_broken_model_is_refused_with_a_sentence(model: Path, tmp_path: Path, command: str) -> None:
    models = tmp_path / "models"
    shutil.copytree(model.parent, models / "broken")
    (models / "broken" / model.name).write_bytes(b"not a model")
    Versions(models).activate(Version(models / "broken"))
    words = ["xin chào"] if command == "understand" else []
    url = f"sqlite:///{tmp_path}/x.db"
    result = bot(command, *words, MODELS_FOLDER=str(models), DATABASE_URL=url, PORT="18099")
    assert result.returncode == 1
    assert model.name in result.stderr.strip().splitlines()[-1]
