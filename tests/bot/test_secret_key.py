"""The key that is made once: whole, private, and never silently replaced."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.environment import SettingWrong
from bot.secret_key import kept_secret


def test_it_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "var" / "secret-key"
    key = kept_secret(path)
    assert len(key) >= 32
    assert kept_secret(path) == key
    assert path.stat().st_mode & 0o077 == 0
    assert [file.name for file in path.parent.iterdir()] == ["secret-key"]


def test_processes_that_start_together_share_one(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as starts:
        keys = set(starts.map(kept_secret, [tmp_path / "secret-key"] * 32))
    assert len(keys) == 1


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 40])
def test_a_damaged_one_is_named_and_not_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret-key"
    path.write_bytes(content)
    with pytest.raises(SettingWrong, match=r"^SECRET_KEY .*secret-key"):
        kept_secret(path)
    assert path.read_bytes() == content


def test_a_folder_that_takes_no_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file")
    with pytest.raises(SettingWrong, match=r"^SECRET_KEY "):
        kept_secret(tmp_path / "var" / "secret-key")
