"""``python -m benchmarks.bursts``: kills the server in the middle of a burst and counts who was answered how often.

Everybody writes at once to an emulated platform; the server is killed with SIGKILL and started again; at the end what
the platform sent and got is held against the tables, message by message. Exit codes: 0 every message was answered
exactly once and the webhook in time, 1 not so, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Sequence

from benchmarks.burst_platforms import WAYS
from benchmarks.bursting import ANSWER_SECONDS, Outcome, burst, memory, stage
from benchmarks.databases import KINDS, temporary_database
from benchmarks.report import Figure, say, table
from benchmarks.servers import ServerFailed

PATIENCE_SECONDS = 900.0
MEMORY_MESSAGES = 20_000


def main() -> int:
    options = _parser().parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="mot-cua-burst-") as made:
            folder = Path(made)
            with temporary_database(options.database, folder) as url:
                figures = asyncio.run(_measure(options, folder, url))
    except ServerFailed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    print(table(figures))
    return 0 if all(figure.is_met for figure in figures) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bursts", description=__doc__.partition("\n")[0])
    parser.add_argument("--channel", choices=[*WAYS], default="zalo", help="default: %(default)s")
    parser.add_argument("--messages", type=int, default=2_000, help="default: %(default)s")
    parser.add_argument("--kills", type=int, default=3, help="default: %(default)s")
    parser.add_argument("--database", choices=KINDS, default="sqlite", help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=1, help="decides when it is killed (default: %(default)s)")
    parser.add_argument("--no-limits", action="store_true", help="the platform takes everything, however fast")
    parser.add_argument(
        "--memory",
        action="store_true",
        help=f"instead: what the server needs while {MEMORY_MESSAGES} messages wait, with --no-limits",
    )
    return parser


async def _measure(options: argparse.Namespace, folder: Path, url: str) -> Sequence[Figure]:
    limits_on = not (options.no_limits or options.memory)
    async with stage(options.channel, folder, url, limits_on) as on:
        say(f"{options.channel}: {on.platform.conditions}" if limits_on else "the platform has no limits")
        if options.memory:
            before, after, waiting = await memory(on, MEMORY_MESSAGES)
            return [
                Figure("resident MB before", before),
                Figure(f"resident MB after {MEMORY_MESSAGES} messages were taken in", after),
                Figure("of them waiting to be answered or sent", waiting),
            ]
        outcome = await burst(on, options.messages, options.kills, options.seed, PATIENCE_SECONDS)
    return [Figure("times killed", options.kills), *_figures(outcome)]


def _figures(outcome: Outcome) -> list[Figure]:
    figures = [
        Figure("messages of citizens", outcome.messages),
        Figure("messages that answer them", outcome.parts),
        Figure("sent twice", outcome.twice, most=0),
        Figure("never sent", outcome.never, most=0),
        *(Figure(name, count, most=0) for name, count in outcome.wrong.items()),
        Figure("interrupted sendings that had arrived, and were not repeated", outcome.found_sent),
        Figure("interrupted sendings that had not arrived, and were made up for", outcome.found_not_sent),
        Figure("seconds until all was settled", outcome.seconds),
    ]
    times = outcome.answered_after
    if times:
        late = Figure(f"answered after more than {ANSWER_SECONDS:.0f} s", outcome.late)
        figures += [
            Figure("webhook attempts, with those to a dead server", outcome.attempts),
            Figure("webhook answered, s, median", times[len(times) // 2]),
            Figure("webhook answered, s, p99", times[int(len(times) * 0.99)], most=ANSWER_SECONDS),
            Figure("webhook answered, s, worst", times[-1]),
            late,
        ]
    return figures


if __name__ == "__main__":
    sys.exit(main())
