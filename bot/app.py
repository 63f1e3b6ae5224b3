"""The only place where parts are chosen and joined."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import AsyncIterator, Callable, Mapping, Sequence

from aiohttp import web

from actions.services import Services
from bot.agency import agency_of, agency_under, in_language
from bot.audit import Audit
from bot.background import open_background
from bot.broadcasting import Broadcasting, open_broadcasting
from bot.collecting import collect_when_idle, release, set_aside
from bot.conversation import Conversation
from bot.correspondence import FINISH_SECONDS, Correspondence, open_correspondence
from bot.desk import open_desk
from bot.health import Health
from bot.house_rules import HouseRules
from bot.linking import SqlLinks
from bot.mind import Mind, MindMaker, warm_up
from bot.notices import Notices
from bot.outbox import Outbox
from bot.portal import OpenPortal, now, open_portal
from bot.records import Citizens, Feedback, LastKnownDossiers, Transcript
from bot.renewal import Renewal
from bot.secret_key import secret_of
from bot.settings import MESSENGERS, PortalSettings, Settings
from bot.storage import Database
from bot.subscriptions import SqlSubscriptions
from bot.watcher import Pace, Watcher
from bot.watches import SqlWatches
from bot.wording.speaker import LANGUAGES, speaker
from bot.wording.talk import Agency
from bot.wording.webchat import webchat_texts
from connectors.guard import add_guard
from connectors.limits import DoorLimits, Gate, Rate
from connectors.rest import RestDoor
from connectors.webchat import Today, WebChat, WebChatSettings
from knowledge.calendar import VIETNAM_TIME, WorkingCalendar, read_working_calendar
from knowledge.catalogue import Catalogue
from knowledge.dossiers import Clock, DossierPortal
from knowledge.guesses import GuessLimiter, GuessLimits
from knowledge.registry import DossierRegistry, Limits
from knowledge.subscription_topics import read_subscription_topics
from nlu.assistant import RasaAssistant
from nlu.versions import Versions
from nlu.vietnamese.folding import fold
from nlu.vietnamese.language import Languages


@dataclass
class House:
    """The parts behind the doors, joined; ``mind`` is replaced when officials teach or import."""

    conversation: Conversation
    mind: Mind
    maker: MindMaker
    dossiers: DossierRegistry
    database: Database
    portal: OpenPortal
    audit: Audit
    rules: HouseRules
    settled: Agency  # as the settings say
    agency: Callable[[], Agency]  # as it is now, under the rules
    calendar: WorkingCalendar
    links: SqlLinks

    @property
    def assistant(self) -> RasaAssistant:
        return self.mind.assistant

    @property
    def procedures(self) -> int:
        """How many the catalogue holds."""
        return len(self.mind.catalogue)

    async def take(self, mind: Mind) -> None:
        """From the next turn on; what the mind before it was made of is let go."""
        self.mind = mind
        self.conversation.renew(mind.assistant, mind.wording)
        await release(self.conversation)

    async def close(self) -> None:
        """Finish what is on its way, then close; nothing that was accepted is lost."""
        await self.dossiers.close()
        await self.portal.close()
        await self.database.close()


def services_around(
    database: Database,
    dossiers: DossierRegistry,
    links: SqlLinks,
    calendar: WorkingCalendar,
    wards: Callable[[], Sequence[str]],
    settings: Settings,
    clock: Clock,
) -> Callable[[Catalogue], Services]:
    """What the actions are given, around the catalogue of the moment. The database must have been migrated."""
    guesses, feedback = GuessLimiter(clock, GuessLimits()), Feedback(database)
    watches, subscriptions = SqlWatches(database, settings.messengers, clock), SqlSubscriptions(database, wards, clock)
    topics = read_subscription_topics(fold)

    def services(catalogue: Catalogue) -> Services:
        return Services(
            catalogue, dossiers, guesses, calendar, feedback, links, watches, subscriptions, topics, fold, clock
        )

    return services


def open_registry(database: Database, portal: DossierPortal, clock: Clock) -> DossierRegistry:
    return DossierRegistry(portal, LastKnownDossiers(database), clock, Limits())


async def open_house(settings: Settings, model: Path, clock: Clock = now) -> House:
    """Choose and join the parts. The database must have been migrated; raises what the parts raise."""
    async with AsyncExitStack() as opened:  # closes what is open already when a later part refuses to start
        portal = await open_portal(settings.portal, settings.hotline, clock)
        opened.push_async_callback(portal.close)
        database = Database(settings.database_url)
        opened.push_async_callback(database.close)
        audit = Audit(database, secret_of(settings), clock)
        rules, settled = HouseRules(database, audit, clock), agency_of(settings)
        await rules.read()

        def agency() -> Agency:
            return agency_under(rules.rules, settled, clock().astimezone(VIETNAM_TIME).date())

        calendar = read_working_calendar(closed=lambda: rules.rules.holidays)
        dossiers = open_registry(database, portal.portal, clock)
        citizens = Citizens(database, settings.language)
        links = SqlLinks(database, secret_of(settings), citizens.forget, clock)
        services = services_around(database, dossiers, links, calendar, lambda: rules.rules.wards, settings, clock)
        maker = MindMaker(database, services, agency, lambda: clock().date())
        mind = await maker.make(model)
        language_of = Languages.shipped().language_of
        conversation = Conversation(
            citizens,
            Transcript(database),
            mind.assistant,
            mind.wording,
            language_of,
            messengers=MESSENGERS,
            rules=lambda: rules.rules,
        )
        opened.pop_all()
    return House(conversation, mind, maker, dossiers, database, portal, audit, rules, settled, agency, calendar, links)


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
        secret = secret_of(settings)
        correspondence = open_correspondence(settings, secret, house.database, house.conversation)
        opened.push_async_callback(correspondence.opened.close)
        talk = correspondence.inbox
        WebChat(talk, texts, _webchat_settings(settings, secret, house, limits), gate).add_routes(app)
        RestDoor(talk, limits, gate).add_routes(app)
        correspondence.add_routes(app)
        channels = correspondence.opened
        background = open_background(house.database, house.audit)
        broadcasting = open_broadcasting(
            settings, secret, house.database, house.audit, lambda: house.rules.rules, house.settled, channels,
            correspondence.alerts, background,
        )  # fmt: skip
        broadcasting.public_pictures.add_routes(app)
        open_desk(
            settings, secret, house.database, house.audit, house.rules, house.settled, broadcasting, background,
            correspondence, house.links, read_subscription_topics(fold), lambda: house.mind.catalogue,
        ).add_routes(app)  # fmt: skip
        Health(lambda: house.mind.stand.version, house.database, house.dossiers, correspondence).add_routes(app)
        renewal = Renewal(Versions(settings.models_folder), house.database, house.maker, house.mind, house.take)
        watcher = open_watcher(settings, house, correspondence.outbox)
        app.cleanup_ctx.append(_kept_open(house, renewal, watcher, correspondence, broadcasting))
        await warm_up(house.assistant)
        set_aside()
        opened.pop_all()
    return app


def open_watcher(settings: Settings, house: House, outbox: Outbox, clock: Clock = now) -> Watcher:
    template = settings.zalo.dossier_template if settings.zalo else ""
    notices = Notices(outbox, settings.messengers, lambda *notice: house.mind.wording.word(*notice), clock, template)
    house.links.tell = notices.enqueue
    watches = SqlWatches(house.database, settings.messengers, clock)
    return Watcher(watches, house.dossiers, house.calendar, notices.enqueue, outbox.ready, clock, Pace())


def _kept_open(
    house: House, renewal: Renewal, watcher: Watcher, correspondence: Correspondence, broadcasting: Broadcasting
) -> Callable[[web.Application], AsyncIterator[None]]:
    async def keep(_: web.Application) -> AsyncIterator[None]:
        await correspondence.start()
        works = (collect_when_idle(house.conversation), renewal.run(), watcher.run(), house.rules.run())
        tasks = [asyncio.create_task(work) for work in works]
        crew = asyncio.create_task(broadcasting.crew.run())
        yield
        await broadcasting.close(FINISH_SECONDS)
        await crew
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await correspondence.close()
        await house.close()

    return keep


def _webchat_settings(settings: Settings, secret: str, house: House, limits: DoorLimits) -> WebChatSettings:
    def today() -> Today:
        agency, banner = house.agency(), house.rules.rules.banner
        return Today(agency.hotline, agency.hours, {language: in_language(banner, language) for language in LANGUAGES})

    return WebChatSettings(
        secret=secret,
        agency=house.settled.name,
        today=today,
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
