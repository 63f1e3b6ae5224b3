"""Whom an audience means, read in pages: who agreed to be told, at which of their addresses, each person once.

Consent is a chosen topic, or following the Zalo account, or having started the Telegram bot; the rows of a file are
people who gave the agency their address. Whoever refused notices, or blocked us, is in no page.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Callable, Collection, Iterable, Mapping, Optional, Sequence, Union

import msgspec
import sqlalchemy as sa

from bot.broadcasts.campaign import Audience
from bot.broadcasts.criteria import asks_nothing_personal, personal
from bot.broadcasts.reasons import Reason
from bot.broadcasts.tables import audience_files, audience_rows, opt_outs, refused_phones
from bot.contacts import is_shared
from bot.records import with_zone
from bot.tables import addresses, contacts
from bot.wording.speaker import SOURCE_LANGUAGE
from connectors.errors import RefusedReason
from connectors.messages import Address
from connectors.zalo.vehicles import PHONE

ZALO = "zalo"
PHONE_ROW = "phone"  # audience_rows.channel
# What a place in the reading begins with: citizens, then followers who never wrote; or the rows of a file.
_CITIZENS, _FOLLOWERS, _ROWS = "c", "f", "r"
_NEVER = dt.datetime.min.replace(tzinfo=dt.timezone.utc)


@dataclass(frozen=True)
class Candidate:
    """One address of somebody. ``follows`` is None when nobody knows or there is no such thing."""

    address: Address
    follows: Optional[bool] = None
    last_interaction_at: Optional[dt.datetime] = None


@dataclass(frozen=True)
class Recipient:
    """``citizen_id`` is None for who never wrote to us. ``addresses``: newest used first, at least one. ``facts``: the
    placeholders that their row of the file fills.
    """

    citizen_id: Optional[str]
    addresses: tuple[Candidate, ...]
    language: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """``left_out``: how many are meant and may not, or cannot, be told. ``after``: where the next page begins, None
    when this is the last one.
    """

    recipients: tuple[Recipient, ...]
    left_out: Mapping[Reason, int]
    after: Optional[str]


_Read = Union[Recipient, Reason, None]  # None: is not meant

_A, _C, _R = addresses.c, contacts.c, audience_rows.c
_CONTACT = (_C.follows, _C.last_interaction_at, _C.refused)
_WITH_CONTACTS = addresses.outerjoin(contacts, sa.and_(_C.channel == _A.channel, _C.person == _A.person))
_PEOPLE = (
    sa.select(_A.citizen_id, _A.channel, _A.person, _A.language, *_CONTACT, opt_outs.c.citizen_id.label("opted_out"))
    .select_from(_WITH_CONTACTS.outerjoin(opt_outs, opt_outs.c.citizen_id == _A.citizen_id))
    .order_by(_A.citizen_id, _A.channel, _A.person)
)
_FOLLOWERS_PAGE = (
    sa.select(_C.channel, _C.person, *_CONTACT, _A.citizen_id, _A.created_at)
    .select_from(contacts.outerjoin(addresses, sa.and_(_C.channel == _A.channel, _C.person == _A.person)))
    .where(_C.channel == ZALO, _C.person > sa.bindparam("after"))
    .order_by(_C.person)
    .limit(sa.bindparam("most"))
)


def _last_of(page: Any) -> Any:
    """Where a page ends, and how many keys it has."""
    keys = page.limit(sa.bindparam("most")).subquery()
    return sa.select(sa.func.max(keys.c.key), sa.func.count())


_LAST_CITIZEN = _last_of(
    sa.select(_A.citizen_id.label("key"))
    .where(_A.citizen_id > sa.bindparam("after"))
    .distinct()
    .order_by(_A.citizen_id)
)
_OF_FILE = sa.and_(
    _R.file == sa.bindparam("file"),
    sa.exists().where(audience_files.c.id == sa.bindparam("file"), audience_files.c.state == "ready"),
)
_LAST_ROW = _last_of(sa.select(_R.row.label("key")).where(_OF_FILE, _R.row > sa.bindparam("after")).order_by(_R.row))


def _stands_before(table: Any) -> Any:
    """Whether an address of ``table`` stands further up in the file. The 0 keeps SQLite from walking through all rows
    before this one, instead of looking the address up.
    """
    earlier = audience_rows.alias()
    same = (earlier.c.file == _R.file, earlier.c.channel == table.c.channel, earlier.c.person == table.c.person)
    return sa.exists().where(*same, earlier.c.row + 0 < _R.row).correlate(audience_rows, table)


def _rows_page() -> Any:
    """Rows of a file with the citizen behind them; not those whose address or citizen stands further up in it."""
    known = audience_rows.outerjoin(addresses, sa.and_(_A.channel == _R.channel, _A.person == _R.person))
    known = known.outerjoin(contacts, sa.and_(_C.channel == _R.channel, _C.person == _R.person))
    other = addresses.alias()
    same_citizen = sa.exists().where(other.c.citizen_id == _A.citizen_id, _stands_before(other))
    return (
        sa.select(_R.row, _R.channel, _R.person, _R.facts, _A.citizen_id, *_CONTACT)
        .select_from(known)
        .where(_OF_FILE, _R.row > sa.bindparam("after"), _R.row <= sa.bindparam("last"))
        .where(_R.channel.is_not(None), ~_stands_before(audience_rows), ~same_citizen)
        .order_by(_R.row)
    )


_ROWS_PAGE = _rows_page()
_ROWS_OF_ADDRESS = sa.select(_R.row, _R.facts).where(
    _OF_FILE, _R.channel == sa.bindparam("channel"), _R.person == sa.bindparam("person")
)


class Recipients:
    """``channels``: the messaging channels that are set up; ``phone_digest``: of a number as 84 and nine digits, keyed
    as in ``refused_phones``.
    """

    def __init__(self, channels: Collection[str], phone_digest: Callable[[str], str]) -> None:
        self._channels, self._phone_digest = frozenset(channels), phone_digest

    def read(
        self,
        connection: sa.engine.Connection,
        audience: Audience,
        after: str,
        most: int,
        now: dt.datetime,
        since: Optional[dt.datetime] = None,
    ) -> Page:
        """Within a database work: what becomes of the next ``most`` citizens or rows, whose number bounds its time. A
        page may be empty and not the last. ``after`` is "" for the first. Followers who became citizens after
        ``since``, when the reading began, come with the followers: their page of citizens may have been read before.
        """
        phase, key = after[:1], after[1:]
        if audience.file:
            phase, (read, last) = _ROWS, self._read_rows(connection, audience, int(key or 0), most, now)
        elif phase == _FOLLOWERS:
            read, last = self._read_followers(connection, audience, key, most, now, since)
        else:
            phase, (read, last) = _CITIZENS, self._read_citizens(connection, audience, key, most, now)
        following = None if last is None else f"{phase}{last}"
        if last is None and phase == _CITIZENS and self._may_mean_strangers(audience):
            following = _FOLLOWERS
        recipients = tuple(one for one in read if isinstance(one, Recipient))
        return Page(recipients, Counter(one for one in read if isinstance(one, Reason)), following)

    def of_citizen(
        self, connection: sa.engine.Connection, audience: Audience, citizen_id: str, now: dt.datetime
    ) -> Optional[Recipient]:
        """Within a database work: one citizen as they are now; None when they are not meant or may not be told."""
        rows = self._people(connection, audience, now, _A.citizen_id == citizen_id).get(citizen_id, [])
        facts: Mapping[str, str] = {}
        if audience.file:
            keys = [{"file": audience.file, "channel": row.channel, "person": row.person} for row in rows]
            found = [line for key in keys for line in connection.execute(_ROWS_OF_ADDRESS, key)]
            if not found:
                return None
            facts = _facts(min(found, key=lambda line: line.row))
        read = self._citizen(audience, rows, facts)
        return read if isinstance(read, Recipient) else None

    def _read_citizens(
        self, connection: sa.engine.Connection, audience: Audience, after: str, most: int, now: dt.datetime
    ) -> tuple[list[_Read], Optional[str]]:
        last, count = connection.execute(_LAST_CITIZEN, {"after": after, "most": most}).one()
        if not count:
            return [], None
        people = self._people(connection, audience, now, sa.and_(_A.citizen_id > after, _A.citizen_id <= last))
        return [self._citizen(audience, rows, {}) for rows in people.values()], last if count == most else None

    def _may_mean_strangers(self, audience: Audience) -> bool:
        """Followers who never wrote: they have chosen, asked and said nothing, and their language is not known."""
        on_zalo = ZALO in self._channels and (not audience.channels or ZALO in audience.channels)
        speaks = not audience.languages or SOURCE_LANGUAGE in audience.languages
        return on_zalo and speaks and asks_nothing_personal(audience)

    def _read_followers(
        self,
        connection: sa.engine.Connection,
        audience: Audience,
        after: str,
        most: int,
        now: dt.datetime,
        since: Optional[dt.datetime],
    ) -> tuple[list[_Read], Optional[str]]:
        rows = connection.execute(_FOLLOWERS_PAGE, {"after": after, "most": most}).all()
        read = [_somebody(row, {}) for row in rows if row.citizen_id is None and row.follows]
        new = [row.citizen_id for row in rows if row.citizen_id and since and with_zone(row.created_at) > since]
        people = self._people(connection, audience, now, _A.citizen_id.in_(new)) if new else {}
        read += [self._citizen(audience, theirs, {}) for theirs in people.values()]
        return read, rows[-1].person if len(rows) == most else None

    def _read_rows(
        self, connection: sa.engine.Connection, audience: Audience, after: int, most: int, now: dt.datetime
    ) -> tuple[list[_Read], Optional[str]]:
        page = {"file": audience.file, "after": after}
        last, count = connection.execute(_LAST_ROW, {**page, "most": most}).one()
        rows = connection.execute(_ROWS_PAGE, {**page, "last": last or 0}).all()
        citizens = [row.citizen_id for row in rows if row.citizen_id is not None]
        people = self._people(connection, audience, now, _A.citizen_id.in_(citizens)) if citizens else {}
        refused = self._refused_phones(connection, [row.person for row in rows if row.channel == PHONE_ROW])
        read = [self._row(audience, row, people.get(row.citizen_id, ()), refused) for row in rows]
        return read, str(last) if count == most else None

    def _row(self, audience: Audience, row: Any, known: Sequence[Any], refused: Collection[str]) -> _Read:
        if row.citizen_id is not None:
            return self._citizen(audience, known, _facts(row)) if known else Reason.NOT_CHOSEN
        channel = ZALO if row.channel == PHONE_ROW else row.channel
        if audience.topics or (audience.channels and channel not in audience.channels):
            return Reason.NOT_CHOSEN
        if channel not in self._channels:
            return Reason.NO_CHANNEL
        if row.channel == PHONE_ROW:
            if self._phone_digest(row.person) in refused:
                return Reason.OPTED_OUT
            return Recipient(None, (Candidate(Address(ZALO, PHONE + row.person)),), SOURCE_LANGUAGE, _facts(row))
        return _somebody(row, _facts(row))

    def _refused_phones(self, connection: sa.engine.Connection, phones: Iterable[str]) -> frozenset[str]:
        digests = [self._phone_digest(phone) for phone in phones]
        query = sa.select(refused_phones.c.digest).where(refused_phones.c.digest.in_(digests))
        return frozenset(connection.execute(query).scalars()) if digests else frozenset()

    @staticmethod
    def _people(
        connection: sa.engine.Connection, audience: Audience, now: dt.datetime, which: Any
    ) -> dict[str, list[Any]]:
        """The addresses of citizens who meet the personal criteria, by citizen."""
        rows = connection.execute(_PEOPLE.where(which, *personal(audience, now))).all()
        return {citizen_id: list(own) for citizen_id, own in itertools.groupby(rows, key=lambda row: row.citizen_id)}

    def _citizen(self, audience: Audience, rows: Sequence[Any], facts: Mapping[str, str]) -> _Read:
        own = [(row, _candidate(row)) for row in rows if not audience.channels or row.channel in audience.channels]
        own = [one for one in own if not is_shared(one[1].address)]
        own.sort(key=lambda one: one[1].last_interaction_at or _NEVER, reverse=True)
        if not own or (audience.languages and own[0][0].language not in audience.languages):
            return None
        if rows[0].opted_out is not None:
            return Reason.OPTED_OUT
        reachable = [one for one in own if one[0].channel in self._channels]
        if not reachable:
            return Reason.NO_CHANNEL
        taken = [candidate for row, candidate in reachable if row.refused is None]
        if not taken:
            return _why(reachable[0][0].refused)
        if not audience.topics and not audience.file:
            taken = [one for one in taken if one.address.channel != ZALO or one.follows]
        if not taken:
            return Reason.NOT_FOLLOWING
        return Recipient(rows[0].citizen_id, tuple(taken), own[0][0].language, facts)


def _somebody(row: Any, facts: Mapping[str, str]) -> _Read:
    """The one address of who never wrote to us."""
    candidate = _candidate(row)
    if is_shared(candidate.address):
        return None
    if row.refused is not None:
        return _why(row.refused)
    return Recipient(None, (candidate,), SOURCE_LANGUAGE, facts)


def _candidate(row: Any) -> Candidate:
    at = row.last_interaction_at
    return Candidate(Address(row.channel, row.person), row.follows, None if at is None else with_zone(at))


def _why(refused: str) -> Reason:
    return Reason.NO_ACCOUNT if refused == RefusedReason.NO_SUCH_PERSON.value else Reason.LEFT


def _facts(row: Any) -> Mapping[str, str]:
    return msgspec.json.decode(row.facts, type=dict[str, str]) if row.facts else {}
