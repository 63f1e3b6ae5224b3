"""Citizens as an agent may see them: which channels and wishes they have, and why nothing can be sent; all masked."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import re
from dataclasses import dataclass
from typing import Any, Callable, Iterator, Mapping, Optional, Sequence

import msgspec
import sqlalchemy as sa
from aiohttp import web

from bot.audit import Audit
from bot.broadcasts.campaign import Content, DeliveryState
from bot.broadcasts.reasons import SENTENCES, Reason
from bot.broadcasts.tables import campaigns, deliveries, opt_outs, residences, subscriptions
from bot.console.campaign_words import DELIVERY_STATES, LANGUAGES, WHY
from bot.console.pages import Page, Visit
from bot.console.roles import Permission
from bot.records import now, of, with_zone
from bot.storage import Database
from bot.tables import addresses, contacts
from bot.wording.speaker import Speaker
from bot.wording.speaker import marked as _
from connectors.messages import Address
from connectors.zalo.windows import Openness, Standing, window

SHOWN = 25
TOLD = 10  # notices to each address
LOOKED_AT = 20_000  # addresses in one database work
HANDLE = 16  # characters of our own random id: enough to find a citizen again here, and nothing elsewhere
CHANNELS: Mapping[str, str] = {
    "zalo": _("Zalo"),
    "telegram": _("Telegram"),
    "webchat": _("Trang trò chuyện"),
    "rest": _("Ứng dụng khác"),
}
_ENDING = re.compile("[0-9A-Za-z]{4,8}")
_HANDLE = re.compile(f"[0-9a-f]{{{HANDLE}}}")
_A, _C = addresses.c, contacts.c
_WITH_CONTACTS = addresses.outerjoin(contacts, sa.and_(_C.channel == _A.channel, _C.person == _A.person)).outerjoin(
    opt_outs, opt_outs.c.citizen_id == _A.citizen_id
)
_ROWS = (
    sa.select(addresses, _C.follows, _C.last_interaction_at, _C.refused, opt_outs.c.at.label("opted_out_at"))
    .select_from(_WITH_CONTACTS)
    .order_by(_A.citizen_id, _A.channel, _A.person)
)
_PART = (
    sa.select(_A.person)
    .where(_A.channel == sa.bindparam("channel"), _A.person > sa.bindparam("after"))
    .order_by(_A.person)
    .limit(sa.bindparam("most"))
    .subquery()
)
_LAST_OF_PART = sa.select(sa.func.max(_PART.c.person))
_D = deliveries.c
_TOLD = (
    sa.select(_D.state, _D.why, _D.finished_at, _D.campaign, campaigns.c.content)
    .select_from(deliveries.join(campaigns, campaigns.c.id == _D.campaign))
    .order_by(_D.id.desc())
    .limit(TOLD)
)


@dataclass(frozen=True)
class Way:
    """An address, masked; ``obstacles``: why it cannot be written to unasked, in sentences."""

    channel: str
    shown: str
    language: str
    since: dt.datetime
    last_interaction_at: Optional[dt.datetime]
    obstacles: Sequence[str]


@dataclass(frozen=True)
class Somebody:
    handle: str
    ways: Sequence[Way]
    opted_out_at: Optional[dt.datetime]


@dataclass(frozen=True)
class Told:
    """A notice that was or is to be sent; ``why`` it was not taken."""

    campaign: int
    title: str
    state: DeliveryState
    why: str
    at: Optional[dt.datetime]


@dataclass(frozen=True)
class Wishes:
    topics: Sequence[str]
    ward: str
    told: Sequence[Told]


class CitizensPage:
    """``topics`` gives the titles of what citizens subscribe to, by id."""

    def __init__(
        self,
        database: Database,
        audit: Audit,
        topics: Callable[[Speaker], Mapping[str, str]],
        clock: Callable[[], dt.datetime] = now,
    ) -> None:
        self._database, self._audit, self._topics, self._clock = database, audit, topics, clock

    def pages(self) -> Sequence[Page]:
        return [
            Page("GET", "/citizens", Permission.READ_CITIZENS, self._list),
            Page("GET", r"/citizens/{handle}", Permission.READ_CITIZENS, self._show),
        ]

    async def _list(self, visit: Visit) -> web.StreamResponse:
        query = visit.request.query
        channel, ending, after = query.get("channel", ""), query.get("ending", "").strip(), query.get("after", "")
        is_search = bool(channel or ending)
        if is_search and not (channel in CHANNELS and _ENDING.fullmatch(ending)):
            return visit.refuse(visit.say("Xin chọn kênh và nhập 4 đến 8 ký tự cuối của mã người dùng."), 422)
        people = await (self._ending(channel, ending) if is_search else self._after(after))
        return visit.page(
            "citizens.html",
            people=[self._somebody(rows, visit.say) for rows in people[:SHOWN]],
            channels=CHANNELS,
            languages=LANGUAGES,
            chosen=channel,
            ending=ending,
            older=_older(people) if not is_search else "",
            is_cut=is_search and len(people) > SHOWN,
        )

    async def _show(self, visit: Visit) -> web.StreamResponse:
        handle = visit.request.match_info["handle"]

        def work(connection: sa.engine.Connection) -> Optional[tuple[list[Any], Wishes]]:
            rows = connection.execute(_ROWS.where(_A.citizen_id.between(handle, _behind(handle)))).all()
            if not rows:
                return None
            self._audit.record(connection, visit.official.actor, "citizen.read", f"citizen {handle}", {})
            return rows, _wishes(connection, rows)

        found = await self._database.run(work) if _HANDLE.fullmatch(handle) else None
        if found is None:
            return visit.refuse(visit.say("Không có người này."), 404)
        rows, wishes = found
        titles = self._topics(visit.say)
        return visit.page(
            "citizen.html",
            one=self._somebody(rows, visit.say),
            topics=[titles.get(topic, topic) for topic in wishes.topics],
            wishes=wishes,
            channels=CHANNELS,
            languages=LANGUAGES,
            states=DELIVERY_STATES,
            why_words=WHY,
        )

    async def _after(self, after: str) -> list[list[Any]]:
        """One more than are shown, in the order of our own ids."""
        ids = sa.select(_A.citizen_id).where(_A.citizen_id >= (_behind(after) if after else "")).distinct()
        page = ids.order_by(_A.citizen_id).limit(SHOWN + 1)
        return await self._read(_A.citizen_id.in_(page))

    async def _ending(self, channel: str, ending: str) -> list[list[Any]]:
        """Whoever's address ends so; looked through in parts, for no index has the ends of texts."""
        found: list[str] = []
        after: Optional[str] = ""
        while after is not None and len(found) <= SHOWN:
            look = functools.partial(_ending_so, channel=channel, ending=ending, after=after)
            after, ids = await self._database.run(look)
            found += ids
        return await self._read(_A.citizen_id.in_(found[: SHOWN + 1]))

    async def _read(self, which: Any) -> list[list[Any]]:
        """The addresses of each citizen."""
        rows = await self._database.run(lambda connection: connection.execute(_ROWS.where(which)).all())
        return [list(own) for _id, own in itertools.groupby(rows, key=lambda row: row.citizen_id)]

    def _somebody(self, rows: Sequence[Any], say: Speaker) -> Somebody:
        opted_out = rows[0].opted_out_at
        ways = [
            Way(
                row.channel,
                masked(row.person),
                row.language,
                with_zone(row.created_at),
                row.last_interaction_at and with_zone(row.last_interaction_at),
                [say.gettext(sentence) for sentence in self._obstacles(row)],
            )
            for row in rows
        ]
        return Somebody(rows[0].citizen_id[:HANDLE], ways, opted_out and with_zone(opted_out))

    def _obstacles(self, row: Any) -> Iterator[str]:
        if row.channel not in ("zalo", "telegram"):
            yield SENTENCES[Reason.NO_CHANNEL]
        if row.refused:
            yield WHY[row.refused]
        if row.channel == "zalo":
            if not row.follows:
                yield SENTENCES[Reason.NOT_FOLLOWING]
            last = row.last_interaction_at
            standing = Standing(row.follows, last and with_zone(last))
            if window(standing, self._clock()).openness is Openness.CLOSED:
                yield SENTENCES[Reason.WINDOW_CLOSED]


