"""What each command does.

Exit codes: 0 done, 1 refused with a sentence on standard error, 2 wrong usage, 130 interrupted before it was done.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import signal
import sys
import time
from pathlib import Path
from typing import Any, AsyncContextManager, Callable, Sequence

from bot.demo_command import add_demo_command
from bot.environment import SettingWrong, read_environment
from bot.import_command import add_import_command
from bot.inbox_command import add_inbox_command
from bot.jobs.crew import Crew
from bot.model_command import add_model_command
from bot.official_command import add_official_command
from bot.settings import Settings, read_settings
from bot.storage import DatabaseUnusable, migrate
from bot.teach_command import add_teach_command
from bot.unanswered_command import add_unanswered_command
from bot.work_command import add_work_command
from bot.zalo_command import add_zalo_command

ROOT = Path(__file__).parent.parent
INTERRUPTED = 128 + signal.SIGINT
Command = Callable[[argparse.Namespace, Settings], int]
Commands = Any  # argparse gives its collection of sub-commands no public type


def main(arguments: Sequence[str]) -> int:
    """Run one command. What a user can mend is told in one sentence; everything else is a traceback."""
    options = _parser().parse_args(arguments)
    command: Command = options.run
    # Imported late: these modules are slow to import and not every command needs them.
    from knowledge.curated import CatalogueFileInvalid
    from nlu.taught import TaughtWrong
    from nlu.training import TrainingFailed
    from nlu.versions import VersionUnusable

    try:
        settings = read_settings(read_environment())
        _log_to_standard_error(settings.log_level)
        return command(options, settings)
    except (
        SettingWrong, DatabaseUnusable, CatalogueFileInvalid, TrainingFailed, TaughtWrong, VersionUnusable
    ) as error:  # fmt: skip
        return _refuse(str(error))
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot",
        description="Một Cửa: trợ lý thủ tục hành chính / a public-service assistant.",
        epilog="Settings come from the environment and .env; .env.example explains them. "
        "Exit codes: 0 done, 1 refused with a sentence, 2 wrong usage, 130 interrupted.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add(commands, "run", run, "migrate, train when needed, and serve the assistant (HOST, PORT)")
    add_demo_command(commands, _keep_running)
    _add(commands, "migrate", migrate_database, "create the database or bring it to the newest shape (DATABASE_URL)")
    training = _add(commands, "train", train_model, "train the model when its sources changed (MODELS_FOLDER)")
    training.add_argument("--force", action="store_true", help="train even when the model is up to date")
    searching = _add(commands, "search", search, "find procedures and show how they score")
    searching.add_argument("text", nargs="+", help="what a citizen would type")
    searching.add_argument("--limit", type=_count, default=5, help="how many hits (default: %(default)s)")
    understanding = _add(commands, "understand", understand, "show the intent and entities of a message")
    understanding.add_argument("text", nargs="+", help="what a citizen would type")
    _add(commands, "check", check, "check settings, database, catalogue and model without serving")
    add_import_command(commands)
    add_unanswered_command(commands)
    add_teach_command(commands)
    add_model_command(commands)
    add_inbox_command(commands)
    add_zalo_command(commands)
    add_official_command(commands)
    add_work_command(commands, _open_work)
    return parser


def _add(commands: Commands, name: str, run: Command, help: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=help, description=help[0].upper() + help[1:] + ".")
    parser.set_defaults(run=run)
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:9]) <= 100:
        raise argparse.ArgumentTypeError("a whole number from 1 to 100")
    return int(text)


def run(_: argparse.Namespace, settings: Settings) -> int:
    return _keep_running(settings, contextlib.nullcontext(""))


def _keep_running(settings: Settings, world: AsyncContextManager[str]) -> int:
    """Serve the assistant in a world that is opened before it and closed after it, and says what to tell the user."""
    from nlu.assistant import ModelUnusable

    migrate(settings.database_url)
    model = _trained(settings, force=False)
    try:
        return asyncio.run(_serve(settings, model, world))
    except ModelUnusable as error:
        return _refuse(str(error))


async def _serve(settings: Settings, model: Path, world: AsyncContextManager[str]) -> int:
    from aiohttp import web

    from bot.app import build_app
    from bot.desk import make_first_link

    address = f"http://{settings.host}:{settings.port}"
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with world as addresses:
        link = await make_first_link(settings, address)
        runner = web.AppRunner(await build_app(settings, model), access_log=None, shutdown_timeout=5)
        await runner.setup()
        try:
            await web.TCPSite(runner, settings.host, settings.port, backlog=1024).start()
            _say(f"Trợ lý đang chạy tại / The assistant is running at {address} (Ctrl-C)")
            _say(f"Trang cán bộ / Officials' pages: {address}/console")
            if link:
                _say(f"Quản trị viên đầu tiên vào một lần tại / The first administrator enters once at {link}")
            if addresses:
                _say(addresses)
            await stopped.wait()
        except (OSError, UnicodeError) as error:  # UnicodeError: a host name that is none
            reason = getattr(error, "strerror", None) or error
            return _refuse(f"cannot listen on HOST {settings.host}, PORT {settings.port}: {reason}")
        finally:
            await runner.cleanup()
    return 0


def _open_work(settings: Settings) -> AsyncContextManager[Crew]:
    from bot.working import open_work

    return open_work(settings)


def migrate_database(_: argparse.Namespace, settings: Settings) -> int:
    migrate(settings.database_url)
    _say("Cơ sở dữ liệu đã sẵn sàng / The database is ready")
    return 0


def train_model(options: argparse.Namespace, settings: Settings) -> int:
    _say(str(_trained(settings, options.force)))
    return 0


def _trained(settings: Settings, force: bool) -> Path:
    """The model of the present sources, trained now if there is none."""
    from nlu.training import train, up_to_date

    present = up_to_date(ROOT, settings.models_folder)
    if present and not force:
        return present.model
    _say("Đang huấn luyện mô hình, chừng một phút… / Training the model, about a minute…")
    started = time.monotonic()
    model = train(ROOT, settings.models_folder, force=force, wait=tell_to_wait)
    _say(f"Xong sau {time.monotonic() - started:.0f} giây / Done")
    return model


def tell_to_wait() -> None:
    _say("Đang chờ một lần huấn luyện khác… / Waiting for another training…")


def search(options: argparse.Namespace, settings: Settings) -> int:
    from bot.library import open_catalogue, taught_names

    migrate(settings.database_url)
    catalogue = open_catalogue(settings.database_url, taught_names(settings.models_folder), settings.models_folder)
    findings = catalogue.find(" ".join(options.text))
    if not findings:
        return _refuse("Không tìm thấy thủ tục nào / No procedure found")
    sys.stdout.write(f"{'probability':>11} {'said':>5} {'named':>5}  code / title  [matched name]\n")
    for one in sorted(findings.found, key=lambda found: -found.probability)[: options.limit]:
        match = one.match
        title = one.procedure.title.vi if one.procedure else one.topic.title.vi if one.topic else ""
        key = one.procedure.code if one.procedure else one.topic.id if one.topic else ""
        row = f"{one.probability:11.2f} {match.said:5.2f} {match.named:5.2f}  {key}  {title}  [{match.name}]\n"
        sys.stdout.write(row)
    sys.stdout.write(f"{findings.none:11.2f} {'':11}  không thủ tục nào trong danh mục / nothing that is held\n")
    return 0


def understand(options: argparse.Namespace, settings: Settings) -> int:
    from nlu.assistant import ModelUnusable, parse_with_model

    try:
        parsed = parse_with_model(_trained(settings, force=False), " ".join(options.text))
    except ModelUnusable as error:
        return _refuse(str(error))
    for one in parsed["intent_ranking"][:5]:
        sys.stdout.write(f"{one['confidence']:5.2f}  {one['name']}\n")
    for entity in parsed["entities"]:
        sys.stdout.write(f"       {entity['entity']} = {entity['value']}\n")
    return 0


def check(_: argparse.Namespace, settings: Settings) -> int:
    from nlu.training import up_to_date

    migrate(settings.database_url)
    present = up_to_date(ROOT, settings.models_folder)
    if present is None:
        from bot.library import open_catalogue

        procedures = len(open_catalogue(settings.database_url, models=settings.models_folder))
        _say(f"{procedures} procedures; model: will be trained at the next start")
        return 0
    return asyncio.run(_open_and_look(settings, present.model))


async def _open_and_look(settings: Settings, model: Path) -> int:
    from bot.app import open_house
    from knowledge.dossiers import PortalUnreachable
    from nlu.assistant import ModelUnusable

    try:
        house = await open_house(settings, model)
    except ModelUnusable as error:
        return _refuse(str(error))
    kind = settings.portal.kind
    try:
        await house.dossiers.check()
    except PortalUnreachable as error:
        return _refuse(f"the portal ({kind}) does not answer as it should: {error}")
    finally:
        await house.close()
    _say(f"{house.procedures} procedures; model {model.parent.name}: loads; portal {kind}: answers")
    return 0


def _log_to_standard_error(level: str) -> None:
    """Our log and nothing besides: the warnings of Rasa and of what it pins are no news to whoever runs this."""
    logging.captureWarnings(True)
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    for handler in logging.getLogger().handlers:
        handler.addFilter(lambda record: not record.getMessage().startswith("Limited tf."))  # TensorFlow at import
    logging.getLogger("py.warnings").setLevel(logging.CRITICAL)
    # Its errors name the network address of whoever sent nonsense; the faults of our handlers are told by our guard.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    for noisy in ("rasa", "rasa_sdk", "alembic", "asyncio", "aiohttp.internal", "matplotlib", "tensorflow", "h5py"):
        logging.getLogger(noisy).setLevel(max(logging.getLevelName(level), logging.WARNING))


def _say(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")


def _refuse(sentence: str) -> int:
    _say(sentence)
    return 1
