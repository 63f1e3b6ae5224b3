"""Trains a version of the model when there is none or its sources changed; what officials taught stays taught."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import io
import logging
import os
import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Callable, Iterator, Optional, Sequence

import structlog
import yaml

from nlu.taught import Taught, TaughtWrong, training_text
from nlu.versions import MODEL_FILE, WORKPLACE, About, Version, Versions

SOURCES = ("config.yml", "domain.yml", "nlu/data", "nlu/components", "nlu/vietnamese")
NOT_TAUGHT = ("nlu_fallback", "give_last_four")  # what no sentence says: the one means none, the other is four digits


class TrainingFailed(RuntimeError):
    """The model could not be trained: correct what the sentence names."""


def fingerprint(root: Path, sources: Sequence[str] = SOURCES) -> str:
    """A digest of everything a model is made from: its sources and Rasa's version."""
    digest = hashlib.sha256(version("rasa").encode())
    for path in _files(root, sources):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _files(root: Path, sources: Sequence[str]) -> Iterator[Path]:
    for source in sources:
        path = root / source
        if not path.exists():
            raise TrainingFailed(f"{source} is missing")
        files = [path] if path.is_file() else sorted(path.rglob("*"))
        yield from (file for file in files if file.is_file() and file.suffix not in (".pyc",))


def intents_of(root: Path) -> list[str]:
    """The intents that can be taught."""
    domain = yaml.safe_load((root / "domain.yml").read_text(encoding="utf-8"))
    return [intent for intent in domain["intents"] if intent not in NOT_TAUGHT]


def up_to_date(root: Path, models: Path) -> Optional[Version]:
    """The active version when it was trained from the present sources. Raises VersionUnusable."""
    active = Versions(models).active()
    fits = active and active.model.is_file() and active.about.sources == fingerprint(root)
    return active if fits else None


def model_path(root: Path, models: Path) -> Path:
    """Where the model of the present sources lies; when it has to be trained, a path where no file is."""
    present = up_to_date(root, models)
    return present.model if present else models / f"to-be-trained-{fingerprint(root)}" / MODEL_FILE


def train(root: Path, models: Path, *, force: bool = False, wait: Callable[[], None] = lambda: None) -> Path:
    """The model of the present sources, trained now (and activated) when there is none; ``wait``: see Versions.locked.

    Raises TrainingFailed and VersionUnusable.
    """
    versions = Versions(models)
    with versions.locked(wait):
        present = up_to_date(root, models)
        if present and not force:  # another process has trained it while we waited
            return present.model
        active = versions.active()
        try:
            made = make_version(root, versions, active.taught if active else Taught())
        except TaughtWrong as error:
            raise TrainingFailed(str(error)) from error
        versions.activate(made)
        versions.forget_old()
    return made.model


def make_version(root: Path, versions: Versions, taught: Taught) -> Version:
    """A new version, not active yet; the lock is the caller's. Raises TrainingFailed and TaughtWrong.

    Names are found by search: when only they differ from the active version, its model is taken over.
    """
    refuse_unknown_intents(root, taught)
    active, sources = versions.active(), fingerprint(root)
    before = active.taught if active else Taught()
    about = About(
        made=dt.datetime.now(dt.timezone.utc),
        sources=sources,
        before=active.name if active else None,
        added=taught.minus(before),
        removed=before.minus(taught),
    )
    with tempfile.TemporaryDirectory(dir=versions.folder, prefix=WORKPLACE) as folder:
        if active and active.about.sources == sources and before.questions == taught.questions and taught != before:
            model = Path(shutil.copy2(active.model, folder))
        else:
            model = _trained(root, Path(folder), taught)
        return versions.publish(model, taught, about)


def refuse_unknown_intents(root: Path, taught: Taught) -> None:
    """Raises TaughtWrong."""
    intents = intents_of(root)
    for intent in taught.questions:
        if intent not in intents:
            raise TaughtWrong(
                f"Không có ý định {intent} / There is no intent {intent}. "
                f"Có thể chọn / Choose one of: {', '.join(intents)}"
            )


def _trained(root: Path, folder: Path, taught: Taught) -> Path:
    from rasa.model_training import train as rasa_train  # seconds to import; an up-to-date model needs none of it

    # Without this, structlog prints every debug event of every rule.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    files = [str(root / "nlu" / "data")]
    if taught.questions:
        questions = folder / "taught_questions.yml"
        questions.write_text(training_text(taught), encoding="utf-8")
        files.append(str(questions))
    with _quiet_unless_watched():
        result = rasa_train(
            domain=str(root / "domain.yml"),
            config=str(root / "config.yml"),
            training_files=files,
            output=str(folder),
            fixed_model_name=MODEL_FILE,
            force_training=True,
        )
    model = folder / MODEL_FILE
    if result.code != 0 or not model.is_file():
        raise TrainingFailed("Rasa gave no model; its own messages above say why")
    return model


@contextlib.contextmanager
def _quiet_unless_watched() -> Iterator[None]:
    """Rasa's progress bars flood a log, and where it says that the model lies is only its workplace."""
    before = os.environ.get("LOG_LEVEL")
    if not sys.stderr.isatty():
        os.environ["LOG_LEVEL"] = "WARNING"  # Rasa's switch for the bars
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        os.environ.pop("LOG_LEVEL", None)
        if before is not None:
            os.environ["LOG_LEVEL"] = before
