"""The agency as it is today: what the settings say of it, and what officials have decided since."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Mapping

from bot.house_rules import Rules
from bot.settings import Settings
from bot.wording.speaker import SOURCE_LANGUAGE
from bot.wording.talk import Agency

ANNOUNCED = dt.timedelta(days=14)  # before a holiday


def agency_of(settings: Settings) -> Agency:
    return Agency(
        name={"vi": settings.agency_name, "en": settings.agency_name_en},
        hotline=settings.hotline,
        hours={"vi": settings.opening_hours, "en": settings.opening_hours_en},
        address=settings.agency_address,
    )


def agency_under(rules: Rules, agency: Agency, today: dt.date) -> Agency:
    """What is decided in Vietnamese alone holds in every language: better than hours that are no longer true."""
    return replace(
        agency,
        hotline=rules.hotline or agency.hotline,
        hours={language: in_language(rules.hours, language) or hours for language, hours in agency.hours.items()},
        greeting={language: in_language(rules.greeting, language) for language in agency.name},
        holidays={day: rules.holidays[day] for day in sorted(rules.holidays) if today <= day <= today + ANNOUNCED},
    )


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text in this language, in Vietnamese where nobody has translated it; "" when there is none."""
    return texts.get(language) or texts.get(SOURCE_LANGUAGE, "")
