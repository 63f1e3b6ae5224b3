"""The only place where parts are chosen and joined."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import AsyncIterator, Callable, Mapping

from aiohttp import web

from actions.all_actions import build_actions
from actions.services import Services
from bot.conversation import Conversation
from bot.health import Health
from bot.library import open_catalogue
from bot.portal import OpenPortal, now, open_portal
from bot.records import Citizens, Conversations, Feedback, LastKnownDossiers, Transcript
from bot.secret_key import kept_secret
from bot.settings import PortalSettings, Settings
from bot.storage import Database
from bot.wording.speaker import LANGUAGES, speaker
from bot.wording.talk import Agency
from bot.wording.webchat import webchat_texts
from bot.wording.wording import Wording
from connectors.guard import add_guard
from connectors.limits import DoorLimits, Gate, Rate
from connectors.rest import RestDoor
from connectors.webchat.door import WebChat
from connectors.webchat.settings import WebChatSettings
from knowledge.calendar import read_working_calendar
from knowledge.dossiers import Clock, DossierPortal
from knowledge.guesses import GuessLimiter, GuessLimits
from knowledge.registry import DossierRegistry, Limits
from nlu.assistant import RasaAssistant
from nlu.vietnamese.folding import fold
from nlu.vietnamese.language import Languages

logger = logging.getLogger(__name__)

WARM_UP = ("xin chào", "làm khai sinh cần giấy tờ gì", "lệ phí bao nhiêu")
IDLE_COLLECTION_SECONDS = 300
MOST_SECONDS_UNTIL_IDLE = 60
SECRET_KEY_FILE = Path("var/secret-key")


@dataclass(frozen=True)
class House:
    """The parts behind the doors, joined."""

    conversation: Conversation
    assistant: RasaAssistant
    dossiers: DossierRegistry
    database: Database
    portal: OpenPortal
    agency: Agency
    procedures: int  # how many the catalogue holds

    async def close(self) -> None:
        """Finish what is on its way, then close; nothing that was accepted is lost."""
        await self.dossiers.close()
        await self.portal.close()
        await self.database.close()


def build_services(settings: Settings, database: Database, portal: DossierPortal, clock: Clock) -> Services:
    """What the actions are given. The database must have been migrated."""
    return Services(
        catalogue=open_catalogue(settings.database_url),
        dossiers=DossierRegistry(portal, LastKnownDossiers(database), clock, Limits()),
        guesses=GuessLimiter(clock, GuessLimits()),
        calendar=read_working_calendar(),
        feedback=Feedback(database),
        fold=fold,
        clock=clock,
    )


async def open_house(settings: Settings, model: Path, clock: Clock = now) -> House:
    """Choose and join the parts. The database must have been migrated; raises what the parts raise."""
    async with AsyncExitStack() as opened:  # closes what is open already when a later part refuses to start
        portal = await open_portal(settings.portal, settings.hotline, clock)
        opened.push_async_callback(portal.close)
        database = Database(settings.database_url)
        opened.push_async_callback(database.close)
        services = build_services(settings, database, portal.portal, clock)
        assistant = RasaAssistant.load(model, build_actions(services), Conversations(database))
        agency = Agency(
            name={"vi": settings.agency_name, "en": settings.agency_name_en},
            hotline=settings.hotline,
            hours={"vi": settings.opening_hours, "en": settings.opening_hours_en},
            address=settings.agency_address,
        )
        wording = Wording(services.catalogue, agency, lambda: clock().date(), fold)
        citizens = Citizens(database, settings.language)
        conversation = Conversation(citizens, Transcript(database), assistant, wording, Languages.shipped().language_of)
        opened.pop_all()
    procedures = len(services.catalogue)
    return House(conversation, assistant, services.dossiers, database, portal, agency, procedures)


async def build_app(settings: Settings, model: Path) -> web.Application:
    """The application of one process: the house and its doors. Raises what the parts raise."""
    house = await open_house(settings, model)
    async with AsyncExitStack() as opened:
        opened.push_async_callback(house.close)
        app = web.Application(client_max_size=64 * 1024)
        add_guard(app)
        limits = DoorLimits(
            sender=Rate(settings.messages_per_minute, settings.messages_burst),
            address=Rate(settings.address_messages_per_minute, settings.address_messages_per_minute),
        )
        gate = Gate(limits)
        texts = {language: webchat_texts(speaker(language).gettext) for language in LANGUAGES}
        WebChat(house.conversation, texts, _webchat_settings(settings, house, limits), gate).add_routes(app)
        RestDoor(house.conversation, limits, gate).add_routes(app)
        Health(house.assistant.model_id, house.database, house.dossiers).add_routes(app)
        app.cleanup_ctx.append(_kept_open(house))
        await _warm_up(house.assistant)
        opened.pop_all()
    return app


def _kept_open(house: House) -> Callable[[web.Application], AsyncIterator[None]]:
    async def keep(_: web.Application) -> AsyncIterator[None]:
        tidy = asyncio.create_task(_collect_when_idle(house.conversation))
        yield
        tidy.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await tidy
        await house.close()

    return keep


def _webchat_settings(settings: Settings, house: House, limits: DoorLimits) -> WebChatSettings:
    return WebChatSettings(
        secret=settings.secret_key or kept_secret(SECRET_KEY_FILE),
        agency=house.agency.name,
        hotline=house.agency.hotline,
        hours=house.agency.hours,
        notice=_notice(settings.portal, house.portal.example_codes),
        embedding_sites=settings.embed_origins,
        public_origin=settings.public_origin,
        secure_cookies=bool(settings.public_origin and settings.public_origin.startswith("https://")),
        proxies=settings.proxies,
        limits=limits,
    )


def _notice(portal: PortalSettings, examples: Mapping[int, str]) -> dict[str, str]:
    """What the page says on top: that the dossiers are invented, with a code to try."""
    if portal.kind != "emulated":
        return {}
    code = examples[4]
    return {
        language: speaker(language).gettext("Hồ sơ ở đây là dữ liệu minh hoạ. Mã để thử: {code}").format(code=code)
        for language in LANGUAGES
    }


async def _warm_up(assistant: RasaAssistant) -> None:
    """First turns are slow and allocate what stays; then everything alive is set aside for the garbage collector."""
    for text in WARM_UP:
        await assistant.answer("warm-up", text)
    await assistant.forget("warm-up")
    gc.collect()
    gc.freeze()
    # A full collection stops the whole process; it is made when nobody waits, never within a turn.
    gc.set_threshold(50_000, 20, 1_000_000)


async def _collect_when_idle(conversation: Conversation) -> None:
    while True:
        await asyncio.sleep(IDLE_COLLECTION_SECONDS)
        for _ in range(MOST_SECONDS_UNTIL_IDLE):  # under steady load there may be no idle moment at all
            if conversation.is_idle:
                break
            await asyncio.sleep(1)
        gc.collect()
