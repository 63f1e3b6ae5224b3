"""``python -m bot official``: links for newcomers, and sentences for what cannot be done."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Callable

import pytest

from bot.official_command import add_official_command
from bot.settings import Settings

Command = Callable[..., int]


@pytest.fixture
def official(tmp_path: Path) -> Command:
    parser = argparse.ArgumentParser()
    add_official_command(parser.add_subparsers())
    settings = Settings(
        database_url=f"sqlite:///{tmp_path}/x.db",
        secret_key="a secret of these tests, long enough for one",
        public_origin="https://motcua.example",
    )

    def command(*words: str) -> int:
        options = parser.parse_args(["official", *words])
        code: int = options.run(options, settings)
        return code

    return command


def test_officials_are_added_listed_reset_and_disabled(official: Command, capsys: pytest.CaptureFixture[str]) -> None:
    assert official("list") == 0
    assert "Chưa có cán bộ nào" in capsys.readouterr().out
    assert official("add", "mai", "--name", "Trần Thị Mai", "--roles", "author,approver") == 0
    first = capsys.readouterr().out
    assert "\nhttps://motcua.example/console/welcome/" in first
    assert official("reset", "mai") == 0
    assert capsys.readouterr().out != first
    assert official("disable", "mai") == 0
    capsys.readouterr()
    assert official("list") == 0
    assert capsys.readouterr().out == "mai\tTrần Thị Mai\tauthor,approver\tđã khóa / disabled\n"


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["reset", "khong.co"], "Nobody has this login"),
        (["add", "mai", "--name", "Mai", "--roles", "author"], "This login is taken"),
        (["add", "có dấu", "--name", "Mai", "--roles", "author"], "small letters"),
        (["disable", "lan"], "last administrator"),
    ],
)
def test_what_cannot_be_done_is_said(
    official: Command, command: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert official("add", "mai", "--name", "Mai", "--roles", "author") == 0
    assert official("add", "lan", "--name", "Lan", "--roles", "administrator") == 0
    assert official(*command) == 1
    assert sentence in capsys.readouterr().err


def test_an_unknown_role_is_wrong_usage(official: Command, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        official("add", "mai", "--name", "Mai", "--roles", "king")
    assert "author, approver" in capsys.readouterr().err
