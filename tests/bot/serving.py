"""The server as a user starts it, in a process of its own."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


class Server:
    """One ``python -m bot run``, or another command that serves, in a folder of its own."""

    def __init__(self, folder: Path, *command: str, **environ: str) -> None:
        self.port = free_port()
        self._command = command or ("run",)
        own = {"PORT": str(self.port), "DATABASE_URL": f"sqlite:///{folder}/x.db"}
        self._environ = {**os.environ, **own, **environ}
        self._database = folder / "x.db"
        self._log = folder / "server.log"
        self.process: subprocess.Popen[bytes]

    def start(self) -> None:
        with self._log.open("ab") as log:
            command = [sys.executable, "-m", "bot", *self._command]
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
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def ask(self, sender: str, text: str, **more: str) -> list[dict[str, Any]]:
        body = json.dumps({"sender": sender, "message": text, **more}).encode()
        url = f"http://127.0.0.1:{self.port}/webhooks/rest/webhook"
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            replies: list[dict[str, Any]] = json.load(answer)
            return replies

    def answers(self) -> list[int]:
        """How many answers each stored message has."""
        counts = (
            "SELECT count(answer.seq) FROM transcript AS message LEFT JOIN transcript AS answer "
            "ON answer.answer_to = message.seq WHERE message.message_id IS NOT NULL GROUP BY message.seq"
        )
        with closing(sqlite3.connect(self._database)) as connection:
            return [count for (count,) in connection.execute(counts)]

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")
