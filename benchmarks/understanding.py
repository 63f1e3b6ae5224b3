"""``make eval``: how much the trained model understands of sentences that training has not seen.

    .venv/bin/python -m benchmarks.understanding [--sentences FILE] [--wrong]

It asks the very model that ``make run`` serves, fallback included, and trains it first when its sources changed. Every
sentence is asked as written, without marks and with typing slips. Whether the figures are good enough is for
``tests/nlu`` to say; docs/decisions/0003 tells how far they can be trusted. Exit codes: 0 measured, 1 no model or no
sentences, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Awaitable, Callable, Mapping, Sequence

import structlog
import yaml

from nlu.training import TrainingFailed, model_path, train
from nlu.vietnamese.folding import fold
from nlu.vietnamese.lexicon import Lexicon
from nlu.vietnamese.slips import Slips

ROOT = Path(__file__).parents[1]
FALLBACK = "nlu_fallback"
Understand = Callable[[str], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True)
class Heard:
    """One sentence, what it means, and what the model took it for, likeliest first."""

    text: str
    meant: str
    ranking: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        return self.ranking[0] == self.meant

    @property
    def is_asked_back(self) -> bool:
        """The model was not sure enough: the citizen is offered the likeliest three."""
        return self.ranking[0] == FALLBACK

    @property
    def is_among_three(self) -> bool:
        return self.meant in [intent for intent in self.ranking if intent != FALLBACK][:3]


def read_sentences(path: Path) -> list[tuple[str, str]]:
    """Sentences with their intents. Raises ValueError when the file holds none."""
    blocks = yaml.safe_load(path.read_text(encoding="utf-8"))
    sentences = [(str(text), intent) for intent, texts in (blocks or {}).items() for text in texts]
    if not sentences:
        raise ValueError(f"{path} holds no sentences")
    return sentences


async def ask(understand: Understand, sentences: Sequence[tuple[str, str]], way: Callable[[str], str]) -> list[Heard]:
    heard = []
    for text, intent in sentences:
        parsed = await understand(way(text))
        heard.append(Heard(way(text), intent, tuple(one["name"] for one in parsed["intent_ranking"])))
    return heard


def row(name: str, heard: Sequence[Heard]) -> str:
    def percent(count: int) -> str:
        return f"{100 * count / len(heard):10.1f}"

    right, asked_back = sum(one.is_right for one in heard), sum(one.is_asked_back for one in heard)
    counts = (right, asked_back, len(heard) - right - asked_back, sum(one.is_among_three for one in heard))
    return f"{name:22}" + "".join(map(percent, counts))


def confusions(heard: Sequence[Heard]) -> list[str]:
    """The sentences that were taken for something else, the most frequent mistakes first."""
    pairs = Counter((one.meant, one.ranking[0]) for one in heard if not one.is_right)
    wrong = sorted((one for one in heard if not one.is_right), key=lambda one: -pairs[one.meant, one.ranking[0]])
    return [f"  {one.meant} → {one.ranking[0]}: {one.text}" for one in wrong]


def present_model() -> Path:
    """The model of the present sources, trained now if there is none."""
    models = Path(os.environ.get("MODELS_FOLDER") or ROOT / "models")
    model = model_path(ROOT, models)
    return model if model.is_file() else train(ROOT, models)


async def measure(model: Path, sentences: Sequence[tuple[str, str]], show_wrong: bool) -> None:
    from rasa.core.agent import Agent

    agent = Agent.load(model)
    ways: dict[str, Callable[[str], str]] = {
        "as written": str,
        "without marks": fold,
        "with typing slips": Slips(Lexicon.shipped(), seed=7).mistype,
    }
    print(f"{len(sentences)} sentences, model {model.parent.name}")
    print(f"{'accuracy in %':22}{'right':>10}{'asks back':>10}{'wrong':>10}{'in best 3':>10}")
    for name, way in ways.items():
        heard = await ask(agent.parse_message, sentences, way)
        print(row(name, heard))
        if show_wrong:
            print(*confusions(heard), sep="\n")


def silence_libraries() -> None:
    """Only the figures are wanted: not what Rasa and the libraries it pins have to say of themselves."""
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    logging.basicConfig(level=logging.ERROR)
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.understanding", description=__doc__.partition("\n")[0])
    parser.add_argument("--sentences", type=Path, default=ROOT / "tests/nlu/held_out.yml", help="{intent: [sentence]}")
    parser.add_argument("--wrong", action="store_true", help="also list what was not understood")
    options = parser.parse_args()
    silence_libraries()
    try:
        asyncio.run(measure(present_model(), read_sentences(options.sentences), options.wrong))
    except (TrainingFailed, OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
