"""What was measured, as one table and as JSON."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Optional, Sequence


@dataclass(frozen=True)
class Figure:
    """One number, with the target when there is one: at ``most`` or at ``least`` this."""

    name: str
    value: float
    most: Optional[float] = None
    least: Optional[float] = None

    @property
    def is_met(self) -> bool:
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)

    @property
    def target(self) -> str:
        if self.most is not None:
            return f"<= {self.most:g}"
        return f">= {self.least:g}" if self.least is not None else ""


def table(figures: Sequence[Figure]) -> str:
    width = max(len(figure.name) for figure in figures)
    rows = []
    for figure in figures:
        verdict = ("ok" if figure.is_met else "MISSED") if figure.target else ""
        rows.append(f"{figure.name:<{width}}  {_number(figure.value):>9}  {figure.target:>8}  {verdict}".rstrip())
    return "\n".join(rows)


def write(figures: Sequence[Figure], file: Path) -> None:
    document = {
        "at": dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds"),
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "figures": [
            {"name": f.name, "value": f.value, "target": f.target or None, "met": f.is_met if f.target else None}
            for f in figures
        ],
    }
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def say(sentence: str) -> None:
    """Progress, beside the table that goes to standard output."""
    sys.stderr.write(f"  {sentence}\n")


def _number(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"
