"""A running server takes what officials teach and import while citizens go on writing."""

from __future__ import annotations

import datetime as dt
import gc
import json
import shutil
import signal
import threading
import time
import weakref
from pathlib import Path
from typing import Any, Iterator

import pytest

from bot import collecting
from bot.import_command import import_procedures
from nlu.taught import Taught
from nlu.training import make_version
from nlu.versions import Version, Versions
from tests.bot.serving import ROOT, Server
from tests.knowledge.exports import portal_record, write_export

QUESTION = "bộ hồ sơ kẹp những chi vô trỏng hử bây"
NAME = "tờ khai trình gốc tích con ếch"
TAUGHT = Taught({"ask_fee": (QUESTION,)}, {"1.001193": (NAME,)})
LONGEST_WAIT = 60


@pytest.fixture
def versions(model: Path, tmp_path: Path) -> Versions:
    """A models folder of its own, with the model of the session."""
    versions = Versions(tmp_path / "models")
    shutil.copytree(model.parent, versions.folder / model.parent.name)
    versions.activate(versions.get(model.parent.name))
    return versions


@pytest.fixture
def server(versions: Versions, tmp_path: Path) -> Iterator[Server]:
    limits = {"MESSAGES_PER_MINUTE": "100000", "MESSAGES_BURST": "100000", "ADDRESS_MESSAGES_PER_MINUTE": "100000"}
    server = Server(tmp_path, MODELS_FOLDER=str(versions.folder), **limits)
    server.start()
    yield server
    if server.process.poll() is None:
        server.end(signal.SIGKILL)


class Citizens:
    """A few who write without a break, each the next message after the answer to the last."""

    WRITE = ("đăng ký tạm trú cần gì", "lệ phí bao nhiêu", "xin chào", "nộp ở đâu")

    def __init__(self, server: Server, count: int = 4) -> None:
        self._server = server
        self._stop = threading.Event()
        self.replies: list[list[list[dict[str, Any]]]] = [[] for _ in range(count)]
        self._threads = [threading.Thread(target=self._write, args=(n,)) for n in range(count)]

    def __enter__(self) -> Citizens:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _write(self, citizen: int) -> None:
        while not self._stop.is_set():
            said = self.replies[citizen]
            said.append(self._server.ask(f"citizen-{citizen}", self.WRITE[len(said) % 4], message_id=str(len(said))))


def until(reached: Any, server: Server) -> None:
    deadline = time.monotonic() + LONGEST_WAIT
    while not reached():
        assert time.monotonic() < deadline, server.log
        time.sleep(0.1)


def version_of(server: Server) -> str:
    return str(json.loads(server.get("/readyz")[1])["model"])


def test_a_taught_version_is_taken_under_steady_messages(server: Server, versions: Versions) -> None:
    first = versions.active()
    assert first is not None
    assert version_of(server) == first.name
    server.ask("talking", "đăng ký tạm trú")
    assert "fee" not in server.ask("before", QUESTION)[0]["custom"].get("facets", [])
    assert server.ask("before", NAME)[0]["custom"].get("procedure") != "1.001193"
    made = make_version(ROOT, versions, TAUGHT)
    with Citizens(server) as citizens:
        versions.activate(made)
        until(lambda: version_of(server) == made.name, server)
        told = [len(replies) for replies in citizens.replies]
        until(lambda: all(len(now) > before + 8 for now, before in zip(citizens.replies, told)), server)
    for replies in citizens.replies:
        assert [len(reply) for reply in replies] == [1] * len(replies)
        facets = [reply[0]["custom"].get("facets") for reply in replies]
        assert facets == [(["papers"], ["fee"], None, ["place"])[n % 4] for n in range(len(replies))]
    assert set(server.answers()) == {1}
    # What was talked about before is still talked about, and what was taught is understood.
    understood = server.ask("talking", QUESTION)[0]["custom"]
    assert (understood["procedure"], understood["facets"]) == ("1.004194", ["fee"])
    assert server.ask("after", NAME)[0]["custom"]["procedure"] == "1.001193"
    versions.activate(first)
    until(lambda: version_of(server) == first.name, server)
    assert server.ask("back", NAME)[0]["custom"].get("procedure") != "1.001193"
    assert "Traceback" not in server.log


def test_a_version_that_cannot_be_loaded_is_told_once_and_the_old_serves(server: Server, versions: Versions) -> None:
    good = versions.active()
    assert good is not None
    broken = Version(shutil.copytree(good.folder, versions.folder / "2026-01-01.1"))
    broken.model.write_bytes(b"not a model")
    versions.activate(broken)
    until(lambda: "ModelUnusable" in server.log, server)
    assert server.ask("a", "đăng ký tạm trú")[0]["custom"]["procedure"] == "1.004194"
    time.sleep(7)  # two more looks
    assert server.log.count("no new version is taken") == 1
    assert version_of(server) == good.name
    versions.activate(good)
    made = make_version(ROOT, versions, Taught(names=TAUGHT.names))
    versions.activate(made)
    until(lambda: version_of(server) == made.name, server)


def test_a_version_of_other_sources_waits_for_a_restart(server: Server, versions: Versions) -> None:
    good = versions.active()
    assert good is not None
    other = Version(shutil.copytree(good.folder, versions.folder / "2026-01-01.1"))
    about = json.loads((other.folder / "about.json").read_bytes())
    (other.folder / "about.json").write_text(json.dumps({**about, "sources": "others"}), encoding="utf-8")
    versions.activate(other)
    until(lambda: "restart the server" in server.log, server)
    assert version_of(server) == good.name


def test_an_import_is_taken_without_a_restart(server: Server, tmp_path: Path) -> None:
    assert server.ask("a", "đăng ký thả diều")[0]["custom"].get("procedure") is None
    export = write_export(tmp_path / "dvcqg-2026-11.jsonl", [portal_record()])
    assert import_procedures([export], f"sqlite:///{tmp_path}/x.db", None, dt.date(2026, 11, 22), secret="s" * 32) == 0
    until(lambda: server.ask("a", "đăng ký thả diều")[0]["custom"].get("procedure") == "9.000001", server)


async def test_what_was_set_aside_is_let_go_in_a_quiet_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody writes for a while, or there is no such while: then all the same."""

    class Node:
        """Needs the collector: it refers to itself."""

        def __init__(self) -> None:
            self.itself = self

    class Talk:
        is_idle, begun = True, 0

    monkeypatch.setattr(collecting, "QUIET_SECONDS", 0.001)
    for talk, steps in ((Talk(), 0), (Busy(), 1)):
        node = Node()
        gone = weakref.ref(node)
        gc.freeze()
        del node
        gc.collect()
        assert gone() is not None
        await collecting.release(talk)
        assert gone() is None
        assert bool(talk.begun) == bool(steps)
    gc.unfreeze()


class Busy:
    """A conversation in which somebody always writes."""

    is_idle = True

    def __init__(self) -> None:
        self._begun = 0

    @property
    def begun(self) -> int:
        self._begun += 1
        return self._begun
