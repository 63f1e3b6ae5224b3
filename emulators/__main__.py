"""The command line of the emulators: starts the portal in miniature alone and prints codes to try."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import signal
import sys
from typing import Optional, Sequence

from emulators.portal import PortalEmulator
from emulators.portal_dvcqg import PASSWORD, USERNAME
from emulators.portal_faults import Fault
from emulators.portal_igate import CLIENT_ID
from emulators.portal_world import DEMOS, STATUS_NAMES, VIETNAM_TIME


def main(arguments: Optional[Sequence[str]] = None) -> int:
    options = _parser().parse_args(arguments)
    return asyncio.run(_serve(options.host, options.port, options.seed))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m emulators",
        description="Serves an emulated dossier portal (dvcqg, igate and onestop protocols) with invented dossiers.",
        epilog=f"""Faults: PUT /_control/faults {{"faults": [...], "times": n}};
        known: {", ".join(fault.value for fault in Fault)}.
        Clock: PUT /_control/clock {{"advance_seconds": n}}.
        Exit codes: 0 ended by a signal, 1 port not free.""",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8090, help="port to listen on (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="which dossiers are generated (default: %(default)s)")
    return parser


async def _serve(host: str, port: int, seed: int) -> int:
    emulator = PortalEmulator(lambda: dt.datetime.now(VIETNAM_TIME), seed)
    try:
        url = await emulator.start(host, port)
    except (OSError, OverflowError) as error:  # OverflowError: no port has this number
        sys.stderr.write(f"cannot listen on {host}:{port}: {getattr(error, 'strerror', None) or error}\n")
        return 1
    # Before the greeting: whoever reads it may already send the signal.
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    sys.stdout.write(_greeting(url, emulator))
    sys.stdout.flush()
    try:
        await stopped.wait()
    finally:
        await emulator.stop()
    return 0


def _greeting(url: str, emulator: PortalEmulator) -> str:
    now = emulator.now()
    lines = [
        f"Portal emulator on {url} with {len(emulator.dossiers)} invented dossiers (dữ liệu minh hoạ)",
        f"dvcqg login: {USERNAME} / {PASSWORD}; igate client id: {CLIENT_ID}; onestop: no login",
        "",
    ]
    for demo in DEMOS:
        dossier = emulator.dossiers[demo.code]
        late = ", quá hạn" if dossier.status(now) == 4 and dossier.due_at < now else ""
        lines.append(f"  {demo.code:<28} {STATUS_NAMES[dossier.status(now)]}{late}")
    owner = DEMOS[0]
    return "\n".join([*lines, "", f"Last four digits: {owner.phone[-4:]} or {owner.identity[-4:]}. Ctrl-C ends.", ""])


if __name__ == "__main__":
    sys.exit(main())
