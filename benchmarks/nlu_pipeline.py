"""How config.yml's NLU pipeline does on data it has never seen, beside `rasa init`'s default in the same run.

    .venv/bin/python -m benchmarks.nlu_pipeline DIR|--own [--config FILE ...] [--skip-baseline] [--json FILE]

DIR holds any Rasa NLU YAML train/test pair: train.yml and test.yml, or nlu.yml and test_nlu.yml, or folders train/ and
test/. Any language, any intents. Nothing is tuned to it and nothing is kept. Exit codes: 0 measured, 1 a pipeline could
not be trained, 2 no usable data or wrong usage.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Mapping, Optional, Sequence

from benchmarks.nlu_pair import EXPECTED, Entity, Pair, PairUnusable, own_pair, read_pair, varied, ways
from benchmarks.nlu_scores import Heard, Scores, score
from benchmarks.nlu_worker import ONE_CORE
from benchmarks.report import say
from evaluation.quiet import silence_libraries

ROOT = Path(__file__).parents[1]
BASELINE = "rasa init"
NOTES = """\
Intents: the likeliest one, a fallback undone as `rasa test nlu` does it; how often a pipeline would have fallen back
stands below. macro-F1: the mean over the intents that the test data ask for. Entities: micro-F1 over those kinds only
that the test data annotate; found means the same kind at the same place or of the same value. A pipeline whose rules
know none of these kinds has 0 there. Without marks, typing slips: the test texts retyped by nlu/vietnamese (seed 7).
Training: the call of Rasa's training on all cores, without importing Rasa. Parsing: one core (affinity to it; OMP,
OpenBLAS and TensorFlow threads 1), through our server's graph runner for every pipeline, each text once after 40
others. Memory: the resident set of a process that only parses; Rasa and TensorFlow alone take most of 450 MB."""


class PipelineFailed(RuntimeError):
    """A pipeline could not be trained or asked: the message ends with its last words."""


@dataclass(frozen=True)
class Measured:
    """One pipeline on one pair; ``scores`` by the way of typing. Megabytes: 10^6 bytes of files, 2^20 of memory."""

    name: str
    scores: Mapping[str, Scores]
    training_seconds: float
    training_peak_megabytes: float
    model_megabytes: float
    load_seconds: float
    parse_p50: float
    parse_p95: float
    resident_megabytes: float


def baseline_config() -> Path:
    """The configuration in the installed Rasa's template project; Rasa fills in its default pipeline at training."""
    return Path(str(files("rasa"))) / "cli" / "initial_project" / "config.yml"


def measure(name: str, config: Path, pair: Pair) -> Measured:
    """Trains in one process, parses in another. Raises PipelineFailed."""
    asked = {way: [varied(example, retype) for example in pair.test] for way, retype in ways().items()}
    texts = list(dict.fromkeys(example.text for examples in asked.values() for example in examples))
    with tempfile.TemporaryDirectory(prefix="mot-cua-nlu-") as workplace:
        folder = Path(workplace)
        # A copy, because Rasa writes what it fills in into the file.
        (folder / "config.yml").write_bytes(config.read_bytes())
        (folder / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
        data = str(pair.train.resolve())
        trained = run_worker(folder, "train", "config.yml", data, "model.tar.gz", "trained.json")
        parsed = run_worker(folder, "parse", "model.tar.gz", "texts.json", "parsed.json", environment=ONE_CORE)
    heard = {text: _heard(one) for text, one in zip(texts, parsed["heard"], strict=True)}
    times = [one.milliseconds for one in heard.values()]
    return Measured(
        name=name,
        scores={way: score(examples, [heard[e.text] for e in examples]) for way, examples in asked.items()},
        training_seconds=trained["seconds"],
        training_peak_megabytes=trained["peak_megabytes"],
        model_megabytes=trained["model_megabytes"],
        load_seconds=parsed["load_seconds"],
        parse_p50=statistics.median(times),
        parse_p95=percentile(times, 0.95),
        resident_megabytes=parsed["resident_megabytes"],
    )


def run_worker(folder: Path, *arguments: str, environment: Optional[Mapping[str, str]] = None) -> dict[str, Any]:
    """Runs the worker in ``folder`` and gives what it wrote into its last argument. Raises PipelineFailed."""
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.nlu_worker", *arguments],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "RASA_CACHE_DIRECTORY": str(folder / "cache"),  # nothing may come from an earlier training
            "LOG_LEVEL": "WARNING",
            **(environment or {}),
        },
        capture_output=True,
        text=True,
    )
    if run.returncode != 0:
        last = " ".join(run.stderr.strip().splitlines()[-1:]) or f"exit code {run.returncode}"
        raise PipelineFailed(last)
    result: dict[str, Any] = json.loads((folder / arguments[-1]).read_text(encoding="utf-8"))
    return result


