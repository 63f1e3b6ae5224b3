"""The criteria of an audience as conditions on a citizen, for reading ``bot.tables.addresses``."""

from __future__ import annotations

import datetime as dt
from typing import Any, Iterable

import sqlalchemy as sa

from bot.broadcasts.campaign import Audience
from bot.broadcasts.tables import asked, residences, subscriptions
from bot.tables import addresses, dossier_states, watches
from bot.watches import OVER
from knowledge.wards import keys_of, province_key
from nlu.vietnamese.folding import fold

_OPEN_DOSSIERS = watches.join(dossier_states, dossier_states.c.code == watches.c.dossier)


def asks_nothing_personal(audience: Audience) -> bool:
    """Everybody on the chosen channels and in the chosen languages is meant."""
    chosen = (audience.topics, audience.wards, audience.provinces, audience.asked, audience.open_dossier)
    return not audience.file and not any(chosen)


def personal(audience: Audience, now: dt.datetime) -> list[Any]:
    """All of them must be met."""
    conditions = []
    if audience.topics:
        conditions.append(_has(subscriptions, subscriptions.c.topic.in_(audience.topics)))
    if audience.wards:
        conditions.append(_has(residences, *_in_wards(audience.wards)))
    if audience.provinces:
        provinces = [province_key(name, fold) for name in audience.provinces]
        conditions.append(_has(residences, residences.c.province_key.in_(provinces)))
    concerned = []
    if audience.asked:
        since = now.astimezone(dt.timezone.utc) - dt.timedelta(days=audience.days)
        concerned.append(_has(asked, asked.c.procedure == audience.asked, asked.c.at >= since))
    if audience.open_dossier:
        concerned.append(_has_open_dossier(audience.open_dossier))
    return [*conditions, sa.or_(*concerned)] if concerned else conditions


def _has(table: sa.Table, *conditions: Any) -> Any:
    return sa.exists().where(table.c.citizen_id == addresses.c.citizen_id, *conditions)


def _has_open_dossier(procedure: str) -> Any:
    return (
        sa.exists()
        .select_from(_OPEN_DOSSIERS)
        .where(
            watches.c.citizen_id == addresses.c.citizen_id,
            watches.c.told != OVER,
            dossier_states.c.procedure == procedure,
            dossier_states.c.is_open.is_(True),
        )
    )


def _in_wards(names: Iterable[str]) -> list[Any]:
    """Citizens do not always say the province; who said another one lives elsewhere."""
    wards, provinces = zip(*(keys_of(name, fold) for name in names))
    lives = [residences.c.ward_key.in_(wards)]
    return [*lives, residences.c.province_key.in_(["", *provinces])] if all(provinces) else lives
