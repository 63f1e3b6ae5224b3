"""The two rules of the house: which room may call which, and which library lives where."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path
from typing import Iterator

import pytest

ROOT = Path(__file__).parent.parent

# A room, and what it may import of the other rooms.
ROOMS: dict[str, tuple[str, ...]] = {
    "bot": ("actions", "connectors", "emulators", "knowledge", "nlu"),
    "actions": ("knowledge",),
    "connectors": (),
    "knowledge": (),
    "nlu": (),
    "emulators": (),
}

# A library, and where it may be imported. The longest name that fits an import decides.
LIBRARIES: dict[str, tuple[str, ...]] = {
    "rasa": ("nlu/",),
    "rasa_sdk": ("nlu/", "actions/"),
    "telegram": ("connectors/telegram.py",),
    "babel": ("bot/",),
    "sqlalchemy": ("bot/",),
    "alembic": ("bot/",),
    "jinja2": ("bot/console/", "connectors/webchat/"),
    "argon2": ("bot/console/", "bot/desk.py"),
    "pyotp": ("bot/console/",),
    "openpyxl": ("bot/broadcasts/",),
    "procrastinate": ("bot/jobs/",),
    "psycopg": ("bot/jobs/",),
    "redis": ("bot/",),
    "aiohttp": ("bot/", "connectors/", "emulators/", "knowledge/portals/"),
    "aiohttp.web": ("bot/", "connectors/", "emulators/"),
    "sanic": (),
}

# Modules of another room that are named in a string and imported while running: docs/decisions/0002 tells why.
NAMED_IN_TEXT = {"actions/library_action.py": ["bot.action_services:open_services"]}

# Who may speak to the terminal; everybody else logs.
SPEAKERS = ("bot/", "emulators/__main__.py")
LONGEST_FILE = 400


def python_files() -> list[str]:
    """Committed and new Python files, without what git ignores."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [path for path in sorted(set(listing.stdout.split())) if (ROOT / path).exists()]


FILES = python_files()
ROOM_FILES = [path for path in FILES if path.split("/")[0] in ROOMS]


def imports(path: str, source: str) -> Iterator[str]:
    """Every imported name in full: ``from a.b import c`` gives ``a.b.c``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            folder = path.split("/")[: -node.level] if node.level else []
            module = ".".join([*folder, *filter(None, [node.module])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def is_within(name: str, module: str) -> bool:
    return name == module or name.startswith(f"{module}.")


def wrong_imports(path: str, source: str) -> list[str]:
    own = path.split("/")[0]
    wrong = []
    for name in imports(path, source):
        room = name.split(".")[0]
        if room in ROOMS and room != own and not any(is_within(name, allowed) for allowed in ROOMS[own]):
            wrong.append(name)
        fitting = [library for library in LIBRARIES if is_within(name, library)]
        if fitting and not path.startswith(LIBRARIES[max(fitting, key=len)] or "-"):
            wrong.append(name)
    return wrong


def modules_named_in_text(path: str, source: str) -> list[str]:
    """Strings that name a module of a room which this room may not import, as ``importlib`` would be given it."""
    module = re.compile(rf"(?:{'|'.join(ROOMS)})(?:\.[a-z_]+)+(?::\w+)?")
    strings = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    named = [text for text in strings if isinstance(text, str) and module.fullmatch(text)]
    return [name for name in named if wrong_imports(path, f"import {name.partition(':')[0]}")]


@pytest.mark.parametrize("path", ROOM_FILES)
def test_room_imports_only_what_it_may(path: str) -> None:
    source = (ROOT / path).read_text(encoding="utf-8")
    assert wrong_imports(path, source) == []
    assert modules_named_in_text(path, source) == NAMED_IN_TEXT.get(path, [])


@pytest.mark.parametrize(
    ("path", "source", "wrong"),
    [
        ("knowledge/search.py", "from nlu.vietnamese.folding import fold", ["nlu.vietnamese.folding.fold"]),
        ("knowledge/search.py", "from knowledge.topics import Topic", []),
        ("knowledge/portals/client.py", "from ...bot import app", ["bot.app"]),
        ("knowledge/portals/client.py", "import aiohttp", []),
        ("knowledge/portals/client.py", "from aiohttp import web", ["aiohttp.web"]),
        ("knowledge/search.py", "import aiohttp", ["aiohttp"]),
        ("actions/choose.py", "from nlu.vietnamese import folding", ["nlu.vietnamese.folding"]),
        ("actions/choose.py", "from nlu.assistant import Answer", ["nlu.assistant.Answer"]),
        ("actions/choose.py", "import rasa_sdk\nimport rasa.shared", ["rasa.shared"]),
        ("connectors/zalo.py", "def send():\n    import telegram", ["telegram"]),
        ("connectors/telegram.py", "import telegram", []),
        ("emulators/portal.py", "from knowledge import dossiers", ["knowledge.dossiers"]),
        ("nlu/assistant.py", "from bot import app", ["bot.app"]),
        ("bot/app.py", "import nlu.assistant, babel, sqlalchemy as sa", []),
    ],
)
def test_rule_sees_what_breaks_it(path: str, source: str, wrong: list[str]) -> None:
    assert wrong_imports(path, source) == wrong


def test_every_room_is_looked_at() -> None:
    assert {path.split("/")[0] for path in ROOM_FILES} == set(ROOMS)


@pytest.mark.parametrize("path", FILES)
def test_module_says_its_duty(path: str) -> None:
    source = (ROOT / path).read_text(encoding="utf-8")
    assert (ast.get_docstring(ast.parse(source)) or "").strip(), f"{path} begins without a docstring"


@pytest.mark.parametrize("path", FILES)
def test_file_fits_in_one_sitting(path: str) -> None:
    lines = len((ROOT / path).read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_FILE, f"{path} has {lines} lines: a second idea is hiding in it"


@pytest.mark.parametrize("path", [path for path in ROOM_FILES if not path.startswith(SPEAKERS)])
def test_room_does_not_print(path: str) -> None:
    calls = (node for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))) if isinstance(node, ast.Call))
    lines = [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]
    assert lines == [], f"{path} prints where it should log"
