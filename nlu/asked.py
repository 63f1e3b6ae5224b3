"""What people asked about single procedures: the training sentences that name one, for the search to learn from too."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Mapping, Sequence

import yaml

FOLDER = Path(__file__).parent / "data/nlu/procedures"


def asked_about(folder: Path = FOLDER) -> Mapping[str, Sequence[str]]:
    """Questions by procedure code, from the metadata of Rasa's training files."""
    asked: dict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.glob("*.yml")):
        for block in yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["nlu"]:
            lines = (line.removeprefix("- ") for line in block["examples"].splitlines())
            asked[block["metadata"]["procedure"]] += [line for line in lines if line]
    return asked
