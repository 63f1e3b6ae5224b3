"""Trains the model when it is absent or its sources changed, and says which of the two."""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import os
import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Iterator

import structlog

MODELS_KEPT = 3
SOURCES = ("config.yml", "domain.yml", "nlu/data", "nlu/components", "nlu/vietnamese")


class TrainingFailed(RuntimeError):
    """The model could not be trained: correct what the sentence names."""


def fingerprint(root: Path) -> str:
    """A digest of everything a model is made from: its sources and Rasa's version."""
    digest = hashlib.sha256(version("rasa").encode())
    for path in _files(root):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _files(root: Path) -> Iterator[Path]:
    for source in SOURCES:
        path = root / source
        if not path.exists():
            raise TrainingFailed(f"{source} is missing")
        files = [path] if path.is_file() else sorted(path.rglob("*"))
        yield from (file for file in files if file.is_file() and file.suffix not in (".pyc",))


def model_path(root: Path, models: Path) -> Path:
    """Where the model of the present sources lies or will lie."""
    return models / f"mot-cua-{fingerprint(root)}.tar.gz"


def train(root: Path, models: Path) -> Path:
    """Train from the sources under ``root``; the finished model appears in ``models`` at once or not at all."""
    from rasa.model_training import train as rasa_train  # seconds to import; an up-to-date model needs none of it

    target = model_path(root, models)
    models.mkdir(parents=True, exist_ok=True)
    # Without this, structlog prints every debug event of every rule.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory(dir=models, prefix=".training-") as folder, _quiet_unless_watched():
        result = rasa_train(
            domain=str(root / "domain.yml"),
            config=str(root / "config.yml"),
            training_files=[str(root / "nlu" / "data")],
            output=folder,
            fixed_model_name=target.name,
            force_training=True,
        )
        made = Path(folder) / target.name
        if result.code != 0 or not made.is_file():
            raise TrainingFailed("Rasa gave no model; its own messages above say why")
        shutil.move(str(made), target)
    for old in sorted(models.glob("mot-cua-*.tar.gz"), key=lambda path: path.stat().st_mtime)[:-MODELS_KEPT]:
        old.unlink()
    return target


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
