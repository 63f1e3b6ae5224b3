"""Lanes: one person after another, and no busy waiting for somebody for whom nothing can be done."""

from __future__ import annotations

import asyncio
from typing import Sequence

from bot.lanes import Lanes
from connectors.messages import Address

AN, BINH = Address("zalo", "1"), Address("zalo", "2")


async def test_who_cannot_be_served_yet_is_looked_at_now_and_then() -> None:
    scans, served = 0, 0

    async def scan(most: int) -> Sequence[Address]:
        nonlocal scans
        scans += 1
        return [AN]

    async def serve(address: Address) -> None:
        nonlocal served
        served += 1

    lanes = Lanes("test", scan, serve, 4)
    task = asyncio.create_task(lanes.run())
    await asyncio.sleep(0.15)
    await lanes.close(1)
    await task
    assert (scans, served) == (1, 1)


async def test_a_failure_does_not_end_the_lanes() -> None:
    served: list[Address] = []

    async def scan(most: int) -> Sequence[Address]:
        return []

    async def serve(address: Address) -> None:
        served.append(address)
        if address == AN:
            raise RuntimeError("broken")

    lanes = Lanes("test", scan, serve, 1)
    task = asyncio.create_task(lanes.run())
    lanes.ready(AN)
    lanes.ready(BINH)
    await asyncio.sleep(0.05)
    await lanes.close(1)
    await task
    assert served == [AN, BINH]


async def test_what_comes_while_a_person_is_served_is_seen_afterwards() -> None:
    gate, served = asyncio.Event(), 0

    async def scan(most: int) -> Sequence[Address]:
        return []

    async def serve(address: Address) -> None:
        nonlocal served
        served += 1
        await gate.wait()

    lanes = Lanes("test", scan, serve, 4)
    task = asyncio.create_task(lanes.run())
    lanes.ready(AN)
    await asyncio.sleep(0.02)
    lanes.ready(AN)
    gate.set()
    await asyncio.sleep(0.05)
    await lanes.close(1)
    await task
    assert served == 2
