"""``python -m benchmarks``: measures the server beside Rasa's default set-up and prints one table.

Exit codes: 0 measured and every target met, 1 a target was missed or a server did not start, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
from pathlib import Path

from benchmarks.baseline.project import HOUSE
from benchmarks.measuring import QUICK, WHOLE, measure, measure_own_model
from benchmarks.nlu_pipeline import PipelineFailed
from benchmarks.report import table, write
from benchmarks.servers import ServerFailed


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer turns: a minute and a half instead of five")
    parser.add_argument("--skip-baseline", action="store_true", help="measure ours alone")
    parser.add_argument("--own-model", action="store_true", help="only training, model, parsing and memory: a minute")
    options = parser.parse_args()
    rasa = None if options.skip_baseline else Path(sys.executable).parent / "rasa"
    try:
        size = QUICK if options.quick else WHOLE
        figures = asyncio.run(measure_own_model(size) if options.own_model else measure(size, rasa))
    except (ServerFailed, PipelineFailed, subprocess.SubprocessError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    print(table(figures))
    write(figures, HOUSE / "results" / ("own_model.json" if options.own_model else "bench.json"))
    return 0 if all(figure.is_met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
