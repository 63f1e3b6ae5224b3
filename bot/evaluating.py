"""Runs the evaluation on a version, as a process of its own: ``python -m evaluation --version NAME``."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Mapping, Optional, Sequence

import msgspec

from nlu.training import fingerprint
from nlu.versions import Measured, Version

ROOT = Path(__file__).parent.parent
PROGRAM = (sys.executable, "-m", "evaluation")
# What the figures depend on besides the version.
MEASURED_CODE = ("actions", "evaluation", "knowledge", "nlu")
LAST_WORDS = 3


class EvaluationFailed(RuntimeError):
    """No figures: the sentence ends with the last words of the evaluation."""


class _Result(msgspec.Struct):
    """``questions`` names the set that was asked; ``figures`` are shares, milliseconds where the name says ``_ms``."""

    questions: str
    figures: Mapping[str, float]


class Evaluation:
    def __init__(self, program: Sequence[str] = PROGRAM) -> None:
        self._program = program
        self._code = fingerprint(ROOT, MEASURED_CODE)

    def measure(self, version: Version) -> Measured:
        """Takes a minute or two. Raises EvaluationFailed."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "figures.json"
            models = str(version.folder.parent.resolve())
            arguments = ["--models", models, "--version", version.name, "--json", str(file)]
            command = [*self._program, *arguments]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
            try:
                result = msgspec.json.decode(file.read_bytes(), type=_Result) if done.returncode == 0 else None
            except (OSError, msgspec.DecodeError) as error:
                raise EvaluationFailed(f"it left no figures: {error}") from error
        if result is None:
            words = " ".join(done.stderr.strip().splitlines()[-LAST_WORDS:])
            raise EvaluationFailed(f"exit code {done.returncode}: {words}")
        return Measured(result.questions, self._code, dict(result.figures))

    def known(self, version: Version, like: Measured) -> Optional[Measured]:
        """The figures that a version has already, if they compare with others."""
        measured = version.about.measured
        fits = measured and (measured.questions, measured.code) == (like.questions, like.code)
        return measured if fits else None
