"""``python -m benchmarks.nlu_worker train|parse ...``: one pipeline in a process of its own, measured from inside.

    train CONFIG DATA MODEL RESULT      trains the NLU part of CONFIG on DATA, on all cores
    parse MODEL TEXTS RESULT            parses the JSON list TEXTS on one core

RESULT is written as JSON. A process of its own, because memory and threads belong to a process.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any, Sequence

from evaluation.quiet import silence_libraries

WARM_UP = 40  # parses that are not timed: the first ones build graphs and fill caches of words
ONE_CORE = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_INTRA_OP_PARALLELISM_THREADS": "1",
    "TF_INTER_OP_PARALLELISM_THREADS": "1",
}
FALLBACK = "nlu_fallback"


def train(config: Path, data: Path, model: Path) -> dict[str, Any]:
    from rasa.model_training import train_nlu

    began = time.perf_counter()
    made = train_nlu(str(config), str(data), str(model.parent), fixed_model_name=model.name)
    seconds = time.perf_counter() - began
    if not made or not model.is_file():
        raise RuntimeError("Rasa gave no model")
    return {
        "seconds": seconds,
        "model_megabytes": model.stat().st_size / 1e6,
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def parse(model: Path, texts: Sequence[str]) -> dict[str, Any]:
    """Each text once: what is asked a second time may be answered from memory."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    from rasa.core.channels.channel import UserMessage
    from rasa.core.lock_store import InMemoryLockStore
    from rasa.core.nlg import TemplatedNaturalLanguageGenerator
    from rasa.core.tracker_store import InMemoryTrackerStore
    from rasa.shared.core.domain import Domain
    from rasa.utils.tensorflow.environment import setup_tf_environment

    from nlu.lean_processor import LeanProcessor

    setup_tf_environment()
    began = time.perf_counter()
    processor = LeanProcessor(
        model_path=model,
        tracker_store=InMemoryTrackerStore(Domain.empty()),
        lock_store=InMemoryLockStore(),
        generator=TemplatedNaturalLanguageGenerator({}),
    )
    loaded = time.perf_counter() - began

    async def timed(text: str) -> dict[str, Any]:
        message = UserMessage(text)
        began = time.perf_counter()
        parsed = await processor.parse_message(message)
        milliseconds = 1000 * (time.perf_counter() - began)
        return {**_understood(parsed), "milliseconds": milliseconds}

    async def all_of_them() -> list[dict[str, Any]]:
        for number in range(WARM_UP):
            await timed(f"{number} {texts[number % len(texts)]}")
        gc.collect()
        gc.freeze()  # as the server does
        return [await timed(text) for text in texts]

    heard = asyncio.run(all_of_them())
    return {"load_seconds": loaded, "resident_megabytes": _resident_megabytes(), "heard": heard}


def _understood(parsed: dict[str, Any]) -> dict[str, Any]:
    """The likeliest intent with a fallback undone, as `rasa test nlu` does it."""
    intent = (parsed.get("intent") or {}).get("name")
    ranking = [one["name"] for one in parsed.get("intent_ranking") or [] if one["name"] != FALLBACK]
    entities = [[e["entity"], str(e["value"]), e["start"], e["end"]] for e in parsed.get("entities") or []]
    fell_back = intent == FALLBACK
    return {
        "intent": (ranking[0] if ranking else None) if fell_back else intent,
        "fell_back": fell_back,
        "entities": entities,
    }


def _resident_megabytes() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS:"))


def _root(error: BaseException) -> BaseException:
    """Rasa says which component failed; why, says the error behind it."""
    behind = error.__cause__ or error.__context__
    return _root(behind) if behind is not None else error


def main(arguments: Sequence[str]) -> int:
    silence_libraries()
    result = Path(arguments[-1])
    try:
        if arguments[0] == "train":
            config, data, model = map(Path, arguments[1:-1])
            figures = train(config, data, model)
        else:
            model, texts = map(Path, arguments[1:-1])
            figures = parse(model, json.loads(texts.read_text(encoding="utf-8")))
    except Exception as error:  # whatever a pipeline fails with, the table's maker needs its one sentence
        sys.stderr.write(f"\n{error}: {_root(error)!r}\n".replace("\n\n", "\n"))
        return 1
    result.write_text(json.dumps(figures), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
