"""The command line of the emulators: serves one of them alone and says how to try it."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import signal
import sys
from typing import Callable, Optional, Protocol, Sequence

from emulators.portal import PortalEmulator
from emulators.portal_dvcqg import PASSWORD, USERNAME
from emulators.portal_faults import Fault
from emulators.portal_igate import CLIENT_ID
from emulators.portal_world import DEMOS, STATUS_NAMES, VIETNAM_TIME
from emulators.telegram import TelegramEmulator
from emulators.zalo import ZaloEmulator


class Emulator(Protocol):
    async def start(self, host: str, port: int) -> str: ...

    async def stop(self) -> None: ...


# An emulator that is not started yet, and what is said about it once its address is known.
Show = tuple[Emulator, Callable[[str], str]]


def main(arguments: Optional[Sequence[str]] = None) -> int:
    options = _parser().parse_args(arguments)
    return asyncio.run(_serve(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m emulators",
        description="""Serves an emulated dossier portal (dvcqg, igate and onestop protocols) with invented dossiers,
        or the messenger that is named.""",
        epilog=f"""Faults: PUT /_control/faults {{"faults": [...], "times": n}};
        known to the portal: {", ".join(fault.value for fault in Fault)}.
        Clock: PUT /_control/clock {{"advance_seconds": n}}.
        Exit codes: 0 ended by a signal, 1 port not free.""",
    )
    _address(parser, 8090)
    parser.add_argument("--seed", type=int, default=1, help="which dossiers are generated (default: %(default)s)")
    parser.set_defaults(show=_portal)
    messengers = parser.add_subparsers(title="messengers")
    zalo = messengers.add_parser("zalo", help="an official account of Zalo: OAuth, API, webhook and a phone")
    _address(zalo, 8091)
    zalo.add_argument("--webhook", metavar="URL", help="where events are posted to")
    _load_test(zalo)
    zalo.set_defaults(show=_zalo)
    telegram = messengers.add_parser("telegram", help="the Bot API of Telegram for one bot, and a phone")
    _address(telegram, 8092)
    _load_test(telegram)
    telegram.set_defaults(show=_telegram)
    return parser


def _address(parser: argparse.ArgumentParser, port: int) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=port, help="port to listen on (default: %(default)s)")


def _load_test(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--limits-off", action="store_true", help="for load tests: takes everything, and knows ten million people"
    )


async def _serve(options: argparse.Namespace) -> int:
    emulator, greeting = options.show(options)
    try:
        url = await emulator.start(options.host, options.port)
    except (OSError, OverflowError) as error:  # OverflowError: no port has this number
        reason = getattr(error, "strerror", None) or error
        sys.stderr.write(f"cannot listen on {options.host}:{options.port}: {reason}\n")
        return 1
    # Before the greeting: whoever reads it may already send the signal.
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    sys.stdout.write(f"{greeting(url)}\n")
    sys.stdout.flush()
    try:
        await stopped.wait()
    finally:
        await emulator.stop()
    return 0


def _now() -> dt.datetime:
    return dt.datetime.now(VIETNAM_TIME)


def _portal(options: argparse.Namespace) -> Show:
    emulator = PortalEmulator(_now, options.seed)

    def greeting(url: str) -> str:
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
        return "\n".join([*lines, "", f"Last four digits: {owner.phone[-4:]} or {owner.identity[-4:]}. Ctrl-C ends."])

    return emulator, greeting


def _zalo(options: argparse.Namespace) -> Show:
    emulator = ZaloEmulator()
    emulator.webhook_url = options.webhook
    if options.limits_off:
        emulator.take_limits_off()
    app = emulator.identity

    def greeting(url: str) -> str:
        return "\n".join(
            [
                f"Zalo emulator on {url}: open it for a phone; OAuth, API and business API have the same address",
                f"app {app.app_id}, app secret {app.app_secret}; account {app.oa_id}, its key {app.oa_secret_key}",
                f"webhook: {options.webhook or 'none'}. Ctrl-C ends.",
            ]
        )

    return emulator, greeting


def _telegram(options: argparse.Namespace) -> Show:
    emulator = TelegramEmulator(now=_now)
    if options.limits_off:
        emulator.take_limits_off()

    def greeting(url: str) -> str:
        return f"Telegram emulator on {url}: the phone is at /, the bot's token is\n  {emulator.token}\nCtrl-C ends."

    return emulator, greeting


if __name__ == "__main__":
    sys.exit(main())
