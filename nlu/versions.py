"""The versions of the model: each a folder with the model, what officials taught, and where it comes from.

    models/active.json                     which version is active, and which was before it
    models/2026-11-22.1/model.tar.gz       never changed once the folder has its name
    models/2026-11-22.1/taught.yml
    models/2026-11-22.1/about.json
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import os
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Callable, Iterator, Optional

import msgspec

from nlu.taught import TAUGHT_FILE, Taught, read_taught, taught_text

MODEL_FILE, ABOUT_FILE, POINTER_FILE, LOCK_FILE = "model.tar.gz", "about.json", "active.json", ".lock"
WORKPLACE = ".training-"
KEPT = 3
_HERE = dt.timezone(dt.timedelta(hours=7))  # Vietnam: a version is named by the officials' day


class VersionUnusable(RuntimeError):
    """There is no such version, or its folder is damaged: choose another one (``python -m bot model list``)."""


class Measured(msgspec.Struct, frozen=True):
    """Figures of an evaluation. They compare only where ``questions`` and ``code`` are the same."""

    questions: str
    code: str
    figures: dict[str, float]


class About(msgspec.Struct, frozen=True, omit_defaults=True):
    """``sources``: fingerprint of what it was trained from. ``added``, ``removed``: what officials changed."""

    made: dt.datetime
    sources: str
    before: Optional[str] = None
    added: Taught = Taught()
    removed: Taught = Taught()
    measured: Optional[Measured] = None


class _Pointer(msgspec.Struct, frozen=True):
    active: str
    before: Optional[str] = None


@dataclass(frozen=True)
class Version:
    folder: Path

    @classmethod
    def of(cls, model: Path) -> Version:
        """The version to which a model file belongs."""
        return cls(model.parent)

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def model(self) -> Path:
        return self.folder / MODEL_FILE

    @cached_property
    def about(self) -> About:
        """Raises VersionUnusable."""
        try:
            return msgspec.json.decode((self.folder / ABOUT_FILE).read_bytes(), type=About)
        except (OSError, msgspec.DecodeError) as error:
            raise VersionUnusable(f"{self.folder / ABOUT_FILE} cannot be read: {error}") from error

    @cached_property
    def taught(self) -> Taught:
        """Raises TaughtWrong."""
        return read_taught(self.folder / TAUGHT_FILE)

    def remember(self, measured: Measured) -> Version:
        """The same version with the figures of its evaluation."""
        about = msgspec.structs.replace(self.about, measured=measured)
        _write(self.folder / ABOUT_FILE, msgspec.json.format(msgspec.json.encode(about)))
        return Version(self.folder)


class Versions:
    """A models folder. Whoever makes or activates a version holds the lock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> list[Version]:
        """Oldest first."""
        found = [Version(path.parent) for path in self.folder.glob(f"*/{ABOUT_FILE}")]
        shown = [version for version in found if not version.name.startswith(".")]
        return sorted(shown, key=lambda version: (version.about.made, version.name))

    def get(self, name: str) -> Version:
        """Raises VersionUnusable."""
        version = Version(self.folder / name)
        if Path(name).name != name or not (version.folder / ABOUT_FILE).is_file():
            raise VersionUnusable(f"Không có phiên bản {name} / There is no version {name} in {self.folder}")
        return version

    def active(self) -> Optional[Version]:
        """None when nothing was trained yet. Raises VersionUnusable."""
        pointer = self._pointer()
        return self.get(pointer.active) if pointer else None

    def before(self) -> Optional[Version]:
        """Where a rollback leads: the version that was active before. Raises VersionUnusable."""
        pointer = self._pointer()
        return self.get(pointer.before) if pointer and pointer.before else None

    def activate(self, version: Version) -> None:
        """The one before stays at hand for a rollback."""
        now = self._pointer()
        if now is None or now.active != version.name:
            pointer = _Pointer(version.name, now.active if now else None)
            _write(self.folder / POINTER_FILE, msgspec.json.format(msgspec.json.encode(pointer)))

    def publish(self, model: Path, taught: Taught, about: About) -> Version:
        """A new version of a model file, which is moved; the folder appears whole or not at all."""
        aside = model.parent / "version"
        aside.mkdir()
        shutil.move(str(model), aside / MODEL_FILE)
        (aside / TAUGHT_FILE).write_text(taught_text(taught), encoding="utf-8")
        _write(aside / ABOUT_FILE, msgspec.json.format(msgspec.json.encode(about)))
        day = about.made.astimezone(_HERE).date().isoformat()
        # Above the highest, which is never deleted: a name is not given twice.
        numbers = [int(path.suffix[1:]) for path in self.folder.glob(f"{day}.*") if path.suffix[1:].isdecimal()]
        return Version(aside.rename(self.folder / f"{day}.{max(numbers, default=0) + 1}"))

    def forget_old(self) -> None:
        """Delete all but the newest few, the active one and the one before it; also what killed trainings left."""
        pointer = self._pointer()
        needed = {pointer.active, pointer.before} if pointer else set()
        kept = {version.name for version in self.all()[-KEPT:]} | needed
        for version in self.all():
            if version.name not in kept:
                # The folder loses its name first: half deleted it must not count as a version.
                shutil.rmtree(version.folder.rename(self.folder / f"{WORKPLACE}{version.name}"))
        for left in self.folder.glob(f"{WORKPLACE}*"):
            shutil.rmtree(left)
        for old in self.folder.glob("mot-cua-*.tar.gz"):  # how models lay before there were versions
            old.unlink()

    @contextlib.contextmanager
    def locked(self, wait: Callable[[], None] = lambda: None) -> Iterator[None]:
        """One training at a time, over all processes; ``wait`` is called when another one is at it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / LOCK_FILE).open("ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                wait()
                fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _pointer(self) -> Optional[_Pointer]:
        path = self.folder / POINTER_FILE
        try:
            return msgspec.json.decode(path.read_bytes(), type=_Pointer)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            raise VersionUnusable(f"{path} cannot be read: {error}") from error


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: whoever reads meets the old content or the new."""
    aside = path.with_name(f".{path.name}.new")
    with aside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
