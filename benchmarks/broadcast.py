"""``python -m benchmarks.broadcast``: a broadcast to a hundred thousand, planned, sent, stopped, and held to account.

The platform is emulated in a process of its own, with all its limits off. What it says it was sent is held against the
ledger, message by message. Exit codes: 0 every target is met, 1 not so, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, Mapping, Optional, Sequence

from benchmarks.baseline.project import HOUSE, QUIET
from benchmarks.broadcast_platforms import Arrived, Platform, emulated, populate
from benchmarks.databases import KINDS, temporary_database
from benchmarks.report import Figure, say, table, write
from benchmarks.servers import ServerFailed
from bot.storage import migrate, open_engine

RESULTS = HOUSE / "results" / "broadcast.json"
LEAST_A_SECOND = {"sqlite": 500, "postgresql": 1_000}
STOP_SECONDS = 2.0
NOTICE_SECONDS = 10.0
GROWTH_MEGABYTES = 50.0  # from the smallest plan to the largest
PLANNED = (10_000, 100_000, 1_000_000)
PEERS = 5_000
TELEGRAM = 2_000
PATIENCE_SECONDS = 1_800


def main() -> int:
    options = _parser().parse_args()
    figures = [Figure("load of the machine when it began", os.getloadavg()[0])]
    try:
        for kind in options.database:
            figures += _sent("zalo", kind, options.recipients, LEAST_A_SECOND[kind])
            if not options.quick:
                figures += _planned(kind)
        if not options.quick:
            figures += _sent("telegram", "sqlite", TELEGRAM)
    except (ServerFailed, subprocess.SubprocessError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    print(table(figures))
    if not options.quick:
        write(figures, RESULTS)
    return 0 if all(figure.is_met for figure in figures) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.broadcast", description=__doc__.partition("\n")[0])
    parser.add_argument("--recipients", type=int, default=100_000, help="default: %(default)s")
    parser.add_argument("--database", choices=KINDS, nargs="+", default=KINDS, help="default: both")
    parser.add_argument("--quick", action="store_true", help="only the sending on Zalo; no file of results")
    return parser


def _sent(channel: str, kind: str, count: int, least: Optional[float] = None) -> Sequence[Figure]:
    say(f"{channel}, {kind}: {count} recipients")
    with (
        tempfile.TemporaryDirectory(prefix="mot-cua-broadcast-") as folder,
        temporary_database(kind, Path(folder)) as url,
        emulated(channel) as platform,
    ):
        migrate(url)
        populate(url, channel, count)
        took = _work("send", url, platform)
        arrived = platform.arrived()
        ledger = ledger_of(url)
        peers = _work("peers", url, platform, count=min(PEERS, count))
    name = f"{channel}, {kind}"
    seconds = took["plan_seconds"] + took["send_seconds"]
    rate = count / seconds
    return [
        Figure(f"{name}: recipients", count),
        Figure(f"{name}: planned a second", count / took["plan_seconds"]),
        Figure(f"{name}: sent and recorded a second", count / took["send_seconds"]),
        Figure(f"{name}: planned, sent and recorded a second", rate, least=least),
        Figure(f"{name}: processor time of the sender, ms for each", took["processor_seconds"] / count * 1000),
        *account(name, count, took, arrived, ledger),
        *stop(name, took, arrived),
        *notices(name, took["notices"], arrived),
        Figure(f"{name}: the process at its largest, MB", took["megabytes"]),
        *(
            Figure(f"{name}: our sending, times as fast as {words}", peers[way] / peers["count"] / took_each)
            for took_each in [took["send_seconds"] / count]
            for way, words in _PEERS.items()
        ),
    ]


_PEERS = {"one_by_one": "a loop that commits each", "by_batches": "batches with a checkpoint"}


def account(
    name: str, count: int, took: Mapping[str, Any], arrived: Sequence[Arrived], ledger: Mapping[str, tuple[str, str]]
) -> Sequence[Figure]:
    """The ledger against the platform's own."""
    told = [one for one in arrived if one.person not in took["notices"]]
    times = Counter(one.person for one in told)
    sent = {one.message_id: one.person for one in told}
    right = sum(state == "sent" and sent.get(id) == person for person, (state, id) in ledger.items())
    return [
        Figure(f"{name}: told more than once", sum(number > 1 for number in times.values()), most=0),
        Figure(f"{name}: never told", count - len(times), most=0),
        Figure(f"{name}: rows of the ledger that the platform does not bear out", count - right, most=0),
    ]


def stop(name: str, took: Mapping[str, Any], arrived: Sequence[Arrived]) -> Sequence[Figure]:
    """``stop_ended``: the sender has gone home; whatever came between was under way when the button was pressed."""
    pressed, ended = took["stop_pressed"], took["stop_ended"]
    late = [one.at - pressed for one in arrived if pressed < one.at <= ended and one.person not in took["notices"]]
    return [
        Figure(f"{name}: seconds from the stop button to the last message", max(late, default=0.0), most=STOP_SECONDS),
        Figure(f"{name}: seconds from the stop button until the sender rests", ended - pressed),
    ]


def notices(name: str, put: Mapping[str, float], arrived: Sequence[Arrived]) -> Sequence[Figure]:
    waits = sorted(one.at - put[one.person] for one in arrived if one.person in put)
    if not waits:
        return []
    return [
        Figure(f"{name}: notices about dossiers meanwhile", len(waits), least=len(put)),
        Figure(f"{name}: of them handed over after, s, median", waits[len(waits) // 2]),
        Figure(f"{name}: of them handed over after, s, p99", _p99(waits), most=NOTICE_SECONDS),
    ]


def _p99(ordered: Sequence[float]) -> float:
    return ordered[math.ceil(len(ordered) * 0.99) - 1]


def _planned(kind: str) -> Sequence[Figure]:
    """Plans of growing size, each by a process and in a database of its own."""
    figures, grown = [], []
    for count in PLANNED:
        say(f"planning {count} on {kind}")
        with (
            tempfile.TemporaryDirectory(prefix="mot-cua-broadcast-") as folder,
            temporary_database(kind, Path(folder)) as url,
        ):
            migrate(url)
            populate(url, "zalo", count)
            took = _work("plan", url, Platform("zalo", "http://127.0.0.1:9", ""))
        grown.append(took["peak"] - took["before"])
        figures += [
            Figure(f"{kind}: {count} planned, a second", count / took["plan_seconds"]),
            Figure(f"{kind}: {count} planned, the process grew by MB", grown[-1]),
        ]
    more = Figure(f"{kind}: MB more for the largest plan than for the smallest", grown[-1] - grown[0])
    return [*figures, Figure(more.name, more.value, most=GROWTH_MEGABYTES)]


def ledger_of(url: str) -> Mapping[str, tuple[str, str]]:
    """Person to state and message id."""
    engine = open_engine(url)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT person, state, message_id FROM deliveries").all()
    engine.dispose()
    return {row.person: (row.state, row.message_id) for row in rows}


def _work(do: str, url: str, platform: Platform, **more: int) -> Any:
    order = {"do": do, "database": url, "channel": platform.channel, "url": platform.url, "token": platform.token}
    command = [sys.executable, "-m", "benchmarks.broadcast_worker", json.dumps({**order, **more})]
    environment = {**os.environ, **QUIET, "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        command, cwd=HOUSE, env=environment, stdout=subprocess.PIPE, timeout=PATIENCE_SECONDS, check=True
    )
    return {**json.loads(done.stdout), **more}


if __name__ == "__main__":
    sys.exit(main())
