"""What must never be committed: secrets, addresses of one machine or one network, real phone numbers."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
THIS = Path(__file__).relative_to(ROOT).as_posix()

FORBIDDEN = {
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY",
    "a cloud key": r"\bAKIA[0-9A-Z]{16}\b",
    "a token of a code host": r"\bgh[pousr]_[A-Za-z0-9]{36}|\bglpat-[\w-]{20}",
    "a token of a chat service": r"\bxox[abprs]-[\w-]{10,}|\b\d{8,10}:AA[\w-]{33}\b",
    "a signed token": r"\beyJ[\w-]{15,}\.eyJ[\w-]{15,}\.",
    "a password in an address": r"\b(?:https?|postgresql|redis)://[^\s/:@\"'{<]+:(?!password@|secret@)[^\s/:@\"'{<]{3,}@",
    "a path of one machine": r"(?<![\w.])/(?:root|home/\w+|Users/\w+|work|workspace|mnt)/\w",
    "a package registry": r"\bpypi\.org|pythonhosted\.org|registry\.npmjs|artifactory|--(?:extra-)?index-url",
    "a phone number that may be real": r"(?<![\w.])(?:\+84|0)(?!9\d\d[ .]?000)[35789]\d\d(?:[ .]?\d{3}){2}(?!\w)",
}


def text_files() -> list[str]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    tracked = [path for path in listing.split("\0") if path and (ROOT / path).is_file()]
    return [path for path in tracked if b"\0" not in (ROOT / path).read_bytes()[:8192]]


def found_in(text: str) -> list[str]:
    return [what for what, pattern in FORBIDDEN.items() if re.search(pattern, text)]


def test_no_file_holds_what_must_not_be_committed() -> None:
    found = {
        path: what
        for path in text_files()
        if path != THIS and (what := found_in((ROOT / path).read_text(encoding="utf-8", errors="replace")))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("call 0" + "912 345 678", "a phone number that may be real"),
        ("-----BEGIN RSA PRIVATE KEY-----", "a private key"),
        ("ghp_" + "a1" * 18, "a token of a code host"),
        ("123456789:AA" + "b" * 33, "a token of a chat service"),
        ("postgresql://motcua:hunter22@db/motcua", "a password in an address"),
        ("see /root/notes.txt", "a path of one machine"),
        ("/home/lan/mot-cua", "a path of one machine"),
        ("pip install --index-url https://mirror/simple", "a package registry"),
    ],
)
def test_pattern_sees_it(text: str, what: str) -> None:
    assert found_in(text) == [what]


@pytest.mark.parametrize(
    "text", ["postgresql://motcua@db/motcua", "https://host/home/", "root/branch", "0912000345", "1800 1096"]
)
def test_pattern_leaves_ordinary_text(text: str) -> None:
    assert found_in(text) == []


def test_database_model_and_secrets_are_ignored_by_git() -> None:
    private = ["var/mot-cua.db", "var/secret-key", "models/model.tar.gz", ".venv/bin/python"]
    done = subprocess.run(["git", "check-ignore", *private], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.split() == private
