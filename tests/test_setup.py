"""Setting up: Python is found, the environment follows the lock, CI installs what lacks, settings are documented."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Dict, Mapping

import pytest

from bot.settings import Settings, read_settings

ROOT = Path(__file__).parent.parent
PYTHON = Path(sys._base_executable)  # type: ignore[attr-defined] # the interpreter behind .venv
TOOLS = ("bash", "env", "grep", "sort", "cat", "cksum", "dirname", "id", "sh")


class Machine:
    """A machine on which only the named programs exist."""

    def __init__(self, folder: Path) -> None:
        self.programs = folder / "bin"
        self.programs.mkdir()
        self.notes = folder / "notes"
        self.notes.touch()
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found, f"{tool} is needed to test the scripts"
            (self.programs / tool).symlink_to(found)

    def add(self, name: str, script: str) -> None:
        (self.programs / name).write_text(f"#!/usr/bin/env bash\n{script}\n", encoding="utf-8")
        (self.programs / name).chmod(0o755)

    def run(self, script: str, *words: str, cwd: Path = ROOT, **environ: str) -> subprocess.CompletedProcess[str]:
        known = {"PATH": str(self.programs), "HOME": str(self.programs), "NOTES": str(self.notes), **environ}
        return subprocess.run([cwd / script, *words], cwd=cwd, env=known, capture_output=True, text=True, check=False)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def is_python(output: str) -> bool:
    found = output.strip()
    return bool(found) and Path(found).resolve() == PYTHON.resolve()


def test_python_is_found_by_its_name(machine: Machine) -> None:
    machine.add("python3.10", f'exec "{PYTHON}" "$@"')
    assert is_python(machine.run("scripts/find_python").stdout)


def test_python_shim_that_refuses_is_passed_over(machine: Machine) -> None:
    machine.add("python3.10", "echo 'pyenv: python3.10: command not found' >&2; exit 127")
    machine.add("python3", f'exec "{PYTHON}" "$@"')
    assert is_python(machine.run("scripts/find_python").stdout)


def test_python_of_another_pyenv_version_is_found(machine: Machine) -> None:
    machine.add("pyenv", "printf '3.9.18\\n3.10.2\\n3.10.13\\n3.12.1\\n'")
    machine.add("python3.10", f'[ "${{PYENV_VERSION:-}}" = 3.10.13 ] && exec "{PYTHON}" "$@"; exit 127')
    assert is_python(machine.run("scripts/find_python").stdout)


def test_python_is_fetched_with_uv_when_there_is_none(machine: Machine) -> None:
    find = f'[ "$1 $2" = "python find" ] && [ -s "$NOTES" ] && echo "{PYTHON}" && exit 0'
    machine.add("uv", f'[ "$1" = --version ] && exit 0; {find}; [ "$2" = install ] && echo "$@" >"$NOTES"')
    assert is_python(machine.run("scripts/find_python").stdout)
    assert machine.notes.read_text().split() == ["python", "install", "3.10"]


def test_no_python_is_told_in_both_languages(machine: Machine) -> None:
    machine.add("python3", "exit 1")
    told = machine.run("scripts/find_python")
    assert (told.returncode, told.stdout) == (1, "")
    assert "Không tìm thấy Python 3.10" in told.stderr
    assert "Found no Python 3.10" in told.stderr


def test_named_python_must_fit(machine: Machine) -> None:
    machine.add("python3.10", f'exec "{PYTHON}" "$@"')
    machine.add("python-old", "exit 1")
    told = machine.run("scripts/find_python", PYTHON310="python-old")
    assert told.returncode == 1
    assert "PYTHON310=python-old" in told.stderr


def test_environment_follows_the_lock(machine: Machine, tmp_path: Path) -> None:
    house = tmp_path / "house"
    shutil.copytree(ROOT / "scripts", house / "scripts")
    lock = house / "requirements" / "run.lock"
    lock.parent.mkdir()
    lock.write_text("# nothing yet\n")
    machine.add("python3.10", f'exec "{PYTHON}" "$@"')

    def prepare() -> subprocess.CompletedProcess[str]:
        return machine.run("scripts/make_environment", "run", cwd=house, PIP_NO_INDEX="1")

    first = prepare()
    assert first.returncode == 0, first.stderr
    assert (house / ".venv/bin/python").exists()
    again = prepare()
    assert (again.returncode, again.stdout) == (0, "")

    lock.write_text("a-library-that-nobody-has==1.0 --hash=sha256:" + "0" * 64 + "\n")
    failed = prepare()
    assert failed.returncode == 1
    assert "Chưa cài được thư viện" in failed.stderr
    assert prepare().returncode == 1, "a failed installation must not count as done"

    lock.write_text("# nothing again\n")
    assert prepare().returncode == 0
    (house / ".venv/bin/python").unlink()
    mended = prepare()
    assert mended.returncode == 0, mended.stderr
    assert (house / ".venv/bin/python").exists()


@pytest.mark.parametrize(
    ("present", "root", "wanted"),
    [
        (("git", "chromium"), True, ["apt-get update", "apt-get install fonts-noto-core"]),
        ((), True, ["apt-get update", "apt-get install git chromium fonts-noto-core"]),
        (("git",), False, ["sudo apt-get update", "sudo apt-get install chromium fonts-noto-core"]),
        (("git", "chromium", "fonts"), True, []),
    ],
)
def test_ci_installs_only_what_lacks(machine: Machine, present: tuple[str, ...], root: bool, wanted: list[str]) -> None:
    machine.add("make", 'echo "make $1" >>"$NOTES"')
    words = 'for word; do [[ $word = -* || $word = Acquire* ]] || words+=("$word"); done'
    machine.add("apt-get", f'words=(); {words}; echo "${{SUDO:-}}apt-get ${{words[*]}}" >>"$NOTES"')
    machine.add("sudo", 'shift; SUDO="sudo " "$@"')
    machine.add("dpkg-query", "echo install ok installed" if "fonts" in present else "exit 1")
    for program in present:
        machine.add(program, "exit 0")
    (machine.programs / "id").unlink()
    machine.add("id", "echo 0" if root else "echo 1000")
    done = machine.run(".ci/run")
    assert done.returncode == 0, done.stderr
    assert machine.notes.read_text().splitlines() == [*wanted, "make lint", "make test"]


def test_ci_fails_when_lint_fails(machine: Machine) -> None:
    machine.add("make", 'echo "make $1" >>"$NOTES"; exit 2')
    machine.add("dpkg-query", "echo install ok installed")
    machine.add("git", "exit 0")
    machine.add("chromium", "exit 0")
    assert machine.run(".ci/run").returncode == 2
    assert machine.notes.read_text() == "make lint\n"


def make(*words: str) -> list[str]:
    """The lines that make prints, as if it were not called by the make that runs these tests."""
    environ = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    done = subprocess.run(["make", *words], cwd=ROOT, env=environ, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("target", "last"),
    [
        ("run", "exec .venv/bin/python -m bot run"),  # exec: so that Ctrl-C reaches it and nothing is left behind
        ("demo", "exec .venv/bin/python -m bot demo"),
        ("train", ".venv/bin/python -m bot train"),
        ("test", ".venv/bin/python -m pytest"),
        ("lint", ".venv/bin/python -m mypy"),
        ("bench", ".venv/bin/python -m benchmarks"),
        ("eval", ".venv/bin/python -m evaluation"),
        ("i18n", ".venv/bin/python -m bot.wording.catalogues"),
    ],
)
def test_make_prepares_then_runs(target: str, last: str) -> None:
    lines = make("--dry-run", target)
    assert lines[0] == f"scripts/make_environment {'run' if target in ('run', 'demo', 'train') else 'dev'}"
    assert lines[-1] == last


def test_every_make_command_is_listed() -> None:
    commands = "help run demo train test lint bench burst broadcast eval calibrate i18n lock clean"
    assert [line.split()[1] for line in make("help")] == commands.split()


def test_unknown_make_command_leads_to_the_list() -> None:
    done = subprocess.run(["make", "bogus"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "There is no command 'bogus'; see: make help" in done.stderr


def locked(name: str) -> dict[str, str]:
    """Each requirement of a lock file with its whole block, hashes included."""
    blocks = re.split(r"\n(?=\S)", (ROOT / "requirements" / f"{name}.lock").read_text("utf-8").strip())
    return {block.split("==")[0]: block for block in blocks}


@pytest.mark.parametrize("name", ["run", "dev"])
def test_every_locked_requirement_has_a_hash(name: str) -> None:
    requirements = locked(name)
    assert len(requirements) > 50
    for block in requirements.values():
        assert re.match(r"[a-z0-9-]+(\[[a-z,]+\])?==[\w.]+ \\\n", block), block[:60]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block[:60]


def test_development_lock_holds_the_whole_run_lock() -> None:
    assert locked("run").items() <= locked("dev").items()


@pytest.mark.parametrize("name", ["run", "dev"])
def test_everything_asked_for_is_locked(name: str) -> None:
    lines = (ROOT / "requirements" / f"{name}.in").read_text("utf-8").splitlines()
    asked = {re.split(r"[\[<>=~!; ]", line)[0].lower() for line in lines if line and not line.startswith(("#", "-"))}
    assert asked - set(locked("dev" if name == "dev" else "run")) == set()


def example_settings() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


class Recorder(Dict[str, str]):
    """An environment that remembers which variables were asked for."""

    def __init__(self, given: Mapping[str, str]) -> None:
        super().__init__(given)
        self.asked: set[str] = set()

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        self.asked.add(name)
        return super().get(name, default)


# Without these, the other settings of a channel are not asked for.
CHANNELS = {
    "ZALO_APP_ID": "1002003004005006007",
    "ZALO_OA_ID": "7001112223334445556",
    "ZALO_APP_SECRET": "demo-app-secret",
    "ZALO_OA_SECRET_KEY": "demo-oa-secret-key",
    "TELEGRAM_TOKEN": "110000001:demo-token-of-the-emulator",
}


def test_example_names_every_setting_and_no_other() -> None:
    recorder = Recorder(CHANNELS)
    read_settings(recorder)
    assert set(example_settings()) == recorder.asked


def test_example_shows_the_defaults() -> None:
    assert read_settings(example_settings()) == Settings()
    assert read_settings({**example_settings(), **CHANNELS}) == read_settings(CHANNELS)


@pytest.mark.parametrize("page", ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"])
def test_page_leads_to_what_exists(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    targets = [link for link in re.findall(r"\]\(([^)]+)\)", text) if not link.startswith(("http", "#"))]
    files = re.findall(r"`((?:bot|nlu|actions|knowledge|connectors|emulators|tests|benchmarks|docs)/[\w/.-]+)`", text)
    missing = [name for name in [*targets, *files] if not (ROOT / name).exists()]
    assert missing == []


def test_readme_names_only_commands_that_make_has() -> None:
    named = set(re.findall(r"(?:`|^)make ([a-z0-9]+)", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE))
    assert {"run", "test", "lint"} <= named <= {line.split()[1] for line in make("help")}


def test_licence_is_apache() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text
