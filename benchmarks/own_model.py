"""What understanding costs with our own data: training, the model's size, one message on one core, the memory."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.baseline.project import HOUSE
from benchmarks.load import Asker, closed_loop
from benchmarks.nlu_pipeline import percentile, run_worker
from benchmarks.nlu_worker import ONE_CORE
from benchmarks.questions import ran_our_action
from benchmarks.report import Figure, say
from benchmarks.servers import ServerFailed, our_server
from evaluation.questions import CALIBRATION, read_questions, turns_of
from nlu.versions import MODEL_FILE

TRAINING_SECONDS = 600


def own_model(folder: Path) -> list[Figure]:
    """Trains into ``folder``/models, where ``our_server(folder)`` finds it, and asks it what citizens ask.

    Raises ServerFailed and PipelineFailed.
    """
    say("training our model, then one message after another on one core")
    seconds, model = _trained(folder)
    # The questions on which thresholds are found, not those that the evaluation keeps sealed. Each once: what is asked
    # a second time is answered from memory.
    texts = list(dict.fromkeys(turn.ask for turn in turns_of(read_questions(CALIBRATION))))
    (folder / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    parsed = run_worker(folder, "parse", str(model), "texts.json", "parsed.json", environment=ONE_CORE)
    times = [one["milliseconds"] for one in parsed["heard"]]
    return [
        Figure("training: seconds of `python -m bot train`", seconds, most=120),
        Figure("model: MB", model.stat().st_size / 1e6, most=40),
        Figure(f"parse p50 ms on one core, {len(texts)} questions", statistics.median(times)),
        Figure("parse p95 ms on one core", percentile(times, 0.95), most=3),
    ]


def _trained(folder: Path) -> tuple[float, Path]:
    environment = {**os.environ, "MODELS_FOLDER": str(folder / "models"), "LOG_LEVEL": "WARNING"}
    began = time.monotonic()
    run = subprocess.run(
        [sys.executable, "-m", "bot", "train"],
        cwd=HOUSE,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TRAINING_SECONDS,
    )
    seconds = time.monotonic() - began
    if run.returncode != 0:
        raise ServerFailed(f"python -m bot train: {run.stderr.strip()}")
    (model,) = (folder / "models").rglob(MODEL_FILE)
    return seconds, model


async def own_memory(folder: Path, people: int, conversations: int) -> list[Figure]:
    """The server's resident memory when it is ready and after ``conversations``."""
    say("starting the server with it")
    with our_server(folder) as ours:
        ready = ours.resident_megabytes()
        outcome = await closed_loop(Asker(ours.address, ran_our_action), "own", people, conversations)
        return [
            Figure("resident MB of the server when ready", ready, most=700),
            Figure(f"resident MB after {len(outcome.latencies)} turns", ours.resident_megabytes(), most=700),
            Figure("turns that failed", outcome.failed, most=0),
        ]
