"""The audit log, for administrators to read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Mapping
from urllib.parse import urlencode

import msgspec
import sqlalchemy as sa
from aiohttp import web

from bot.audit import Audit
from bot.console.audit_words import ACTIONS
from bot.console.officials import Officials
from bot.console.pages import Page, Visit
from bot.console.roles import Permission
from bot.console.tables import audit
from bot.records import with_zone
from bot.storage import Database

AT_ONCE = 50


@dataclass(frozen=True)
class Line:
    seq: int
    at: dt.datetime
    official: str
    action: str
    subject: str
    facts: Mapping[str, Any]


class AuditPages:
    def __init__(self, database: Database, audit_log: Audit, officials: Officials) -> None:
        self._database, self._audit, self._officials = database, audit_log, officials

    def pages(self) -> list[Page]:
        return [
            Page("GET", "/audit", Permission.READ_AUDIT, self._show),
            Page("POST", "/audit/check", Permission.READ_AUDIT, self._check),
        ]

    async def _show(self, visit: Visit) -> web.Response:
        wanted = {name: visit.request.query.get(name, "") for name in ("official", "action")}
        before = visit.request.query.get("before", "")
        query = sa.select(audit).order_by(audit.c.seq.desc()).limit(AT_ONCE + 1)
        if _is_number(wanted["official"]):
            query = query.where(audit.c.official_id == int(wanted["official"]))
        if wanted["action"]:
            query = query.where(audit.c.action == wanted["action"])
        if _is_number(before):
            query = query.where(audit.c.seq < int(before))
        rows = await self._database.run(lambda connection: connection.execute(query).all())
        lines = [_line(row) for row in rows[:AT_ONCE]]
        older = f"/audit?{urlencode({**wanted, 'before': lines[-1].seq})}" if len(rows) > AT_ONCE else ""
        members = await self._officials.all()
        return visit.page("audit.html", lines=lines, older=older, members=members, wanted=wanted, actions=ACTIONS)

    async def _check(self, visit: Visit) -> web.Response:
        """Reads the whole log, and so only when it is asked for."""
        broken = await self._audit.first_broken()
        if broken is None:
            return visit.go("/audit", visit.say("Nhật ký còn nguyên vẹn từ dòng đầu đến dòng cuối."))
        return visit.refuse(visit.say("Nhật ký đã bị sửa hoặc mất từ dòng {number}.", number=broken))


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= 18


def _line(row: Any) -> Line:
    facts = msgspec.json.decode(row.facts, type=dict[str, Any])
    return Line(row.seq, with_zone(row.at), row.official, row.action, row.subject, facts)
