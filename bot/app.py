"""The only place where parts are chosen and joined."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import secrets
from pathlib import Path
from typing import AsyncIterator, Mapping

from aiohttp import web

from actions.all_actions import build_actions
from actions.services import Services
from bot.conversation import Conversation
from bot.library import open_catalogue
from bot.portal import now, open_portal
from bot.records import Citizens, Conversations, Feedback, LastKnownDossiers, Transcript
from bot.settings import PortalSettings, Settings
from bot.storage import Database
from bot.wording.speaker import LANGUAGES, speaker
from bot.wording.talk import Agency
from bot.wording.webchat import webchat_texts
from bot.wording.wording import Wording
from connectors.limits import DoorLimits, Gate, Rate
from connectors.rest import RestDoor
from connectors.webchat.door import WebChat
from connectors.webchat.settings import WebChatSettings
from knowledge.calendar import read_working_calendar
from knowledge.dossiers import PortalUnreachable
from knowledge.guesses import GuessLimiter, GuessLimits
from knowledge.registry import DossierRegistry, Limits
from nlu.assistant import RasaAssistant
from nlu.vietnamese.folding import fold
from nlu.vietnamese.language import Languages

logger = logging.getLogger(__name__)

WARM_UP = ("xin chào", "làm khai sinh cần giấy tờ gì", "lệ phí bao nhiêu")
IDLE_COLLECTION_SECONDS = 300


async def build_app(settings: Settings, model: Path) -> web.Application:
    """The application of one process. The database must have been migrated; raises what the parts raise."""
    app = web.Application(client_max_size=64 * 1024)
    opened = await open_portal(settings.portal, settings.hotline)
    database = Database(settings.database_url)
    catalogue = open_catalogue(settings.database_url)
    dossiers = DossierRegistry(opened.portal, LastKnownDossiers(database), now, Limits())
    services = Services(
        catalogue=catalogue,
        dossiers=dossiers,
        guesses=GuessLimiter(now, GuessLimits()),
        calendar=read_working_calendar(),
        feedback=Feedback(database),
        fold=fold,
        clock=now,
    )
    assistant = RasaAssistant.load(model, build_actions(services), Conversations(database))
    agency = Agency(
        name={"vi": settings.agency_name, "en": settings.agency_name_en},
        hotline=settings.hotline,
        hours={"vi": settings.opening_hours, "en": settings.opening_hours_en},
        address=settings.agency_address,
    )
    wording = Wording(catalogue, agency, lambda: now().date(), fold)
    transcript = Transcript(database)
    citizens = Citizens(database, settings.language)
    conversation = Conversation(citizens, transcript, assistant, wording, Languages.shipped().language_of)
    limits = DoorLimits(
        sender=Rate(settings.messages_per_minute, settings.messages_burst),
        address=Rate(settings.address_messages_per_minute, settings.address_messages_per_minute),
    )
    gate = Gate(limits)
    WebChat(
        conversation,
        {language: webchat_texts(speaker(language).gettext) for language in LANGUAGES},
        WebChatSettings(
            secret=settings.secret_key or _kept_secret(),
            agency=agency.name,
            hotline=agency.hotline,
            hours=agency.hours,
            notice=_notice(settings.portal, opened.example_codes),
            embedding_sites=settings.embed_origins,
            public_origin=settings.public_origin,
            secure_cookies=bool(settings.public_origin and settings.public_origin.startswith("https://")),
            proxies=settings.proxies,
            limits=limits,
        ),
        gate,
    ).add_routes(app)
    RestDoor(conversation, limits, gate).add_routes(app)
    _add_health(app, database, dossiers, assistant)

    async def close_parts(_: web.Application) -> AsyncIterator[None]:
        tidy = asyncio.create_task(_collect_when_idle())
        yield
        tidy.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await tidy
        await dossiers.close()
        await opened.close()
        await database.close()

    app.cleanup_ctx.append(close_parts)
    await _warm_up(assistant)
    return app


def _notice(portal: PortalSettings, examples: Mapping[int, str]) -> dict[str, str]:
    """What the page says on top: that the dossiers are invented, with a code to try."""
    if portal.kind != "emulated":
        return {}
    code = examples[4]
    return {
        language: speaker(language).gettext("Hồ sơ ở đây là dữ liệu minh hoạ. Mã để thử: {code}").format(code=code)
        for language in LANGUAGES
    }


def _kept_secret(path: Path = Path("var/secret-key")) -> str:
    """The key that signs visitors' tokens; made once, readable by us only, so that a restart keeps everybody's talk."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return path.read_text(encoding="ascii").strip()


def _add_health(app: web.Application, database: Database, dossiers: DossierRegistry, assistant: RasaAssistant) -> None:
    async def alive(_: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def ready(_: web.Request) -> web.Response:
        parts = {"model": assistant.model_id, "database": "ok", "portal": "ok"}
        status = 200
        try:
            await asyncio.wait_for(database.check(), 5)
        except Exception as error:
            parts["database"], status = type(error).__name__, 503
        try:
            await dossiers.check()
        except PortalUnreachable as error:  # the rest of the assistant still answers: ready, but it is said
            parts["portal"] = str(error) or type(error).__name__
        return web.json_response({"ready": status == 200, **parts}, status=status)

    app.router.add_get("/healthz", alive)
    app.router.add_get("/readyz", ready)


async def _warm_up(assistant: RasaAssistant) -> None:
    """First turns are slow and allocate what stays; then everything alive is set aside for the garbage collector."""
    for text in WARM_UP:
        await assistant.answer("warm-up", text)
    await assistant.forget("warm-up")
    gc.collect()
    gc.freeze()
    # A full collection stops the whole process; it is made when nobody waits, never within a turn.
    gc.set_threshold(50_000, 20, 1_000_000)


async def _collect_when_idle() -> None:
    while True:
        await asyncio.sleep(IDLE_COLLECTION_SECONDS)
        gc.collect()

