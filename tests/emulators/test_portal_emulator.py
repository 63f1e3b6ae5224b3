"""The portal in miniature: the same world for the same seed, invented people, faults over HTTP, a clean end."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import AsyncIterator

import aiohttp
import pytest

from emulators.portal import Fault, PortalEmulator
from emulators.portal_world import DEMOS, VIETNAM_TIME

NOW = dt.datetime(2026, 11, 20, 10, 30, tzinfo=VIETNAM_TIME)
ROOT = Path(__file__).parents[2]


def emulator_of(seed: int = 7) -> PortalEmulator:
    return PortalEmulator(lambda: NOW, seed)


@pytest.fixture
def emulator() -> PortalEmulator:
    return emulator_of()


@pytest.fixture
async def control(emulator: PortalEmulator) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(await emulator.start()) as http:
        yield http
    await emulator.stop()


def test_three_hundred_dossiers_the_same_for_the_same_seed(emulator: PortalEmulator) -> None:
    assert len(emulator.dossiers) == 300
    assert dict(emulator.dossiers) == dict(emulator_of().dossiers)
    assert dict(emulator.dossiers) != dict(emulator_of(seed=8).dossiers)


def test_every_status_in_every_family(emulator: PortalEmulator) -> None:
    families = (r"000\.", r"H57\.", r"G01\.", r"\d{5}/")
    seen = {
        (dossier.status(NOW), family)
        for code, dossier in emulator.dossiers.items()
        for family in families
        if re.match(family, code)
    }
    assert len(seen) == 40
    assert list(emulator.example_codes()) == list(range(1, 11))


def test_everybody_is_invented(emulator: PortalEmulator) -> None:
    for dossier in emulator.dossiers.values():
        assert re.fullmatch(r"09\d{2}000\d{3}", dossier.phone)
        assert re.fullmatch(r"099\d{9}", dossier.identity)


def test_events_are_in_order_and_end_in_the_future_only_when_under_way(emulator: PortalEmulator) -> None:
    for dossier in emulator.dossiers.values():
        moments = [event.at for event in dossier.events]
        assert moments == sorted(moments)
        assert dossier.events[0].status == 1
        assert moments[-1] <= NOW or dossier.status(NOW) in (1, 2, 4)


def test_moving_an_unknown_dossier(emulator: PortalEmulator) -> None:
    with pytest.raises(KeyError):
        emulator.move("H57.132-260804-9999", 9)


async def test_faults_over_http(control: aiohttp.ClientSession, emulator: PortalEmulator) -> None:
    async with control.put("/_control/faults", json={"faults": ["slow", "malformed"]}) as answer:
        assert (await answer.json())["on"] == ["slow", "malformed"]
    async with control.put("/_control/faults", json={"faults": ["server_error"], "times": 1}) as answer:
        assert answer.status == 200
    look_up = "/api/hoso/tracuuhoso?tukhoa=H57.132-260804-0583"
    statuses = []
    for _ in range(2):
        async with control.get(look_up) as answer:
            statuses.append(answer.status)
    assert statuses == [500, 200]
    async with control.put("/_control/faults", json={"faults": ["gremlins"]}) as answer:
        assert answer.status == 400
    assert emulator.faults.on == ()
    assert emulator.requests == 2


async def test_the_clock_over_http(control: aiohttp.ClientSession, emulator: PortalEmulator) -> None:
    async with control.put("/_control/clock", json={"advance_seconds": 86_400}) as answer:
        assert answer.status == 200
    assert emulator.now() == NOW + dt.timedelta(days=1)
    async with control.put("/_control/clock", json={"advance_seconds": "soon"}) as answer:
        assert answer.status == 400


@pytest.mark.parametrize("body", ["", "{", "[]", "5", '{"faults": 5}', '{"faults": ["slow"], "times": "x"}', "{}"])
@pytest.mark.parametrize("path", ["/_control/faults", "/_control/clock"])
async def test_a_wrong_order_is_explained(control: aiohttp.ClientSession, path: str, body: str) -> None:
    async with control.put(path, data=body) as answer:
        assert answer.status == 400
        assert ":" in await answer.text()


async def test_example_codes_over_http(control: aiohttp.ClientSession) -> None:
    async with control.get("/_control/dossiers") as answer:
        page = await answer.json()
    assert page["count"] == 300
    assert {row["status"] for row in page["examples"]} == set(range(1, 11))


async def test_a_slow_answer_does_not_hold_up_the_end(emulator: PortalEmulator) -> None:
    url = await emulator.start()
    emulator.faults.switch_on(Fault.SLOW)
    async with aiohttp.ClientSession(url) as http:
        asking = asyncio.ensure_future(http.get("/api/hoso/tracuuhoso?tukhoa=x"))
        while emulator.requests == 0:  # noqa: ASYNC110 - the emulator has no event to wait for
            await asyncio.sleep(0)
        await emulator.stop()
        with pytest.raises(aiohttp.ClientError):
            await asking
    await emulator.stop()


def test_help() -> None:
    done = subprocess.run([sys.executable, "-m", "emulators", "--help"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0
    assert "--port" in done.stdout
    assert "double_encoded" in done.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_alone_until_interrupted(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "emulators", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        for line in process.stdout:
            if line.startswith("Last four digits"):
                break
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
    assert re.search(r"http://127\.0\.0\.1:\d+", first)
    assert process.returncode == 0
    assert errors == ""


async def test_a_taken_port_is_said(emulator: PortalEmulator) -> None:
    port = (await emulator.start()).rsplit(":", 1)[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "emulators", "--port", port, cwd=ROOT, stderr=asyncio.subprocess.PIPE
    )
    _, errors = await process.communicate()
    assert process.returncode == 1
    assert f"127.0.0.1:{port}" in errors.decode()
    await emulator.stop()


def test_a_port_that_does_not_exist_is_said() -> None:
    command = [sys.executable, "-m", "emulators", "--port", "70000"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("hour", [0, 8, 12, 23])
def test_demo_codes_are_in_their_status_at_any_hour(hour: int) -> None:
    now = NOW.replace(hour=hour, minute=55)
    emulator = PortalEmulator(lambda: now)
    assert {demo.code: emulator.dossiers[demo.code].status(now) for demo in DEMOS} == {
        demo.code: demo.status for demo in DEMOS
    }
    late = emulator.dossiers[emulator.late_code()]
    assert late.due_at < now
    assert late.code == "H57.132-260811-0099"
