"""Looks up what a content is checked against: its file's columns, the channels that are set up, the agency's rules."""

from __future__ import annotations

import json
from typing import Callable, Mapping

import sqlalchemy as sa

from bot.broadcasts.campaign import Content
from bot.broadcasts.notice import house_facts
from bot.broadcasts.problems import Problem, problems
from bot.broadcasts.tables import audience_files
from bot.house_rules import Rules
from bot.wording.speaker import LANGUAGES
from bot.wording.speaker import marked as _
from bot.wording.talk import Agency
from connectors.channel import Limits

_FILE = sa.select(audience_files.c.state, audience_files.c.columns).where(audience_files.c.id == sa.bindparam("file"))


class Readiness:
    """bot.broadcasts.campaigns.Check. ``limits``: of the channels that are set up, by name; ``origin``: where everybody
    reaches us, "" for nowhere.
    """

    def __init__(
        self, limits: Mapping[str, Limits], agency: Agency, rules: Callable[[], Rules], origin: str
    ) -> None:
        self._limits, self._agency, self._rules, self._origin = limits, agency, rules, origin

    def __call__(self, connection: sa.engine.Connection, content: Content) -> list[Problem]:
        """Within a database work: what keeps it from being sent."""
        columns: list[str] = []
        if content.audience.file:
            row = connection.execute(_FILE, {"file": content.audience.file}).first()
            if row is None or row.state != "ready":
                return [Problem("file", _("Tệp người nhận chưa đọc xong hoặc không dùng được."))]
            columns = json.loads(row.columns)
        rules = self._rules()
        house = {language: house_facts(self._agency, rules, language) for language in LANGUAGES}
        found = problems(content, columns, self._limits, rules.templates, house)
        if content.article and not self._origin:  # Zalo reads the cover there
            found.append(Problem("article", _("Bài viết cần địa chỉ công khai của máy chủ (PUBLIC_ORIGIN).")))
        return found
