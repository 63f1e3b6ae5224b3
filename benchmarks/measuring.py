"""The measurements, one function each; the order and the figures are those of ``__main__``."""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from benchmarks.baseline.project import trained_project
from benchmarks.load import Asker, Outcome, closed_loop, open_loop
from benchmarks.own_model import own_memory, own_model
from benchmarks.questions import FOLLOW_UP, dialogues, ran_our_action, ran_their_action
from benchmarks.report import Figure, say
from benchmarks.servers import Server, our_server, their_server
from benchmarks.watching import full_collections

PEOPLE = 8
RATE = 100.0  # turns a second
TURNS_FOR_MEMORY = 5_000
SPEAKERS_BEFORE_KILL = 100


@dataclass(frozen=True)
class Size:
    """``ours`` and ``theirs``: conversations in each of the ``rounds``; ``seconds`` of the fixed rate."""

    rounds: int
    ours: int
    theirs: int
    seconds: float


WHOLE = Size(rounds=4, ours=160, theirs=24, seconds=60)
QUICK = Size(rounds=2, ours=80, theirs=8, seconds=10)


def spin() -> float:
    """Milliseconds that a fixed piece of Python takes: shows when the machine itself became slower."""
    started = time.perf_counter()
    total = 0
    for number in range(2_000_000):
        total += number
    return (time.perf_counter() - started) * 1_000


async def measure(size: Size, rasa: Optional[Path]) -> list[Figure]:
    """All figures. Without ``rasa`` (the program) the opponent is left out."""
    project = None
    if rasa is not None:
        say("training the opponent (some minutes the first time, then kept)")
        project = trained_project(rasa)
    with tempfile.TemporaryDirectory(prefix="mot-cua-benchmark-") as name:
        folder = Path(name)
        figures = own_model(folder)
        say("first start: creating the database")
        with our_server(folder):
            pass
        with our_server(folder) as ours:
            figures += [
                Figure("seconds until /readyz, second start", ours.ready_after, most=10),
                Figure("resident MB after load", ours.resident_megabytes(), most=700),
            ]
            began = time.time()
            figures += await _side_by_side(size, ours, project)
            figures += await _new_words(size, ours)
            figures += await _fixed_rate(size, ours)
            pauses = full_collections(folder / "collections", began, time.time())
            figures.append(Figure("full garbage collections during the load", len(pauses), most=0))
            figures += await _memory(ours)
        figures += await _killed(folder)
    return figures


async def measure_own_model(size: Size) -> list[Figure]:
    """Only what understanding costs, in about a minute."""
    with tempfile.TemporaryDirectory(prefix="mot-cua-benchmark-") as name:
        return [*own_model(Path(name)), *await own_memory(Path(name), PEOPLE, size.ours)]


async def _side_by_side(size: Size, ours: Server, project: Optional[Path]) -> list[Figure]:
    """Closed loop, rounds interleaved so that a slower minute of the machine slows both."""
    if project is None:
        spins, mine = await _rounds(size, ours, None)
        return [Figure("turns/s with action, ours", _rate(mine)), *_checks("ours", mine), *_noise(spins)]
    say("starting `rasa run` (about a minute)")
    with their_server(project) as theirs:
        spins, mine = await _rounds(size, ours, theirs)
        start = Figure("seconds until the opponent answers", theirs.ready_after)
        memory = Figure("resident MB of the opponent (without its action server)", theirs.resident_megabytes())
    our_rounds, their_rounds = mine[::2], mine[1::2]
    return [
        Figure("turns/s with action, ours", _rate(our_rounds)),
        Figure("turns/s with action, rasa init", _rate(their_rounds)),
        Figure("ratio", _rate(our_rounds) / _rate(their_rounds), least=20),
        *(
            Figure(f"ratio in round {number}", one.turns_per_second / other.turns_per_second)
            for number, (one, other) in enumerate(zip(our_rounds, their_rounds, strict=True), 1)
        ),
        Figure("p50 ms with 8 people, ours", _merged(our_rounds).percentile(0.5) * 1_000),
        Figure("p50 ms with 8 people, rasa init", _merged(their_rounds).percentile(0.5) * 1_000),
        *_checks("ours", our_rounds),
        *_checks("rasa init", their_rounds),
        start,
        memory,
        *_noise(spins),
    ]


