"""How a campaign's notice will read: to real recipients, on each channel, in each language, with what is cut."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Callable, Mapping, Sequence

import sqlalchemy as sa

from bot.broadcasts.campaign import Content
from bot.broadcasts.campaigns import Check
from bot.broadcasts.notice import Rendering, Unfilled, fill, preview, reply_of
from bot.broadcasts.problems import Problem
from bot.broadcasts.recipients import Recipients
from bot.storage import Database
from bot.wording.speaker import LANGUAGES, SOURCE_LANGUAGE
from connectors.channel import Limits
from connectors.messages import Reply

ROWS = 3  # real recipients whose notice can be looked at
LOOKED_AT = 100


@dataclass(frozen=True)
class Preview:
    """``rows``: how many real recipients can be looked at; of one of them ``renderings`` by language, and what the
    names of the Zalo template are filled with.
    """

    problems: Sequence[Problem]
    rows: int
    renderings: Mapping[str, Sequence[Rendering]]
    template: Mapping[str, str]


@dataclass(frozen=True)
class _Found:
    problems: Sequence[Problem]
    rows: Sequence[Mapping[str, str]]


class Previews:
    """``limits`` by channel; ``house`` gives a language's values of the placeholders that everybody has."""

    def __init__(
        self,
        database: Database,
        recipients: Recipients,
        check: Check,
        limits: Mapping[str, Limits],
        house: Callable[[str], Mapping[str, str]],
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._database, self._recipients, self._check = database, recipients, check
        self._limits, self._house, self._clock = limits, house, clock

    async def draw(self, content: Content, row: int = 0) -> Preview:
        found = await self._find(content)
        facts = found.rows[row] if row < len(found.rows) else {}
        renderings = {language: self._render(content, language, facts) for language in _written(content)}
        given = {**facts, **self._house(SOURCE_LANGUAGE)}
        template = {name: _filled(text, given) for name, text in content.template_facts.items()}
        return Preview(found.problems, len(found.rows), renderings, template)

    async def replies(self, content: Content) -> list[Reply]:
        """What the first recipient gets, in each language. Raises Unfilled."""
        rows = (await self._find(content)).rows
        facts = rows[0] if rows else {}
        return [reply_of(content, language, {**facts, **self._house(language)}) for language in _written(content)]

    def _render(self, content: Content, language: str, facts: Mapping[str, str]) -> Sequence[Rendering]:
        channels = content.audience.channels or self._limits
        wanted = {name: limits for name, limits in self._limits.items() if name in channels}
        try:
            return preview(content, {**facts, **self._house(language)}, wanted, language)
        except Unfilled:  # this recipient is not told: the forecast counts why
            return []

    async def _find(self, content: Content) -> _Found:
        def work(connection: sa.engine.Connection) -> _Found:
            page = self._recipients.read(connection, content.audience, "", LOOKED_AT, self._clock())
            return _Found(self._check(connection, content), [one.facts for one in page.recipients[:ROWS]])

        return await self._database.run(work)


def _filled(text: str, facts: Mapping[str, str]) -> str:
    try:
        return fill(text, facts)
    except Unfilled:
        return text


def _written(content: Content) -> list[str]:
    return [language for language in LANGUAGES if content.body.get(language)]
