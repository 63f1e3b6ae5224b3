"""The server as a user starts it: ready, answering, ended by a signal, killed and started again."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import urllib.error
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPException
from pathlib import Path
from typing import Iterator

import pytest

from tests.bot.serving import ROOT, Server


class Burst:
    """200 messages of 20 senders, all senders at once, each sender's messages one after another."""

    SENDERS, MESSAGES = 20, 10

    def __init__(self, server: Server) -> None:
        self._server = server
        self.answered = threading.Semaphore(0)

    def send(self) -> int:
        """How many were answered; a sender stops at the first that is not."""
        with ThreadPoolExecutor(self.SENDERS) as senders:
            return sum(senders.map(self._send_of, range(self.SENDERS)))

    def _send_of(self, sender: int) -> int:
        for number in range(self.MESSAGES):
            try:
                assert self._server.ask(f"s{sender}", "xin chào", message_id=str(number))
            except (OSError, HTTPException):
                return number
            self.answered.release()
        return self.MESSAGES


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


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_every_message_of_a_burst_has_one_answer_although_the_server_ends(server: Server, number: int) -> None:
    burst = Burst(server)
    with ThreadPoolExecutor(1) as elsewhere:
        sending = elsewhere.submit(burst.send)
        for _ in range(60):
            assert burst.answered.acquire(timeout=60)
        code = server.end(number)
        answered = sending.result(timeout=60)
    assert 60 <= answered < 200
    stored = server.answers()
    assert answered <= stored.count(1)
    assert set(stored) <= {0, 1}
    if number == signal.SIGTERM:  # what was taken in is answered before the end
        assert (code, set(stored)) == (0, {1})
    server.start()
    assert Burst(server).send() == 200
    assert server.answers() == [1] * 200
    assert "Traceback" not in server.log


def test_a_locked_database_is_said_and_nothing_is_lost(server: Server, tmp_path: Path) -> None:
    server.ask("a", "xin chào")
    with closing(sqlite3.connect(tmp_path / "x.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(urllib.error.HTTPError) as refused:
            server.ask("a", "số của tôi 0912000345, nhà ở đường Hoa Sen", message_id="1")
        assert (refused.value.code, json.load(refused.value)["error"]) == (503, "unavailable")
        status, body = server.get("/readyz")
        assert (status, json.loads(body)["ready"]) == (503, False)
        assert server.get("/healthz")[0] == 200
    assert server.ask("a", "đăng ký tạm trú", message_id="1")[0]["custom"]["utterance"] == "procedure"
    assert server.get("/readyz")[0] == 200
    assert "database is locked" in server.log
    assert "Hoa Sen" not in server.log
    assert "0912" not in server.log


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
