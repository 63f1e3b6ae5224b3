"""The server as a user starts it: ready, answering, ended by a signal, killed and started again."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Iterator

import pytest

ROOT = Path(__file__).parent.parent.parent


class Server:
    """One ``python -m bot run`` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._environ = {**os.environ, "PORT": str(self.port), "DATABASE_URL": f"sqlite:///{folder}/x.db"}
        self._log = folder / "server.log"
        self.process: subprocess.Popen[bytes]

    def start(self) -> None:
        with self._log.open("ab") as log:
            command = [sys.executable, "-m", "bot", "run"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=self._environ, stdout=log, stderr=log)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self._log.read_text(encoding="utf-8")
            try:
                if self.get("/readyz")[0] == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError(self._log.read_text(encoding="utf-8"))

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=30)

    def get(self, path: str) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def ask(self, sender: str, text: str) -> list[dict[str, Any]]:
        body = json.dumps({"sender": sender, "message": text}).encode()
        url = f"http://127.0.0.1:{self.port}/webhooks/rest/webhook"
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            replies: list[dict[str, Any]] = json.load(answer)
            return replies


@pytest.fixture
def server(model: Path, tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    server.start()
    yield server
    if server.process.poll() is None:
        server.end(signal.SIGKILL)


def test_it_is_alive_ready_and_says_that_the_dossiers_are_invented(server: Server) -> None:
    assert json.loads(server.get("/healthz")[1]) == {"alive": True}
    ready = json.loads(server.get("/readyz")[1])
    assert (ready["ready"], ready["database"], ready["portal"]) == (True, "ok", "ok")
    page = server.get("/")[1].decode()
    assert "dữ liệu minh hoạ" in page


def test_a_conversation_survives_a_killed_process(server: Server) -> None:
    assert server.ask("a", "dang ky tam tru can gi")[0]["custom"]["procedure"] == "1.004194"
    server.end(signal.SIGKILL)
    server.start()
    reply = server.ask("a", "le phi bao nhieu")[0]
    assert (reply["custom"]["procedure"], reply["custom"]["facets"]) == ("1.004194", ["fee"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_leaves_nothing_running(server: Server, number: int) -> None:
    server.ask("a", "xin chào")
    assert server.end(number) == 0
    with pytest.raises(OSError, match="refused"):
        server.get("/healthz")


def test_buttons_go_round_through_the_rest_door(server: Server) -> None:
    reply = server.ask("a", "tách sổ")[0]
    payload = reply["buttons"][1]["payload"]
    assert "1.012784" in payload
    assert server.ask("a", payload)[0]["custom"]["procedure"] == "1.012784"


def test_a_port_in_use_is_said_in_one_sentence(server: Server, tmp_path: Path) -> None:
    environ = {**os.environ, "PORT": str(server.port), "DATABASE_URL": f"sqlite:///{tmp_path}/y.db"}
    command = [sys.executable, "-m", "bot", "run"]
    second = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120, check=False)
    assert second.returncode == 1
    assert "PORT" in second.stderr.strip().splitlines()[-1]
