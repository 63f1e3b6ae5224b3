"""The environment and ``.env``, and a reader that names the variable when one is wrong."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Callable, Mapping, TypeVar

Value = TypeVar("Value")

_ORIGIN = re.compile(r"https?://[a-zA-Z0-9*][a-zA-Z0-9.-]*(:\d{1,5})?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
SHORTEST_SECRET = 32


class SettingWrong(ValueError):
    """A setting is missing or wrong: correct the variable that the sentence names and start again."""


def read_environment(env_file: Path = Path(".env")) -> dict[str, str]:
    """The environment, completed by the lines ``KEY=value`` of ``.env``; the environment wins. Raises SettingWrong."""
    if not env_file.exists():
        return dict(os.environ)
    try:
        lines = env_file.read_text(encoding="utf-8-sig").splitlines()  # editors on Windows put a mark in front
    except OSError as error:
        raise SettingWrong(f"{env_file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingWrong(f"{env_file} is not UTF-8 text") from error
    values: dict[str, str] = {}
    for number, line in enumerate(map(str.strip, lines), 1):
        if not line or line.startswith("#"):
            continue
        key, equals, value = line.partition("=")
        if not equals or not _NAME.fullmatch(key.strip()):
            raise SettingWrong(f"{env_file}, line {number}: expected KEY=value")
        values[key.strip()] = value.strip().strip("\"'")
    return {**values, **os.environ}


class Reader:
    """Reads one variable after another; an empty one counts as absent."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str, default: str = "", needed_by: str = "") -> str:
        """``needed_by`` says what cannot work without it; "" when it may be absent."""
        value = self._environ.get(name, "").strip()
        if not value and needed_by:
            raise SettingWrong(f"{name} is missing: {needed_by} needs it")
        return value or default

    def number(self, name: str, default: int, least: int, most: int) -> int:
        value = self.text(name)
        if not value:
            return default
        if not re.fullmatch("[0-9]{1,10}", value) or not least <= int(value) <= most:
            raise SettingWrong(f"{name} must be a whole number from {least} to {most}, not {value!r}")
        return int(value)

    def one_of(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.text(name, default)
        if value not in allowed:
            raise SettingWrong(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
        return value

    def address(self, name: str, default: str = "", needed_by: str = "") -> str:
        text = self.text(name, default, needed_by)
        return self._checked(name, text, _ORIGIN.match, "an address such as https://host")

    def fitting(self, name: str, pattern: str, wanted: str, default: str = "", needed_by: str = "") -> str:
        return self._checked(name, self.text(name, default, needed_by), re.compile(pattern).fullmatch, wanted)

    def flag(self, name: str) -> bool:
        return self.one_of(name, ("true", "false"), "false") == "true"

    def origins(self, name: str) -> tuple[str, ...]:
        """Origins separated by blanks or commas."""
        values = re.split(r"[\s,]+", self.text(name))
        return tuple(self._checked(name, v, _ORIGIN.fullmatch, "origins such as https://host") for v in values if v)

    def secret(self, name: str) -> str:
        value = self.text(name)
        if value and len(value) < SHORTEST_SECRET:
            raise SettingWrong(f"{name} must have at least {SHORTEST_SECRET} characters")
        return value

    @staticmethod
    def _checked(name: str, value: str, fits: Callable[[str], object], wanted: str) -> str:
        if value and not fits(value):
            raise SettingWrong(f"{name} must be {wanted}, not {value!r}")
        return value
