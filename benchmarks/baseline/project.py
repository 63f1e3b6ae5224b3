"""Writes the opponent's project from our own training questions, and trains it once for each state of them."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
HOUSE = HERE.parents[1]
COPIED = ("config.yml", "credentials.yml", "actions.py")
ACTION = "action_answer_question"
# Enough for the classifier to know our questions. All two thousand would only lengthen the training: how long an answer
# takes depends on the size of the networks, not on how many examples they saw.
EXAMPLES_PER_INTENT = 10
TRAINING_SECONDS = 1_800
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SANIC_HOST": "127.0.0.1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONHASHSEED": "0",
}


def trained_project(rasa: Path) -> Path:
    """The folder of the trained opponent, outside the checkout. Trains when this state of the questions is new.

    Raises CalledProcessError or TimeoutExpired.
    """
    files = _files()
    digest = hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"mot-cua-benchmark-{os.getuid()}" / f"baseline-{digest}"
    if any((folder / "models").glob("*.tar.gz")):
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    with open(folder / "train.log", "wb") as log:
        subprocess.run(
            [rasa, "train", "--quiet"],
            cwd=folder,
            env={**os.environ, **QUIET},
            stdout=log,
            stderr=log,
            timeout=TRAINING_SECONDS,
            check=True,
        )
    return folder


def _files() -> dict[str, str]:
    questions = _questions()
    intents = list(questions)
    made = {"domain.yml": _domain(intents), "data/nlu.yml": _nlu(questions), "data/core.yml": _core(intents)}
    copied = {name: (HERE / name).read_text(encoding="utf-8") for name in COPIED}
    return copied | {name: yaml.safe_dump({"version": "3.1", **it}, allow_unicode=True) for name, it in made.items()}


def _questions() -> dict[str, list[str]]:
    """The first examples of each of our intents."""
    found: dict[str, list[str]] = {}
    for file in sorted((HOUSE / "nlu" / "data" / "nlu").glob("*.yml")):
        for block in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
            if "intent" in block:
                lines = [line.removeprefix("- ") for line in block["examples"].splitlines() if line.strip()]
                found.setdefault(block["intent"], []).extend(lines)
    return {intent: lines[:EXAMPLES_PER_INTENT] for intent, lines in found.items()}


def _domain(intents: list[str]) -> dict[str, Any]:
    return {
        "intents": intents,
        "actions": [ACTION],
        "responses": {"utter_greet": [{"text": "Xin chào ông/bà."}], "utter_goodbye": [{"text": "Xin tạm biệt."}]},
        "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": True},
    }


def _nlu(questions: dict[str, list[str]]) -> dict[str, Any]:
    examples = {intent: "".join(f"- {line}\n" for line in lines) for intent, lines in questions.items()}
    return {"nlu": [{"intent": intent, "examples": lines} for intent, lines in examples.items()]}


def _core(intents: list[str]) -> dict[str, Any]:
    """A rule for each intent, also for what is not understood, so that every question runs the action; and a few
    stories, as `rasa init` has them, for the networks to learn from."""
    reaction = {intent: ACTION for intent in [*intents, "nlu_fallback"]}
    reaction |= {"greet": "utter_greet", "goodbye": "utter_goodbye"}

    def steps(*said: str) -> list[dict[str, str]]:
        return [step for intent in said for step in ({"intent": intent}, {"action": reaction[intent]})]

    return {
        "rules": [{"rule": intent, "steps": steps(intent)} for intent in reaction],
        "stories": [
            {"story": "a talk", "steps": steps("greet", "ask_papers", "ask_fee", "goodbye")},
            {"story": "a short talk", "steps": steps("find_procedure", "ask_time", "goodbye")},
            {"story": "no question", "steps": steps("greet", "goodbye")},
        ],
    }
