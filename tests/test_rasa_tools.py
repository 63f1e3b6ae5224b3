"""Rasa's own tools on this tree: ``rasa data validate``, ``rasa test nlu`` and ``rasa run actions``."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Iterator

import pytest
import yaml

ROOT = Path(__file__).parent.parent
RASA = Path(sys.executable).parent / "rasa"
LONGEST_START = 60
RUNNING_DOSSIER = "H57.132-260804-0583"


def environment(folder: Path) -> dict[str, str]:
    """The settings of a fresh installation whose data lie in ``folder``, whatever this machine's own are."""
    return {
        **os.environ,
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "DATABASE_URL": f"sqlite:///{folder / 'tools.db'}",
        "PORTAL_KIND": "emulated",
        "SANIC_HOST": "127.0.0.1",
        "LOG_LEVEL": "INFO",
    }


def rasa(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [RASA, *words], cwd=ROOT, env=environment(folder), capture_output=True, text=True, check=False
    )


def test_data_are_valid(tmp_path: Path) -> None:
    done = rasa(tmp_path, "data", "validate", "--fail-on-warnings", "--data", "nlu/data")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No story structure conflicts found" in done.stdout + done.stderr


def test_validation_sees_what_is_wrong(tmp_path: Path) -> None:
    """It reads our data and domain, not an empty folder: an intent that the domain does not list is found."""
    domain = tmp_path / "domain.yml"
    domain.write_text((ROOT / "domain.yml").read_text("utf-8").replace("  - greet\n", "", 1))
    words = ("--fail-on-warnings", "--data", "nlu/data", "--domain", str(domain))
    done = rasa(tmp_path, "data", "validate", *words)
    assert done.returncode != 0
    assert "labeled with intent 'greet'" in done.stdout + done.stderr


def test_nlu_is_measured(model: Path, tmp_path: Path) -> None:
    held_out = yaml.safe_load((ROOT / "tests/nlu/held_out.yml").read_text("utf-8"))
    blocks = [
        {"intent": intent, "examples": "".join(f"- {text}\n" for text in texts)} for intent, texts in held_out.items()
    ]
    questions = tmp_path / "questions.yml"
    questions.write_text(yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True), encoding="utf-8")
    results = tmp_path / "results"
    words = ("--nlu", str(questions), "--model", str(model), "--out", str(results), "--no-plot")
    done = rasa(tmp_path, "test", "nlu", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((results / "intent_report.json").read_text("utf-8"))
    assert report["macro avg"]["support"] == sum(map(len, held_out.values()))
    # Lower than the bare classifier's figure in tests/nlu: here the fallback answers too, when it is not sure.
    assert report["weighted avg"]["recall"] >= 0.88


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def ask(url: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


@pytest.fixture(scope="module")
def action_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("actions")
    url = f"http://127.0.0.1:{(port := free_port())}"
    with (folder / "log").open("w+") as log:
        words = [RASA, "run", "actions", "--port", str(port)]
        server = subprocess.Popen(words, cwd=ROOT, env=environment(folder), stdout=log, stderr=log)
        try:
            _wait_until_healthy(url, server, folder / "log")
            yield url
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait_until_healthy(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + LONGEST_START
    while server.poll() is None and time.monotonic() < deadline:
        try:
            ask(f"{url}/health")
            return
        except urllib.error.URLError:
            time.sleep(0.2)
    pytest.fail(f"the action server did not start:\n{log.read_text()}")


def call(intent: str, text: str, **slots: str) -> dict[str, Any]:
    """What Rasa sends to an action server, without the action's name."""
    heard = {"text": text, "intent": {"name": intent, "confidence": 0.98}, "intent_ranking": [], "entities": []}
    tracker = {"sender_id": "lan", "slots": slots, "latest_message": heard, "events": [], "paused": False}
    tracker |= {"followup_action": None, "active_loop": {}, "latest_action_name": "action_listen"}
    return {"sender_id": "lan", "tracker": tracker, "domain": {}, "version": "3.6.21"}


def test_action_server_has_every_action_of_the_domain(action_server: str) -> None:
    served = {one["name"] for one in ask(f"{action_server}/actions")}
    named = set(yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))["actions"])
    assert named
    assert named <= served


def test_action_server_answers_about_a_procedure(action_server: str) -> None:
    body = call("ask_papers", "làm khai sinh cần giấy tờ gì") | {"next_action": "action_answer_procedure"}
    said = [one["custom"] for one in ask(f"{action_server}/webhook", body)["responses"]]
    assert [(one["utterance"], one["procedure"]) for one in said] == [("procedure", "1.001193")]


def test_action_server_answers_about_a_dossier(action_server: str) -> None:
    body = call("dossier_status", RUNNING_DOSSIER, dossier_code=RUNNING_DOSSIER)
    answer = ask(f"{action_server}/webhook", body | {"next_action": "action_look_up_dossier"})
    said = [one["custom"] for one in answer["responses"]]
    assert [(one["utterance"], one["code"]) for one in said] == [("dossier", RUNNING_DOSSIER)]


def test_action_server_refuses_a_wrong_setting_by_its_name(tmp_path: Path) -> None:
    words = [RASA, "run", "actions", "--port", str(free_port())]
    environ = environment(tmp_path) | {"PORTAL_KIND": "fax"}
    done = subprocess.run(words, cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert re.search(r"PORTAL_KIND must be one of", done.stdout + done.stderr)
    assert done.returncode != 0
