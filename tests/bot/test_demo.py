"""The demonstration: one command, three channels, nothing of the installation's accounts, nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Iterator

import pytest

from tests.bot.serving import ROOT
from tests.bot.showing import Demonstration

# What an installation may have; every address leads to nobody.
ACCOUNTS = {
    "ZALO_APP_ID": "1999999999999999999",
    "ZALO_OA_ID": "7999999999999999999",
    "ZALO_APP_SECRET": "the-real-app-secret",
    "ZALO_OA_SECRET_KEY": "the-real-webhook-key",
    "ZALO_API_URL": "http://127.0.0.1:9",
    "TELEGRAM_TOKEN": "999999999:the-real-token-of-the-bot",
    "TELEGRAM_API_URL": "http://127.0.0.1:9",
    "PORTAL_KIND": "onestop",
    "PORTAL_URL": "http://127.0.0.1:9",
    "PUBLIC_ORIGIN": "https://motcua.example.vn",
    "ALERT_TO": "telegram:123456",
}
QUESTION = "lam khai sinh cho be can giay to gi"
PEOPLE = {"zalo": "8123450000000000001", "telegram": "700000001"}


@pytest.fixture
def demonstration(model: Path, tmp_path: Path) -> Iterator[Demonstration]:
    demonstration = Demonstration(tmp_path, TMPDIR=str(tmp_path), **ACCOUNTS)
    demonstration.start()
    yield demonstration
    if demonstration.process.poll() is None:
        demonstration.end(signal.SIGKILL)


def asked(url: str, person: str, question: str) -> str:
    """What stands below the question in an emulated phone."""
    said = urllib.request.Request(f"{url}/_chat/{person}/say", json.dumps({"text": question}).encode())
    urllib.request.urlopen(said, timeout=30).close()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"{url}/_chat/{person}/messages", timeout=30) as answer:
            messages = json.load(answer)["messages"]
        if not messages[-1]["mine"]:
            text: str = messages[-1]["text"]
            return text
        time.sleep(0.1)
    raise AssertionError(f"no answer at {url}")


def test_one_command_answers_on_every_channel_and_leaves_nothing(demonstration: Demonstration, tmp_path: Path) -> None:
    for name, person in PEOPLE.items():
        assert "giấy tờ cần có" in asked(demonstration.addresses[name], person, QUESTION)
    assert demonstration.ask("a", QUESTION)[0]["custom"]["utterance"] == "procedure"
    ready = json.loads(demonstration.get("/readyz")[1])
    assert (ready["portal"], ready["inbox"], ready["alerts"]) == ("ok", {"waiting": 0, "aside": 0}, [])
    assert [url for url in demonstration.addresses.values() if url not in demonstration.log] == []
    assert "Traceback" not in demonstration.log

    assert demonstration.end(signal.SIGINT) == 0
    for url in demonstration.addresses.values():
        with pytest.raises(OSError, match="refused"):
            urllib.request.urlopen(url, timeout=5)
    assert [path.name for path in tmp_path.iterdir()] == ["server.log"]


@pytest.mark.parametrize("taken", ["page", "zalo", "telegram"])
def test_a_taken_port_is_said_in_one_sentence(model: Path, tmp_path: Path, taken: str) -> None:
    demonstration = Demonstration(tmp_path)
    with socket.socket() as other:
        other.bind(("127.0.0.1", getattr(demonstration, f"{taken}_port")))
        other.listen()
        command = [sys.executable, "-m", "bot", "demo", *demonstration.options]
        environ = {**os.environ, "PORT": str(demonstration.port)}
        done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120, check=False)
    (sentence,) = done.stderr.splitlines()
    assert (done.returncode, sentence.startswith(f"cannot listen on --{taken}-port ")) == (1, True)
    assert sentence.endswith("address already in use")
