"""Two ways to ask: as fast as eight people can who wait for each answer, and at a fixed rate whatever happens."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, Callable

import aiohttp

from benchmarks.questions import TURNS, dialogues

Judge = Callable[[Any], bool]
ANSWER_SECONDS = 30


@dataclass
class Outcome:
    """``latencies`` in seconds, of answered turns; ``acted`` of them ran the action; ``failed`` gave no 200."""

    latencies: list[float] = field(default_factory=list)
    acted: int = 0
    failed: int = 0
    seconds: float = 0.0

    @property
    def turns_per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Asker:
    """Speaks Rasa's REST protocol with one server."""

    def __init__(self, address: str, is_action: Judge) -> None:
        self._url = f"{address}/webhooks/rest/webhook"
        self._is_action = is_action

    def session(self) -> aiohttp.ClientSession:
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        return aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0))

    async def ask(self, http: aiohttp.ClientSession, sender: str, text: str) -> Any:
        """The answer's messages. Raises aiohttp.ClientError or asyncio.TimeoutError."""
        async with http.post(self._url, json={"sender": sender, "message": text}) as response:
            response.raise_for_status()
            return await response.json()

    async def record(self, http: aiohttp.ClientSession, sender: str, text: str, into: Outcome, due: float) -> None:
        try:
            answer = await self.ask(http, sender, text)
        except (aiohttp.ClientError, asyncio.TimeoutError):
            into.failed += 1
            return
        into.latencies.append(time.perf_counter() - due)
        into.acted += self._is_action(answer)


async def closed_loop(
    asker: Asker, prefix: str, people: int, conversations: int, new_words: bool = False
) -> Outcome:
    """``people`` ask side by side; each waits for the answer before asking on, then the next person comes."""
    outcome = Outcome()
    waiting = dialogues(prefix, new_words)
    left = conversations

    async def person(http: aiohttp.ClientSession) -> None:
        nonlocal left
        while left > 0:
            left -= 1
            sender, questions = next(waiting)
            for question in questions:
                await asker.record(http, sender, question, outcome, due=time.perf_counter())

    async with asker.session() as http:
        started = time.perf_counter()
        await asyncio.gather(*(person(http) for _ in range(people)))
        outcome.seconds = time.perf_counter() - started
    return outcome


async def open_loop(asker: Asker, prefix: str, rate: float, seconds: float) -> Outcome:
    """``rate`` turns a second, come what may. A turn's time counts from when it was due, not from when it was sent:
    a server that stands still for a second cannot hide the turns that waited."""
    outcome = Outcome()
    pending: set[asyncio.Task[None]] = set()
    people = max(1, int(rate))  # each asks about once a second
    arriving = dialogues(prefix)
    present = [next(arriving) for _ in range(people)]
    asked = [index % TURNS for index in range(people)]  # not all of them at their first question at once
    async with asker.session() as http:
        started = time.perf_counter()
        for turn in range(int(rate * seconds)):
            due = started + turn / rate
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            seat = turn % people
            if asked[seat] == TURNS:
                present[seat], asked[seat] = next(arriving), 0
            sender, questions = present[seat]
            # Whoever begins in the middle still names the procedure first.
            question = questions[0] if turn < people else questions[asked[seat]]
            asked[seat] += 1
            task = asyncio.create_task(asker.record(http, sender, question, outcome, due))
            pending.add(task)
            task.add_done_callback(pending.discard)
        await asyncio.gather(*pending)
        outcome.seconds = time.perf_counter() - started
    return outcome
