"""The training sentences as they stand in Rasa's files; those about single procedures teach the search too."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, Mapping, Optional, Sequence

import yaml

TRAINING = Path(__file__).parent / "data/nlu"
ABOUT_PROCEDURES = TRAINING / "procedures"


@dataclass(frozen=True)
class Sentence:
    """``procedure`` is the code of the one that it is about, when it is about a single one."""

    text: str
    intent: str
    procedure: Optional[str] = None


def sentences(folder: Path = TRAINING) -> Iterator[Sentence]:
    """All of the folder's files and of the folders in it."""
    for path in sorted(folder.rglob("*.yml")):
        for block in yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["nlu"]:
            procedure = block.get("metadata", {}).get("procedure")
            for line in filter(None, block["examples"].splitlines()):
                yield Sentence(line.removeprefix("- ").strip(), block["intent"], procedure)


def asked_about() -> Mapping[str, Sequence[str]]:
    """What people asked about single procedures, by code."""
    asked: dict[str, list[str]] = defaultdict(list)
    for sentence in sentences(ABOUT_PROCEDURES):
        if sentence.procedure is not None:
            asked[sentence.procedure].append(sentence.text)
    return asked
