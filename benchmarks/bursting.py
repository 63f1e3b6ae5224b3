"""A burst of citizens upon a real server that is killed in the middle of it and started again, until all is settled."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import AsyncIterator, Callable, Iterator, Mapping, Sequence

from benchmarks.baseline.project import HOUSE
from benchmarks.burst_books import Books, Tables, differences
from benchmarks.burst_platforms import Platform, Sent, platform_of
from benchmarks.report import say
from benchmarks.servers import Server, free_port, our_server

LOOK_SECONDS = 0.05
IN_FLIGHT_SECONDS = 0.3  # what a killed server had already written to its sockets arrives within this
ANSWER_SECONDS = 2.0  # what a platform waits for
FIRST_CITIZEN, FIRST_REHEARSAL = 900_000_000, 800_000_000
# What a person writes at once. Each question names its matter and is too long to be joined with the next one, so that
# the answers are the same in whatever order they come.
SCRIPTS = (
    ("xin chào",),
    ("làm khai sinh cho con cần giấy tờ gì",),
    ("dang ky tam tru can giay to gi",),
    ("đăng ký kết hôn cần những giấy tờ gì",),
    (
        "cho mình hỏi muốn đăng ký tạm trú thì cần giấy tờ gì",
        "xin hỏi đăng ký kết hôn thì cần những giấy tờ gì vậy",
        "cho tôi hỏi đổi bằng lái xe thì cần những giấy tờ gì",
    ),
)
Script = Sequence[str]


@dataclass(frozen=True)
class Outcome:
    """``parts`` is how many messages the answers should be, ``twice`` and ``never`` how many persons got too often or
    not at all; ``found_sent`` and ``found_not_sent`` count the sendings during which the server was killed;
    ``answered_after`` are the seconds after which the webhook was answered, ``late`` how many answers came too late;
    ``wrong`` names what else does not agree.
    """

    messages: int
    parts: int
    twice: int
    never: int
    found_sent: int
    found_not_sent: int
    attempts: int
    answered_after: Sequence[float]
    late: int
    seconds: float
    wrong: Mapping[str, int]

    @property
    def is_exact(self) -> bool:
        return not (self.wrong or self.twice or self.never)


@dataclass(frozen=True)
class Kill:
    """What was being sent when the server was killed, and all that had arrived by then."""

    interrupted: frozenset[int]
    arrived: frozenset[str]


@dataclass(frozen=True)
class Stage:
    """A platform, and what the servers need that live one after another beside it."""

    platform: Platform
    tables: Tables
    folder: Path
    settings: Mapping[str, str]

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[Server]:
        # In a thread: the platform that the server looks for when it starts lives in this one.
        life = our_server(self.folder, settings=self.settings)
        server = await asyncio.to_thread(life.__enter__)
        try:
            yield server
        finally:
            await asyncio.to_thread(life.__exit__, None, None, None)

    async def settle(self, said: frozenset[str], seconds: float) -> None:
        """Until everything is taken in, answered and sent, or the time is over."""
        try:
            await asyncio.wait_for(
                _until(lambda: self.platform.taken(said) == len(said) and not self.tables.waiting()), seconds
            )
        except asyncio.TimeoutError:
            say(f"not settled after {seconds:.0f} seconds")


@contextlib.asynccontextmanager
async def stage(way: str, folder: Path, database_url: str, limits_on: bool = True) -> AsyncIterator[Stage]:
    platform, port = platform_of(way), free_port()
    settings = {
        "PORT": str(port),
        "DATABASE_URL": database_url,
        "MODELS_FOLDER": str(HOUSE / "models"),
        "SECRET_KEY": "a-secret-for-the-benchmark-only-0123456789",
        **await platform.start(port, limits_on),
    }
    tables = Tables(database_url, platform.channel)
    try:
        await platform.let_in(settings)
        yield Stage(platform, tables, folder, settings)
    finally:
        tables.close()
        await platform.emulator.stop()


async def burst(on: Stage, messages: int, kills: int, seed: int, patience: float) -> Outcome:
    """Everybody writes at once; the server is killed so often between the first message and the last answer."""
    dice = random.Random(seed)
    crowd = [*_crowd(messages)]
    killed: list[Kill] = []
    async with on.serving() as server:
        began = time.monotonic()
        said = await _say(on.platform, crowd)
        if kills:
            killed.append(await _kill(on, server, said, dice.random() / kills))
    for number in range(1, kills):
        async with on.serving() as server:
            killed.append(await _kill(on, server, said, (number + dice.random()) / kills))
    async with on.serving():
        await on.settle(said, patience)
        seconds, sent = time.monotonic() - began, on.platform.sent()
        books = on.tables.read()
        answers = await _rehearse(on, patience)
    return _outcome(on, crowd, said, books, sent, killed, answers, seconds)


async def memory(on: Stage, messages: int) -> tuple[float, float, int]:
    """Megabytes before and after so many messages were taken in, and how much waits at that moment."""
    async with on.serving() as server:
        before = server.resident_megabytes()
        said = await _say(on.platform, [*_crowd(messages)])
        await _until(lambda: on.platform.taken(said) == len(said))
        after, waiting = server.resident_megabytes(), on.tables.waiting()
        server.kill()
    return before, after, waiting


async def _until(is_so: Callable[[], bool], every: float = LOOK_SECONDS) -> None:
    while not is_so():  # noqa: ASYNC110 - what another process writes into tables wakes nobody
        await asyncio.sleep(every)


def _crowd(messages: int) -> Iterator[tuple[int, Script]]:
    """Persons, and what they write: so many messages in all, or a few more."""
    written = 0
    for person, script in zip(itertools.count(FIRST_CITIZEN), itertools.cycle(SCRIPTS)):
        if written >= messages:
            return
        written += len(script)
        yield person, script


async def _say(platform: Platform, crowd: Sequence[tuple[int, Script]]) -> frozenset[str]:
    return frozenset([await platform.say(person, text) for person, script in crowd for text in script])


async def _kill(on: Stage, server: Server, said: frozenset[str], moment: float) -> Kill:
    """``moment``: 0 is the first message taken in, 1 the last answer sent."""
    ledger = on.platform.emulator.ledger
    await _until(lambda: on.platform.taken(said) + len(ledger) >= moment * 2 * len(said))
    # The worst moment: the platform has sent something and the server has not heard of it yet.
    with contextlib.suppress(asyncio.TimeoutError):
        before = len(ledger)
        await asyncio.wait_for(_until(lambda: len(ledger) > before, every=0), IN_FLIGHT_SECONDS)
    server.kill()
    await asyncio.sleep(IN_FLIGHT_SECONDS)
    say(f"killed with {on.platform.taken(said)} messages taken in and {len(ledger)} sent")
    return Kill(on.tables.read().interrupted, frozenset(one.message_id for one in on.platform.sent()))


async def _rehearse(on: Stage, patience: float) -> Mapping[Script, Sequence[str]]:
    """What somebody is answered who writes the same in peace and quiet, one message after another."""
    cast = dict(zip(itertools.count(FIRST_REHEARSAL), SCRIPTS))
    for messages in itertools.zip_longest(*cast.values()):
        lines = [(person, [text]) for person, text in zip(cast, messages) if text is not None]
        await on.settle(await _say(on.platform, lines), patience)
    sent = on.platform.sent()
    return {script: [one.text for one in sent if one.person == str(person)] for person, script in cast.items()}


def _outcome(
    on: Stage,
    crowd: Sequence[tuple[int, Script]],
    said: frozenset[str],
    books: Books,
    sent: Sequence[Sent],
    killed: Sequence[Kill],
    answers: Mapping[Script, Sequence[str]],
    seconds: float,
) -> Outcome:
    due = Counter((str(person), text) for person, script in crowd for text in answers[script])
    got = Counter((one.person, one.text) for one in sent)
    ids = {part.seq: part.message_id for part in books.parts}
    looked_up = [ids.get(seq) in kill.arrived for kill in killed for seq in kill.interrupted]
    deliveries = on.platform.emulator.deliveries
    answered_after = sorted(one.seconds for one in deliveries if one.status == 200)
    cut_off = sum(one.status is None and one.seconds >= ANSWER_SECONDS for one in deliveries)
    return Outcome(
        messages=len(said),
        parts=sum(due.values()),
        twice=sum((got - due).values()),
        never=sum((due - got).values()),
        found_sent=sum(looked_up),
        found_not_sent=len(looked_up) - sum(looked_up),
        attempts=len(deliveries),
        answered_after=answered_after,
        late=cut_off + sum(one > ANSWER_SECONDS for one in answered_after),
        seconds=seconds,
        wrong=differences(said, books, sent),
    )
