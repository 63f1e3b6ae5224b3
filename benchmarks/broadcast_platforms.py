"""An emulated messenger in a process of its own, with all limits off: what reached whom, and a population for it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from typing import Any, Iterator, Mapping, NamedTuple, Optional

import sqlalchemy as sa

from benchmarks.baseline.project import HOUSE
from benchmarks.servers import ServerFailed, free_port
from bot.storage import open_engine
from bot.tables import contacts
from emulators.telegram import TOKEN
from emulators.telegram_faults import CROWD as TELEGRAM_CROWD
from emulators.zalo_faults import CROWD as ZALO_CROWD

CROWDS: Mapping[str, range] = {"zalo": ZALO_CROWD, "telegram": TELEGRAM_CROWD}
START_SECONDS = 60.0
CALL_SECONDS = 60.0
# Random ids, as citizens have: reading them in order must not mean reading them as they were written.
_RANDOM_ID = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "md5(random()::text)"}


class Arrived(NamedTuple):
    """``at``: seconds since 1970, as the platform's clock says."""

    message_id: str
    person: str
    at: float


@dataclass(frozen=True)
class Platform:
    """``token`` is what calls are made with."""

    channel: str
    url: str
    token: str

    def arrived(self) -> list[Arrived]:
        """The platform's own ledger, in order."""
        rows = _control(self.url, "tally")["tally"]
        if self.channel == "telegram":
            return [Arrived(f"m{person}.{number}", str(person), at) for number, person, at in rows]
        return [Arrived(*row) for row in rows]


@contextlib.contextmanager
def emulated(channel: str) -> Iterator[Platform]:
    port = free_port()
    command = [sys.executable, "-m", "emulators", channel, "--limits-off", "--port", str(port)]
    process = subprocess.Popen(command, cwd=HOUSE, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _until_it_answers(process, url)
        yield Platform(channel, url, TOKEN if channel == "telegram" else _access_token(url))
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def populate(database_url: str, channel: str, count: int) -> None:
    """So many citizens who follow the account and wrote an hour ago."""
    engine, first = open_engine(database_url), CROWDS[channel][0]
    insert = (
        "INSERT INTO addresses (channel, person, citizen_id, language, created_at) "
        f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count}) "
        f"SELECT '{channel}', CAST({first} + i AS VARCHAR), {_RANDOM_ID[engine.dialect.name]}, 'vi', CURRENT_TIMESTAMP "
        "FROM n"
    )
    with engine.begin() as connection:
        connection.exec_driver_sql(insert)
        wrote = sa.text(
            f"INSERT INTO {contacts.name} (channel, person, follows, last_interaction_at) "
            "SELECT channel, person, true, created_at FROM addresses"
        )
        connection.execute(wrote)
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()


def person(channel: str, number: int) -> str:
    return str(CROWDS[channel][number])


def _until_it_answers(process: subprocess.Popen[bytes], url: str) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(OSError):
            _control(url, "calls")
            return
        time.sleep(0.05)
    raise ServerFailed("the emulated platform did not come up")


def _access_token(url: str) -> str:
    code = _control(url, "authorise", {})["result"]
    form = f"app_id=1002003004005006007&grant_type=authorization_code&code={code}"
    headers = {"secret_key": "demo-app-secret", "Content-Type": "application/x-www-form-urlencoded"}
    request = urllib.request.Request(f"{url}/v4/oa/access_token", form.encode(), headers)
    return str(_answer(request)["access_token"])


def _control(url: str, name: str, arguments: Optional[Mapping[str, Any]] = None) -> Any:
    body = None if arguments is None else json.dumps(arguments).encode()
    return _answer(urllib.request.Request(f"{url}/_control/{name}", body))


def _answer(request: urllib.request.Request) -> Any:
    with urllib.request.urlopen(request, timeout=CALL_SECONDS) as response:
        return json.load(response)
