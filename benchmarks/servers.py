"""Starts the two servers as their users do, waits until they answer, and ends them by process id."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, Mapping, Optional, Sequence

from benchmarks.baseline.project import HOUSE, QUIET

STOP_SECONDS = 20


class ServerFailed(RuntimeError):
    """A server did not come up: the message ends with its last words."""


@dataclass(frozen=True)
class Server:
    process: subprocess.Popen[bytes]
    address: str
    ready_after: float  # seconds

    def resident_megabytes(self) -> float:
        for line in Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise ServerFailed(f"process {self.process.pid} has no resident memory any more")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(STOP_SECONDS)


@contextlib.contextmanager
def our_server(folder: Path, patience: float = 300, settings: Optional[Mapping[str, str]] = None) -> Iterator[Server]:
    """`python -m bot run` (by way of ``benchmarks.watching``) with a database and a models folder of its own.

    ``settings`` are added to its environment or replace what it has.
    """
    environment = {
        "HOST": "127.0.0.1",
        "PORT": str(free_port()),
        "DATABASE_URL": f"sqlite:///{folder / 'mot-cua.db'}",
        "MODELS_FOLDER": str(folder / "models"),
        "SECRET_KEY": "a-secret-for-the-benchmark-only-0123456789",
        "PORTAL_KIND": "emulated",
        "MESSAGES_PER_MINUTE": "1000000",
        "MESSAGES_BURST": "1000000",
        "LOG_LEVEL": "WARNING",
        **(settings or {}),
    }
    command = [sys.executable, "-m", "benchmarks.watching", str(folder / "collections"), "run"]
    address = f"http://127.0.0.1:{environment['PORT']}"
    with _running(command, HOUSE, environment, folder / "ours.log", address, "/readyz", patience) as ours:
        yield ours


@contextlib.contextmanager
def their_server(project: Path, patience: float = 240) -> Iterator[Server]:
    """`rasa run` with `rasa run actions`, as the documentation says."""
    rasa = str(Path(sys.executable).parent / "rasa")
    port, action_port = free_port(), free_port()
    endpoints = project / "endpoints.yml"
    endpoints.write_text(f"action_endpoint:\n  url: http://127.0.0.1:{action_port}/webhook\n", encoding="ascii")
    serve_actions = [rasa, "run", "actions", "--actions", "actions", "--port", str(action_port)]
    serve = [rasa, "run", "--port", str(port), "--interface", "127.0.0.1", "--endpoints", "endpoints.yml"]
    actions_at, at = f"http://127.0.0.1:{action_port}", f"http://127.0.0.1:{port}"
    with (
        _running(serve_actions, project, QUIET, project / "actions.log", actions_at, "/health", patience),
        _running(serve, project, QUIET, project / "server.log", at, "/webhooks/rest/", patience) as theirs,
    ):
        yield theirs


@contextlib.contextmanager
def _running(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    log: Path,
    address: str,
    probe: str,
    patience: float,
) -> Iterator[Server]:
    started = time.monotonic()
    with open(log, "ab") as output:
        whole = {**os.environ, **environment}
        process = subprocess.Popen(
            command, cwd=folder, env=whole, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        while not _answers(address + probe):
            if process.poll() is not None or time.monotonic() - started > patience:
                raise ServerFailed(f"{' '.join(command)} did not come up:\n{_last_words(log)}")
            time.sleep(0.05)
        yield Server(process, address, time.monotonic() - started)
    finally:
        _end(process)


def _last_words(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_SECONDS)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
