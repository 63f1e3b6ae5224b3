"""``python -m benchmarks.watching FILE ARGUMENTS``: `python -m bot ARGUMENTS`, noting each full garbage collection.

One line in FILE for each collection of the oldest generation: when it ended (seconds since 1970) and how long it took.
The program itself knows nothing of this; it is started as always, in the same process.
"""

from __future__ import annotations

import gc
import runpy
import sys
import time
from pathlib import Path
from typing import Any

OLDEST = 2


def note_full_collections(file: Path) -> None:
    started = 0.0

    def note(phase: str, facts: dict[str, Any]) -> None:
        nonlocal started
        if facts["generation"] != OLDEST:
            return
        if phase == "start":
            started = time.time()
        else:
            with open(file, "a", encoding="ascii") as lines:
                lines.write(f"{time.time():.3f} {time.time() - started:.4f}\n")

    gc.callbacks.append(note)


def full_collections(file: Path, since: float, until: float) -> list[float]:
    """How long each full collection between two moments took, in seconds."""
    if not file.exists():
        return []
    noted = [tuple(map(float, line.split())) for line in file.read_text(encoding="ascii").splitlines()]
    return [took for ended, took in noted if since <= ended <= until]


if __name__ == "__main__":
    note_full_collections(Path(sys.argv[1]))
    sys.argv = ["bot", *sys.argv[2:]]
    runpy.run_module("bot", run_name="__main__", alter_sys=True)