def _heard(one: Mapping[str, Any]) -> Heard:
    return Heard(one["intent"], one["fell_back"], tuple(Entity(*e) for e in one["entities"]), one["milliseconds"])


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(columns: Sequence[Measured]) -> str:
    rows: list[tuple[str, list[str]]] = [("", [one.name for one in columns])]
    by_way = (("intent accuracy %", "accuracy"), ("intent macro-F1 %", "macro_f1"), ("entity F1 %", "entity_f1"))
    for title, field in by_way:
        for way in ways():
            rows.append((f"{title}, {way}", [_percent(getattr(one.scores[way], field)) for one in columns]))
    for title, field in (("entity precision %", "entity_precision"), ("entity recall %", "entity_recall")):
        rows.append((f"{title}, as written", [_percent(getattr(one.scores["as written"], field)) for one in columns]))
    rows.append(("fell back %, as written", [_percent(one.scores["as written"].fell_back) for one in columns]))
    for title, field, digits in (
        ("training s", "training_seconds", 1),
        ("training, peak MB", "training_peak_megabytes", 0),
        ("model MB", "model_megabytes", 2),
        ("loading s", "load_seconds", 1),
        ("parse p50 ms, one core", "parse_p50", 2),
        ("parse p95 ms, one core", "parse_p95", 2),
        ("resident MB", "resident_megabytes", 0),
    ):
        rows.append((title, [f"{getattr(one, field):.{digits}f}" for one in columns]))
    first = max(len(title) for title, _ in rows)
    widths = [max(len(cells[i]) for _, cells in rows) + 2 for i in range(len(columns))]
    lines = [title.ljust(first) + "".join(cell.rjust(w) for cell, w in zip(cells, widths)) for title, cells in rows]
    return "\n".join(lines)


def _percent(share: Optional[float]) -> str:
    return "-" if share is None else f"{100 * share:.1f}"


def summary(pair: Pair) -> str:
    """What the data hold, and what of the test data nothing could learn."""
    trained, asked = ({e.intent for e in examples if e.intent} for examples in (pair.training, pair.test))
    kinds = sorted({entity.kind for example in pair.test for entity in example.entities})
    lines = [
        f"{len(pair.training)} training examples of {len(trained)} intents, {len(pair.test)} test examples; "
        + (f"entities: {', '.join(kinds)}" if kinds else "no entities annotated in the test data")
    ]
    if asked - trained:
        lines.append(f"never trained, so always wrong: {', '.join(sorted(asked - trained))}")
    return "\n".join(lines)


def main(arguments: Optional[Sequence[str]] = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.nlu_pipeline", description=__doc__.partition("\n")[0])
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("folder", type=Path, nargs="?", metavar="DIR", help=EXPECTED.replace("expected", "holds", 1))
    source.add_argument("--own", action="store_true", help="nlu/data, asked the questions of evaluation/calibration")
    parser.add_argument("--config", type=Path, action="append", help="instead of config.yml; may be given again")
    parser.add_argument("--skip-baseline", action="store_true", help="leave out `rasa init`'s default pipeline")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")
    given = parser.parse_args(arguments)
    configs = [(config.name, config) for config in given.config or [ROOT / "config.yml"]]
    if not given.skip_baseline:
        configs.append((BASELINE, baseline_config()))
    try:
        for _, config in configs:
            if not config.is_file():
                raise PairUnusable(f"{config} is no file")
        pair = own_pair(ROOT) if given.own else read_pair(given.folder)
    except PairUnusable as error:
        sys.stderr.write(f"{error}\n")
        return 2
    print(summary(pair), flush=True)
    columns = []
    for name, config in configs:
        say(f"{name}: training and parsing")
        try:
            columns.append(measure(name, config, pair))
        except PipelineFailed as error:
            sys.stderr.write(f"{name}: {error}\n")
            return 1
    print(f"\n{table(columns)}\n\n{NOTES}")
    if given.json:
        document = {"examples": len(pair.training), "asked": len(pair.test), "pipelines": [asdict(c) for c in columns]}
        given.json.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    silence_libraries()
    sys.exit(main())
