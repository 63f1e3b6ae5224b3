"""``python -m bot demo``: the assistant in Zalo, Telegram and web chat side by side, with no account and no set-up."""

from __future__ import annotations

import argparse
import contextlib
import secrets
import tempfile
from typing import Any, AsyncContextManager, AsyncIterator, Callable, Protocol

import aiohttp

from bot.environment import SettingWrong
from bot.grants import SqlGrantStore
from bot.records import now
from bot.settings import Settings
from bot.storage import Database
from connectors.telegram_settings import TelegramSettings
from connectors.zalo.oauth import ZaloOAuth, challenge_of, new_verifier
from connectors.zalo.settings import ZaloSettings
from emulators.portal_world import DEMOS
from emulators.side_by_side import SideBySide
from emulators.telegram import TelegramEmulator
from emulators.zalo import ZaloEmulator

HOST = "127.0.0.1"  # whoever reaches an emulator can do everything with it
EXAMPLE = DEMOS[3].code  # a dossier that is being worked on

# Serves the assistant until a signal ends it. What it stands in is opened before, and says what to tell the user.
KeepRunning = Callable[[Settings, AsyncContextManager[str]], int]


def add_demo_command(commands: Any, keep_running: KeepRunning) -> None:
    """Add ``demo`` to the command line; its ``run(options, settings)`` gives the exit code."""
    does = "show the assistant in Zalo, Telegram and web chat side by side, emulated and without an account (PORT)"
    parser = commands.add_parser("demo", help=does, description=does[0].upper() + does[1:] + ".")
    for name, port in (("page", 8090), ("zalo", 8091), ("telegram", 8092)):
        parser.add_argument(f"--{name}-port", type=int, default=port, metavar="PORT", help="default: %(default)s")

    def run(options: argparse.Namespace, settings: Settings) -> int:
        # The emulators give the same message ids again in each run: an older inbox would take all for repeats.
        with tempfile.TemporaryDirectory(prefix="mot-cua-demo-") as folder:
            demo = Demo(options, settings, f"sqlite:///{folder}/demo.db")
            return keep_running(demo.settings, demo.world())

    parser.set_defaults(run=run)


class Server(Protocol):
    async def start(self, host: str, port: int) -> str: ...

    async def stop(self) -> None: ...


class Demo:
    """The emulated platforms, and an assistant that knows no others.

    Of the ``installed`` settings only those count that are no secret and lead nowhere.
    """

    def __init__(self, options: argparse.Namespace, installed: Settings, database_url: str) -> None:
        self._options = options
        self._zalo, self._telegram = ZaloEmulator(), TelegramEmulator()
        self._page_url, zalo_url, telegram_url = map(
            _url, (options.page_port, options.zalo_port, options.telegram_port)
        )
        self._phones = {"Zalo": zalo_url, "Telegram": telegram_url}
        app = self._zalo.identity
        self._account = ZaloSettings(
            app_id=app.app_id,
            oa_id=app.oa_id,
            app_secret=app.app_secret,
            oa_secret_key=app.oa_secret_key,
            oauth_url=zalo_url,
            api_url=zalo_url,
            business_url=zalo_url,
        )
        self.settings = Settings(
            host=HOST,
            port=installed.port,
            database_url=database_url,
            models_folder=installed.models_folder,
            secret_key=secrets.token_urlsafe(32),
            agency_name=installed.agency_name,
            agency_name_en=installed.agency_name_en,
            embed_origins=(self._page_url,),
            language=installed.language,
            log_level=installed.log_level,
            zalo=self._account,
            telegram=TelegramSettings(token=self._telegram.token, api_url=telegram_url),
        )

    @contextlib.asynccontextmanager
    async def world(self) -> AsyncIterator[str]:
        """Open while the assistant runs; gives what is told when it answers. The database must have been migrated."""
        chat = _url(self.settings.port)
        self._zalo.webhook_url = f"{chat}/webhooks/zalo"
        page = SideBySide({**self._phones, "Web": f"{chat}/widget"}, EXAMPLE)
        async with contextlib.AsyncExitStack() as opened:
            await _open(opened, self._zalo, "--zalo-port", self._options.zalo_port)
            await _open(opened, self._telegram, "--telegram-port", self._options.telegram_port)
            await _open(opened, page, "--page-port", self._options.page_port)
            await self._authorise()
            phones = [f"{name} (giả lập / emulated): {url}" for name, url in self._phones.items()]
            yield "\n".join([*phones, f"Cả ba cạnh nhau / All three side by side: {self._page_url}"])

    async def _authorise(self) -> None:
        """What an administrator does with ``python -m bot zalo authorise``, over the same exchange."""
        verifier = new_verifier()
        code = self._zalo.authorise(challenge_of(verifier))
        async with aiohttp.ClientSession() as http:
            grant = await ZaloOAuth(self._account, http, now).exchange(code, verifier, self._account.oa_id)
        database = Database(self.settings.database_url)
        try:
            await SqlGrantStore(database, self.settings.secret_key, self._account.oa_id, now).save(grant)
        finally:
            await database.close()


async def _open(opened: contextlib.AsyncExitStack, server: Server, option: str, port: int) -> None:
    opened.push_async_callback(server.stop)
    try:
        await server.start(HOST, port)
    except (OSError, OverflowError) as error:  # OverflowError: no port has this number
        reason = getattr(error, "strerror", None) or error
        raise SettingWrong(f"cannot listen on {option} {port}: {reason}") from error


def _url(port: int) -> str:
    return f"http://{HOST}:{port}"
