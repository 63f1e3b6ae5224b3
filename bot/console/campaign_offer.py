"""What an official can choose for a campaign: topics, channels, files, pictures, templates."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, Callable, Collection, Mapping, Optional

import sqlalchemy as sa

from bot.broadcasts.campaign import Content
from bot.broadcasts.differences import differences
from bot.broadcasts.tables import audience_files, pictures
from bot.console.campaign_form import Offer
from bot.console.campaign_words import CHANNELS, LANGUAGES
from bot.house_rules import Rules
from bot.storage import Database
from bot.wording.speaker import Speaker

NEWEST = 100  # files, and pictures
_PROCEDURES = ("procedure", "asked", "open_dossier")


@dataclass(frozen=True)
class Changed:
    """One field of a content, in words; "" where there was or is nothing."""

    label: str
    before: str
    after: str


class Offers:
    """``channels``: those that carry notices; ``topics`` gives the titles of what citizens subscribe to, by id;
    ``procedure_title`` the title of a procedure's code, None where there is none.
    """

    def __init__(
        self,
        database: Database,
        channels: Collection[str],
        rules: Callable[[], Rules],
        topics: Callable[[Speaker], Mapping[str, str]],
        procedure_title: Callable[[str], Optional[str]],
    ) -> None:
        self._database, self._channels, self._rules, self._topics = database, channels, rules, topics
        self.procedure_title = procedure_title

    async def read(self, say: Speaker, content: Content) -> Offer:
        """The newest of everything, and what ``content`` has chosen already."""
        work = functools.partial(_files_and_pictures, file=content.audience.file, picture=content.picture)
        files, shown = await self._database.run(work)
        rules = self._rules()
        return Offer(
            topics=self._topics(say),
            channels={name: say(title) for name, title in CHANNELS.items() if name in self._channels},
            languages={name: say(title) for name, title in LANGUAGES.items()},
            files={str(row.id): say("{name} ({count} người)", name=row.name, count=row.good) for row in files},
            pictures={str(row.id): row.name for row in shown},
            templates=rules.templates,
            wards=rules.wards,
        )

    async def changes(self, say: Speaker, before: Content, after: Content) -> list[Changed]:
        """What differs, field by field; to an empty content: all that was filled in."""
        offers = [await self.read(say, content) for content in (before, after)]
        return [
            Changed(
                say.gettext(one.label),
                self._named(one.field, one.before, offers[0]),
                self._named(one.field, one.after, offers[1]),
            )
            for one in differences(before, after)
        ]

    def _named(self, field: str, text: str, offer: Offer) -> str:
        """Ids and codes with what they mean."""
        if field in _PROCEDURES and text:
            return f"{text} {self.procedure_title(text) or ''}".strip()
        titles: Mapping[str, str] = {
            "topics": offer.topics, "channels": offer.channels, "languages": offer.languages,
            "file": offer.files, "picture": offer.pictures, "template": offer.template_titles,
        }.get(field, {})  # fmt: skip
        return ", ".join(titles.get(one, one) for one in text.split(", ")) if titles else text


def _files_and_pictures(connection: sa.engine.Connection, file: int, picture: int) -> tuple[list[Any], list[Any]]:
    ready = sa.select(audience_files).where(audience_files.c.state == "ready")
    shown = sa.select(pictures.c.id, pictures.c.name)
    return _newest(connection, ready, audience_files, file), _newest(connection, shown, pictures, picture)


def _newest(connection: sa.engine.Connection, query: Any, table: sa.Table, chosen: int) -> list[Any]:
    newest = connection.execute(query.order_by(table.c.id.desc()).limit(NEWEST)).all()
    is_among = any(row.id == chosen for row in newest)
    return [*newest, *([] if is_among else connection.execute(query.where(table.c.id == chosen)))]
