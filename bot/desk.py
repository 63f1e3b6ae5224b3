"""The officials' pages, joined: the console and what each page is given."""

from __future__ import annotations

import functools
from typing import Callable, Mapping, Optional

from argon2 import PasswordHasher

from bot.audit import Audit
from bot.background import Background
from bot.broadcasting import Broadcasting, phone_digest
from bot.broadcasts.notice import house_facts
from bot.broadcasts.refused_phones import RefusedPhones
from bot.broadcasts.reports import Reports
from bot.console.audience_pages import AudiencePages
from bot.console.campaign_offer import Offers
from bot.console.campaign_pages import CampaignPages
from bot.console.campaign_steps import CampaignSteps
from bot.console.citizens_page import CitizensPage
from bot.console.console import Console, ConsoleSettings, first_link
from bot.console.imports_page import ImportsPage
from bot.console.live_pages import LivePages
from bot.console.officials import Officials
from bot.console.picture_pages import PicturePages
from bot.console.previews import Previews
from bot.console.procedures_page import ProceduresPage
from bot.console.questions_page import QuestionsPage
from bot.console.refused_phones_page import RefusedPhonesPage
from bot.console.report_pages import ReportPages
from bot.console.today_page import TodayPage
from bot.console.trial import Trials
from bot.console.weekly_pages import WeeklyPages
from bot.correspondence import Correspondence
from bot.house_rules import HouseRules
from bot.linking import SqlLinks
from bot.records import now
from bot.secret_key import secret_of
from bot.settings import Settings
from bot.storage import Database
from bot.wording.speaker import Speaker
from bot.wording.talk import Agency
from knowledge.catalogue import Catalogue
from knowledge.subscription_topics import SubscriptionTopics


def open_desk(
    settings: Settings,
    secret: str,
    database: Database,
    audit: Audit,
    rules: HouseRules,
    agency: Agency,
    broadcasting: Broadcasting,
    background: Background,
    correspondence: Correspondence,
    links: SqlLinks,
    topics: SubscriptionTopics,
    catalogue: Callable[[], Catalogue],
) -> Console:
    """``catalogue`` gives the one of the moment."""
    all_ = broadcasting
    limits = {name: channel.limits for name, channel in correspondence.opened.channels.items()}
    officials = Officials(database, audit, now)

    def title(code: str) -> Optional[str]:
        procedure = catalogue().get(code)
        return procedure.title.vi if procedure else None

    def titles_of_topics(say: Speaker) -> Mapping[str, str]:
        return {topic.id: say.text(topic.title) for topic in topics}

    def house(language: str) -> Mapping[str, str]:
        return house_facts(agency, rules.rules, language)

    offers = Offers(database, limits, lambda: rules.rules, titles_of_topics, title)
    previews = Previews(database, all_.recipients, all_.check, limits, house, now)
    pages = [
        *TodayPage(database, all_.campaigns, correspondence.alerts, tuple(limits)).pages(),
        *CampaignPages(all_.campaigns, officials, offers, previews, all_.crew).pages(),
        *CampaignSteps(all_.campaigns, officials, previews, Trials(database, correspondence.outbox), all_.crew).pages(),
        *LivePages(all_.campaigns, all_.ledger, all_.counting, all_.crew).pages(),
        *ReportPages(all_.campaigns, Reports(database, lambda: rules.rules, now)).pages(),
        *WeeklyPages(background.weekly, all_.crew, title).pages(),
        *AudiencePages(background.files, all_.crew).pages(),
        *RefusedPhonesPage(RefusedPhones(database, audit, functools.partial(phone_digest, secret))).pages(),
        *PicturePages(database, all_.pictures).pages(),
        *CitizensPage(database, audit, titles_of_topics).pages(),
        *QuestionsPage(database, catalogue).pages(),
        *ProceduresPage(database, catalogue).pages(),
        *ImportsPage(database, background.imports, all_.campaigns, catalogue, all_.crew).pages(),
    ]
    origin = settings.public_origin
    about = ConsoleSettings(agency.name, secret, origin, settings.proxies)
    return Console(about, database, audit, rules, links.owner, PasswordHasher(), pages)


async def make_first_link(settings: Settings, origin: str) -> Optional[str]:
    """When there is no official yet: one is made who can make the others, and this is where they sign in first. To be
    called before the server opens the database, which must have been migrated.
    """
    database = Database(settings.database_url)
    try:
        return await first_link(database, Audit(database, secret_of(settings)), settings.public_origin or origin)
    finally:
        await database.close()
