"""What the agency decides while the server runs, and the two emergency stops."""

from __future__ import annotations

import functools
from typing import Mapping, Sequence

import msgspec
from aiohttp import web

from bot.audit import Audit
from bot.console.pages import Page, Visit
from bot.console.roles import Permission
from bot.console.rules_form import TEMPLATE_FIELDS, read, written
from bot.house_rules import ChangedMeanwhile, HouseRules
from bot.storage import Database

STOPS = {"assistant": "assistant_stopped", "broadcasts": "broadcasts_stopped"}
LONGEST_REASON = 300
EMPTY_ROWS = 2  # for templates to come


class SettingsPages:
    def __init__(self, database: Database, audit: Audit, rules: HouseRules) -> None:
        self._database, self._audit, self._rules = database, audit, rules

    def pages(self) -> list[Page]:
        return [
            Page("GET", "/settings", Permission.CHANGE_RULES, self._show),
            Page("POST", "/settings", Permission.CHANGE_RULES, self._change),
            Page("GET", "/stops", Permission.STOP_EVERYTHING, self._show_stops),
            Page("POST", "/stops/{what:assistant|broadcasts}", Permission.STOP_EVERYTHING, self._switch),
        ]

    async def _show(self, visit: Visit) -> web.Response:
        await self._rules.read()
        return self._draw(visit, written(self._rules.rules), self._rules.version)

    async def _change(self, visit: Visit) -> web.Response:
        await self._rules.read()
        fields = {name: await visit.values(name) for name in written(self._rules.rules)}
        version = _number((await visit.form()).get("version", ""))
        rules, problems = read(fields.__getitem__, self._rules.rules)
        if problems:
            said = [visit.say(problem.sentence, what=problem.what) for problem in problems]
            return self._draw(visit, fields, version, said)
        try:
            await self._rules.change(visit.official.actor, version, rules)
        except ChangedMeanwhile:
            changed = visit.say("Thiết lập vừa được người khác thay đổi. Xin mở lại trang và nhập lại.")
            return visit.refuse(changed)
        return visit.go("/settings", visit.say("Đã lưu thiết lập."))

    async def _show_stops(self, visit: Visit) -> web.Response:
        await self._rules.read()
        return visit.page("stops.html", rules=self._rules.rules)

    async def _switch(self, visit: Visit) -> web.Response:
        form, what = await visit.form(), visit.request.match_info["what"]
        reason, stopped = form.get("reason", ""), form.get("stopped") == "yes"
        if not 0 < len(reason) <= LONGEST_REASON:
            return visit.refuse(visit.say("Xin ghi lý do, nhiều nhất 300 ký tự."), 400)
        by, action = visit.official.actor, f"{what}.{'stop' if stopped else 'start'}"
        await self._rules.read()
        rules = msgspec.structs.replace(self._rules.rules, **{STOPS[what]: stopped})
        try:
            await self._rules.change(by, self._rules.version, rules)
        except ChangedMeanwhile:
            return visit.refuse(visit.say("Chưa thực hiện: thiết lập vừa được người khác thay đổi. Xin bấm lại."))
        write = functools.partial(self._audit.record, by=by, action=action, subject=what, facts={"reason": reason})
        await self._database.run(write)
        return visit.go("/stops", visit.say("Đã dừng.") if stopped else visit.say("Đã chạy lại."))

    def _draw(
        self, visit: Visit, fields: Mapping[str, Sequence[str]], version: int, problems: Sequence[str] = ()
    ) -> web.Response:
        empty = ("", "", "", "0", "0")
        templates = [*zip(*(fields[name] for name in TEMPLATE_FIELDS)), *[empty] * EMPTY_ROWS]
        texts = {name: "".join(values[:1]) for name, values in fields.items()}
        return visit.page("settings.html", texts=texts, templates=templates, version=version, problems=problems)


def _number(text: str) -> int:
    """-1, which no version is, for what is no number."""
    return int(text) if text.isdecimal() and len(text) <= 9 else -1