async def _rounds(size: Size, ours: Server, theirs: Optional[Server]) -> tuple[list[float], list[Outcome]]:
    """Outcomes in the order ours, theirs, ours, theirs...; the first round of each only warms up and is dropped."""
    askers = [(Asker(ours.address, ran_our_action), size.ours)]
    if theirs is not None:
        askers.append((Asker(theirs.address, ran_their_action), size.theirs))
    spins: list[float] = []
    outcomes: list[Outcome] = []
    for number in range(size.rounds + 1):
        say(f"round {number} of {size.rounds}" if number else "warming up")
        for side, (asker, conversations) in enumerate(askers):
            outcome = await closed_loop(asker, f"closed-{number}-{side}", PEOPLE, conversations if number else PEOPLE)
            if number:
                outcomes.append(outcome)
                spins.append(spin())
    return spins, outcomes


async def _new_words(size: Size, ours: Server) -> list[Figure]:
    """Every question new, so that nothing is answered from memory: the lower border of what citizens see."""
    say("every question in new words")
    outcome = await closed_loop(Asker(ours.address, ran_our_action), "new", PEOPLE, size.ours, new_words=True)
    return [
        Figure("turns/s, every question in new words", outcome.turns_per_second),
        Figure("turns that failed, in new words", outcome.failed, most=0),
    ]


async def _fixed_rate(size: Size, ours: Server) -> list[Figure]:
    say(f"{RATE:.0f} turns a second for {size.seconds:.0f} s")
    outcome = await open_loop(Asker(ours.address, ran_our_action), "open", RATE, size.seconds)
    return [
        Figure("turns/s reached of 100", outcome.turns_per_second),
        Figure("p50 ms at 100 turns/s", outcome.percentile(0.5) * 1_000),
        Figure("p95 ms at 100 turns/s", outcome.percentile(0.95) * 1_000, most=100),
        Figure("p99 ms at 100 turns/s", outcome.percentile(0.99) * 1_000),
        Figure("slowest ms at 100 turns/s", max(outcome.latencies) * 1_000),
        *_checks("at 100 turns/s", [outcome]),
    ]


async def _memory(ours: Server) -> list[Figure]:
    say(f"{TURNS_FOR_MEMORY} more turns, for the memory")
    outcome = await open_loop(Asker(ours.address, ran_our_action), "memory", 150.0, TURNS_FOR_MEMORY / 150.0)
    name = f"resident MB after {len(outcome.latencies)} more turns"
    return [Figure(name, ours.resident_megabytes(), most=700), *_checks("for the memory", [outcome])]


async def _killed(folder: Path) -> list[Figure]:
    """kill -9 under load, start again, ask on: whoever had an answer is still talked with about their procedure."""
    say("killing the server under load")
    known: dict[str, str] = {}
    with our_server(folder) as ours:
        asker = Asker(ours.address, ran_our_action)
        load = asyncio.create_task(open_loop(asker, "load-to-the-end", RATE, 6))
        speakers = dialogues("before-the-kill")
        async with asker.session() as http:
            for _ in range(SPEAKERS_BEFORE_KILL):
                sender, questions = next(speakers)
                known[sender] = _procedure(await asker.ask(http, sender, questions[0]))
        ours.kill()
        cut = await load
    with our_server(folder) as ours:
        asker = Asker(ours.address, ran_our_action)
        async with asker.session() as http:
            kept = [_procedure(await asker.ask(http, sender, FOLLOW_UP)) == code for sender, code in known.items()]
        again = ours.ready_after
    return [
        Figure("turns cut off by kill -9", cut.failed),
        Figure("seconds until /readyz after it", again, most=10),
        Figure(f"conversations of {len(known)} that went on after it", sum(kept), least=len(known)),
    ]


def _procedure(answer: object) -> str:
    assert isinstance(answer, list), "an answer without messages"
    return " ".join(str(message.get("custom", {}).get("procedure")) for message in answer)


def _rate(outcomes: list[Outcome]) -> float:
    return sum(len(one.latencies) for one in outcomes) / sum(one.seconds for one in outcomes)


def _merged(outcomes: list[Outcome]) -> Outcome:
    return Outcome(latencies=[latency for one in outcomes for latency in one.latencies])


def _checks(whose: str, outcomes: list[Outcome]) -> list[Figure]:
    """A fast wrong answer is worth nothing: every turn must be answered, and by the action."""
    answered = sum(len(one.latencies) for one in outcomes)
    without = answered - sum(one.acted for one in outcomes)
    failed = sum(one.failed for one in outcomes)
    return [
        Figure(f"turns that failed, {whose}", failed, most=0),
        Figure(f"turns of {answered} that ran no action, {whose}", without, most=0),
    ]


def _noise(spins: list[float]) -> list[Figure]:
    return [
        Figure("CPU noise: fixed loop ms, fastest", min(spins)),
        Figure("CPU noise: fixed loop ms, slowest", max(spins)),
    ]