def masked(person: str) -> str:
    """The last four characters of an id, of a short one fewer."""
    return "•••" + person[-min(4, len(person) // 3) :] if len(person) > 2 else "•••"


def _behind(handle: str) -> str:
    """What every id that begins so comes before: they are hexadecimal."""
    return f"{handle}g"


def _older(people: Sequence[Sequence[Any]]) -> str:
    return f"/citizens?after={people[SHOWN - 1][0].citizen_id[:HANDLE]}" if len(people) > SHOWN else ""


def _ending_so(
    connection: sa.engine.Connection, channel: str, ending: str, after: str
) -> tuple[Optional[str], Sequence[str]]:
    """Where the next part begins, None after the last one; the citizens found in this one."""
    last = connection.execute(_LAST_OF_PART, {"channel": channel, "after": after, "most": LOOKED_AT}).scalar()
    if last is None:
        return None, []
    part = (_A.channel == channel, _A.person > after, _A.person <= last)
    ids = sa.select(_A.citizen_id).where(*part, _A.person.endswith(ending)).limit(SHOWN + 1)
    return last, connection.execute(ids).scalars().all()


def _wishes(connection: sa.engine.Connection, rows: Sequence[Any]) -> Wishes:
    """Of one citizen, whose addresses ``rows`` are."""
    own = rows[0].citizen_id
    topics = sa.select(subscriptions.c.topic).where(subscriptions.c.citizen_id == own).order_by(subscriptions.c.topic)
    ward = sa.select(residences.c.ward).where(residences.c.citizen_id == own)
    told = [
        one
        for row in rows
        for one in connection.execute(_TOLD.where(of(deliveries, Address(row.channel, row.person))))
    ]
    return Wishes(
        connection.execute(topics).scalars().all(),
        connection.execute(ward).scalar() or "",
        [_told(one) for one in sorted(told, key=lambda one: one.campaign, reverse=True)],
    )


def _told(row: Any) -> Told:
    title = msgspec.json.decode(row.content, type=Content).title
    at = row.finished_at and with_zone(row.finished_at)
    return Told(row.campaign, title, DeliveryState(row.state), row.why or "", at)
